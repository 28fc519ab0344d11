"""Nearest names, in bounded time: comparing spellings is slow, and a broken file can hold very many names."""

from __future__ import annotations

from collections.abc import Collection, Sized

from compiler.diagnostics import did_you_mean

MOST_TOLD = 100  # mistakes of one kind after which no nearest name is looked for
MOST_NAMES = 3000


def nearest_fix(name: str, known: Collection[str], told: Sized) -> str | None:
    """``did you mean `x`?``, or None where nothing is near or looking for it would take too long."""
    return did_you_mean(name, known) if len(told) < MOST_TOLD and len(known) <= MOST_NAMES else None
