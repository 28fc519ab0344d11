"""Private folders: an interrupted rehearsal clears its own away, and the next one what a killed one has left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import SMALL

from compiler.rehearse import place

PROJECT = Path(__file__).resolve().parents[2]
BASES = (Path("/dev/shm"), Path("/tmp"))


def owned(pid: int) -> set[Path]:
    """The folders that scenes of a rehearsal by this process are played in."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(") ")[2].split()[1])
            environ = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        named = [word.partition(b"=")[2] for word in environ if word.startswith(b"RBC_REHEARSAL=")]
        if parent == pid and named:
            found.add(Path(os.fsdecode(named[0])).parents[1])
    return found


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[bytes], Path]]]:
    """Begins `rbc rehearse`; gives the process and its private folder once scenes are being played."""
    (tmp_path / "rbc.toml").touch()
    (tmp_path / "t.rb").write_text(SMALL)
    processes: list[subprocess.Popen[bytes]] = []

    def begin() -> tuple[subprocess.Popen[bytes], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", "from compiler.cli import main; main()", "rehearse", "t.rb", "--jobs", "2"], cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PROJECT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        processes.append(process)
        while not (folders := owned(process.pid)):
            assert process.poll() is None
            time.sleep(0.02)
        (folder,) = folders
        return process, folder

    yield begin
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()


def living(folder: Path) -> list[int]:
    return list(place._processes(folder))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_ends_a_rehearsal_clears_its_folder_away(
    begun: Callable[[], tuple[subprocess.Popen[bytes], Path]], number: int, code: int
) -> None:
    process, folder = begun()
    assert folder.name.startswith(place.PREFIX)
    process.send_signal(number)
    assert process.wait() == code
    assert not folder.exists()
    assert not living(folder)


def test_what_a_killed_rehearsal_has_left_goes_with_the_next_one(
    begun: Callable[[], tuple[subprocess.Popen[bytes], Path]],
) -> None:
    process, left = begun()
    process.kill()
    process.wait()
    assert left.exists()
    with place.private() as folder:
        assert not left.exists()
        assert not living(left)
        assert folder.stat().st_mode & 0o077 == 0
        with place.private():
            assert folder.exists(), "its owner is alive"
    assert not folder.exists()


def test_what_is_somebody_elses_or_no_folder_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_base", lambda: tmp_path)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (tmp_path / f"{place.PREFIX}link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / f"{place.PREFIX}file").touch()
    (tmp_path / f"{place.PREFIX}dead").mkdir()
    with place.private() as folder:
        assert {path.name for path in tmp_path.iterdir()} == {
            "elsewhere", f"{place.PREFIX}link", f"{place.PREFIX}file", folder.name,
        }  # fmt: skip
    assert (tmp_path / "elsewhere" / "kept").exists()
