"""Keeping `rehearsal.json` beside what is built."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from compiler.diagnostics import Diagnostic, Refused
from compiler.emit.rehearsed import NAME


def keep(folder: Path, content: bytes) -> None:
    """Write the file as a whole, so that a build never sees half of it. Raises Refused (RB623) where that cannot be done."""
    beside = folder / f".{NAME}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / NAME)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        what = error.strerror or str(error)
        raise Refused(
            [Diagnostic("RB623", f"cannot write `{folder / NAME}`: {what}", fix="clear the cause, rehearse again")]
        ) from error
