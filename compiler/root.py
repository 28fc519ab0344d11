"""Where a project begins. Apart from reading its files, because a build with nothing to do needs only this."""

from __future__ import annotations

import os
from pathlib import Path

MARKERS = ("rbc.toml", "pyproject.toml", ".git")


def find_root(path: Path) -> Path:
    """The project of a spec: the nearest folder upward with `rbc.toml`, `pyproject.toml` or `.git`, else the spec's own folder.

    `path` is a file or a folder and need not exist. Never raises; a folder that cannot be looked into has no marker.
    """
    start = real_path(path)
    own = start if _is_folder(start) else start.parent
    return next((folder for folder in (own, *own.parents) if any(os.path.lexists(folder / m) for m in MARKERS)), own)


def real_path(path: Path) -> Path:
    """The path without symbolic links, existing or not; never raises (`read` says what is wrong with a path)."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path.absolute()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
