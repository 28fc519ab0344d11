"""What makes a build with nothing to do fast: a record for each spec of what its outputs were made from.

A record holds the fingerprint of the compiler and its tools, the hash of every file that took part (and the names of those
that were looked for and missing), and the hash of every output. Only if all of it still holds is the spec left alone, so a
record can be lost or damaged without harm: it is then not used. Records hold hashes only, in
`${XDG_CACHE_HOME:-~/.cache}/rbc`; nothing here imports a parser, a template or a subprocess.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from compiler.build import manifest
from compiler.build.inputs import Spec

_PACKAGE = Path(__file__).resolve().parent.parent
_LIBRARIES = ("jinja2", "lark", "yaml")
_TOOLS = ("shellcheck", "shfmt")
_NO_PART = ("__pycache__", "_templates", "pages", "commands")  # folders that no output depends on, or counted apart
_KEPT = 2000
_FIELD = b"\0"
_LARGEST = 16 * 1024 * 1024  # twice what a source may have (compiler.decode)


def fingerprint() -> str:
    """One hash over everything that turns a spec into its outputs: compiler, templates, Python, libraries, tools.

    Each file counts by path, size, inode, and times of change of its content and of its inode. Reading them would cost a
    third of a build with nothing to do, and the last of these changes with any write, copy or installation.
    """
    digest = hashlib.sha256(sys.version.encode())
    templates = _PACKAGE / "_templates"  # in a wheel; beside the package in a checkout
    roots = (str(_PACKAGE), str(templates if templates.is_dir() else _PACKAGE.parent / "templates"))
    for path in (*(file for root in roots for file in _files(root)), *_outside()):
        digest.update(os.fsencode(path) + b"\0" + _stamp(path).encode() + b"\0")
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in ordered:
        if entry.is_dir():
            if entry.name not in _NO_PART:
                yield from _files(entry.path)
        elif not entry.name.endswith(".pyc"):
            yield entry.path


def _outside() -> Iterator[str]:
    for library in _LIBRARIES:
        found = importlib.util.find_spec(library)
        if found is not None and found.origin is not None:
            yield found.origin
    for tool in _TOOLS:
        beside = Path(sys.executable).parent / tool
        yield str(beside) if beside.exists() else _elsewhere(tool)


def _elsewhere(tool: str) -> str:
    import shutil
    import sysconfig

    installed = Path(sysconfig.get_path("scripts")) / tool
    return str(installed) if installed.exists() else shutil.which(tool) or tool


def _stamp(path: str) -> str:
    try:
        status = Path(path).stat()
    except OSError:
        return "missing"
    return f"{status.st_size} {status.st_ino} {status.st_mtime_ns} {status.st_ctime_ns}"


class Records:
    """The records of one build. `compiler` is the `fingerprint()`.

    A record is a few fields, apart by NUL, which no path can hold; importing a parser for it would cost more than reading it.
    """

    def __init__(self, compiler: str) -> None:
        self.compiler = compiler
        base = os.environ.get("XDG_CACHE_HOME", "")
        # The XDG specification: a relative path is invalid and ignored.
        self.folder = (Path(base) if base.startswith("/") else _home_cache()) / "rbc" / "builds"

    def _path(self, spec: Spec, place: Path) -> Path:
        return self.folder / hashlib.sha256(f"{spec.root}\0{spec.name}\0{place}".encode()).hexdigest()

    def fresh(self, spec: Spec, place: Path) -> bool:
        """Whether `place` (the spec's folder in OUT) holds exactly what a build would write now, and no finding is due."""
        try:
            first, *rest = self._path(spec, place).read_bytes().split(_FIELD)
            count = int(rest[0])
            inputs, outputs, last = rest[1 : 1 + 2 * count], rest[1 + 2 * count : -1], rest[-1]
        except (OSError, ValueError, IndexError):
            return False
        if first != self._head() or last != b"end":
            return False
        for path, expected in _pairs(inputs):
            if (hash_of(Path(os.fsdecode(path))) or "").encode() != expected:
                return False
        expected_outputs = dict(_pairs(outputs))
        for name, content, program in manifest.contents(place):
            expected = expected_outputs.pop(os.fsencode(name), b"")
            if content is None or expected != manifest.digest(content).encode() or program != manifest.executable(name):
                return False
        return not expected_outputs

    def keep(self, spec: Spec, place: Path, inputs: Mapping[Path, str | None], files: Mapping[str, bytes]) -> None:
        """Remember a build that had no findings. A cache that cannot be written is not an error."""
        fields = [self._head(), str(len(inputs)).encode()]
        for path, expected in inputs.items():
            fields += [os.fsencode(path), (expected or "").encode()]
        for name, content in files.items():
            fields += [os.fsencode(name), manifest.digest(content).encode()]
        path = self._path(spec, place)
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = path.with_suffix(f".{os.urandom(4).hex()}")
            beside.write_bytes(_FIELD.join((*fields, b"end")))
            beside.replace(path)

    def _head(self) -> bytes:
        return f"rbc 1 {self.compiler}".encode()

    def prune(self) -> None:
        """Keep the newest records only, so that the cache does not grow for ever."""
        with suppress(OSError):
            records = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
            for path in records[_KEPT:]:
                path.unlink()


def _pairs(fields: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(fields[::2], fields[1::2], strict=False)


def _home_cache() -> Path:
    try:
        return Path("~").expanduser() / ".cache"
    except RuntimeError:  # a user without a home; no record can be kept below a device
        return Path(os.devnull)


def hash_of(path: Path) -> str | None:
    """The hash of a file's bytes as a record keeps it; None where there is no regular file that can be read.

    Never waits (a pipe is not opened) and never reads more than a source may have.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return manifest.digest(file.read(_LARGEST))
    except (OSError, ValueError):
        return None
