"""What a run refuses before its first probe: each thing that has to be there, missing or wrong, by itself."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.emit.bash import need_symbol
from compiler.plan.model import AnyItem, ConfirmItem, JobItem, ManualItem, Need, StepItem
from compiler.rehearse import moments, sample
from compiler.rehearse.paths import Path
from compiler.rehearse.scene import Fault, Kind

Refusal = tuple[Kind, Fault]


def refusals(path: Path) -> Iterator[Refusal]:
    """Faults of the world, in the order in which a run looks at it."""
    plan = path.plan
    for number, _ in enumerate(plan.host.guards if plan.host else (), 1):
        yield Kind.GUARD, Fault(f"guard_{number}", "", "any")
    for need in plan.needs:
        if any(all(path.chosen.get(d.choice) == d.option for d in way) for way in need.needed_when):
            yield from _needs(need)
    for service in plan.services:
        if service.env_files:
            yield Kind.ENV, Fault(f"file_{service.name}", "", "any", "missing")
        required = [need for file in service.env_files for need in file.require]
        formed = [this for this in required if this.matches is not None]
        for first, mode in ((required[:1], "missing"), (formed[:1], "malformed")):
            for this in first:
                yield Kind.ENV, Fault(f"env_{service.name}_{this.name}", "", "any", mode)
    for server in plan.automations:
        if any(isinstance(item, JobItem) and item.automation == server.name for item in path.items):
            for mode in ("start", "empty"):
                yield Kind.SERVER, Fault(server.commands["templates"].name, "", "any", mode)
    if any(need.tool == "sudo" for need in plan.needs):
        yield Kind.SUDO, Fault("sudo", "", "any")
    for service in plan.services:
        for rule in service.images:
            yield Kind.IMAGES, Fault(rule.symbol, "", "any")


def asked_early(path: Path) -> tuple[str, ...]:
    """A function that a run asks before it takes the lock; none where it asks nothing."""
    needs = (n for n in path.plan.needs if any(all(path.chosen.get(d.choice) == d.option for d in way) for way in n.needed_when))
    versions = [need_symbol(need) for need in needs if need.version is not None]
    return (*("guard_1" for _ in (path.plan.host.guards if path.plan.host else ())), *versions)[:1]


def _needs(need: Need) -> Iterator[Refusal]:
    yield Kind.NEED, Fault(f"tool_{need.tool.split(' ')[0]}", "", "any", "missing")
    if need.version is not None:
        yield Kind.NEED, Fault(need_symbol(need), "", "any")
    if sample.unmet(need) is not None:
        yield Kind.NEED, Fault(need_symbol(need), "", "any", "other")


def unanswered(path: Path, after: AnyItem | None = None) -> Iterator[str]:
    """Gates and tasks that a run without a terminal has to be given an answer to; '' is the question before the first change.

    With `after` those alone that come after an item.
    """
    yield ""
    for item in path.items[0 if after is None else path.items.index(after) + 1 :]:
        if isinstance(item, ManualItem) or (isinstance(item, ConfirmItem) and not item.other):
            yield item.name


def outside(path: Path) -> int | None:
    """A time outside of every window, microseconds since the epoch; None where there is none, or the run is not bound to it."""
    first = next((path.phases[item.id] for item in path.items), None)
    bound = first is not None and (first.at is None or first.at >= 0)
    return moments.outside(path.plan.meta.windows) if bound else None


def interactive(path: Path) -> bool:
    """Whether a way needs a person at a terminal."""
    return any(isinstance(item, StepItem) and item.interactive for item in path.items)
