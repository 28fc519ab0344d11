"""An audit log for people: one row a record, in columns, with everything that a terminal would act on made visible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from compiler.audit.chain import Line
from compiler.columns import visible, width

COLUMNS = ("time", "who", "event", "step", "outcome", "duration", "by", "why")
_BLOCK = 1000  # rows whose columns are laid out together: a log of any length is shown in bounded memory
_WIDEST = 40  # a cell that is wider pushes the rest of its row, and no other row
_SHOWN = 200  # characters of a line that is no record

Words = Mapping[str, str]  # templates/locale/audit.LANG.yaml with the outcomes of outcome.LANG.yaml


def table(log: Iterable[Line], words: Words) -> Iterator[str]:
    """The lines to print: which run it is, the columns' names, a row a record. Lines that are no record are shown as such."""
    rows = _rows(log, words)
    header: list[tuple[str, ...]] = [tuple(words[f"column.{name}"] for name in COLUMNS)]
    while block := list(islice(rows, _BLOCK)):
        cells = [row for row in block if not isinstance(row, str)]
        widths = [min(_WIDEST, max((_width(row[i]) for row in header + cells), default=0)) for i in range(len(COLUMNS))]
        for row in block:
            if isinstance(row, str):
                yield row
                continue
            if header:
                yield _laid_out(header.pop(), widths)
            yield _laid_out(row, widths)


def _rows(log: Iterable[Line], words: Words) -> Iterator[tuple[str, ...] | str]:
    told: dict[str, object] = {}
    for line in log:
        record = _record(line)
        if record is None:
            start = line.text[: 4 * _SHOWN].decode("utf-8", "surrogateescape")[:_SHOWN]
            yield words["no_record"].format(line=line.number, text=visible(start) or "…")
            continue
        about = {key: record.get(key) for key in ("run", "host", "script")}
        if about != told:
            told = about
            yield words["about"].format(**{key: _text(value) for key, value in about.items()})
        yield _row(record, words)


def _record(line: Line) -> Mapping[str, object] | None:
    if not line.ended:
        return None
    try:
        found = json.loads(line.text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "event" in found else None


def _row(record: Mapping[str, object], words: Words) -> tuple[str, ...]:
    event = _text(record.get("event"))
    user, sudo = _text(record.get("user")), _text(record.get("sudo_user"))
    return (
        _text(record.get("time"))[:19].replace("T", " "),
        f"{sudo} → {user}" if sudo else user,
        words.get(f"event.{event}", event),
        _text(record.get("step")),
        _outcome(record, words),
        _duration(record.get("duration"), words["decimal"]),
        _text(record.get("by")),
        _text(record.get("why")),
    )


def _outcome(record: Mapping[str, object], words: Words) -> str:
    """`good`, `failed (1)`; where a run ends or pauses its outcome in words; a way back by itself has taken the run back."""
    code = _text(record.get("exit"))
    if not code:
        return ""
    if record.get("event") in ("end", "pause"):
        outcome = "4" if code == "0" and record.get("why") == "rollback" else code
        return words["outcome.end"].format(word=words.get(f"outcome.{outcome}", "?"), exit=code)
    return words["outcome.good"] if code == "0" else words["outcome.bad"].format(exit=code)


def _duration(microseconds: object, decimal: str) -> str:
    """`0.3 s`, `2 min 05 s`, `1 h 02 min`: as the script writes it."""
    if not isinstance(microseconds, int) or isinstance(microseconds, bool):
        return _text(microseconds)
    tenths = (microseconds + 50_000) // 100_000
    seconds = tenths // 10
    if seconds < 60:
        return f"{seconds}{decimal}{tenths % 10} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def _text(value: object) -> str:
    """Any JSON value as one visible line."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return visible(text)


def _width(text: str) -> int:
    return sum(map(width, text))


def _laid_out(row: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell + " " * max(0, wide - _width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
