"""What stands in a runbook for people only. Prose is Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.plan.model.text import Body
from compiler.source import Span


@dataclass(frozen=True)
class Fix:
    """`text` or `body`, never both."""

    text: str | None
    body: Body | None


@dataclass(frozen=True)
class Trouble:
    """What can go wrong: how it shows, why, and what to do, each in the order written."""

    name: str
    title: str
    symptoms: tuple[str, ...]
    causes: tuple[str, ...]
    fixes: tuple[Fix, ...]
    span: Span


@dataclass(frozen=True)
class Checklist:
    """Lines to tick."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A chapter in the author's own words."""

    title: str
    text: str


@dataclass(frozen=True)
class Assumption:
    """An entry of `values` that its author explains: what the spec takes for granted."""

    name: str  # limits.disk_used
    value: str
    note: str


@dataclass(frozen=True)
class Window:
    """`window Sun 02:00-04:00 Europe/Berlin`. Minutes of the day; an end before the start is on the next day."""

    days: tuple[int, ...]  # 1 Monday … 7 Sunday
    start: int
    end: int
    zone: str


@dataclass(frozen=True)
class Meta:
    """The `runbook` statement."""

    name: str
    title: str
    lang: str  # en, de
    id: str | None = None
    doc_class: str | None = None
    status: str | None = None
    updated: str | None = None  # ISO date
    owner: str | None = None
    audience: str | None = None
    scope: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    principles: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    drift: str | None = None
    windows: tuple[Window, ...] = ()  # when it may run
    budget: int | None = None  # seconds, how long it may take
