"""Which specs a command line names: files as they are, folders walked.

A walk is the same on every machine: sorted by name, hidden entries and symbolic links left out (so there is no loop and
nothing outside of the folder). A file that is named itself may be a link: it is the spec that it points to. A spec reached
twice is taken once.

The types here are named tuples: they come into being faster than data classes, and a build with nothing to do counts in
milliseconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from compiler.root import find_root

if TYPE_CHECKING:  # imported where something is wrong: a build with nothing to do does not pay for it
    from compiler.diagnostics import Diagnostic

SUFFIX = ".rb"


class Spec(NamedTuple):
    """One file to compile: its real path, its project's root, and its name inside the project (with `/`)."""

    path: Path
    root: Path
    name: str


class Inputs(NamedTuple):
    """What the arguments come to. `folders` are the folder arguments: only below them can something be left over."""

    specs: tuple[Spec, ...]
    folders: tuple[Path, ...]


def collect(paths: Iterable[Path]) -> Inputs:
    """All specs below the paths, each once, in the order of the arguments.

    Raises:
        Refused: RB601 (no such file, or not a spec), RB602 (no spec found), RB603 (a folder that cannot be read or a name
            that cannot be shown).
    """
    found: dict[Path, Spec] = {}
    folders: list[Path] = []
    wrong: list[Diagnostic] = []
    for path in paths:
        if path.is_dir():
            folders.append(path.resolve())
            files = list(_walk(path, wrong))
            if not files and not wrong:
                wrong.append(_wrong("RB602", f"no spec found below `{path}`", fix=f"a spec's name ends in `{SUFFIX}`"))
        elif path.is_file() and path.suffix == SUFFIX:
            files = [path]
        elif path.is_file():
            wrong.append(_wrong("RB601", f"`{path}` is not a spec", fix=f"a spec's name ends in `{SUFFIX}`"))
            continue
        else:
            wrong.append(_wrong("RB601", f"there is no file or folder `{path}`", fix="check the path"))
            continue
        for file in files:
            if not str(file).isprintable():
                shown = ascii(str(file))
                wrong.append(_wrong("RB603", f"the file name {shown} holds characters that cannot be shown", fix="rename it"))
                continue
            absolute = file.resolve()
            root = find_root(absolute)
            found.setdefault(absolute, Spec(absolute, root, absolute.relative_to(root).as_posix()))
    if wrong:
        from compiler.diagnostics import Refused

        raise Refused(wrong)
    return Inputs(tuple(found.values()), tuple(folders))


def _walk(folder: Path, wrong: list[Diagnostic]) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        wrong.append(_wrong("RB603", f"the folder `{folder}` cannot be read: {error.strerror}", fix="check its permissions"))
        return
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), wrong)
        elif entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _wrong(code: str, message: str, fix: str) -> Diagnostic:
    from compiler.diagnostics import Diagnostic

    return Diagnostic(code, message, fix=fix)
