"""How long a run takes: the least, and the most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from compiler.plan.model import (
    AnyItem,
    CaptureItem,
    CheckItem,
    ChooseItem,
    ConfirmItem,
    ManualItem,
    Patience,
    Phase,
    Probe,
    ProbeUse,
    StepItem,
)

A_COMMAND = 1  # second: what the shortest command counts, so that a least time is never nothing


def least(phases: Iterable[Phase]) -> int:
    """Seconds of the shortest path if every command ends at once and every probe holds at the first try."""
    return sum(_least(item) for phase in phases for item in phase.items)


def _least(item: AnyItem) -> int:
    match item:
        case ChooseItem():
            return min((sum(map(_least, option.items)) for option in item.options), default=0)
        case StepItem():
            return A_COMMAND * (1 + len(item.verify))
        case ConfirmItem():
            return A_COMMAND * len(item.checks)
        case ManualItem():
            return 0
        case _:
            return A_COMMAND


def most(phases: Iterable[Phase], probes: Mapping[str, Probe]) -> int | None:
    """Seconds of the longest path with every timeout, retry and patience used up.

    None where a step has no `timeout`, or where a person is waited for: then nothing can be promised.
    """
    return _sum((item for phase in phases for item in phase.items), lambda item: _most(item, probes))


def _most(item: AnyItem, probes: Mapping[str, Probe]) -> int | None:
    match item:
        case ChooseItem():
            options = [_sum(option.items, lambda i: _most(i, probes)) for option in item.options]
            known = [seconds for seconds in options if seconds is not None]
            return max(known, default=0) if len(known) == len(options) else None
        case CheckItem():
            return _probe(item.use, probes)
        case CaptureItem():
            return item.timeout
        case StepItem(timeout=None):
            return None
        case StepItem(timeout=int(timeout)):
            tries = timeout * (item.retry + 1) + item.retry_every * item.retry
            return tries + sum(_probe(use, probes) for use in item.verify)
        case _:
            return None


def _probe(use: ProbeUse, probes: Mapping[str, Probe]) -> int:
    """The last try begins when the patience is nearly used up."""
    timeout = probes[use.probe].timeout
    patience: Patience | None = use.patience
    return timeout if patience is None else patience.within + timeout


def _sum(items: Iterable[AnyItem], measure: Callable[[AnyItem], int | None]) -> int | None:
    total = 0
    for item in items:
        seconds = measure(item)
        if seconds is None:
            return None
        total += seconds
    return total
