"""One fault in one world: the run that it strikes, and what comes after it."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.subject import ACT, Subject
from tests.script.worlds import World

LONGEST = 90  # seconds that one command of a script may take here
DAEMON = b"sleep\x00293"


@dataclass(frozen=True)
class Ended:
    """One command of the script: its words, its number, how it ended (negative: by that signal), what it said."""

    command: str
    pid: int
    code: int
    said: str


@dataclass
class Scene:
    """A world and all commands that were run in it."""

    subject: Subject
    world: World
    ended: list[Ended] = field(default_factory=list)

    @classmethod
    def new(cls, subject: Subject, folder: Path) -> Scene:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "t.sh").write_text(subject.text)
        (folder / "t.sh").chmod(0o755)
        (folder / "act").write_text(ACT)
        (folder / "act").chmod(0o755)
        (folder / "good").touch()
        return cls(subject, World(folder, folder / "t.sh"))

    @property
    def folder(self) -> Path:
        return self.world.folder

    def fault(self, name: str, kind: str) -> None:
        (self.folder / "fault").write_text(f"{name} {kind}\n")

    def run(self, command: str = "run", *more: str, start: tuple[str, ...] = (), env: dict[str, str] | None = None) -> Ended:
        """Without a terminal. `start` are words before the script's name: strace, unshare."""
        words = () if command == "rollback" else self.subject.words if command == "run" else self.accepts
        with (self.folder / "said").open("w+b") as said:
            process = subprocess.Popen(
                [*start, str(self.world.path), command, "--yes", *words, *more],
                cwd=self.folder,
                env={**self.world.environment, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(LONGEST)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                code = 1000 + process.wait()
            said.seek(0)
            ended = Ended(command, process.pid, code, said.read().decode(errors="replace"))
        self.ended.append(ended)
        return ended

    def closed(self) -> Ended:
        """On a terminal that is closed while a step runs."""
        child = self.world.terminal("run", "--yes", *self.subject.words)
        end = time.monotonic() + LONGEST
        while not (self.folder / "ready").exists() and time.monotonic() < end:
            child.read_nonblocking(100_000, 0.05) if _readable(child.fileno()) else time.sleep(0.02)
        os.close(child.fileno())
        (self.folder / "closed").touch()
        _, status = os.waitpid(child.pid, 0)
        child.closed = True
        ended = Ended("run", child.pid, os.waitstatus_to_exitcode(status), "")
        self.ended.append(ended)
        return ended

    @property
    def accepts(self) -> tuple[str, ...]:
        words = self.subject.words
        return tuple(w for pair in zip(words[::2], words[1::2], strict=True) if pair[0] == "--accept" for w in pair)

    def processes(self) -> dict[int, bytes]:
        """Every process whose folder is this world's, with its command line; the dead are none."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").readlink() == self.folder:
                    line = (process / "cmdline").read_bytes()
                    state = (process / "stat").read_text().rpartition(") ")[2][0]
                    if state not in "ZX":
                        found[int(process.name)] = line
            except OSError:
                continue
        return found

    def settle(self, seconds: float, but: tuple[bytes, ...] = (DAEMON,)) -> dict[int, bytes]:
        """Wait until nothing runs here any more but what is named; what still does."""
        end = time.monotonic() + seconds
        while True:
            left = {pid: line for pid, line in self.processes().items() if not any(word in line for word in but)}
            if not left or time.monotonic() > end:
                return left
            time.sleep(0.05)

    def end_daemons(self) -> dict[int, bytes]:
        """What is left after the daemons are gone."""
        for pid, line in self.processes().items():
            if DAEMON in line:
                os.kill(pid, 9)
        return self.settle(4, ())

    def clean(self) -> None:
        """End what a daemon left, and whatever a broken promise left."""
        for pid in self.processes():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue


def _readable(descriptor: int) -> bool:
    import select

    return bool(select.select([descriptor], [], [], 0)[0])


def play(subject: Subject, folder: Path, name: str, kind: str, then: str) -> Scene:
    """The fault strikes the run; then `resume` or `rollback`."""
    scene = Scene.new(subject, folder)
    scene.fault(name, kind)
    if kind == "closed":
        scene.closed()
    else:
        scene.run()
    (folder / "stop").unlink(missing_ok=True)
    if kind in ("driver", "tree"):
        # A step that outlives its driver is waited for; the parts that run on are the next start's business.
        scene.settle(3, (DAEMON, b"rbc-guard", b"sleep\x00287", b"background_server"))
    scene.run(then)
    return scene


def play_back(subject: Subject, folder: Path, name: str, kind: str) -> Scene:
    """A whole run; the fault strikes its rollback; then the rollback again."""
    scene = Scene.new(subject, folder)
    scene.run()
    scene.fault(f"undo-{name}", kind)
    scene.run("rollback")
    if kind in ("driver", "tree"):
        scene.settle(3)
    scene.run("rollback")
    return scene
