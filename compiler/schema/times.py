"""Times: durations, times seen from T, days and hours of a maintenance window."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compiler.schema.wrong import Wrong, short

_MOMENT = re.compile(r"T(?:([+-])([0-9]+[a-z]*))?")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]|24(?=:00)):([0-5][0-9])")
_DURATION = re.compile(r"([0-9]{1,9})(s|m|h|d)")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> int | Wrong:
    """Seconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        fix = "say the unit: `s`, `m`, `h` or `d`" if text.isdigit() else None
        if "$" in text:
            fix = "a `$name` cannot stand here: this duration is needed when the spec is compiled"
        return Wrong(f"`{short(text)}` is not a duration such as `5s`, `15m`, `2h` or `1d`", fix)
    seconds = int(match[1]) * UNIT_SECONDS[match[2]]
    return seconds or Wrong(f"`{text}` is no time at all", "say at least `1s`")


def moment(text: str) -> int | Wrong:
    """Seconds from T."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return Wrong(f"`{short(text)}` is not a time seen from T such as `T`, `T-24h` or `T+30m`")
    if match[1] is None:
        return 0
    seconds = duration(match[2])
    if isinstance(seconds, Wrong):
        return seconds
    return -seconds if match[1] == "-" else seconds


def days(text: str) -> frozenset[int] | Wrong:
    """Days of the week, 1 Monday to 7 Sunday."""
    if text == "daily":
        return frozenset(range(1, 8))
    first, dash, last = text.partition("-")
    named = [WEEKDAYS.index(name) + 1 for name in ((first, last) if dash else (first,)) if name in WEEKDAYS]
    if len(named) != (2 if dash else 1):
        near = "-".join(part[:3].capitalize() for part in text.split("-"))
        fix = f"write `{near}`" if near != text and all(part in WEEKDAYS for part in near.split("-")) else None
        return Wrong(f"`{short(text)}` is not a day such as `Sun`, a range such as `Mon-Fri`, or `daily`", fix)
    start, end = named[0], named[-1]
    return frozenset(day % 7 + 1 for day in range(start - 1, end + (7 if end < start else 0)))


@dataclass(frozen=True)
class Hours:
    """A part of a day, in minutes from midnight; an `end` that is not after `start` is on the next day."""

    start: int
    end: int


def hours(text: str) -> Hours | Wrong:
    """A part of a day."""
    match = _HOURS.fullmatch(text)
    if match is None:
        return Wrong(f"`{short(text)}` is not a part of a day such as `02:00-04:00`", "two digits each, 24 hours a day")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if start == end:
        return Wrong(f"`{text}` is no time at all", "the whole day is `00:00-24:00`")
    return Hours(start, end)
