"""What a whole Plan amounts to: which items change something, what stays, what proves the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compiler.plan.model import AnyItem, Change, ChooseItem, Decision, Plan, Way, is_change, walk


def everything(plan: Plan) -> Iterator[AnyItem]:
    """All items of all phases, in order."""
    for phase in plan.phases:
        yield from walk(phase.items)


def changing(plan: Plan) -> tuple[Change, ...]:
    """Every change of the phases, in order."""
    return tuple(i for i in everything(plan) if is_change(i))


def irreversible(plan: Plan) -> tuple[Change, ...]:
    """The changes that have no way back, in order."""
    return tuple(i for i in changing(plan) if i.back.way is Way.IRREVERSIBLE)


def harmless(plan: Plan) -> frozenset[str]:
    """The phases at whose failure nothing has been changed yet: those before the first that holds a change."""
    names = []
    for phase in plan.phases:
        if any(is_change(i) for i in walk(phase.items)):
            break
        names.append(phase.name)
    return frozenset(names)


def choices(plan: Plan) -> tuple[ChooseItem, ...]:
    """Each decision of the phases once, where it is first asked."""
    seen: dict[str, ChooseItem] = {}
    for item in everything(plan):
        if isinstance(item, ChooseItem):
            seen.setdefault(item.name, item)
    return tuple(seen.values())


def of_block(plan: Plan) -> tuple[ChooseItem, ...]:
    """The decisions that only the rollback block has."""
    forward = {choice.name for choice in choices(plan)}
    items = walk(plan.rollback.items) if plan.rollback else ()
    return tuple(i for i in items if isinstance(i, ChooseItem) and i.name not in forward)


def covered(items: Iterable[AnyItem]) -> bool:
    """Whether the way back of one of these items goes over the rollback block."""
    return any(isinstance(i, Change) and i.back.way is Way.ROLLBACK for i in items)


def option_titles(plan: Plan) -> Mapping[Decision, str]:
    """The title of every option of every decision, the rollback's included."""
    items = [*everything(plan), *(walk(plan.rollback.items) if plan.rollback else ())]
    return {Decision(i.name, o.name): o.title for i in items if isinstance(i, ChooseItem) for o in i.options}
