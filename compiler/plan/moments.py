"""Times as people read them: moments of a change, seen from its T, and how long something takes."""

from __future__ import annotations


def shown(seconds: int) -> str:
    """`T`, `T-24h`, `T+90m`: as a spec says it."""
    amount = abs(seconds)
    unit, letter = next((u, letter) for u, letter in ((3600, "h"), (60, "m"), (1, "s")) if amount % u == 0)
    return "T" if not amount else f"T{'-' if seconds < 0 else '+'}{amount // unit}{letter}"


def duration(seconds: int) -> str:
    """`2 min 30 s`, `1 h`, `0 s`: hours, minutes and seconds, those that are not zero. The same in every language."""
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 s"
