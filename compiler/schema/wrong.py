"""Why a word is not what it should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """Why a word is not of a type: the cause, and what to do about it."""

    message: str
    fix: str | None = None
    code: str = "RB209"


def short(text: str) -> str:
    """The word on one line, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "…"
