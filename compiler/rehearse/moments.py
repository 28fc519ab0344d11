"""When a rehearsal begins: the same on every machine, and inside of a window or outside of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from compiler.plan.model import Window

# 2026-01-05T02:00:00Z, a Monday, in microseconds.
BEGIN = 1_767_578_400_000_000
_MINUTE = 60_000_000
_WEEK = 8 * 24 * 60  # minutes, and a day more: windows may begin in any zone
_MARGIN = 5  # minutes between a beginning outside and the next window


def begin(windows: Sequence[Window]) -> int:
    """Inside of a window where the runbook has some, when it opens; microseconds since the epoch."""
    return _first(lambda moment: any(_opens(window, moment) for window in windows)) or BEGIN


def outside(windows: Sequence[Window]) -> int | None:
    """Outside of every window, or None where there is no such time, or no window."""
    if not windows:
        return None

    def closed(moment: int) -> bool:
        return not any(_open(window, moment + minute * _MINUTE) for window in windows for minute in range(_MARGIN))

    return _first(closed)


def _first(holds: Callable[[int], bool]) -> int | None:
    moments = (BEGIN + minute * _MINUTE for minute in range(_WEEK))
    return next((moment for moment in moments if holds(moment)), None)


def _there(window: Window, moment: int) -> tuple[int, int]:
    """Day of the week (1 is Monday) and minute of the day, where the window is."""
    there = datetime.fromtimestamp(moment / 1_000_000, UTC).astimezone(ZoneInfo(window.zone))
    return there.isoweekday(), there.hour * 60 + there.minute


def _opens(window: Window, moment: int) -> bool:
    day, minute = _there(window, moment)
    return day in window.days and minute == window.start


def _open(window: Window, moment: int) -> bool:
    day, minute = _there(window, moment)
    if window.start < window.end:
        return day in window.days and window.start <= minute < window.end
    before = 7 if day == 1 else day - 1
    return (day in window.days and minute >= window.start) or (before in window.days and minute < window.end)
