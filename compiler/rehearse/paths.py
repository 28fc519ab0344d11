"""The ways through a runbook, and what each item on a way asks of the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CaptureItem,
    CheckItem,
    ChooseItem,
    ConfirmItem,
    Decision,
    HoldItem,
    ManualItem,
    Phase,
    Plan,
    StepItem,
    Way,
    walk,
)

AT_MOST = 8  # ways rehearsed whole; beyond it each option is taken at least once
GOOD_RUNS = 256  # ways of which at least the good run is rehearsed


@dataclass(frozen=True)
class Path:
    """One way: the decisions taken, those of the rollback block included, and the items on it in the order of the run."""

    plan: Plan
    decisions: tuple[Decision, ...]

    @cached_property
    def chosen(self) -> Mapping[str, str]:
        """The option of each decision."""
        return {decision.choice: decision.option for decision in self.decisions}

    @cached_property
    def phases(self) -> Mapping[str, Phase]:
        """The phase of each item on the way, by the item's id."""
        return {item.id: phase for phase in self.plan.phases for item in walk(phase.items) if self.on(item)}

    @cached_property
    def items(self) -> tuple[AnyItem, ...]:
        """What runs forward, without the choices themselves."""
        found = (item for phase in self.plan.phases for item in walk(phase.items))
        return tuple(item for item in found if self.on(item) and not isinstance(item, ChooseItem))

    @cached_property
    def block(self) -> tuple[AnyItem, ...]:
        """The rollback block's own items."""
        found = walk(self.plan.rollback.items) if self.plan.rollback else ()
        return tuple(item for item in found if self.on(item) and not isinstance(item, ChooseItem))

    @property
    def verify(self) -> tuple[CheckItem, ...]:
        """What proves the way back."""
        return self.plan.rollback.verify if self.plan.rollback else ()

    @cached_property
    def name(self) -> str:
        """`strategy=image`, for people and as a part of keys; empty where nothing is chosen."""
        return ",".join(f"{d.choice}={d.option}" for d in self.decisions)

    def on(self, item: AnyItem) -> bool:
        """Whether an item is on this way."""
        return all(self.chosen.get(d.choice) == d.option for d in item.path)


def is_change(item: AnyItem) -> bool:
    """Whether an item changes something: a step or a task that is not `readonly`."""
    return isinstance(item, StepItem | ManualItem) and item.back.way is not Way.READONLY


def calls(item: AnyItem, plan: Plan) -> tuple[str, ...]:
    """The functions of the world that an item calls when all goes well, in order, each once."""
    match item:
        case CheckItem():
            return (plan.probe(item.use.probe).symbol,)
        case CaptureItem():
            return (item.symbol,)
        case StepItem():
            return (item.symbol, *(plan.probe(use.probe).symbol for use in item.verify))
        case ConfirmItem():
            return tuple(plan.probe(use.probe).symbol for use in item.checks)
        case HoldItem():
            return tuple(plan.probe(name).symbol for name in item.watch)
        case BackgroundItem():
            return (item.symbol, *((plan.probe(item.until.probe).symbol,) if item.until else ()))
        case _:
            return ()


def paths(plan: Plan) -> tuple[Path, ...]:
    """The ways that are rehearsed, the default one first.

    Every combination of what can be chosen on the way forward, with the rollback's defaults; where these are more than
    `AT_MOST`, the default way and, for each further option, one way that takes it.
    """
    ways = _ways(plan)
    if len(ways) > AT_MOST:
        kept = [ways[0]]
        for way in ways:
            if set(way.decisions) - {d for other in kept for d in other.decisions}:
                kept.append(way)
        return tuple(kept)
    return ways


def other_paths(plan: Plan) -> tuple[Path, ...]:
    """The ways of which only the good run is rehearsed: all that `paths` leaves out, up to `GOOD_RUNS`."""
    whole = paths(plan)
    return tuple(way for way in _ways(plan) if way not in whole)


def _ways(plan: Plan) -> tuple[Path, ...]:
    """Every combination of what can be chosen on the way forward, in the order of the Plan, up to `GOOD_RUNS`."""
    forward = [item for phase in plan.phases for item in walk(phase.items) if isinstance(item, ChooseItem)]
    back = [i for i in (walk(plan.rollback.items) if plan.rollback else ()) if isinstance(i, ChooseItem)]
    return tuple(Path(plan, _with_defaults(way, back)) for way in islice(_combinations(tuple(forward), ()), GOOD_RUNS))


def back_paths(path: Path) -> tuple[Path, ...]:
    """The ways through the rollback block that a way forward leaves open, the default one first."""
    back = [i for i in (walk(path.plan.rollback.items) if path.plan.rollback else ()) if isinstance(i, ChooseItem)]
    forward = tuple(d for d in path.decisions if d.choice not in {item.name for item in back})
    return tuple(Path(path.plan, way) for way in _combinations(tuple(back), forward))[:AT_MOST]


def _combinations(choices: tuple[ChooseItem, ...], taken: tuple[Decision, ...]) -> Iterator[tuple[Decision, ...]]:
    if not choices:
        yield taken
        return
    first, rest = choices[0], choices[1:]
    chosen = {d.choice: d.option for d in taken}
    if first.name in chosen or any(chosen.get(d.choice) != d.option for d in first.path):
        yield from _combinations(rest, taken)
        return
    for option in sorted(first.options, key=lambda option: not option.default):
        yield from _combinations(rest, (*taken, Decision(first.name, option.name)))


def _with_defaults(way: tuple[Decision, ...], back: list[ChooseItem]) -> tuple[Decision, ...]:
    return next(_combinations(tuple(back), way)) if back else way


def same_until(one: Path, other: Path, item_id: str) -> bool:
    """Whether two ways are the same up to and including an item, and nothing has been changed before it."""
    for mine, theirs in zip(one.items, other.items, strict=False):
        if mine.id != theirs.id or is_change(mine):
            return False
        if mine.id == item_id:
            return True
    return False
