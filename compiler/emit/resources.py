"""The files that ship with the compiler: templates, runtime pieces, sentences.

In a wheel they are `compiler/_templates`, in a checkout `templates/` beside `compiler/`. They are part of the compiler, like its
modules: reading them is no input of a build. Each is read once in a process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class File:
    """One file that ships with the compiler. `name` is its path below the template folder, with `/`; LF only."""

    name: str
    text: str = field(repr=False)


@cache
def folder() -> Path:
    """The template folder."""
    shipped = _PACKAGE / "_templates"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "templates"


@cache
def read(name: str) -> File:
    """A file by its path below the template folder: `bash/script.sh.j2`, `runtime/text.sh`, `locale/script.de.yaml`.

    Raises FileNotFoundError for a name that does not ship: a mistake in the compiler, never in a spec.
    """
    path = folder().joinpath(*name.split("/"))
    if ".." in name.split("/") or not path.is_file():
        raise FileNotFoundError(f"no such file in the compiler's templates: {name}")
    return File(name, path.read_text(encoding="utf-8"))


def names(below: str, suffix: str = "") -> list[str]:
    """The files below a folder (`bash`, `runtime`) whose names end in `suffix`, sorted, as paths for `read`."""
    root = folder()
    found = (path for path in root.joinpath(*below.split("/")).rglob(f"*{suffix}") if path.is_file())
    return sorted(path.relative_to(root).as_posix() for path in found)
