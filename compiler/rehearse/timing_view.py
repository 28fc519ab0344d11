"""The time that a Plan takes, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from compiler.columns import visible, width
from compiler.plan.model import AnyItem
from compiler.rehearse.timing import Allowed, Range, Timing, WayTime, span, why_open

FORMAT = 1
_TITLE = 42  # columns for what is measured; a longer title is cut
_NAMED = 2  # items without a limit that are named beside the sum; more are counted
_WIDTH = 80

Row = tuple[str, str, str]


def text(timings: Iterable[Timing]) -> str:
    """One table a way, and what the budgets have to do with it."""
    return "\n\n".join("\n".join(_lines(this)) for this in timings) + "\n"


def as_json(timings: Iterable[Timing]) -> str:
    """Everything in seconds; `open` are the ids of items without an upper limit, `most` is null where there are any."""
    return json.dumps({"format": FORMAT, "scripts": [_plain(this) for this in timings]}, indent=2, ensure_ascii=False) + "\n"


def _lines(this: Timing) -> Iterator[str]:
    yield f"{this.plan.title} ({this.plan.spec.path})"
    for way in this.ways:
        yield ""
        yield from _table(((way.name or "the way", "at least", "at most"), *_rows(way)))
        for why, items in groupby(sorted(_open(way), key=why_open), key=why_open):
            line = f"no limit, {why}: {', '.join(item.number for item in items)}"
            yield from textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="    ")
        for allowed in this.allowed:
            if allowed.path is way.path:
                yield from textwrap.wrap(_allowed(allowed), _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _rows(way: WayTime) -> Iterator[Row]:
    for phase, takes in way.phases:
        yield f"  {phase.number} {phase.title}", *_takes(takes)
    yield "  the run", *_takes(way.run)
    for back in way.backs:
        yield f"  back {back.label}", *_takes(back.takes)


def _takes(takes: Range) -> tuple[str, str]:
    numbers = list(dict.fromkeys(item.number for item in takes.open))
    more = "".join(f" + {number}" for number in numbers) if len(numbers) <= _NAMED else f" + {len(numbers)} without a limit"
    return span(takes.least), span(takes.known) + more


def _table(rows: Sequence[Row]) -> Iterator[str]:
    shown = [(_cut(visible(first)), second, third) for first, second, third in rows]
    left = max(_width(first) for first, _, _ in shown)
    middle = max(len(second) for _, second, _ in shown)
    for first, second, third in shown:
        yield f"{first}{' ' * (left - _width(first))}  {second:>{middle}}  {third}"


def _cut(line: str) -> str:
    return line if len(line) <= _TITLE else line[: _TITLE - 1] + "…"


def _width(line: str) -> int:
    return sum(map(width, line))


def _open(way: WayTime) -> tuple[AnyItem, ...]:
    """What has no upper limit, each once, in the order of the tables."""
    ranges = (*(takes for _, takes in way.phases), *(back.takes for back in way.backs))
    return tuple(dict.fromkeys(item for takes in ranges for item in takes.open))


def _allowed(this: Allowed) -> str:
    takes, most = this.takes, this.takes.most
    head = f"{'a' if this.what == 'window' else 'the budget of the'} {this.what}: {span(this.seconds)}"
    if this.verdict == "cannot":
        return f"{head}: CANNOT BE KEPT, {span(takes.least)} at least"
    if this.verdict == "fits":
        return f"{head}: kept, {span(most or 0)} at most"
    if takes.known > this.seconds:
        more = " and more" if takes.open else ""
        return f"{head}: MAY BE EXCEEDED, by {span(takes.known - this.seconds)} at the worst{more}"
    numbers = list(dict.fromkeys(item.number for item in takes.open))
    take = f"{', '.join(numbers)} {'takes' if len(numbers) == 1 else 'together take'}"
    return f"{head}: kept if {take} no longer than {span(this.seconds - takes.known)}"


def _plain(this: Timing) -> dict[str, Any]:
    return {
        "spec": this.plan.spec.path,
        "script": this.plan.script,
        "ways": [
            {
                "decisions": dict(way.path.chosen),
                "run": _range(way.run),
                "phases": [{"name": phase.name, "number": phase.number, **_range(takes)} for phase, takes in way.phases],
                "backs": [{"from": None if back.item is None else back.item.id, **_range(back.takes)} for back in way.backs],
                "allowed": [
                    {"what": one.what, "seconds": one.seconds, "verdict": one.verdict, **_range(one.takes)}
                    for one in this.allowed
                    if one.path is way.path
                ],
            }
            for way in this.ways
        ],
    }


def _range(takes: Range) -> dict[str, Any]:
    return {"least": takes.least, "most": takes.most, "known": takes.known, "open": [item.id for item in takes.open]}
