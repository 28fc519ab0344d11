"""Reading the files of a project: specs, libraries and inventories, and nothing outside of it.

Never waits (a FIFO or a device is refused), never reads more than the limit, and gives the same `Source` for the same file.
"""

from __future__ import annotations

import errno
import os
import stat
from itertools import islice
from pathlib import Path, PurePosixPath

from compiler.decode import MAX_FILE, decode, too_large
from compiler.diagnostics import Diagnostic, Refused, did_you_mean
from compiler.root import find_root, real_path
from compiler.source import Loader, Source, Span

__all__ = ["Loader", "Project", "find_root"]

_NEIGHBOURS = 5000  # names looked at for "did you mean"

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Project:
    """The files below one root."""

    def __init__(self, root: Path) -> None:
        self.root = real_path(root)
        self._read: dict[Path, Source] = {}
        self._places: dict[Source, Path] = {}

    def name(self, path: Path) -> str:
        """How a path is shown and written into outputs: as seen from the root, with `/`.

        Symbolic links are resolved. What lies outside of the project has its last part only: no path of a machine.
        """
        real = real_path(path)
        return real.relative_to(self.root).as_posix() if real.is_relative_to(self.root) else path.name

    def read(self, path: Path, span: Span | None = None) -> Source:
        """The normalised text of a file; `span` is the place that asked for it. Raises Refused (RB001 to RB013)."""
        shown = self.name(path)
        try:
            real = real_path(path)
            if real not in self._read:
                self._read[real] = decode(shown, _bytes(path, shown, span), span)
                self._places[self._read[real]] = real
            return self._read[real]
        except OSError as error:
            raise Refused([_failed(path, shown, error, span)]) from None
        except ValueError:
            raise Refused([Diagnostic("RB002", f"`{shown}` is not a file name", span)]) from None

    def load(self, name: str, importer: Source, span: Span) -> Source:
        """The file `name`, seen from the folder of `importer`. Raises Refused: RB012 where it lies outside of the project.

        Specs and inventories (`.yml`, `.yaml`) are read alike; parsing is the caller's.
        """
        if not name or PurePosixPath(name).is_absolute():
            raise Refused([_outside(name, span)])
        folder = self._places.get(importer, self.root / importer.name).parent
        path = folder / name
        if not real_path(path).is_relative_to(self.root):
            raise Refused([_outside(name, span)])
        return self.read(path, span)


def _bytes(path: Path, shown: str, span: Span | None) -> bytes:
    """All bytes of a regular file, as it was at one moment. Raises OSError, ValueError (NUL in the name) and Refused."""
    _must_be_regular(path.stat().st_mode, shown, span)  # before it is opened: opening a device can have effects
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        before = os.fstat(descriptor)
        _must_be_regular(before.st_mode, shown, span)
        if before.st_size > MAX_FILE:
            raise Refused([too_large(shown, span)])
        data = bytearray()
        while len(data) <= MAX_FILE and (chunk := os.read(descriptor, 1 << 20)):
            data += chunk
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if (before.st_size, before.st_mtime_ns, before.st_ctime_ns) != (after.st_size, after.st_mtime_ns, after.st_ctime_ns):
        raise Refused([Diagnostic("RB013", f"`{shown}` changed while it was read", span, "build again when it is saved")])
    return bytes(data)


def _must_be_regular(mode: int, shown: str, span: Span | None) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise Refused([Diagnostic("RB003", f"`{shown}` is a folder", span, "name a file in it")])
    kind = next((text for test, text in _KINDS if test(mode)), "not a file")
    raise Refused([Diagnostic("RB004", f"`{shown}` is {kind}, not a file with text", span, "name a regular file")])


def _failed(path: Path, shown: str, error: OSError, span: Span | None) -> Diagnostic:
    if error.errno == errno.ELOOP:
        return Diagnostic("RB005", f"`{shown}` is a symbolic link that leads back to itself", span, "repair the link")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _missing(path, shown, span)
    reason = os.strerror(error.errno) if error.errno else str(error)
    if isinstance(error, PermissionError):
        return Diagnostic("RB002", f"`{shown}` may not be read ({reason})", span, "give the user who builds the right to read it")
    return Diagnostic("RB002", f"`{shown}` cannot be read ({reason})", span)


def _missing(path: Path, shown: str, span: Span | None) -> Diagnostic:
    if path.is_symlink():
        return Diagnostic("RB001", f"`{shown}` is a symbolic link to a file that does not exist", span, "repair the link")
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in islice(entries, _NEIGHBOURS)]
    except FileNotFoundError:
        return Diagnostic("RB001", f"`{shown}` does not exist, and its folder neither", span)
    except OSError:
        names = []
    return Diagnostic("RB001", f"`{shown}` does not exist", span, did_you_mean(path.name, names))


def _outside(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "RB012",
        f"`{name}` lies outside of the project" if name else "an empty name is no file",
        span,
        "`use` takes a path inside the project, seen from the file that says it; symbolic links count as what they point to",
    )
