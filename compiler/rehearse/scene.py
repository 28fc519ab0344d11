"""What a scene is: one start of the script, and what is to fail in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from compiler.plan.model import AnyItem
from compiler.rehearse.paths import Path


class Kind(Enum):
    """What is tried."""

    GOOD = "good"  # nothing fails
    SKIP = "skip"  # a condition leaves an item out
    GUARD = "guard"  # the wrong host
    NEED = "need"  # a tool that is not there, does not answer, or is too old
    ENV = "env"  # an env file that is not there, a variable that is missing or has another form
    SUDO = "sudo"  # sudo is refused
    IMAGES = "images"  # an image that may not be named
    SERVER = "server"  # an automation does not answer, or does not know a job
    WINDOW = "window"  # outside of every window
    UNANSWERED = "unanswered"  # nobody has said yes, or accepted a gate
    UNFINISHED = "unfinished"  # a new run where the last one was killed
    NO_RUN = "no-run"  # `resume` or `rollback` where there is nothing to go on with or to take back
    NOT_BACK = "not-back"  # a person says no to the question before the way back
    ANEW = "anew"  # a new run after a good one
    CHECK = "check"  # a probe of a `check` fails
    CAPTURE = "capture"
    START = "start"  # a step fails before it did anything
    HALF = "half"  # a step fails half-way
    EARLY = "early"  # a step ends with 0 before its end
    TIMEOUT = "timeout"
    FLAKY = "flaky"  # the first try fails, the next one works
    VERIFY = "verify"  # the step ends well and its proof fails
    HOLD = "hold"
    BACKGROUND = "background"
    UNTIL = "until"  # what a background part waits for does not come
    GATE = "gate"  # the probe in front of a gate fails
    DECLINE = "decline"  # a gate or a task is answered with no
    FIRST = "first"  # … and so is the question before the first change
    ANSWER = "answer"  # what a person at a terminal says to a step that fails
    EXPIRE = "expire"  # a guard is not confirmed in time
    TERM = "term"  # a signal ends the step
    HANGUP = "hangup"  # the terminal is lost
    BACK = "back"  # `rollback` after a good run
    UNDO = "undo"  # one undo fails
    OPTIONAL_UNDO = "optional-undo"  # a step that may fail does, and so does its undo
    PROOF = "proof"  # a probe of `verify` fails after the way back
    FRESH = "fresh"  # `rollback --fresh`
    BLOCK = "block"  # a step of the rollback block fails
    GO_ON = "go-on"  # a person has paused where a step failed, and `resume` comes
    GO_BACK = "go-back"  # … or `rollback`
    GO_ON_FAILS = "go-on-fails"  # the run was paused behind a step, and in `resume` what comes next fails
    TOO_LATE = "too-late"  # Ctrl-C comes when the step is done, and the person says: try again
    KILL = "kill"  # the machine goes down in a step, half-way
    LATE = "late"  # … or when it has done all, and that is not yet on record
    RESUME = "resume"  # … and then `resume`
    RESUME_LATE = "resume-late"
    RESUME_UNDO = "resume-undo"  # … and what it has to take back first cannot be
    KNOWN = "known"  # … with a person at the terminal, who knows what is to be done
    KILL_BACK = "kill-back"  # … and then `rollback`
    TORN = "torn"  # the machine went down while a record was written, and then `resume`
    MOVED = "moved"  # another driver goes on with the run while this one has not got the lock yet
    ORPHAN = "orphan"  # the driver alone is killed: its step lives on
    LIVES = "lives"  # … and something is started as long as it does
    KILL_UNDO = "kill-undo"  # the machine goes down in an undo
    AGAIN = "again"  # … and then `rollback` once more
    KILL_BLOCK = "kill-block"  # the machine goes down in a step of the rollback block
    AGAIN_BLOCK = "again-block"  # … and then `rollback` once more
    STATUS = "status"  # what `status` says of an end


SETUP = frozenset(
    (Kind.KILL, Kind.LATE, Kind.KILL_UNDO, Kind.KILL_BLOCK, Kind.ORPHAN)
)  # they prepare what follows: no rows of the matrix
REFUSED = frozenset(
    (Kind.GUARD, Kind.NEED, Kind.ENV, Kind.SUDO, Kind.IMAGES, Kind.SERVER, Kind.WINDOW, Kind.UNANSWERED, Kind.UNFINISHED,
     Kind.NO_RUN, Kind.NOT_BACK, Kind.LIVES, Kind.MOVED)
)  # fmt: skip


SYNC = "sync"  # the one program of the driver's own with which something can come in between


@dataclass(frozen=True)
class Fault:
    """One line of a stand-in's orders.

    `function` fails in the way of `mode` (those of `templates/rehearsal/clock.sh`) while the driver is at the item `place`
    ('' for anywhere), on the way forward or back, in its first `tries` calls there (None: always).
    """

    function: str
    place: str
    when: str = "forward"  # forward, back, any
    mode: str = "start"
    tries: int | None = None

    def line(self) -> str:
        """As `rbc_stand_in` reads it."""
        return f"{self.function}|{self.place}|{self.when}|{self.mode}|{'' if self.tries is None else self.tries}\n"


@dataclass(frozen=True)
class Scene:
    """One start of the script. `after` is the key of the scene whose end it begins from."""

    key: str
    kind: Kind
    path: Path
    item: AnyItem | None = None
    function: str = ""
    faults: tuple[Fault, ...] = ()
    command: str = "run"
    arguments: tuple[str, ...] = ()
    after: str | None = None
    attended: bool = False  # on a terminal, with a person who declines `item` and says yes to all else
    answer: str = ""  # the locale key of what the person says to the question what to do next
    left_out: str = ""  # the phase that its condition leaves out
