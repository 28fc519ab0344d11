"""How long it takes, from the Plan alone: each way, its phases, and the way back from every change; and whether there is time.

Timeouts, retries with their pauses, patience, holds and the timeouts of undos are added up. What is done at once counts one
second. Nothing is measured: what is said here holds for any run that the script does not warn about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic
from compiler.plan import summary, windows
from compiler.plan.model import (
    AnyItem,
    ChooseItem,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    ManualItem,
    Phase,
    Plan,
    Probe,
    StepItem,
    Way,
    walk,
)
from compiler.rehearse.paths import Path, is_change, paths


@dataclass(frozen=True)
class Range:
    """Seconds at least and at most; `open` are the items that have no upper limit, and `most` is None where there is one.

    `known` is what all the others take at most.
    """

    least: int
    known: int
    open: tuple[AnyItem, ...] = ()

    @property
    def most(self) -> int | None:
        """The upper limit, where there is one."""
        return None if self.open else self.known


@dataclass(frozen=True)
class Back:
    """The way back where the run ends at, or right behind, a change; None: the block alone, as `rollback --fresh` runs it."""

    item: StepItem | ManualItem | None
    takes: Range

    @property
    def label(self) -> str:
        """From where, for people."""
        return "by the block alone" if self.item is None else f"from {self.item.number} {self.item.title}"


@dataclass(frozen=True)
class WayTime:
    """One way through the runbook."""

    path: Path
    run: Range  # from T on, as budgets and windows count
    phases: tuple[tuple[Phase, Range], ...]
    backs: tuple[Back, ...]

    @property
    def name(self) -> str:
        """The decisions that matter for it: those of the rollback block only where the way back goes through it."""
        block = {choice.name for choice in walk(self.path.plan.rollback.items)} if self.path.plan.rollback else set()
        forward = {choice.name for phase in self.path.plan.phases for choice in walk(phase.items)}
        through = any(back.item is not None and back.item.back.way is Way.ROLLBACK for back in self.backs)
        taken = (d for d in self.path.decisions if d.choice in forward or (through and d.choice in block))
        return ", ".join(f"{d.choice}={d.option}" for d in taken)

    @property
    def longest(self) -> Back | None:
        """The longest way back."""
        return max(self.backs, key=lambda back: (back.takes.known, len(back.takes.open)), default=None)


@dataclass(frozen=True)
class Allowed:
    """A budget or a window, and what it must hold on one way."""

    what: str  # run, window, phase NAME, rollback
    seconds: int
    takes: Range
    path: Path

    @property
    def verdict(self) -> str:
        """`fits`; `may not` (more at the most, or without limit); `cannot` (more at the least)."""
        if self.takes.least > self.seconds:
            return "cannot"
        return "fits" if self.takes.most is not None and self.takes.most <= self.seconds else "may not"


@dataclass(frozen=True)
class Timing:
    """Everything that can be said about the time that a Plan takes."""

    plan: Plan
    ways: tuple[WayTime, ...]
    allowed: tuple[Allowed, ...]


def timing(plan: Plan) -> Timing:
    """The time of every way that is rehearsed, the default one first."""
    probes = {probe.name: probe for probe in plan.probes}
    ways = tuple(_way(path, probes) for path in paths(plan))
    return Timing(plan, ways, tuple(allowed for way in ways for allowed in _allowed(plan, way)))


def findings(this: Timing) -> tuple[Diagnostic, ...]:
    """RB629 for each way whose way back does not fit into the rollback's budget by its own timeouts.

    A run that cannot fit is an error of the compiler (RB523). One that may take longer than its budget is shown and no error:
    that budget is a plan, and the script says when it is exceeded. A rollback's is a promise, made for the worst moment.
    """
    block = this.plan.rollback
    if block is None or block.budget is None:
        return ()
    found = []
    for way in this.ways:
        worst = way.longest
        if worst is not None and worst.takes.known > block.budget:
            takes = f"{span(worst.takes.known)}{' and more' if worst.takes.open else ''}"
            where = worst.label + (f" ({way.name})" if way.name else "")
            message = f"the way back {where} may take {takes}, but the rollback's budget is {span(block.budget)}"
            fix = "shorten the timeouts of `undo`, of the rollback's steps or of `verify`, or allow more time"
            found.append(Diagnostic("RB629", message, block.budget_span or block.span, fix))
    return tuple(found)


def _way(path: Path, probes: Mapping[str, Probe]) -> WayTime:
    taken = {phase.name: tuple(_taken(phase.items, path)) for phase in path.plan.phases}
    phases = tuple((phase, _phase(phase, taken[phase.name], probes)) for phase in path.plan.phases)
    return WayTime(path, _from_t(phases), phases, tuple(_backs(path, [i for items in taken.values() for i in items], probes)))


def _taken(items: Iterable[AnyItem], path: Path) -> Iterator[AnyItem]:
    """What stands on a way, without the choices themselves; a guard stays whole."""
    for item in items:
        if isinstance(item, ChooseItem):
            for option in item.options:
                if path.chosen.get(item.name) == option.name:
                    yield from _taken(option.items, path)
        else:
            yield item


def _phase(phase: Phase, items: tuple[AnyItem, ...], probes: Mapping[str, Probe]) -> Range:
    takes = _range(items, probes)
    if phase.condition is None:
        return takes
    return Range(summary.A_COMMAND, takes.known + probes[phase.condition.probe].timeout, takes.open)


def _range(items: Iterable[AnyItem], probes: Mapping[str, Probe]) -> Range:
    known = 0
    without: list[AnyItem] = []
    items = tuple(items)
    for item in items:
        most = summary.most_of((item,), probes)
        known += summary.least_of((item,)) if most is None else most
        without += [item] if most is None else []
    return Range(summary.least_of(items), known, tuple(without))


def _from_t(phases: Iterable[tuple[Phase, Range]]) -> Range:
    """The earliest and the latest end; what is prepared before T does not count, waiting for `T+1h` does."""
    least, known = 0, 0
    without: list[AnyItem] = []
    for phase, takes in phases:
        begin = phase.at or 0
        if begin >= 0:
            least, known = max(least, begin) + takes.least, max(known, begin) + takes.known
            without += takes.open
    return Range(least, known, tuple(without))


def _backs(path: Path, items: Iterable[AnyItem], probes: Mapping[str, Probe]) -> Iterator[Back]:
    """From each change: everything that has started is taken back, the block where one of it asks for that, then the proof."""
    started: list[StepItem | ManualItem] = []
    block = tuple(_taken(path.plan.rollback.items, path)) if path.plan.rollback else ()
    for item in items:
        for change in item.items if isinstance(item, GuardedItem) else (item,):
            if not (isinstance(change, StepItem | ManualItem) and is_change(change)):
                continue
            started.append(change)
            asked = any(one.back.way is Way.ROLLBACK for one in started)
            after = _range((*(block if asked else ()), *path.verify), probes)
            undos = [one for one in started if one.back.way is Way.UNDO]
            most = {one.id: summary.most_undo((one,)) for one in undos}
            without = (*(one for one in reversed(undos) if most[one.id] is None), *after.open)
            least = len(undos) * summary.A_COMMAND + after.least
            known = sum(most[one.id] or summary.A_COMMAND for one in undos) + after.known
            yield Back(change, Range(least, known, without))
    if block:
        yield Back(None, _range((*block, *path.verify), probes))


def _allowed(plan: Plan, way: WayTime) -> Iterator[Allowed]:
    if plan.meta.budget is not None:
        yield Allowed("run", plan.meta.budget, way.run, way.path)
    for window in plan.meta.windows:
        yield Allowed("window", windows.length(window), way.run, way.path)
    for phase, takes in way.phases:
        if phase.budget is not None:
            yield Allowed(f"phase {phase.name}", phase.budget, takes, way.path)
    if plan.rollback is not None and plan.rollback.budget is not None and way.longest is not None:
        yield Allowed("rollback", plan.rollback.budget, way.longest.takes, way.path)


def why_open(item: AnyItem) -> str:
    """Why an item has no upper limit."""
    if isinstance(item, ConfirmItem | ManualItem) or (isinstance(item, StepItem) and item.interactive):
        return "waits for a person"
    return "a parameter says how long" if isinstance(item, HoldItem) else "has no timeout"


def span(seconds: int) -> str:
    """`1 h 30 min`, `45 s`: for people."""
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 s"
