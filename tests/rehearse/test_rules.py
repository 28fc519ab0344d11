"""Every rule that holds for all runbooks can fail: a runtime that breaks it, and the scene that shows it."""

from __future__ import annotations

import pytest
from support import SMALL, script_of

from compiler.emit import rehearsal
from compiler.plan.model import Plan
from compiler.rehearse import invariants, runner
from compiler.rehearse.scene import Scene
from compiler.rehearse.scenes import scenes

SPEC = SMALL.replace(
    'phase one "One" {\n',
    """param word string {
  secret
}

phase one "One" {
  step never "Never" {
    unless fine
    $ true
    readonly
  }
  hold soak "Watch it" {
    for   1m
    watch fine every 30s
  }
  confirm go "Go?"
  confirm on "On?"
  step quiet "A word" {
    $ printf '%s\\n' "$word" >/rehearsal-touched-the-host
    readonly
  }
""",
    1,
)
SPEC += """
host box {
  guard hostname box.example
}
"""
SPEC = SPEC.replace(
    'rollback "Back" {',
    'phase three "Three" {\n  step d "Step d" {\n    $ true\n    undo "Nothing is to do."\n  }\n}\n\nrollback "Back" {',
)
_STUB = "{\n  rbc_rc=0\n  return 0\n"

# The rule, the scene that shows it, what is replaced in the runtime, and by what.
BROKEN = (
    ("the outcome is the one that the plan says", "back", "((rbc_code != 4)) || rbc_code=0", ":"),
    (
        "the outcome is the one that the plan says",
        "lives/one.a/resume/again",
        '[[ -z "${rbc_run}" || -z "${rbc_locked}" ]] || { : >',
        '[[ -z "${rbc_run}" ]] || { : >',
    ),
    (
        "the outcome is the one that the plan says",
        "lives/one.a/rollback/again",
        '[[ -z "${rbc_run}" || -z "${rbc_locked}" ]] || { : >',
        '[[ -z "${rbc_run}" ]] || { : >',
    ),
    (
        "the outcome is the one that the plan says",
        "moved/one.a",
        '[[ "${rbc_head}" == "${head}" ]] || rbc_fail_hard refuse_moved',
        ":",
    ),
    ("the last record matches the exit code", "half/two.c/step_c", '  rbc_exit "${rbc_code}"\n', "  rbc_exit 0\n"),
    ("the audit chain holds", "good", "rbc_head=${hash} ", "rbc_head='' "),
    ("an intent is on disk before anything acts", "good", 'rbc_record intent step "${id}" phase "${phase}"', "rbc_written=yes"),
    ("every intent has its result", "good", '  rbc_record result step "$1"', '  rbc_record check step "$1"'),
    ("what was called is on record with its exit code", "start/one.a/step_a", 'phase "$2" exit "$3"', 'phase "$2" exit 0'),
    (
        "every probe is on record with its exit code",
        "check/one.fine/probe_fine",
        'exit "$((optional == 1 ? 0 : status))"',
        "exit 0",
    ),
    ("the way is gone in order and whole", "good", "\nrbc_do_check() {\n", f"\nrbc_do_check() {_STUB}"),
    (
        "the way back is the exact reverse",
        "half/two.c/step_c",
        "i = ${#rbc_started[@]} - 1; i >= 0; i--",
        "i = 0; i < ${#rbc_started[@]}; i++",
    ),
    (
        "nothing happens twice",
        "half/two.c/step_c",
        '      rbc_undo "${id}"\n',
        '      rbc_undo "${id}"\n      rbc_undo "${id}"\n',
    ),
    (
        "a finished step is not run again",
        "resume/two.c",
        "== @(ok|passed) ]]; then\n      rbc_row",
        "== passed ]]; then\n      rbc_row",
    ),
    ("a fault before the first change changes nothing", "half/one.a/step_a", "=unknown rbc_changed=yes", "=unknown"),
    ("a declined gate never goes on", "decline/one.on", "|| rbc_declined=yes\n", "|| rbc_declined=yes rbc_rc=0\n"),
    ("a declined gate never goes on", "first", "  rbc_answer=''\n  rbc_fill", "  rbc_answer=yes\n  rbc_fill"),
    ("no gate is passed without an answer", "good", "\nrbc_do_confirm() {\n", f"\nrbc_do_confirm() {_STUB}"),
    (
        "what a person says is on record",
        "answer/one.a/step_a/next_pause",
        '    rbc_record gate step next exit 0 by terminal why "${rbc_decision}"\n',
        "",
    ),
    (
        "what is left out is on record",
        "skip/one.never",
        '    rbc_record skip step "${id}" phase "${rbc_phase}" why "${ask}"\n',
        "",
    ),
    ("what is done stands at the end", "resume/one.a", "        rbc_status[${id}]=undone\n", "        rbc_status[${id}]=ok\n"),
    ("each start is on record", "back", '  rbc_record resume why "rollback', '  : why "rollback'),
    ("what is done is proven before it goes on", "resume/three.d", "|| rbc_prove_done\n", "|| :\n"),
    ("what is rolled back is proven", "back", "\nrbc_verify_rollback() {\n", f"\nrbc_verify_rollback() {_STUB}"),
    ("all that started is taken back", "back", 'rbc_spawn "${undo}"', "rbc_rc=0 rbc_duration=0 rbc_printed='' #"),
    ("what is taken back is there", "again/one.a", "rbc_status[${step}]=undone", "rbc_status[${step}]=ok"),
    (
        "what has failed runs no more",
        "half/two.c/step_c",
        "  if ((rbc_rc != 0)); then\n    kill -KILL",
        "  if false; then\n    kill -KILL",
    ),
    ("what a step printed is on record", "half/two.c/step_c", '    printf \'%s\\n\' "${rbc_text}" >>"${log}"\n', ""),
    (
        "the lock is held while anything changes",
        "good",
        "    rbc_locked=yes\n",
        '    rbc_locked=yes\n    flock -u "${rbc_lock_fd}"\n',
    ),
    (
        "what was chosen and captured is kept",
        "good",
        "  if ((status == 0)); then\n    rbc_value[",
        "  if ((status != 0)); then\n    rbc_value[",
    ),
    ("what is shown of an item is how it ended", "good", 'rbc_row ok "${rbc_number} ${rbc_title}"', ":"),
    ("nothing is left behind", "good", '|| rm -rf -- "${rbc_tmp}"', "|| :"),
    ("why it is refused is said", "lives/one.a/resume/guard_1", "  fi\n  rbc_refuse_orphans\n", "  fi\n"),
    ("why it is refused is said", "no-run/resume", "    rbc_problem resume_none\n", ""),
    (
        "where nothing can begin nothing is asked",
        "no-run/ended",
        'code "${rbc_outcome}"\n    rbc_stop_on_problems\n',
        'code "${rbc_outcome}"\n',
    ),
    ("the last line is the outcome and the head", "good", 'outcome_head head "${rbc_head:0:16}"', "outcome_head head none"),
    ("the question before the first change tells what stays", "first", "if ((stays == 0)); then", "if ((stays != 0)); then"),
    ("each record says when it came to be", "good", "rbc_second=${rbc_now%??????} rbc_stamp=${rbc_text}", ":"),
    (
        "the outcome is the one that the plan says",
        "lives/one.a/meanwhile",
        '    rbc_refuse_orphan "${rbc_run}"\n    rbc_stop_on_problems\n',
        "    :\n",
    ),
    (
        "every probe is on record with its exit code",
        "good",
        '    rbc_record check step "${id}.ask"',
        '    : check step "${id}.ask"',
    ),
    (
        "every probe is on record with its exit code",
        "term/one.soak/probe_fine",
        'if [[ -n "${rbc_caught}" ]]; then rbc_rc=130; fi',
        ":",
    ),
    ("what a step prints is shown once", "half/two.c/step_c", "printf 'yes' >\"${rbc_tmp}/printed\"", ":"),
    ("status says what is so", "status/kill", "rbc_status[${step}]=unknown\n", "rbc_status[${step}]=ok\n"),
    ("no secret is shown", "good", "\nrbc_finish() {\n", "\nrbc_finish() {\n  printf '%s\\n' \"${rbc_value[*]}\"\n"),
)


