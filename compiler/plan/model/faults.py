"""What the author expects of faults: what is struck, and how the run must end then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from compiler.source import Span


class Strike(Enum):
    """What goes wrong in an expectation."""

    FAILS = "fails"
    DECLINED = "declined"
    KILLED = "kill"


class Outcome(Enum):
    """How a run ends, in the words of a spec; `code` is the script's exit code."""

    DONE = "done"
    STOPPED = "stopped"
    LEFT = "changes left"
    VERIFIED = "rolled back verified"
    UNPROVEN = "rolled back unproven"
    PERSON = "person needed"
    DECLINED = "declined"
    PAUSED = "paused"
    RESUMABLE = "resumable"  # after a kill: `resume` goes on to the end

    @property
    def code(self) -> int:
        """The exit code; for RESUMABLE that of the `resume`."""
        return _CODES[self]


_CODES = {
    Outcome.DONE: 0,
    Outcome.STOPPED: 1,
    Outcome.LEFT: 3,
    Outcome.VERIFIED: 4,
    Outcome.UNPROVEN: 5,
    Outcome.PERSON: 6,
    Outcome.DECLINED: 8,
    Outcome.PAUSED: 9,
    Outcome.RESUMABLE: 0,
}


@dataclass(frozen=True)
class Expectation:
    """`expect step up fails -> rolled back verified`: what must come of a fault. A rehearsal tries it."""

    text: str  # as written, without `expect`
    strike: Strike
    kind: str  # what is struck: step, capture, probe, hold, background, confirm, manual, undo, verify
    name: str  # of the statement or probe
    items: tuple[str, ...]  # ids of what is struck, never empty; for `undo` of its steps, for `probe` of all that ask it
    outcome: Outcome
    span: Span
