"""Procedures: one Plan each, with the shared phases and the rollback that they take in."""

from __future__ import annotations

import pytest

from compiler import pipeline, policy
from compiler.diagnostics import Diagnostic
from compiler.plan.model import Plan
from compiler.plan.procedures import lower_everywhere
from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse
from tests.plan.compiling import HEAD, UP, Nowhere

STEP = '  step s "S" {\n    $ true\n    undo "nothing"\n  }\n'
SHARED = f'phase look "Look" {{\n  check up\n}}\nphase work "Work" {{\n{STEP}  check up\n}}\n'
BACK = 'rollback "Back" {\n  verify up\n}\n'


def compiled(text: str) -> tuple[tuple[Plan, ...], tuple[Diagnostic, ...]]:
    document, wrong = parse(Source("specs/demo.rb", HEAD + UP + text))
    assert not wrong, wrong
    model, wrong = resolve(document, Nowhere())
    if model is None:
        return (), wrong
    plans, found = lower_everywhere((model,))
    return plans, (*wrong, *found, *policy.check_all(plans))


def test_each_procedure_is_a_plan_with_what_it_takes_in() -> None:
    own = f'procedure a "A" {{\n  note "N"\n  phase look\n  phase own "Own" {{\n{STEP}  check up\n  }}\n}}\n'
    plans, found = compiled(SHARED + BACK + own + 'procedure b "B" {\n  phase work\n  phase look\n}\n')
    assert not found
    assert [plan.script for plan in plans] == ["a.sh", "b.sh"]
    assert [[phase.name for phase in plan.phases] for plan in plans] == [["look", "own"], ["work", "look"]]
    assert [(plan.name, plan.title) for plan in plans] == [("demo.a", "Demo: A"), ("demo.b", "Demo: B")]
    assert plans[0].procedure is not None
    assert plans[0].procedure.note == "N"
    assert all(plan.rollback is not None and plan.rollback.title == "Back" for plan in plans)


def test_a_rollback_of_its_own_comes_first_and_one_without_a_block_is_the_shared_one() -> None:
    text = SHARED + BACK + 'procedure a "A" {\n  phase look\n  phase work\n  rollback "Mine" {\n    verify up\n  }\n}\n'
    plans, found = compiled(text + 'procedure b "B" {\n  phase look\n  rollback\n}\n')
    assert not found
    assert [plan.rollback.title for plan in plans if plan.rollback] == ["Mine", "Back"]


def test_rollbacks_with_names_are_taken_in_by_them() -> None:
    named = BACK.replace('rollback "Back"', 'rollback other "Other"') + BACK.replace('rollback "Back"', 'rollback third "Third"')
    text = SHARED + BACK + named + 'procedure a "A" {\n  phase look\n  phase work\n  rollback other\n}\n'
    text += 'procedure b "B" {\n  phase look\n  rollback\n}\nprocedure c "C" {\n  phase look\n}\n'
    plans, found = compiled(text)
    assert [plan.rollback.title for plan in plans if plan.rollback] == ["Other", "Back", "Back"]
    assert [finding.message for finding in found] == ["no procedure takes in the rollback `third`"]


def test_without_a_word_only_the_rollback_without_a_name_is_taken_in() -> None:
    named = BACK.replace('rollback "Back"', 'rollback other "Other"')
    text = SHARED + named + 'procedure a "A" {\n  phase work\n  rollback other\n}\nprocedure b "B" {\n  phase look\n}\n'
    assert [plan.rollback is None for plan in compiled(text)[0]] == [False, True]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BACK + BACK + 'procedure a "A" {\n  phase work\n}\n', "RB203"),
        (BACK + BACK.replace("rollback", "rollback other"), "RB203"),
        (BACK.replace("rollback", "rollback x") * 2 + 'procedure a "A" {\n  phase work\n  rollback x\n}\n', "RB307"),
        (BACK.replace("rollback", "rollback x") + 'procedure a "A" {\n  phase work\n  rollback y\n}\n', "RB301"),
        (BACK.replace("rollback", "rollback x") + 'procedure a "A" {\n  phase work\n  rollback\n}\n', "RB301"),
        ('procedure a "A" {\n  phase look\n  phase look\n}\n', "RB307"),
        ('procedure a "A" {\n  phase lok\n}\n', "RB301"),
        ('procedure a "A" {\n  phase look\n  rollback\n}\n', "RB301"),
        ('procedure a "A" {\n  phase own "Own"\n}\n', "RB205"),
        ('procedure a "A" {\n  phase own {\n    check up\n  }\n}\n', "RB207"),
        ('procedure a "A" {\n}\n', "RB204"),
        ('procedure a "A" {\n  phase work\n  phase own "Own" {\n' + STEP + "  }\n}\n", "RB307"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    plans, found = compiled(SHARED + text)
    assert not plans
    assert code in [finding.code for finding in found]


def test_a_probe_cannot_read_a_capture_of_another_procedure() -> None:
    text = 'probe same "Same" {\n  file $seen\n}\nphase asks "Asks" {\n  check same\n}\n'
    text += 'procedure a "A" {\n  phase c "C" {\n    capture seen "Seen" $ echo /x\n  }\n  phase asks\n}\n'
    assert "RB505" not in [finding.code for finding in compiled(text)[1]]
    plans, found = compiled(text + 'procedure b "B" {\n  phase asks\n}\n')
    assert not plans
    assert "`b` captures no `seen`, only `a` does" in next(f.message for f in found if f.code == "RB505")


def test_what_no_procedure_uses_is_said_once() -> None:
    text = SHARED + BACK + "param p string\n" + 'procedure a "A" {\n  phase look\n  rollback "Mine" {\n    verify up\n  }\n}\n'
    found = [finding.message for finding in compiled(text)[1] if finding.code == "RB519"]
    assert len(found) == 3
    assert any("the phase `work`" in message for message in found)


def test_a_command_of_one_script_needs_a_name() -> None:
    source = Source(
        "specs/demo.rb", HEAD + UP + SHARED + 'procedure a "A" {\n  phase look\n}\nprocedure b "B" {\n  phase work\n}\n'
    )
    assert [f.code for f in pipeline.plan(source, Nowhere())[1]].count("RB610") == 1
    assert pipeline.plan(source, Nowhere(), "c")[0] is None
    plan = pipeline.plan(source, Nowhere(), "b")[0]
    assert plan is not None
    assert plan.script == "b.sh"
