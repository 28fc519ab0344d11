"""Faults where a person is needed, on a terminal: `python -m tests.faults.people [WORD…]`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pexpect

from tests.faults import case, subject
from tests.faults.case import Ended, Scene
from tests.faults.invariants import broken
from tests.faults.matrix import KILLS
from tests.faults.sweep import Outcome, sweep

PROBES = ("watched", "asked")  # of the hold, of the question
QUESTIONS = ("sure", "hand")
STRUCK = ("fail", "hang", "stubborn", "driver", "tree", "TERM", "INT", "HUP", "closed")
ANSWERS = ("no", "eof", "INT", "TERM", "HUP", "closed", "driver", "tree")
PROMPTS = {
    "sure": r"Sure\? \[y/N\]",
    "hand": r"Hand: done\? \[y/N\]",
    "next": r"What next\?",
    "unknown": r"outcome unknown",
    "abandon": r"Abandon the way back\?",
}
USUAL = {"sure": "y", "hand": "y", "next": "p", "unknown": "t", "abandon": "n"}


@dataclass(frozen=True)
class Fault:
    """KIND strikes NAME: a probe's commands, the commands of the interactive step, or a question. `then` as in the matrix."""

    name: str
    kind: str
    then: str

    def __str__(self) -> str:
        return f"{self.name}-{self.kind}-{self.then}"


def faults() -> Iterator[Fault]:
    """All of them."""
    struck = {**dict.fromkeys(PROBES, STRUCK), "talk": subject.KINDS, **dict.fromkeys(QUESTIONS, ANSWERS)}
    for name, kinds in struck.items():
        for kind in kinds:
            for then in ("resume", "rollback"):
                yield Fault(name, kind, then)
    for kind in ANSWERS:
        yield Fault("hand", kind, "back")


def codes(fault: Fault) -> list[int]:
    """The documented exit code of each command. A person who is asked what next says pause."""
    if fault.then == "back":
        return [0, -9 if fault.kind in KILLS else 6, 0]
    first = 0 if fault.kind in ("daemon", "silent") else -9 if fault.kind in KILLS else 9
    return [first, 7 if first == 0 and fault.then == "resume" else 0]


def command(scene: Scene, word: str, strike: tuple[str, str] | None = None, hangs: bool = False) -> None:
    """One command on a terminal, each question answered; `strike` is a question and what comes instead of its first answer. Where
    the interactive step `hangs`, the person presses Ctrl-C.
    """
    child = scene.world.terminal(word, "--yes")
    names = list(PROMPTS)
    said = ""
    end = time.monotonic() + case.LONGEST
    while time.monotonic() < end:
        if (scene.folder / "ready").exists():
            close(scene, word, child)
            return
        if hangs and "talk" in scene.world.log and not (scene.folder / "fault").exists():
            time.sleep(0.3)
            child.sendintr()
            hangs = False
        index = child.expect([*PROMPTS.values(), pexpect.EOF, pexpect.TIMEOUT], timeout=0.2)
        if index == len(names):
            break
        if index > len(names):
            continue
        said += f"{child.before}{child.after}"
        name = names[index]
        if strike and strike[0] == name:
            kind, strike = strike[1], None
            if kind == "closed":
                close(scene, word, child)
                return
            answer(child, kind)
        else:
            child.sendline(USUAL[name])
    said += child.before if isinstance(child.before, str) else ""
    child.close(force=True)
    code = child.exitstatus if child.exitstatus is not None else -(child.signalstatus or 0)
    scene.ended.append(Ended(word, child.pid, code, said))


def answer(child: pexpect.spawn[str], kind: str) -> None:
    """Something else than yes."""
    kinds: dict[str, Callable[[], object]] = {
        "no": lambda: child.sendline("n"),
        "eof": child.sendeof,
        "INT": child.sendintr,
        "driver": lambda: os.kill(child.pid, signal.SIGKILL),
        "tree": lambda: os.killpg(child.pid, signal.SIGKILL),
        "TERM": lambda: os.kill(child.pid, signal.SIGTERM),
        "HUP": lambda: os.kill(child.pid, signal.SIGHUP),
    }
    kinds[kind]()


def close(scene: Scene, word: str, child: pexpect.spawn[str]) -> None:
    """The terminal goes away."""
    os.close(child.fileno())
    (scene.folder / "ready").unlink(missing_ok=True)
    (scene.folder / "closed").touch()
    _, status = os.waitpid(child.pid, 0)
    child.closed = True
    scene.ended.append(Ended(word, child.pid, os.waitstatus_to_exitcode(status), ""))


def violations(fault: Fault, folder: Path) -> list[str]:
    scene = Scene.new(subject.people(), folder)
    strike = (fault.name, fault.kind) if fault.name in QUESTIONS else None
    try:
        if fault.then == "back":
            command(scene, "run")
            command(scene, "rollback", strike)
        else:
            if strike is None:
                scene.fault(fault.name, fault.kind)
            command(scene, "run", strike, hangs=fault.name == "talk" and fault.kind in ("hang", "stubborn"))
        (folder / "stop").unlink(missing_ok=True)
        if fault.kind in KILLS:
            scene.settle(3)
        command(scene, "rollback" if fault.then == "back" else fault.then)
        found = broken(scene, killed=fault.kind in KILLS)
        if (got := [ended.code for ended in scene.ended]) != codes(fault):
            found.append(f"ended {got}, documented is {codes(fault)}: {[e.said[-300:] for e in scene.ended]!r}")
    finally:
        scene.clean()
    return found


def whole(words: Sequence[str] = ()) -> Outcome:
    """All of them, or those whose name holds one of the words."""
    subject.people()
    return sweep([fault for fault in faults() if not words or any(word in str(fault) for word in words)], violations)


if __name__ == "__main__":
    outcome = whole(sys.argv[1:])
    print("\n".join(outcome.violations))
    print(f"{outcome.cases} cases, {len(outcome.violations)} violations")
    sys.exit(bool(outcome.violations))
