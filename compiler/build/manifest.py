"""`manifest.json`: what was built from what, by which tools, with which verdict.

It holds no clock, host, user or path of a machine, so equal inputs give equal bytes.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

NAME = "manifest.json"
FORMAT = 1


class Manifest(NamedTuple):
    """What a manifest says: the spec's name in the project, and the SHA-256 of each output by its path in the folder."""

    spec: str
    outputs: Mapping[str, str]


def digest(content: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(content).hexdigest()


def render(
    spec: str, sources: Mapping[str, str], outputs: Mapping[str, bytes], *, compiler: str, shellcheck: str, verdict: str
) -> bytes:
    """The manifest of one folder.

    `sources` maps each source's name to the SHA-256 of its normalised text, `outputs` each file's path in the folder to
    its content.
    """
    import json

    document = {
        "format": FORMAT,
        "spec": spec,
        "compiler": compiler,
        "shellcheck": shellcheck,
        "verdict": verdict,
        "sources": dict(sorted(sources.items())),
        "outputs": {name: digest(content) for name, content in sorted(outputs.items())},
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def read(folder: Path) -> Manifest | None:
    """The manifest in a folder, or None where there is none that is ours and whole. Never waits: a pipe is not opened."""
    import json  # a build with nothing to do compares records, and needs no manifest

    path = folder / NAME
    try:
        if not path.is_file():
            return None
        document = json.loads(path.read_bytes())
        outputs = document["outputs"]
        if document["format"] != FORMAT or not all(isinstance(v, str) for v in (document["spec"], *outputs.values())):
            return None
        return Manifest(document["spec"], dict(outputs))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def executable(name: str) -> bool:
    """Whether an output is a program: the scripts, and nothing else."""
    return name.endswith(".sh")


def contents(folder: Path) -> Iterator[tuple[str, bytes | None, bool]]:
    """Every entry below a folder but plain folders, sorted: path with `/`, content, whether its owner may execute it.

    The content is None for what is no regular file (a symbolic link, a pipe) or cannot be read.
    """
    yield from _contents(folder, "")


def _contents(folder: Path, prefix: str) -> Iterator[tuple[str, bytes | None, bool]]:
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError:
        yield prefix.rstrip("/") or ".", None, False
        return
    for entry in ordered:
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _contents(folder / entry.name, name + "/")
            continue
        content, mode = None, 0
        if entry.is_file(follow_symlinks=False):
            try:
                content, mode = (folder / entry.name).read_bytes(), entry.stat(follow_symlinks=False).st_mode
            except OSError:
                content = None
        yield name, content, bool(mode & stat.S_IXUSR)
