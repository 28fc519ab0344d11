"""What a person reads when rbc itself is at fault: one paragraph, with what to report."""

from __future__ import annotations

import platform
import sys
import traceback
from pathlib import Path

from compiler.version import __version__

_PACKAGE = Path(__file__).resolve().parent.parent


def explain(error: BaseException) -> str:
    """The paragraph for an exception that should not have left the compiler."""
    places = []
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(_PACKAGE / "compiler"):
            places.append(f"{file.relative_to(_PACKAGE).as_posix()}:{frame.lineno}")
    text = " ".join(str(error).split())[:300]
    return (
        f"rbc: internal error: {type(error).__name__}{': ' if text else ''}{text}\n"
        "This is a fault of rbc, not of your spec; what was built before is unchanged.\n"
        "Please report it with the spec and these lines:\n"
        f"  rbc {__version__}, Python {platform.python_version()}, {sys.platform}\n"
        f"  {' < '.join(reversed(places[-8:])) or 'outside of the compiler'}"
    )
