"""Private folders of rehearsals: each belongs to one living process; what a killed one has left is cleared away."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "rbc-rehearsal."
_ROOM = 512 * 1024 * 1024  # bytes that memory must have left
_MARK = b"RBC_REHEARSAL="


@contextmanager
def private() -> Iterator[Path]:
    """A new folder, in memory where there is room, that nobody else reads; gone afterwards, with every process that it has.

    Before that, the folders that dead owners have left are cleared away. The owner holds a lock on its folder, which ends with
    the owner however that ends.
    """
    base = _base()
    for place in {base, Path(tempfile.gettempdir())}:
        _reap(place)
    folder, lock = _made(base)
    try:
        yield folder
    finally:
        _clear(folder)
        os.close(lock)


def end_all(folder: Path) -> None:
    """Kill every process of the scenes in a folder, until there is none."""
    for _ in range(500):
        living = tuple(_processes(folder))
        if not living:
            return
        for pid in living:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _base() -> Path:
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    return memory if roomy else Path(tempfile.gettempdir())


def _made(base: Path) -> tuple[Path, int]:
    """A folder and the lock on it. Between the two somebody may have taken it for one that nobody owns."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.stat().st_ino == os.fstat(lock).st_ino:
                return folder, lock


def _reap(base: Path) -> None:
    """Clear away what dead owners left in a place. What cannot be looked at is left alone."""
    for folder in base.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.geteuid():
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _clear(folder)
            finally:
                os.close(lock)


def _clear(folder: Path) -> None:
    end_all(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _processes(folder: Path) -> Iterator[int]:
    """The processes whose environment names a scene of this folder; watchers in sessions of their own are among them."""
    wanted = b"\0" + _MARK + os.fsencode(folder) + b"/"
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in b"\0" + (entry / "environ").read_bytes():
                yield int(entry.name)
