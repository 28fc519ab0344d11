"""Publish finished folders: all of them or none, each whole at every moment.

Everything is written and synced in a hidden folder inside OUT, so on the same file system; then each folder changes places
with its predecessor in one step. A build that is killed leaves its hidden folder behind, which the next one removes; an
error puts back what had been exchanged. One build at a time publishes into an OUT (flock on the folder itself, so that no
lock file lies about).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from compiler.build import manifest
from compiler.build.exchange import exchange
from compiler.diagnostics import Diagnostic, Refused

PREFIX = ".rbc-"
_MOVED = "moved.json"
_HELD_BACK = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Change:
    """One folder below OUT as it shall be: its path relative to OUT and its files; None removes it."""

    folder: str
    files: Mapping[str, bytes] | None


def publish(out: Path, changes: Sequence[Change]) -> None:
    """Make the folders below `out` what `changes` say.

    Raises:
        Refused: RB605 where a folder holds what rbc did not write, RB606 where the file system refuses. What lay in `out`
            before is then still there, unchanged.
    """
    try:
        created = _make_folders(out)
        try:
            with _locked(out) as alone:
                if alone:
                    _clear_away(out)
                refuse_foreign(out, changes)
                _exchange_all(out, changes)
        except BaseException:
            for folder in reversed(created):
                with suppress(OSError):
                    folder.rmdir()
            raise
    except OSError as error:
        what = error.strerror or str(error)
        raise Refused(
            [Diagnostic("RB606", f"cannot write below `{out}`: {what}", fix="nothing was changed; clear the cause, build again")]
        ) from error


def refuse_foreign(out: Path, changes: Sequence[Change]) -> None:
    """Raise `Refused` (RB605) if a change would lose what rbc did not write: a file edited by hand, added, or a link."""
    found = []
    for change in changes:
        strangers = list(foreign(out, change))
        if strangers:
            listed = ", ".join(f"`{name}`" for name in strangers[:3]) + (" and more" if len(strangers) > 3 else "")
            found.append(
                Diagnostic(
                    "RB605",
                    f"`{out.name}/{change.folder}` holds what rbc did not write: {listed}",
                    fix="change the spec, not what is built from it; move these files away or delete them, then build again",
                )
            )
    if found:
        raise Refused(found)


def foreign(out: Path, change: Change) -> Iterator[str]:
    """What lies at the place of a change and is neither as the manifest there says nor as the change would write it."""
    folder = out / change.folder
    for place in (*reversed(folder.relative_to(out).parents[:-1]), folder.relative_to(out)):
        path = out / place
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            yield place.name
            return
    known = manifest.read(folder)
    files = change.files or {}
    for name, content, _ in manifest.contents(folder):
        if content is None:
            yield name
        elif known is not None and (name == manifest.NAME or known.outputs.get(name) == manifest.digest(content)):
            continue
        elif content != files.get(name):
            yield name


def _exchange_all(out: Path, changes: Sequence[Change]) -> None:
    stage = out / f"{PREFIX}{secrets.token_hex(8)}"
    try:
        _stage(stage, changes)
        with _signals_held_back():
            _commit(out, stage, changes)
    finally:
        _remove(stage)


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """What asks the process to end is answered afterwards. By handlers, not by a mask: that would be of this thread only."""
    arrived: dict[int, None] = {}
    before = {number: signal.signal(number, lambda which, _: arrived.setdefault(which)) for number in _HELD_BACK}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in arrived:
            signal.raise_signal(late)


def _stage(stage: Path, changes: Sequence[Change]) -> None:
    stage.mkdir(mode=0o700)
    (stage / "old").mkdir()
    written: list[Path] = []
    for change in changes:
        (stage / "old" / change.folder).parent.mkdir(parents=True, exist_ok=True)
        if change.files is None:
            continue
        for name, content in change.files.items():
            path = stage / "new" / change.folder / name
            for folder in reversed(_missing(path.parent)):
                folder.mkdir()
                folder.chmod(0o755)
                written.append(folder)
            path.write_bytes(content)
            path.chmod(0o755 if manifest.executable(name) else 0o644)
            written.append(path)
    (stage / _MOVED).write_text(json.dumps([change.folder for change in changes]))
    for path in (*written, stage / _MOVED, stage):
        _sync(path)


def _commit(out: Path, stage: Path, changes: Sequence[Change]) -> None:
    done: list[tuple[Path, Path]] = []  # rename the first to the second, or exchange them, to go back
    parents: dict[Path, None] = {}
    try:
        for change in changes:
            target, new, old = out / change.folder, stage / "new" / change.folder, stage / "old" / change.folder
            parents[target.parent] = None
            there = target.exists()
            if there and change.files is not None and exchange(new, target):
                done.append((new, target))
                continue
            if there:
                target.rename(old)
                done.append((old, target))
            if change.files is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                new.rename(target)
                done.append((target, new))
    except OSError:
        for source, destination in reversed(done):
            if not (destination.exists() and exchange(source, destination)):
                source.rename(destination)
        raise
    for parent in parents:
        if parent.exists():
            _sync(parent)
    for change in changes:
        if change.files is None:
            _remove_empty(out, (out / change.folder).parent)


def _clear_away(out: Path) -> None:
    """Finish what killed builds left: put back a folder that was between two renames, remove the rest."""
    for stage in sorted(out.glob(f"{PREFIX}*")):
        if stage.is_symlink() or not stage.is_dir():
            continue
        for name in _moved(stage):
            if (stage / "old" / name).exists() and not (out / name).exists():
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                (stage / "old" / name).rename(out / name)
        _remove(stage)


def _moved(stage: Path) -> list[str]:
    """The folders below OUT that a killed build was about to exchange; none where its list is not one that rbc wrote."""
    path = stage / _MOVED
    try:
        names = json.loads(path.read_bytes()) if path.is_file() else []
    except (OSError, ValueError, RecursionError):
        return []
    below = (PurePosixPath(name) for name in (names if isinstance(names, list) else ()) if isinstance(name, str))
    return [name.as_posix() for name in below if not name.is_absolute() and ".." not in name.parts]


def _remove(stage: Path) -> None:
    # The list goes first: a removal that is killed half-way must not look like a folder to put back.
    with suppress(OSError):
        (stage / _MOVED).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def _remove_empty(out: Path, folder: Path) -> None:
    while folder != out:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _missing(folder: Path) -> list[Path]:
    """The folder and its parents that do not exist, innermost first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    return missing


def _make_folders(folder: Path) -> list[Path]:
    created = _missing(folder)[::-1]
    for path in created:
        path.mkdir(exist_ok=True)
    return created


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock; False where its file system has none (some network mounts)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
