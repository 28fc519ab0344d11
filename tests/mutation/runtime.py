"""Mutants of the runtime: each operator changes one place of one piece that a script takes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.emit import resources
from tests.mutation.mutant import Mutant

# The pieces that decide what a run does. What only shows, asks a person or reads options is not in them.
PIECES = (
    "step", "run", "rollback", "resume", "check", "capture", "gate", "confirm", "manual", "hold", "condition", "journal", "load",
    "lock", "refuse", "exec", "block",
)  # fmt: skip

# Functions of these pieces that are about something else than faults of a run, each with what holds them instead.
ASIDE = {
    "rbc_check_selection": "`--from`, `--only`, `--skip`: tests/script",
    "rbc_selected": "`--from`, `--only`, `--skip`: tests/script",
    "rbc_find_row": "`--from`, `--only`, `--skip`: tests/script",
    "rbc_command_check": "`check`, a command of its own: tests/script",
    "rbc_check_captures": "`check`, a command of its own: tests/script",
    "rbc_list_started": "only shows",
    "rbc_overview": "only shows",
    "rbc_headline": "only shows",
    "rbc_explain": "only shows",
    "rbc_tell_line": "only shows",
    "rbc_tell_next": "only shows",
    "rbc_ticks": "only shows",
    "rbc_last_lines": "only shows",
    "rbc_show_values": "only shows",
    "rbc_close_torn": "a disk that is full or a torn write: tests/script, tests/faults",
    "rbc_compare": "versions, number by number: tests/script",
    "rbc_hand_over": "a script that was built again meanwhile: tests/script",
}
# What decides, acts, keeps or refuses. Left alone are calls that read a setting, show something, or keep the clock.
_CALLS = (
    "ask|ask_first_change|ask_gate|ask_next|ask_what_next|attended_or_yes|await|carry_out|check_row|count_as_done"
    "|decide|do_check|do_row|execute|gates_answered|item|keep_values|kept_values|load_run|lock|marked|note_start|passed"
    "|prove_done|refuse_early|refuse_needs|refuse_orphans?|refuse_unfinished|remember|result|roll_back|run_block|run_step"
    "|settle_unknown|stop_on_problems|take_over|undo|use_run|verify|verify_rollback"
)
_FUNCTION = re.compile(r"(rbc_\w+)\(\) \{")


@dataclass(frozen=True)
class Operator:
    """`pattern` is looked for in each line by itself; `pieces`: only in these."""

    name: str
    pattern: str
    replacement: str
    pieces: tuple[str, ...] = PIECES


OPERATORS = (
    Operator("loses a record", r"^( *)rbc_record .*$", r"\1:"),
    Operator("swallows a failure", r"\brbc_rc=(1\b|\$\?|\$\{status\}|\$\{failed\}|12[0-9]|130)", "rbc_rc=0"),
    Operator("swallows a failure", r"\bstatus=(126\b|\$\{rbc_rc\})", "status=0"),
    Operator("forgets that something failed", r"\bfailed=(yes|1)\b", "failed=''"),
    Operator("ends with another outcome", r"\brbc_code=([1-9])\b", "rbc_code=0"),
    Operator("ends with another outcome", r"\brbc_code=(0)\b", "rbc_code=4"),
    Operator("ends with another outcome", r"\brbc_code=5\b", "rbc_code=4"),
    Operator("ends with another outcome", r"\brbc_code=4\b", "rbc_code=5"),
    Operator(
        "takes back in the order of start", r"i = \$\{#rbc_started\[@\]\} - 1; i >= 0; i--", "i = 0; i < ${#rbc_started[@]}; i++"
    ),
    Operator("takes what is undone for done", r"=undone\b", "=ok"),
    Operator("takes what has failed for done", r"=('undo-failed'|failed)( |;|$)", r"=ok\2"),
    Operator("takes what is unknown for done", r"=unknown\b", "=ok"),
    Operator("takes what is done for failed", r"rbc_status\[([^]]*)\]=ok\b", r"rbc_status[\1]=failed"),
    Operator("forgets that something has changed", r"\brbc_changed=yes\b", "rbc_changed=''"),
    Operator("decides otherwise", r"\brbc_decision=(pause|stop|nothing)\b", "rbc_decision=rollback"),
    Operator("decides otherwise", r"\brbc_decision=(rollback|again)\b", "rbc_decision=pause"),
    Operator("tries once too often", r"try <= retry", "try <= retry + 1"),
    Operator("tries once too little", r"try <= retry", "try < retry"),
    Operator("passes a gate", r"-n \"\$\{rbc_accept\[", '-z "${rbc_accept[', ("gate",)),
    Operator("answers a gate by itself", r"rbc_rc=0 by=accept", "rbc_rc=1 by=accept"),
    Operator("declines and goes on", r"\brbc_declined=yes$", "rbc_rc=0"),
    Operator("runs a finished step again", r"@\(ok\|passed\) \]\]; then$", "passed ]]; then"),
    Operator("counts an unknown step as done", r"@\(unknown\|undoing\|failed\)", "@(undoing|failed)"),
    Operator("breaks the chain", r"rbc_head=\$\{hash\} ", "rbc_head='' "),
    Operator("counts records wrongly", r"rbc_seq=\$\(\(rbc_seq \+ 1\)\)", "rbc_seq=$((rbc_seq + 2))"),
    Operator("lets go of the lock", r"^( *)rbc_locked=yes$", r'\1rbc_locked=yes; flock -u "${rbc_lock_fd}"'),
    Operator("turns a condition round", r"^( *)(el)?if \(\((\w+) (!=|==) 0\)\); then$", r"\1\2if ! ((\3 \4 0)); then"),
    Operator("turns a condition round", r"^( *)(el)?if \[\[ (-[nz]) (\S+) \]\]; then$", r"\1\2if [[ ! \3 \4 ]]; then"),
    Operator(
        "turns a condition round", r"^( *)(el)?if \[\[ (\"\$\S+) (==|!=) (\S+) \]\]; then$", r"\1\2if ! [[ \3 \4 \5 ]]; then"
    ),
    Operator("leaves a call out", rf"^( *)(\[\[ -n .* \]\] \|\| )?rbc_({_CALLS})( .*)?$", r"\1:"),
    Operator("leaves a refusal out", r"^( *)rbc_problem .*$", r"\1:"),
)


def mutants(script: str) -> Iterator[Mutant]:
    """Every mutant of the pieces that this script holds, by piece and place."""
    for piece in PIECES:
        text = resources.read(f"runtime/{piece}.sh").text.rstrip("\n")
        if text in script:
            yield from _of_piece(piece, text, script)


def _of_piece(piece: str, text: str, script: str) -> Iterator[Mutant]:
    lines = text.split("\n")
    begins = script[: script.index(text)].count("\n")
    function = ""
    for number, line in enumerate(lines, 1):
        opens = _FUNCTION.match(line)
        function = opens[1] if opens else function
        if opens or line.lstrip().startswith("#") or function in ASIDE:
            continue
        for operator in OPERATORS:
            if piece not in operator.pieces:
                continue
            for match in re.finditer(operator.pattern, line):
                changed = line[: match.start()] + match.expand(operator.replacement) + line[match.end() :]
                mutated = "\n".join((*lines[: number - 1], changed, *lines[number:]))
                yield Mutant(
                    "runtime", operator.name, f"{piece}.sh:{number}", line.strip(), changed.strip(),
                    script.replace(text, mutated), line=begins + number,
                )  # fmt: skip
