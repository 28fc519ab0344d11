"""What a person reads when rbc itself is at fault: one paragraph, with what to report."""

from __future__ import annotations

import platform
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from compiler.version import __version__

_PACKAGE = Path(__file__).resolve().parent.parent


def explain(error: BaseException) -> str:
    """The paragraph for an exception that should not have left the compiler."""
    places = [
        f"{file.relative_to(_PACKAGE).as_posix()}:{line}"
        for file, line in _frames(error)
        if file.is_relative_to(_PACKAGE / "compiler")
    ]
    text = " ".join(str(error).split())[:300]
    return (
        f"rbc: internal error: {type(error).__name__}{': ' if text else ''}{text}\n"
        "This is a fault of rbc, not of your spec; what was built before is unchanged.\n"
        "Please report it with the spec and these lines:\n"
        f"  rbc {__version__}, Python {platform.python_version()}, {sys.platform}\n"
        f"  {' < '.join(reversed(places[-8:])) or 'outside of the compiler'}"
    )


def _frames(error: BaseException) -> Iterator[tuple[Path, int | None]]:
    for frame in traceback.extract_tb(error.__traceback__):
        yield Path(frame.filename), frame.lineno
    # What happened in another process comes with its frames as text (concurrent.futures).
    for file, line in re.findall(r'File "([^"]+)", line (\d+)', str(error.__cause__ or "")):
        yield Path(file), int(line)
