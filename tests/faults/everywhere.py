"""SIGKILL of the driver before every system call by which it reaches out of itself: `python -m tests.faults.everywhere [NTH]`.

Between two such calls (write, open, clone, wait, kill, …) nothing changes that another process could see, so a kill at any other
call is the same as one at the next of these. NTH takes every NTH place only.
"""

from __future__ import annotations

import collections
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.faults import case, subject
from tests.faults.invariants import broken
from tests.faults.sweep import Outcome, sweep

CALLS = ("write", "openat", "clone", "wait4", "kill", "setpgid", "pipe2", "fcntl", "connect", "sendto", "unlink", "exit_group")
# What only the driver itself could see: its memory, its descriptors, its handlers, what it looks at.
OWN = frozenset(
    [
        "access",
        "arch_prctl",
        "brk",
        "chdir",
        "close",
        "dup2",
        "execve",
        "faccessat2",
        "futex",
        "getcwd",
        "getdents64",
        "getegid",
        "geteuid",
        "getgid",
        "getpgrp",
        "getpid",
        "getppid",
        "getrandom",
        "getuid",
        "ioctl",
        "lseek",
        "mmap",
        "mprotect",
        "mremap",
        "munmap",
        "newfstatat",
        "pread64",
        "prlimit64",
        "pselect6",
        "read",
        "readlink",
        "rseq",
        "rt_sigaction",
        "rt_sigprocmask",
        "rt_sigreturn",
        "select",
        "set_robust_list",
        "set_tid_address",
        "setitimer",
        "socket",
        "sysinfo",
        "umask",
        "uname",
    ]
)
# bash's fcntl only moves descriptors; it is here as a sample of the calls that change nothing outside.
THIN = {"fcntl": 25}


@dataclass(frozen=True)
class Place:
    """Before the `number`th `call` of a run or of a rollback; then `then`."""

    command: str
    call: str
    number: int
    then: str

    def __str__(self) -> str:
        return f"{self.command}-{self.call}-{self.number}-{self.then}"


def counted(folder: Path) -> dict[str, collections.Counter[str]]:
    """How often a run and a rollback make each call."""
    scene = case.Scene.new(subject.small(), folder)
    found = {}
    for command in ("run", "rollback"):
        trace = folder / f"{command}.trace"
        scene.run(command, start=("strace", "-D", "-o", str(trace)))
        found[command] = collections.Counter(re.findall(r"^(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE))
        assert not set(found[command]) - OWN - set(CALLS), set(found[command]) - OWN - set(CALLS)
    assert [ended.code for ended in scene.ended] == [0, 0], scene.ended
    return found


def places(counts: dict[str, collections.Counter[str]]) -> Iterator[Place]:
    """Every place, in the order of calls and numbers."""
    for command, calls in counts.items():
        for call in CALLS:
            for number in range(1, calls[call] + 1, THIN.get(call, 1)):
                then = "rollback" if command == "rollback" or number % 2 else "resume"
                yield Place(command, call, number, then)


def violations(place: Place, folder: Path) -> list[str]:
    """What does not hold after a kill at this place and going on or back."""
    scene = case.Scene.new(subject.small(), folder)
    try:
        return _strike(scene, place)
    finally:
        scene.clean()


def _strike(scene: case.Scene, place: Place) -> list[str]:
    if place.command == "rollback":
        scene.run()
    inject = ("strace", "-D", "-o", "/dev/null", "-e", f"trace={place.call}")
    inject += ("-e", f"inject={place.call}:signal=KILL:when={place.number}")
    struck = scene.run(place.command, start=inject)
    scene.settle(5)
    found = [] if struck.code in (-9, 0) else [f"the first ended {struck.code}: {struck.said[-200:]!r}"]
    next_ = scene.run(place.then)
    records = logged(scene)
    if next_.code == 7:
        begun = any('"event":"start"' in line for line in records)
        ended = any('"event":"end"' in line for line in records)
        if begun and not ended:
            found.append(f"{place.then} was refused: {next_.said[-300:]!r}")
        again = scene.run("run", *(() if ended or not records else ("--anew", "--why", "a test")))
        if again.code != 0:
            found.append(f"a new run ended {again.code}: {again.said[-300:]!r}")
    elif next_.code != 0:
        found.append(f"{place.then} ended {next_.code}: {next_.said[-300:]!r}")
    else:
        found += end_state(scene, place)
    return found + broken(scene, killed=True)


def end_state(scene: case.Scene, place: Place) -> list[str]:
    """After going on everything stands, in order; after going back nothing does."""
    standing: list[str] = []
    for word in scene.world.log:
        if word.endswith("-done") and not word.startswith("undo-"):
            standing = [w for w in standing if w != word[:-5]] + [word[:-5]]
        elif word.startswith("undo-") and word.endswith("-done"):
            standing = [w for w in standing if w != word[5:-5]]
    want = ["a", "b", "c"] if place.then == "resume" else []
    return [] if standing == want else [f"{standing} stand after {place.then}"]


def logged(scene: case.Scene) -> list[str]:
    logs = sorted((scene.folder / "state").glob("*/[0-9]*/audit.jsonl"))
    return logs[-1].read_text(errors="replace").splitlines() if logs else []


def whole(every: int = 1) -> Outcome:
    """Each `every`th place."""
    with tempfile.TemporaryDirectory(prefix="rbc-count-") as folder:
        counts = counted(Path(folder))
    chosen = list(places(counts))[every // 2 :: every]
    return replace(sweep(chosen, violations), note=f"of {sum(sum(calls.values()) for calls in counts.values())} system calls")


if __name__ == "__main__":
    outcome = whole(int(sys.argv[1]) if sys.argv[1:] else 1)
    print("\n".join(outcome.violations))
    print(f"{outcome.cases} places, {len(outcome.violations)} violations")
    sys.exit(bool(outcome.violations))
