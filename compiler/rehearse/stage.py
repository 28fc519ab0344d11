"""The private folder of a rehearsal, and one process of the script in it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, current_thread, main_thread
from typing import IO

from compiler.diagnostics import Diagnostic, Refused
from compiler.rehearse import place
from compiler.rehearse.moments import BEGIN
from compiler.rehearse.person import Person

_LONGEST = 300  # seconds of real time that one scene may take
_SCRATCH = re.compile(r"/(?:[^/|]+/)*rbc\.[A-Za-z0-9]{8}")
_SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
# Programs that would reach out of the private folder, whatever calls them.
_NEVER = ("sudo", "logger", "systemd-run", "wall")


class Abandoned(Exception):
    """A scene that is not played any more: the rehearsal has ended."""


@dataclass(frozen=True)
class Ended:
    """What one process came to. `code` is negative where a signal ended it (as `subprocess` has it)."""

    code: int
    output: str
    calls: str
    left: bool  # its private folder was still there
    world: str  # what stands of each step, as the stand-ins have noted it
    running: bool  # so was a process that a failed step had left


@dataclass(frozen=True)
class Stage:
    """Where scenes are played: `root` holds the script, stand-ins of programs, the answers, and a folder for each scene."""

    root: Path
    begin: int  # microseconds since the epoch
    ended: Event = field(default_factory=Event)  # no further scene may begin
    _starts: Lock = field(default_factory=Lock)

    def end(self) -> None:
        """Begin no further scene, and end those that are being played."""
        with self._starts:
            self.ended.set()
        place.end_all(self.root)

    @property
    def script(self) -> Path:
        """The rehearsal's script; scenes share it, so that its hash is the same in all of them."""
        return self.root / "script.sh"

    def play(
        self, folder: Path, arguments: Sequence[str], faults: str, *, since: int | None, person: Person | None, looks: int
    ) -> Ended:
        """Run the script once in a scene's folder, whose `state` may hold an earlier run.

        `since` is where the clock of that run stood. Whatever the process leaves running is ended.
        Raises Refused (RB624) where it does not end, and Abandoned where the rehearsal has ended before it began.
        """
        (folder / "state").mkdir(exist_ok=True)
        (folder / "faults").write_text(faults)
        (folder / "calls").write_text("")
        (folder / "place").write_text(f"{self.begin if since is None else since}|0||\n")
        (folder / "world").touch()
        (folder / "children").write_text("")
        answers = folder / "answers"
        if not answers.is_symlink():
            answers.symlink_to(self.root / "answers")
        command = [str(self.script), *arguments]
        with (folder / "output").open("wb") as output:
            if person is None:
                process = self._start(command, folder, looks, subprocess.DEVNULL, output, own=True)
                session = process.pid
                code = self._wait(process)
            else:
                with person.terminal() as line:
                    process = self._start(["setsid", "--ctty", *command], folder, looks, line, output, own=False)
                    session = process.pid
                    person.attend(process, folder / "state", _LONGEST)
                code = self._wait(process)
        calls = (folder / "calls").read_text()
        output_text = (folder / "output").read_bytes().decode("utf-8", "backslashreplace")
        running = code >= 0 and any(_lives(*line.split()) for line in (folder / "children").read_text().splitlines())
        # What lives on by order is ended with the rehearsal.
        if (code < 0 and "orphan|" not in calls) or running or "stays|" in calls or (folder / "lives").exists():
            _end(session)
        left = False
        for scratch in {line.split("|")[-1] for line in calls.splitlines() if line.startswith("call|")}:
            if _SCRATCH.fullmatch(scratch) and Path(scratch).is_dir():
                left = True
                shutil.rmtree(scratch, ignore_errors=True)
        return Ended(code, output_text, calls, left, (folder / "world").read_text(), running)

    def _start(
        self, command: Sequence[str], folder: Path, looks: int, stdin: int, output: IO[bytes], *, own: bool
    ) -> subprocess.Popen[bytes]:
        """`own`: in a session of its own; at a terminal `setsid` makes one."""
        with self._starts:
            if self.ended.is_set():
                raise Abandoned
            return subprocess.Popen(
                command, cwd=self.root / "work", env=self._environment(folder, looks), stdin=stdin, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=own,
            )  # fmt: skip

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        try:
            return process.wait(_LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            _end(process.pid)
            message = f"a rehearsal did not end within {_LONGEST} s: {process.args!r}"
            raise Refused([Diagnostic("RB624", message, fix="this is a fault of rbc; please report it with the spec")]) from None

    def _environment(self, folder: Path, looks: int) -> Mapping[str, str]:
        path = [str(folder / "bin"), str(self.root / "bin"), *os.environ.get("PATH", "").split(":"), *_SYSTEM]
        return {
            "PATH": ":".join(p for p in path if p.startswith("/")),
            "HOME": str(self.root / "home"),
            "USER": "rehearsal",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "TMPDIR": str(self.root / "tmp"),
            "XDG_RUNTIME_DIR": str(self.root / "tmp"),
            "RBC_STATE_DIR": str(folder / "state"),
            "RBC_REHEARSAL": str(folder),
            "RBC_REHEARSAL_LOOKS": str(looks),
        }


@contextmanager
def heard() -> Iterator[None]:
    """What this process was told to ignore (`nohup`, or `&` in a script) its children would ignore too, for good. It goes on
    ignoring it, in another way: what has a handler is not ignored in a child."""
    ignored: list[signal.Signals] = []
    if current_thread() is main_thread():
        ignored = [each for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM) if signal.getsignal(each) is signal.SIG_IGN]
    for each in ignored:
        signal.signal(each, lambda *_: None)
    try:
        yield
    finally:
        for each in ignored:
            signal.signal(each, signal.SIG_IGN)


@contextmanager
def stage(script: str, answers: Mapping[str, str], begin: int = BEGIN) -> Iterator[Stage]:
    """A private folder with everything that scenes share; gone afterwards, and so are the scenes that are still being played."""
    with heard(), place.private() as root:
        for name in ("bin", "answers", "work", "home", "tmp", "scenes"):
            (root / name).mkdir()
        for tool in _NEVER:
            (root / "bin" / tool).write_text("#!/bin/sh\nexit 0\n")
            (root / "bin" / tool).chmod(0o755)
        for name, answer in answers.items():
            (root / "answers" / name).write_text(answer)
        made = Stage(root, begin)
        made.script.write_text(script)
        made.script.chmod(0o755)
        try:
            yield made
        finally:
            made.end()


def _end(session: int) -> None:
    """Wait until a session has no process left; kill what stays. Its readers go by themselves within half a second."""
    for attempt in range(200):
        living = list(_living(session))
        if not living:
            return
        if attempt >= 60:
            for pid in living:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _lives(pid: str, started: str) -> bool:
    """Whether a process still is there, and is the one that began then. What was just killed gets a moment."""
    for _ in range(100):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        except OSError:
            return False
        if fields[0] in "ZX" or fields[19] != started:
            return False
        time.sleep(0.01)
    return True


def _living(session: int) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            yield int(entry.name)
