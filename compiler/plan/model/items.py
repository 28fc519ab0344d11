"""What stands in a phase, numbered, and how each change goes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeGuard

from compiler.plan.model.checks import Patience, ProbeUse
from compiler.plan.model.paths import Decision
from compiler.plan.model.text import Body, Value
from compiler.source import Span


class Way(Enum):
    """How the way back of a change goes."""

    UNDO = "undo"  # shell, or a task for a person
    NOTHING = "nothing"  # nothing is to be undone, and why
    ROLLBACK = "rollback"  # the rollback block covers it
    IRREVERSIBLE = "irreversible"
    READONLY = "readonly"  # not a change at all


@dataclass(frozen=True)
class WayBack:
    """The way back of one change. `timeout` in seconds."""

    way: Way
    body: Body | None = None  # UNDO of a step
    text: str | None = None  # why (NOTHING, IRREVERSIBLE, READONLY), or the task in words (UNDO of a manual)
    timeout: int | None = None
    span: Span | None = None
    symbol: str | None = None  # undo_leitstand_up


@dataclass(frozen=True)
class Condition:
    """`unless PROBE` / `when PROBE`: asked once, without patience, recorded, kept by a resume."""

    holds: bool  # True: only when the probe holds (`when`); False: only unless it holds
    probe: str
    span: Span


@dataclass(frozen=True, kw_only=True)
class Item:
    """What stands in a phase, numbered. `id` is the path, `name` its last word, unique enough for people."""

    id: str  # update.strategy.image.leitstand_up
    name: str
    number: str  # 2.1a.3
    title: str
    span: Span
    path: tuple[Decision, ...]
    note: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class CheckItem(Item):
    """One probe of a `check` statement (a statement with four probes is four items)."""

    use: ProbeUse


@dataclass(frozen=True, kw_only=True)
class StepItem(Item):
    """Commands that change something. `timeout` and `retry_every` in seconds."""

    symbol: str  # step_leitstand_up
    body: Body
    dir: Value | None
    timeout: int | None
    retry: int  # further tries
    retry_every: int
    back: WayBack
    optional: str | None
    verify: tuple[ProbeUse, ...]
    diagnose: tuple[Body, ...]
    trouble: tuple[str, ...]
    reads: tuple[str, ...]  # parameters and captures used by body or undo
    interactive: bool = False  # talks to the terminal, is not logged
    guarded: str | None = None  # the id of the `guarded` block that holds it


@dataclass(frozen=True, kw_only=True)
class JobItem(StepItem):
    """A step that is a job of an automation: `title` is its template's name there, `body` starts it and prints the task's id."""

    automation: str
    functions: str  # how the automation's functions and variables begin: `semaphore`
    watch: Patience


@dataclass(frozen=True, kw_only=True)
class CaptureItem(Item):
    """What a command prints, kept as a variable. `timeout` in seconds."""

    symbol: str  # capture_leitstand_before
    variable: str
    integer: bool
    matches: str | None
    empty: bool  # may be empty (only the compiler's own records)
    body: Body
    dir: Value | None
    timeout: int
    reads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConfirmItem(Item):
    """`title` is the question."""

    checks: tuple[ProbeUse, ...]
    show: tuple[str, ...]
    other: bool = False  # `by other`: answered by another user than started the run


@dataclass(frozen=True, kw_only=True)
class ManualItem(Item):
    """A person does it and confirms; `show` are printed above the question."""

    back: WayBack
    show: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HoldItem(Item):
    """Watch for a time: each look is one try; more than `tolerate` failed looks in a row fail the phase."""

    duration: Value  # seconds, or a duration parameter's `$name`
    watch: tuple[str, ...]  # probes
    every: int
    tolerate: int


@dataclass(frozen=True, kw_only=True)
class BackgroundItem(Item):
    """Shell that runs beside the phase; always stopped at the phase's end and at any exit."""

    symbol: str  # background_server
    body: Body
    dir: Value | None
    until: ProbeUse | None  # the run goes on when it holds
    reads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GuardedItem(Item):
    """Steps that undo themselves unless confirmed within `duration` seconds, from a new login, with `accept NAME`."""

    duration: int
    items: tuple[StepItem, ...]


@dataclass(frozen=True)
class Option:
    """One of the paths of a choice, with what stands only on it."""

    name: str
    letter: str
    title: str
    default: bool
    items: tuple[AnyItem, ...]
    span: Span
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChooseItem(Item):
    """A decision; the same `name` again is the same decision."""

    option: str  # "--strategy"
    options: tuple[Option, ...]


AnyItem = CheckItem | StepItem | CaptureItem | ConfirmItem | ManualItem | ChooseItem | HoldItem | BackgroundItem | GuardedItem


Change = StepItem | ManualItem


def is_change(item: AnyItem) -> TypeGuard[Change]:
    """Whether it changes something: a step or a person's task, unless it is `readonly`."""
    return isinstance(item, Change) and item.back.way is not Way.READONLY


def asked(item: AnyItem) -> tuple[ProbeUse, ...]:
    """The probes that an item asks, in order. Each look of a `hold` is one try."""
    match item:
        case CheckItem():
            return (item.use,)
        case ConfirmItem():
            return item.checks
        case StepItem():
            return item.verify
        case HoldItem():
            return tuple(ProbeUse(probe, None, item.span) for probe in item.watch)
        case BackgroundItem():
            return () if item.until is None else (item.until,)
        case _:
            return ()


def walk(items: tuple[AnyItem, ...]) -> Iterator[AnyItem]:
    """All items in order, a choice or a guard before what it holds."""
    for item in items:
        yield item
        if isinstance(item, ChooseItem):
            for option in item.options:
                yield from walk(option.items)
        elif isinstance(item, GuardedItem):
            yield from item.items
