"""Mutants of the runtime: each operator changes one place of one piece that a script takes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.emit import resources
from tests.mutation.mutant import Mutant

# The pieces that decide what a run does. What only shows, asks a person or reads options is not in them.
PIECES = ("step", "run", "rollback", "resume", "check", "capture", "gate", "confirm", "hold", "journal", "load", "lock", "refuse")


# Functions that no rehearsal enters, each with what holds them instead; so are the lines that read a person's answer.
ASIDE = {
    "rbc_ask_unknown": "asks a person at a terminal: tests/script",
    "rbc_ask_what_next": "asks a person at a terminal: tests/script",
    "rbc_ask_first_change": "asks a person at a terminal: tests/script",
    "rbc_calm": "asks a person at a terminal: tests/script",
    "rbc_check_selection": "`--from`, `--only`, `--skip`: tests/script",
    "rbc_selected": "`--from`, `--only`, `--skip`: tests/script",
    "rbc_command_check": "`check`, a command of its own: tests/script",
    "rbc_list_started": "only shows",
    "rbc_close_torn": "a disk that is full or a torn write: tests/script, tests/faults",
}
# What follows these calls where they do not succeed: a pause before another sitting; a choice that only the way back asks for.
BRANCHES = ("rbc_begin_phase", "rbc_before_undo")
_FUNCTION = re.compile(r"(rbc_\w+)\(\) \{")


@dataclass(frozen=True)
class Operator:
    """`pattern` is looked for in each line by itself; `pieces`: only in these."""

    name: str
    pattern: str
    replacement: str
    pieces: tuple[str, ...] = PIECES


OPERATORS = (
    Operator("loses a record", r"^( *)rbc_record (?!gate step (next|first)|skip|recover why).*$", r"\1:"),
    Operator("swallows a failure", r"\brbc_rc=1\b", "rbc_rc=0"),
    Operator("forgets that something failed", r"\bfailed=(yes|1)\b", "failed=''", ("rollback",)),
    Operator("ends with another outcome than 4", r"\brbc_code=4\b", "rbc_code=5"),
    Operator("ends with another outcome than 5", r"\brbc_code=5\b", "rbc_code=4"),
    Operator("ends with another outcome than 6", r"\brbc_code=6\b", "rbc_code=4"),
    Operator("ends with another outcome than 9", r"\brbc_code=9\b", "rbc_code=3"),
    Operator("ends with another outcome than 0", r"\brbc_code=0\b", "rbc_code=4"),
    Operator(
        "takes back in the order of start", r"i = \$\{#rbc_started\[@\]\} - 1; i >= 0; i--", "i = 0; i < ${#rbc_started[@]}; i++"
    ),
    Operator("takes what is undone for done", r"=undone\b", "=ok"),
    Operator("forgets that something has changed", r"\brbc_changed=yes\b", "rbc_changed=''"),
    Operator("tries once too often", r"try <= retry", "try <= retry + 1"),
    Operator("tries once too little", r"try <= retry", "try < retry"),
    Operator(
        "leaves a call out",
        r"^( *)rbc_(verify|note_start|undo|run_block|verify_rollback|carry_out|roll_back|do_check) .*$",
        r"\1:",
    ),
    Operator(
        "leaves a call out",
        r"^( *)rbc_(verify_rollback|run_block|settle_unknown|take_over|refuse_needs|execute|lock)$",
        r"\1:",
    ),
    Operator("passes a gate", r"-n \"\$\{rbc_accept\[", '-z "${rbc_accept[', ("gate",)),
    Operator("answers a gate by itself", r"rbc_rc=0 by=accept", "rbc_rc=1 by=accept"),
    Operator("declines and goes on", r"^( *)rbc_declined=yes$", r"\1rbc_rc=0"),
    Operator("runs a finished step again", r"@\(ok\|passed\) \]\]; then$", "passed ]]; then", ("run",)),
    Operator("counts an unknown step as done", r"@\(unknown\|undoing\|failed\)", "@(undoing|failed)"),
    Operator("breaks the chain", r"rbc_head=\$\{hash\} ", "rbc_head='' "),
    Operator("counts records wrongly", r"rbc_seq=\$\(\(rbc_seq \+ 1\)\)", "rbc_seq=$((rbc_seq + 2))"),
    Operator("lets go of the lock", r"^( *)rbc_locked=yes$", r"\1rbc_locked=yes; exec {rbc_lock_fd}<&-"),
)


def mutants(script: str) -> Iterator[Mutant]:
    """Mutants of the pieces that this script holds, by piece and place: of each operator the first one in a piece."""
    known: set[tuple[str, str]] = set()
    for mutant in _every(script):
        if (mutant.operator, mutant.file) not in known:
            known.add((mutant.operator, mutant.file))
            yield mutant


def _every(script: str) -> Iterator[Mutant]:
    for piece in PIECES:
        text = resources.read(f"runtime/{piece}.sh").text.rstrip("\n")
        if text not in script:
            continue
        lines = text.split("\n")
        function, branch = "", False
        for number, line in enumerate(lines, 1):
            opens = _FUNCTION.match(line)
            function = opens[1] if opens else function
            branch = (branch or line.strip().startswith(BRANCHES)) and line.strip() != "return 0" and not opens
            if branch or line.lstrip().startswith("#") or function in ASIDE or "rbc_answer" in line:
                continue
            for operator in OPERATORS:
                if piece not in operator.pieces:
                    continue
                for match in re.finditer(operator.pattern, line):
                    changed = line[: match.start()] + match.expand(operator.replacement) + line[match.end() :]
                    mutated = "\n".join((*lines[: number - 1], changed, *lines[number:]))
                    yield Mutant(
                        "runtime",
                        operator.name,
                        f"{piece}.sh:{number}",
                        line.strip(),
                        changed.strip(),
                        script.replace(text, mutated),
                    )
