"""Undo failing for every subset of up to six steps: `python -m tests.faults.undoing`."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.faults.case import Scene
from tests.faults.invariants import lock, scratch
from tests.faults.subject import PROBES, Subject, compiled
from tests.faults.sweep import Outcome, sweep
from tests.script import audited
from tests.script.specs import HEAD

MOST = 6


@dataclass(frozen=True)
class Subset:
    """The run stops in step `started`; the ways back of `failing` fail."""

    started: int
    failing: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.started} started, failing {self.failing}"


@cache
def six() -> Subject:
    names = tuple(f"s{n}" for n in range(1, MOST + 1))
    steps = "".join(
        f'step {name} "Step {name}" {{\n$ echo {name} >>log\n$ [[ ! -e stop-{name} ]]\n'
        f"undo {{\n```\necho undo-{name} >>log\n[[ ! -e fail-{name} ]]\n```\n}}\n}}\n"
        for name in names
    )
    spec = HEAD + PROBES + f'phase one "One" {{\n{steps}}}\nrollback "Back" {{\nverify fine\n}}\n'
    return Subject(compiled(spec), names, dict.fromkeys(names, "undo"))


def subsets() -> Iterator[Subset]:
    for started in range(1, MOST + 1):
        for size in range(started + 1):
            for failing in itertools.combinations(range(1, started + 1), size):
                yield Subset(started, failing)


def violations(subset: Subset, folder: Path) -> list[str]:
    """All are attempted, in order; exit 6; what remains is said; the next rollback attempts what remains and nothing else."""
    scene, found = Scene.new(six(), folder), []
    (folder / f"stop-s{subset.started}").touch()
    for number in subset.failing:
        (folder / f"fail-s{number}").touch()
    ran = scene.run()
    back = [f"undo-s{n}" for n in range(subset.started, 0, -1)]
    remains = [f"s{n}" for n in reversed(subset.failing)]
    if ran.code != (6 if subset.failing else 4):
        found.append(f"ended {ran.code}")
    if (tried := scene.world.log[subset.started :]) != back:
        found.append(f"tried {tried}")
    if (said := re.findall(r"^Not in order: 1\.\d Step (s\d)$", ran.said, re.MULTILINE)) != remains:
        found.append(f"said to remain: {said}")
    status = scene.world.run("status").out
    if sorted(re.findall(r"Step (s\d) +undo failed$", status, re.MULTILINE)) != sorted(remains):
        found.append(f"status is wrong: {status}")
    if (anew := scene.run().code) != (7 if subset.failing else 4) and not found:
        found.append(f"a new run ended {anew}")
    for number in subset.failing:
        (folder / f"fail-s{number}").unlink()
    before = len(scene.world.log)
    if (again := scene.run("rollback")).code != 0:
        found.append(f"the second rollback ended {again.code}: {again.said}")
    if (tried := scene.world.log[before:]) != [f"undo-{name}" for name in remains]:
        found.append(f"the second rollback tried {tried}")
    audited.hold(sorted(folder.glob("state/*/*/audit.jsonl")))
    return [*found, *lock(scene), *scratch(scene)]


def whole() -> Outcome:
    six()
    return sweep(list(subsets()), violations)


if __name__ == "__main__":
    outcome = whole()
    print("\n".join(outcome.violations))
    print(f"{outcome.cases} subsets, {len(outcome.violations)} violations")
    sys.exit(bool(outcome.violations))
