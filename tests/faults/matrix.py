"""Every statement, every fault, both ways on: `python -m tests.faults.matrix [WORD…]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults import case, subject
from tests.faults.invariants import broken
from tests.faults.sweep import Outcome, sweep

FAILING = ("fail", "half", "exit0", "hang", "stubborn")
KILLS = ("driver", "tree")


@dataclass(frozen=True)
class Fault:
    """KIND strikes NAME; `then` is resume, rollback, or back: the fault strikes the undo of NAME."""

    name: str
    kind: str
    then: str

    def __str__(self) -> str:
        return f"{self.name}-{self.kind}-{self.then}"


def faults() -> Iterator[Fault]:
    """All of them."""
    made = subject.everything()
    for name in made.names:
        for kind in subject.KINDS:
            if name == "server" and kind in ("half", "exit0"):
                continue  # its body is not one that ends
            for then in ("resume", "rollback"):
                yield Fault(name, kind, then)
    for name in (n for n, way in made.back.items() if way == "undo"):
        for kind in ("fail", "hang", "driver", "tree", "TERM", "INT", "HUP", "daemon"):
            yield Fault(name, kind, "back")


def codes(fault: Fault) -> list[int]:
    """The documented exit code of each command."""
    made = subject.everything()
    if fault.then == "back":
        first = -9 if fault.kind in KILLS else 6 if fault.kind in ("fail", "hang", "TERM", "INT") else 0
        return [0, first, 0]
    passes = fault.kind in FAILING and fault.name in made.optional | made.retried
    if fault.kind in ("daemon", "silent") or passes:
        first = 0
    elif fault.kind in KILLS:
        first = -9
    elif fault.name == "seen":
        first = 1
    else:
        first = 9 if fault.kind in ("HUP", "closed") else 4
    return [first, 0 if fault.then == "rollback" or first in (9, -9) else 7]


def violations(fault: Fault, folder: Path) -> list[str]:
    made = subject.everything()
    if fault.then == "back":
        scene = case.play_back(made, folder, fault.name, fault.kind)
    else:
        scene = case.play(made, folder, fault.name, fault.kind, fault.then)
    try:
        found = broken(scene, killed=fault.kind in KILLS)
        if (got := [ended.code for ended in scene.ended]) != codes(fault):
            found.append(f"ended {got}, documented is {codes(fault)}: {scene.ended[-1].said[-300:]!r}")
    finally:
        scene.clean()
    return found


def whole(words: Sequence[str] = ()) -> Outcome:
    """All of them, or those whose name holds one of the words."""
    subject.everything()
    return sweep([fault for fault in faults() if not words or any(word in str(fault) for word in words)], violations)


if __name__ == "__main__":
    outcome = whole(sys.argv[1:])
    print("\n".join(outcome.violations))
    print(f"{outcome.cases} cases, {len(outcome.violations)} violations")
    sys.exit(bool(outcome.violations))
