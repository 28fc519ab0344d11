"""Where there is a syslog, each head of the log reaches it through `logger`, and nobody has to wait for that."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .specs import HEAD, THREE, step
from .worlds import World

Make = Callable[[str], World]
# A private /dev with a /dev/log, for this process and what it starts.
PRIVATE = """
set -eu
cp -a /dev/null /dev/zero /dev/full /dev/tty /dev/random /dev/urandom /dev/fd /dev/stdin /dev/stdout /dev/stderr "$1"
mkdir "$1/shm"
mount --bind "$1" /dev
shift
exec "$@"
"""
NAMESPACES = ("unshare", "--mount", "--propagation", "private", "true")


def may_unshare() -> bool:
    return subprocess.run(NAMESPACES, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not may_unshare(), reason="a private /dev needs root and a mount namespace")


class Syslog:
    """A datagram socket as syslog has it, and what it was sent. Of one that nobody reads the senders wait after a few."""

    def __init__(self, dev: Path) -> None:
        self.dev = dev
        self.lines: list[str] = []
        self.asked = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(dev / "log"))
        self.reader = threading.Thread(target=self._read)

    def _read(self) -> None:
        while line := self.socket.recv(65536).decode():
            self.lines.append(line)

    def heads(self) -> list[str]:
        """What the entries sent so far say behind `rbc: `; the last one of a run says its outcome."""
        self.asked += 1
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"read", str(self.dev / "log"))
        while self.lines.count("read") < self.asked:
            time.sleep(0.01)
        return [line.split("rbc: ", 1)[1].strip() for line in self.lines if line != "read"]


@pytest.fixture
def syslog(tmp_path: Path) -> Iterator[Syslog]:
    (tmp_path / "dev").mkdir()
    log = Syslog(tmp_path / "dev")
    yield log
    log.socket.close()


@pytest.fixture
def read(syslog: Syslog) -> Iterator[Syslog]:
    """A syslog that somebody reads."""
    syslog.reader.start()
    yield syslog
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
        last.sendto(b"", str(syslog.dev / "log"))
    syslog.reader.join()


def private(syslog: Syslog) -> tuple[str, ...]:
    return (*NAMESPACES[:-1], "bash", "-c", PRIVATE, "-", str(syslog.dev))


def test_each_record_s_head_is_told_in_order(world: Make, read: Syslog) -> None:
    w = world(THREE)
    (w.folder / "broken").touch()
    assert w.run("--yes", start=private(read)).code == 6
    told = [f"t {w.run_folder.name} {r['seq']} {r['hash']}" for r in w.records]
    assert read.heads() == [*told, f"t {w.run_folder.name} 6 {w.records[-1]['hash']}"]


def test_what_goes_on_tells_only_what_is_new(world: Make, read: Syslog) -> None:
    w = world(HEAD + 'phase one "One" {\n  on failure pause\n' + step("a") + step("b", "[[ -e mended ]]") + "}\n")
    assert w.run("--yes", start=private(read)).code == 9
    before = len(read.heads())
    (w.folder / "mended").touch()
    (read.dev / "shm").rmdir()
    assert w.run("resume", "--yes", start=private(read)).code == 0
    told = [line.split()[2] for line in read.heads()[before:-1]]
    assert told == [str(r["seq"]) for r in w.records][before - 1 :]


def test_they_are_told_though_the_driver_was_killed(world: Make, read: Syslog) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a", "sleep 60") + "}\n")
    run = subprocess.Popen(
        [*private(read), str(w.path), "--yes"], cwd=w.folder, env=w.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while not (w.folder / "log").exists():
        time.sleep(0.05)
    run.kill()
    run.wait()
    told = [f"t {w.run_folder.name} {r['seq']} {r['hash']}" for r in w.records]
    until = time.monotonic() + 10
    while read.heads() != told and time.monotonic() < until:
        time.sleep(0.05)
    assert read.heads() == told
    os.killpg(int((w.run_folder / "live").read_text().split()[0]), signal.SIGKILL)


def test_a_syslog_that_hangs_holds_nobody_up(world: Make, syslog: Syslog) -> None:
    w = world(HEAD + 'phase one "One" {\n' + "".join(step(f"s{n}") for n in range(12)) + "}\n")
    assert w.run("--yes", start=private(syslog), timeout=30).code == 0
    assert not list(w.folder.glob("dev/shm/*"))
    assert len(w.records) > 24
