"""What the rules ask of a Plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from compiler.plan.model import AnyItem, Change, Phase, Plan, Probe, is_change, walk

UPDATE_CHECKS = ("update", "update_parts", "images")


def changes(plan: Plan, until: Phase | None = None) -> Iterator[Change]:
    """The changes of the phases in order, up to the end of a phase."""
    for phase in plan.phases:
        yield from (item for item in walk(phase.items) if is_change(item))
        if phase is until:
            return


def all_items(plan: Plan) -> Iterator[AnyItem]:
    """Every item: of the phases, of the rollback block, and its `verify`."""
    for phase in plan.phases:
        yield from walk(phase.items)
    if plan.rollback is not None:
        yield from walk(plan.rollback.items)
        yield from plan.rollback.verify


def deciding(plan: Plan) -> frozenset[str]:
    """The probes by which phases and items are skipped."""
    holders = (*plan.phases, *all_items(plan))
    return frozenset(holder.condition.probe for holder in holders if holder.condition is not None)


def verified(plan: Plan) -> frozenset[str]:
    """The probes that prove the way back."""
    return frozenset(item.use.probe for item in plan.rollback.verify) if plan.rollback else frozenset()


def of_update(probe: Probe) -> bool:
    """Whether it is the last look of an `update`, which compares with a record that the way back makes true again."""
    return any(check.kind in UPDATE_CHECKS for check in probe.checks)


def read_names(plan: Plan) -> frozenset[str]:
    """The names that something reads or shows."""
    found: set[str] = set(chain.from_iterable(probe.reads for probe in plan.probes))
    for item in all_items(plan):
        found |= set(getattr(item, "reads", ()))
        found |= set(getattr(item, "show", ()))
    return frozenset(found)
