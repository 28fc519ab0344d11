"""Moments of a change, seen from its T."""

from __future__ import annotations


def shown(seconds: int) -> str:
    """`T`, `T-24h`, `T+90m`: as a spec says it."""
    amount = abs(seconds)
    unit, letter = next((u, letter) for u, letter in ((3600, "h"), (60, "m"), (1, "s")) if amount % u == 0)
    return "T" if not amount else f"T{'-' if seconds < 0 else '+'}{amount // unit}{letter}"
