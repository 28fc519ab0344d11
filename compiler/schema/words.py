"""Words that are known when a spec is compiled: names, texts, numbers and their units.

Each reader gives the value, or `Wrong`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from compiler.diagnostics import did_you_mean
from compiler.plan.model import Outcome
from compiler.schema import ere
from compiler.schema.wrong import Wrong, short
from compiler.syntax.words import NAME

OPERATORS = (">=", "<=", "=", ">", "<")
SIZE_BYTES: dict[str, int] = {
    "B": 1,
    **{f"{p}B": 1000**n for n, p in enumerate("kMGTP", 1)},
    **{f"{p}iB": 1024**n for n, p in enumerate("KMGTP", 1)},
}
_SIZE = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?(B|[kMGTP]B|[KMGTP]iB)")
_STATUS = re.compile(r"[1-5][0-9][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:[-+~][0-9A-Za-z.]+)*")


def name(text: str) -> str | Wrong:
    """A new name. RB211 where it is none, or one of the script's own."""
    if not NAME.fullmatch(text):
        near = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
        fix = f"write `{near}`" if NAME.fullmatch(near) else None
        return Wrong(f"`{short(text)}` is not a name: small letters, digits and `_`, a letter first", fix, "RB211")
    if text.startswith("rbc_"):
        return Wrong(f"`{text}`: names that begin with `rbc_` belong to the script itself", "choose another name", "RB211")
    return text


def line(text: str) -> str | Wrong:
    """A single line that says something."""
    if not text.strip():
        return Wrong("an empty text says nothing", "write it, or leave the setting out")
    return Wrong("this must be a single line", 'a text of several lines goes into a `note """…"""`') if "\n" in text else text


def prose(text: str) -> str | Wrong:
    """Markdown that says something."""
    return text if text.strip() else Wrong("an empty text says nothing", "write it, or leave the setting out")


def formed(what: str, pattern: str, fix: str | None = None) -> Callable[[str], str | Wrong]:
    """A reader of words that match `pattern` as a whole; `what` completes "is not …"."""
    compiled = re.compile(pattern)

    def read(text: str) -> str | Wrong:
        return text if compiled.fullmatch(text) else Wrong(f"`{short(text)}` is not {what}", fix)

    return read


def pattern(text: str) -> str | Wrong:
    """A POSIX extended regular expression that bash takes and that means what it says (RB210)."""
    bad = ere.refuse(text)
    if bad is not None:
        return Wrong(f"bash refuses this pattern: {bad.message}", "patterns are POSIX extended regular expressions", "RB210")
    odd = ere.trap(text)
    return text if odd is None else Wrong(f"this pattern does not mean what it seems to: {odd}", None, "RB210")


def size(text: str) -> int | Wrong:
    """Bytes."""
    match = _SIZE.fullmatch(text)
    if match is None:
        fix = "say the unit: `MiB`, `GiB`, …" if text.isdigit() else None
        return Wrong(f"`{short(text)}` is not a size such as `500MiB` or `10GiB`", fix)
    unit = SIZE_BYTES[match[3]]
    decimals = match[2] or ""
    return int(match[1] + decimals) * unit // int("1" + "0" * len(decimals))


def percent(text: str) -> int | Wrong:
    """A whole number from 0 to 100."""
    number = text.removesuffix("%")
    if not (text.endswith("%") and number.isascii() and number.isdigit() and len(number) <= 3 and int(number) <= 100):
        return Wrong(f"`{short(text)}` is not a percentage such as `85%`")
    return int(number)


def whole(text: str) -> int | Wrong:
    """A whole number from 0, of 15 digits at the most."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return Wrong(f"`{short(text)}` is not a whole number such as `3`")
    return int(text)


def status(text: str) -> tuple[int, int] | Wrong:
    """The first and the last of a range of HTTP's statuses; twice the same for a single one."""
    first, dash, last = text.partition("-")
    numbers = [int(part) for part in ((first, last) if dash else (first, first)) if _STATUS.fullmatch(part)]
    if len(numbers) == 2 and numbers[0] <= numbers[1]:
        return numbers[0], numbers[1]
    return Wrong(f"`{short(text)}` is not a status of HTTP such as `200`, or a range such as `200-399`")


def port(text: str) -> int | Wrong:
    """A TCP port."""
    number = whole(text)
    return number if isinstance(number, int) and 1 <= number <= 65535 else Wrong(f"`{short(text)}` is not a port from 1 to 65535")


def date(text: str) -> str | Wrong:
    """An ISO date that is in the calendar."""
    if _DATE.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            return Wrong(f"there is no day `{text}`")
    return Wrong(f"`{short(text)}` is not a date such as `2026-02-03`")


def operator(text: str) -> str | Wrong:
    """One of `OPERATORS`."""
    fix = "write `=`" if text == "==" else None
    return text if text in OPERATORS else Wrong(f"`{short(text)}` is not one of `>=`, `<=`, `=`, `>`, `<`", fix)


def version(text: str) -> str | Wrong:
    """Numbers with dots, as written."""
    fix = f"write `{text[1:]}`" if _VERSION.fullmatch(text[1:]) else None
    return text if _VERSION.fullmatch(text) else Wrong(f"`{short(text)}` is not a version such as `24` or `2.26.1`", fix)


def outcome(text: str) -> Outcome | Wrong:
    """How a run ends, in the words of a spec."""
    try:
        return Outcome(text)
    except ValueError:
        known = [o.value for o in Outcome]
        fix = did_you_mean(text, known) or f"one of {', '.join(f'`{o}`' for o in known)}"
        return Wrong(f"`{short(text)}` is not an outcome", fix)
