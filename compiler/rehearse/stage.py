"""The private folder of a rehearsal, and one process of the script in it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics import Diagnostic, Refused
from compiler.rehearse.person import Person

# When a rehearsal begins: 2026-01-05T02:00:00Z, a Monday, in microseconds.
BEGIN = 1_767_578_400_000_000
_LONGEST = 300  # seconds of real time that one scene may take
_SCRATCH = re.compile(r"/(?:[^/|]+/)*rbc\.[A-Za-z0-9]{8}")
_SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
# Programs that would reach out of the private folder, whatever calls them.
_NEVER = ("sudo", "logger", "systemd-run", "wall")


@dataclass(frozen=True)
class Ended:
    """What one process came to. `code` is negative where a signal ended it (as `subprocess` has it)."""

    code: int
    output: str
    calls: str
    left: bool  # its private folder was still there


@dataclass(frozen=True)
class Stage:
    """Where scenes are played: `root` holds the script, stand-ins of programs, the answers, and a folder for each scene."""

    root: Path
    begin: int  # microseconds since the epoch

    @property
    def script(self) -> Path:
        """The rehearsal's script; scenes share it, so that its hash is the same in all of them."""
        return self.root / "script.sh"

    def play(
        self, folder: Path, arguments: Sequence[str], faults: str, *, since: int | None, person: Person | None, looks: int
    ) -> Ended:
        """Run the script once in a scene's folder, whose `state` may hold an earlier run.

        `since` is where the clock of that run stood. Whatever the process leaves running is ended.
        Raises Refused (RB624) where it does not end.
        """
        (folder / "state").mkdir(exist_ok=True)
        (folder / "faults").write_text(faults)
        (folder / "calls").write_text("")
        (folder / "place").write_text(f"{self.begin if since is None else since}|0||\n")
        answers = folder / "answers"
        if not answers.is_symlink():
            answers.symlink_to(self.root / "answers")
        command = [str(self.script), *arguments]
        with (folder / "output").open("wb") as output:
            if person is None:
                process = subprocess.Popen(
                    command, cwd=self.root / "work", env=self._environment(folder, looks), stdin=subprocess.DEVNULL,
                    stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
                session = process.pid
                code = self._wait(process)
            else:
                with person.terminal() as line:
                    process = subprocess.Popen(
                        ["setsid", "--ctty", *command], cwd=self.root / "work", env=self._environment(folder, looks), stdin=line,
                        stdout=output, stderr=subprocess.STDOUT,
                    )  # fmt: skip
                    session = process.pid
                    person.attend(process, folder / "state", _LONGEST)
                code = self._wait(process)
        calls = (folder / "calls").read_text()
        output_text = (folder / "output").read_bytes().decode("utf-8", "backslashreplace")
        if code < 0 or "stays|" in calls:
            _end(session)
        left = False
        for scratch in {line.split("|")[-1] for line in calls.splitlines() if line.startswith("call|")}:
            if _SCRATCH.fullmatch(scratch) and Path(scratch).is_dir():
                left = True
                shutil.rmtree(scratch, ignore_errors=True)
        return Ended(code, output_text, calls, left)

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
        path = [str(self.root / "bin"), *os.environ.get("PATH", "").split(":"), *_SYSTEM]
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
def stage(script: str, tools: Sequence[str], answers: Mapping[str, str], begin: int = BEGIN) -> Iterator[Stage]:
    """A private folder with everything that scenes share, in memory where there is room; gone afterwards.

    `tools` are the programs that the script looks for on the host: those that this machine does not have are stood in for.
    """
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 512 * 1024 * 1024 else None
    root = Path(tempfile.mkdtemp(prefix="rbc-rehearsal.", dir=base))
    try:
        for name in ("bin", "answers", "work", "home", "tmp", "scenes"):
            (root / name).mkdir()
        where = ":".join((*os.environ.get("PATH", "").split(":"), *_SYSTEM))
        for tool in {*_NEVER, *(t.split(" ")[0] for t in tools if shutil.which(t.split(" ")[0], path=where) is None)}:
            (root / "bin" / tool).write_text("#!/bin/sh\nexit 0\n")
            (root / "bin" / tool).chmod(0o755)
        for name, answer in answers.items():
            (root / "answers" / name).write_text(answer)
        made = Stage(root, begin)
        made.script.write_text(script)
        made.script.chmod(0o755)
        yield made
    finally:
        shutil.rmtree(root, ignore_errors=True)


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


def _living(session: int) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            yield int(entry.name)
