"""How long a run takes: the least, and the most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CaptureItem,
    CheckItem,
    ChooseItem,
    Condition,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    ManualItem,
    Patience,
    Phase,
    Probe,
    ProbeUse,
    Rollback,
    StepItem,
    Way,
    walk,
)

_Part = TypeVar("_Part")

DIAGNOSE = 30  # seconds for all `diagnose` of a step, as the script allows them
A_COMMAND = 1  # second: what the shortest command counts, so that a least time is never nothing


def least(phases: Iterable[Phase]) -> int:
    """Seconds of the shortest path if every command ends at once and every probe holds at the first try.

    What a condition may skip takes only the time to ask. The pauses between sittings do not count.
    """
    return sum(A_COMMAND if phase.condition else least_of(phase.items) for phase in phases)


def from_t(phases: Iterable[Phase]) -> int:
    """Seconds from T to the earliest end of the last phase. What is prepared before T does not count, waiting for `T+1h` does."""
    now = 0
    for phase in phases:
        begin = phase.at or 0
        if begin >= 0:
            now = max(now, begin) + least((phase,))
    return now


def least_of(items: Iterable[AnyItem]) -> int:
    """As `least`, for items one after the other."""
    return sum(map(_least, items))


def _least(item: AnyItem) -> int:
    if item.condition is not None:
        return A_COMMAND
    match item:
        case ChooseItem():
            return min((least_of(option.items) for option in item.options), default=0)
        case StepItem():
            return A_COMMAND * (1 + len(item.verify))
        case ConfirmItem():
            return A_COMMAND * len(item.checks)
        case ManualItem():
            return 0
        case HoldItem():
            return int(item.duration.constant or A_COMMAND)
        case GuardedItem():
            return least_of(item.items)
        case _:
            return A_COMMAND


def most(phases: Iterable[Phase], probes: Mapping[str, Probe]) -> int | None:
    """Seconds of the longest path with every timeout, retry and patience used up.

    None where a step has no `timeout`, where a parameter says how long to hold, or where a person is waited for: then nothing
    can be promised.
    """
    return _sum(phases, lambda phase: _both(most_of(phase.items, probes), _condition(phase.condition, probes)))


def most_of(items: Iterable[AnyItem], probes: Mapping[str, Probe]) -> int | None:
    """As `most`, for items one after the other."""
    return _sum(items, lambda item: _both(_most(item, probes), _condition(item.condition, probes)))


def most_undo(items: Iterable[AnyItem]) -> int | None:
    """Seconds to undo the longest path by its steps' own ways back; None where one has no `timeout`, or is a person's task."""
    return _sum(items, _undo)


def most_back(items: Sequence[AnyItem], rollback: Rollback | None, probes: Mapping[str, Probe]) -> int | None:
    """Seconds to go back from behind these items: their undos, the block where one of them asks for it, the proof.

    None where a part of it has no `timeout`, or waits for a person.
    """
    asked = any(isinstance(item, StepItem | ManualItem) and item.back.way is Way.ROLLBACK for item in walk(tuple(items)))
    after: tuple[AnyItem, ...] = () if rollback is None else (*(rollback.items if asked else ()), *rollback.verify)
    return _both(most_undo(items), most_of(after, probes))


def _undo(item: AnyItem) -> int | None:
    match item:
        case ChooseItem():
            return _longest([most_undo(option.items) for option in item.options])
        case GuardedItem():
            return most_undo(item.items)
        case StepItem() if item.back.way is Way.UNDO:
            return item.back.timeout
        case ManualItem() if item.back.way is Way.UNDO:
            return None
        case _:
            return 0


def _most(item: AnyItem, probes: Mapping[str, Probe]) -> int | None:
    match item:
        case ChooseItem():
            return _longest([most_of(option.items, probes) for option in item.options])
        case CheckItem():
            return _probe(item.use, probes)
        case CaptureItem():
            return item.timeout
        case StepItem(timeout=None) | StepItem(interactive=True):
            return None
        case StepItem(timeout=int(timeout)):
            one = timeout + sum(_probe(use, probes) for use in item.verify)
            return _both(one * (item.retry + 1) + item.retry_every * item.retry, _left_out(item))
        case HoldItem():
            last_look = sum(probes[name].timeout for name in item.watch)
            return None if item.duration.constant is None else int(item.duration.constant) + last_look
        case BackgroundItem():
            return A_COMMAND if item.until is None else _probe(item.until, probes)
        case GuardedItem():
            return item.duration  # then it fires
        case _:
            return None


def _left_out(item: StepItem) -> int | None:
    """An optional step that fails says why and is undone at once, and the run goes on."""
    if item.optional is None:
        return 0
    return _both(DIAGNOSE if item.diagnose else 0, _undo(item))


def _longest(options: list[int | None]) -> int | None:
    known = [seconds for seconds in options if seconds is not None]
    return max(known, default=0) if len(known) == len(options) else None


def _condition(condition: Condition | None, probes: Mapping[str, Probe]) -> int:
    return 0 if condition is None else probes[condition.probe].timeout


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _probe(use: ProbeUse, probes: Mapping[str, Probe]) -> int:
    """The last try begins when the patience is nearly used up."""
    timeout = probes[use.probe].timeout
    patience: Patience | None = use.patience
    return timeout if patience is None else patience.within + timeout


def _sum(items: Iterable[_Part], measure: Callable[[_Part], int | None]) -> int | None:
    total = 0
    for item in items:
        seconds = measure(item)
        if seconds is None:
            return None
        total += seconds
    return total
