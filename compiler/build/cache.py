"""What makes a build with nothing to do fast: a record for each spec of what its outputs were made from.

A record holds the fingerprint of the compiler and its tools, the hash of every file that took part (and the names of those
that were looked for and missing), and the hash of every output. Only if all of it still holds is the spec left alone, so a
record can be lost or damaged without harm: it is then not used. Records hold hashes only, in
`${XDG_CACHE_HOME:-~/.cache}/rbc`; nothing here imports a parser, a template or a subprocess.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from compiler.build import manifest
from compiler.build.inputs import Spec

_PACKAGE = Path(__file__).resolve().parent.parent
_LIBRARIES = ("jinja2", "lark", "yaml")
_TOOLS = ("shellcheck", "shfmt")
_KEPT = 2000
_LARGEST = 16 * 1024 * 1024  # twice what a source may have (compiler.decode)


def fingerprint() -> str:
    """One hash over everything that turns a spec into its outputs: compiler, templates, Python, libraries, tools.

    The compiler's own files count by content; libraries and tools, which are large, by path, size and time of change.
    """
    digest = hashlib.sha256(sys.version.encode())
    templates = _PACKAGE / "_templates"  # in a wheel; beside the package in a checkout
    for root in (_PACKAGE, templates if templates.is_dir() else _PACKAGE.parent / "templates"):
        for path in _files(str(root)):
            digest.update(b"\0" + os.fsencode(path) + b"\0" + Path(path).read_bytes())
    for outside in _outside():
        digest.update(f"\0{outside}\0{_stamp(outside)}".encode())
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in ordered:
        if entry.is_dir():
            if entry.name not in ("__pycache__", "_templates"):
                yield from _files(entry.path)
        elif not entry.name.endswith(".pyc"):
            yield entry.path


def _outside() -> Iterator[Path]:
    for library in _LIBRARIES:
        found = importlib.util.find_spec(library)
        if found is not None and found.origin is not None:
            yield Path(found.origin)
    for tool in _TOOLS:
        beside = Path(sys.executable).parent / tool
        yield beside if beside.exists() else _elsewhere(tool)


def _elsewhere(tool: str) -> Path:
    import shutil
    import sysconfig

    installed = Path(sysconfig.get_path("scripts")) / tool
    return installed if installed.exists() else Path(shutil.which(tool) or tool)


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "missing"
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


class Records:
    """The records of one build. `compiler` is the `fingerprint()`."""

    def __init__(self, compiler: str) -> None:
        self.compiler = compiler
        base = os.environ.get("XDG_CACHE_HOME", "")
        # The XDG specification: a relative path is invalid and ignored.
        self.folder = (Path(base) if base.startswith("/") else _home_cache()) / "rbc" / "builds"

    def _path(self, spec: Spec, place: Path) -> Path:
        return self.folder / (hashlib.sha256(f"{spec.root}\0{spec.name}\0{place}".encode()).hexdigest() + ".json")

    def fresh(self, spec: Spec, place: Path) -> bool:
        """Whether `place` (the spec's folder in OUT) holds exactly what a build would write now, and no finding is due."""
        try:
            record = json.loads(self._path(spec, place).read_bytes())
            if record["compiler"] != self.compiler:
                return False
            if any(hash_of(Path(path)) != expected for path, expected in record["inputs"].items()):
                return False
            outputs = dict(record["outputs"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        for name, content, program in manifest.contents(place):
            if content is None or outputs.pop(name, None) != manifest.digest(content) or program != manifest.executable(name):
                return False
        return not outputs

    def keep(self, spec: Spec, place: Path, inputs: Mapping[Path, str | None], files: Mapping[str, bytes]) -> None:
        """Remember a build that had no findings. A cache that cannot be written is not an error."""
        record = {
            "compiler": self.compiler,
            "inputs": {str(path): expected for path, expected in inputs.items()},
            "outputs": {name: manifest.digest(content) for name, content in files.items()},
        }
        path = self._path(spec, place)
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = path.with_suffix(f".{secrets.token_hex(4)}")
            beside.write_text(json.dumps(record))
            beside.replace(path)

    def prune(self) -> None:
        """Keep the newest records only, so that the cache does not grow for ever."""
        with suppress(OSError):
            records = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
            for path in records[_KEPT:]:
                path.unlink()


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