@pytest.fixture(scope="module")
def subject() -> tuple[Plan, str]:
    plan, script = script_of(SPEC)
    return plan, rehearsal.stage(script)


def chosen(plan: Plan, key: str) -> list[Scene]:
    """A scene, after those that it begins from."""
    found = {scene.key: scene for scene in scenes(plan)}
    wanted = [found[key]]
    while wanted[0].after is not None:
        wanted.insert(0, found[wanted[0].after])
    return wanted


def rules(plan: Plan, text: str, key: str) -> set[str]:
    """The rules that are broken in a scene."""
    return {each.rule for trace in runner.play_text(plan, text, chosen(plan, key), 1) for each in invariants.broken(trace)}


def test_every_rule_is_broken_by_something() -> None:
    assert {rule for rule, *_ in BROKEN} == {invariants.name(rule) for rule in invariants.RULES}


@pytest.mark.parametrize("key", sorted({key for _, key, *_ in BROKEN}))
def test_the_runtime_as_it_is_breaks_none(subject: tuple[Plan, str], key: str) -> None:
    plan, text = subject
    assert rules(plan, text, key) == set()


@pytest.mark.parametrize(("rule", "key", "before", "after"), BROKEN, ids=[f"{rule}-{key}" for rule, key, *_ in BROKEN])
def test_a_runtime_that_breaks_a_rule_is_seen(subject: tuple[Plan, str], rule: str, key: str, before: str, after: str) -> None:
    plan, text = subject
    assert before in text
    # What is left behind may be cleared away by another script of this machine before anybody looks.
    assert any(rule in rules(plan, text.replace(before, after), key) for _ in range(3))
