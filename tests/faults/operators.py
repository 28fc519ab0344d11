"""Twenty operators at once, fifty rounds: `python -m tests.faults.operators [ROUNDS]`."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.faults.case import LONGEST, Scene
from tests.faults.invariants import broken
from tests.faults.subject import PROBES, Subject, compiled
from tests.faults.sweep import Outcome, sweep
from tests.script.specs import HEAD

OPERATORS = 20
ROUNDS = 50
# What the twenty do in each round; twice as many of the first, because it is what happens.
KINDS = ("run", "run", "resume", "mixed", "orphan")
WAITS = "while [[ ! -e go ]]; do sleep 0.05; done"


@dataclass(frozen=True)
class Round:
    number: int

    @property
    def kind(self) -> str:
        return KINDS[self.number % len(KINDS)]

    def __str__(self) -> str:
        return f"round {self.number} ({self.kind})"


@cache
def waiting() -> Subject:
    """Step `b` and its way back wait for the file `go`; step `a` leaves a daemon behind."""
    step_a = 'step a "A" {\n$ echo a >>log\n$ setsid --fork sleep 293\n$ echo a-done >>log\nundo $ echo undo-a >>log\n}\n'
    step_b = 'step b "B" {\n$ echo b >>log\n$ [[ ! -e broken ]]\n'
    step_b += f"$ {WAITS}\n$ echo b-done >>log\nundo $ echo undo-b >>log; {WAITS}\n}}\n"
    spec = f'phase one "One" {{\non failure pause\n{step_a}{step_b}}}\nrollback "Back" {{\nverify fine\n}}\n'
    return Subject(compiled(HEAD + PROBES + spec), ("a", "b"), {"a": "undo", "b": "undo"})


def start(scene: Scene, command: str, number: int) -> subprocess.Popen[bytes]:
    with (scene.folder / f"said{number}").open("wb") as said:
        return subprocess.Popen(
            [str(scene.world.path), command, "--yes", *(("--anew", "--why", "x") if command == "run" else ())],
            cwd=scene.folder,
            env=scene.world.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def begun(scene: Scene) -> list[str]:
    return [word for word in scene.world.log if not word.endswith("-done")]


def violations(turn: Round, folder: Path) -> list[str]:
    """One wins, each of the others is told who and since when; what they all wanted is done once."""
    scene = Scene.new(waiting(), folder)
    try:
        return _orphan(scene) if turn.kind == "orphan" else _race(scene, turn)
    finally:
        scene.clean()


def _race(scene: Scene, turn: Round) -> list[str]:
    folder, found = scene.folder, []
    first = 0
    if turn.kind != "run":
        (folder / "broken").touch()
        scene.run()
        (folder / "broken").unlink()
        first = len(begun(scene))
    commands = {"run": ("run",), "resume": ("resume",), "mixed": ("resume", "rollback")}[turn.kind]
    operators = [start(scene, commands[number % len(commands)], number) for number in range(OPERATORS)]
    if not until(lambda: sum(operator.poll() is not None for operator in operators) >= OPERATORS - 1):
        found.append(f"ended {[operator.poll() for operator in operators]}")
    (folder / "go").touch()
    codes = [operator.wait(LONGEST) for operator in operators]
    if sorted(codes) != [0] + [7] * (OPERATORS - 1):
        return [*found, f"ended {codes}"]
    winner = codes.index(0)
    told = rf"A run is under way: t, \w+, PID {operators[winner].pid}, since \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d UTC, at \"."
    for number in range(OPERATORS):
        said = (folder / f"said{number}").read_text()
        if number != winner and not re.search(told, said):
            found.append(f"{number} was not told who and since when: {said!r}")
    want = {"run": ["a", "b"], "resume": ["b"], "rollback": ["undo-b", "undo-a"]}[commands[winner % len(commands)]]
    if begun(scene)[first:] != want:
        found.append(f"done was {begun(scene)}")
    return found + broken(scene, killed=True)


def _orphan(scene: Scene) -> list[str]:
    """The driver is killed while its step lives on: nobody begins anything until that step has ended."""
    folder, found = scene.folder, []
    driver = start(scene, "run", OPERATORS)
    until(lambda: "b" in scene.world.log)
    driver.kill()
    driver.wait()
    operators = [start(scene, ("resume", "run")[number % 2], number) for number in range(OPERATORS)]
    codes = [operator.wait(LONGEST) for operator in operators]
    if codes != [7] * OPERATORS:
        found.append(f"while the step lived, they ended {codes}")
    told = [number for number in range(OPERATORS) if "is still alive" not in (folder / f"said{number}").read_text()]
    # One who met another of the twenty was told that instead.
    if len(told) == OPERATORS:
        found.append("nobody was told that the step is alive")
    if begun(scene) != ["a", "b"]:
        found.append(f"while the step lived, done was {begun(scene)}")
    (folder / "go").touch()
    scene.settle(5)
    ended = scene.run("resume")
    if ended.code != 0 or begun(scene) != ["a", "b", "undo-b", "b"]:
        found.append(f"resume ended {ended.code} with {begun(scene)}: {ended.said}")
    return found + broken(scene, killed=True)


def whole(rounds: int = ROUNDS) -> Outcome:
    waiting()
    return sweep([Round(number) for number in range(rounds)], violations, jobs=2)


if __name__ == "__main__":
    outcome = whole(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
    print("\n".join(outcome.violations))
    print(f"{outcome.cases} rounds, {len(outcome.violations)} violations")
    sys.exit(bool(outcome.violations))
