"""All that `python -m tests.faults` runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import everywhere, journal, matrix, operators, people, prefixes, tamper, undoing
from tests.faults.sweep import Outcome


@dataclass(frozen=True)
class Family:
    """`count` says how many cases there are now, where that does not depend on the machinery's own text."""

    name: str
    about: str
    whole: Callable[[], Outcome]
    count: Callable[[], int] | None = None


FAMILIES = (
    Family(
        "fault matrix",
        """A script with every kind of statement that needs no person. Each of its statements fails at once, fails half-way, says
`exit 0` half-way, hangs past its timeout, ignores TERM, kills the driver, kills the whole tree, sends the driver
TERM, INT or HUP, loses its terminal, or leaves a daemon behind, talkative or silent; then `resume` or `rollback`.
Each undo fails,
hangs, kills, is sent a signal or leaves a daemon behind in the same ways during a rollback, which is then done again.""",
        matrix.whole,
        lambda: len(list(matrix.faults())),
    ),
    Family(
        "people",
        """The same on a terminal, where a person is needed: a probe that a `hold` watches, one that a `confirm` asks first and an
`interactive` step are struck in these ways; a question of a `confirm`, of a `manual` task or of its way back is answered
with no, with Ctrl-D or with Ctrl-C, or meanwhile comes TERM, HUP or SIGKILL, or the terminal goes. The person says pause; then
`resume` or `rollback`, on another terminal.""",
        people.whole,
        lambda: len(list(people.faults())),
    ),
    Family(
        "killed everywhere",
        """SIGKILL of the driver, by strace, before every system call of a run and of a rollback by which it reaches out of
itself; then `resume` or `rollback`. The calls between these change nothing that anybody else could see (its memory,
its descriptors, its signal handlers; a call of a kind that is not known to be such a one stops the command), so a
kill there is the same as one at the next. `fcntl`, by which bash only moves descriptors, is struck at each 25th.""",
        everywhere.whole,
    ),
    Family(
        "disk full and errors",
        """ENOSPC or EIO, by strace, at every open and write of the log by the driver, once or from then on, during a run and
during a rollback; a `sync` that fails from its nth call on; a small disk that fills up at another byte of the log in
each case. No step begins without its intent on disk, and a `rollback` afterwards takes back all that began, also
while the disk is still full.""",
        journal.whole,
    ),
    Family(
        "failing undos",
        """A run stops in one of six steps, and the ways back of each subset of those that started fail: all are attempted, in
order; the run ends with 6, or with 4 where none fails; the list of what remains is right, in `status` too; the next
rollback attempts what remains and nothing else.""",
        undoing.whole,
        lambda: len(list(undoing.subsets())),
    ),
    Family(
        "operators at once",
        """Twenty at once in each round: they start the run, they resume a paused one, they resume or roll back, or they meet the
living step of a driver that was killed. One wins, and a daemon that its steps left behind does not keep the lock;
each of the others is told who holds it and since when; what they wanted is done once; nobody begins anything while a
step of a dead driver lives.""",
        operators.whole,
        lambda: operators.ROUNDS,
    ),
    Family(
        "tampering",
        "A kept log of a real run, changed in every way and verified. The table below says which changes need the head.",
        tamper.whole,
        lambda: sum(number for number, _ in tamper.counts().values()),
    ),
    Family(
        "prefixes",
        """Every byte prefix of a generated script, executed by bash with `run --yes`; each tenth as `bash FILE`, another tenth by
`sh` as well: behind its first lines each is refused with 7, and none of them leaves a file or begins anything.""",
        prefixes.whole,
    ),
)
