"""What several procedures have in common stands once, at the first; the others name it.

A phase is the same in two procedures where nothing in it differs but its numbers, and every probe that it asks is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from compiler.emit import overview
from compiler.emit.markdown_blocks import Block, Book, Paragraph, item_key, joined
from compiler.emit.markdown_leaves import Inline, MarkdownLeaf, Text
from compiler.emit.markdown_time import sitting
from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CheckItem,
    ChooseItem,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    Phase,
    Plan,
    Rollback,
    StepItem,
    walk,
)

Part = Phase | Rollback


def phase_before(book: Book, this: Phase) -> tuple[Book, Phase] | None:
    """The chapter in which the same phase stands already, and how it stands there."""
    for other in book.earlier:
        there = next((p for p in other.plan.phases if p.name == this.name), None)
        if there is not None and phase_before(other, there) is None and _same(other.plan, there, book.plan, this):
            return other, there
    return None


def rollback_before(book: Book, this: Rollback) -> tuple[Book, Rollback] | None:
    """As `phase_before`, for a rollback."""
    for other in book.earlier:
        there = other.plan.rollback
        if there is not None and rollback_before(other, there) is None and _same(other.plan, there, book.plan, this):
            return other, there
    return None


def named(book: Book, this: Phase, other: Book, there: Phase) -> Iterator[Block]:
    """What stands for a phase that stands in another chapter: when it begins here, where it stands, what differs."""
    yield from sitting(book, this)
    said: list[MarkdownLeaf] = [_where(book, f"{there.number} {there.title}", other, f"phase/{there.name}")]
    if this.number != there.number:
        said.append(book.say("shared.numbers", ours=Text(this.number), theirs=Text(there.number)))
    if any(isinstance(i, GuardedItem) or (isinstance(i, ConfirmItem) and i.other) for i in walk(this.items)):
        ours, theirs = (Inline(f"./{plan.script}") for plan in (book.plan, other.plan))
        said.append(book.say("shared.script", ours=ours, theirs=theirs))
    yield Paragraph(joined(said, " "))
    linked(book, walk(this.items), other, walk(there.items))


def _where(book: Book, title: str, other: Book, key: str) -> MarkdownLeaf:
    procedure = other.plan.procedure
    name = Text("" if procedure is None else procedure.title)
    return book.say("shared.phase", phase=book.link(title, key, other), procedure=name)


def linked(book: Book, ours: Iterable[AnyItem], other: Book, theirs: Iterable[AnyItem]) -> None:
    """Links to items of this chapter lead to where the other prints them."""
    for mine, its in zip(ours, theirs, strict=True):
        book.stands_at(item_key(mine), other, item_key(its))
        if isinstance(mine, ChooseItem):
            for option in mine.options:
                book.stands_at(f"option/{mine.number}{option.letter}", other, f"option/{its.number}{option.letter}")
        book.printed |= {probe: mine for probe, at in other.printed.items() if at == its and probe not in book.printed}


def _same(one_plan: Plan, one: Part, other_plan: Plan, other: Part) -> bool:
    if _bare(one) != _bare(other):
        return False
    # The same decision, asked before in one of them, is explained in another place.
    if any(_asked_before(plan, part) for plan, part in ((one_plan, one), (other_plan, other))):
        return False
    probes = _probes(one)
    return all(one_plan.probe(name) == other_plan.probe(name) for name in probes)


def _bare(part: Part) -> Part:
    """The phase or rollback without its numbers; when a phase begins is said where it is named."""
    if isinstance(part, Rollback):
        return replace(part, items=_unnumbered(part.items), verify=tuple(replace(i, number="") for i in part.verify))
    return replace(part, number="", at=part.at or 0, items=_unnumbered(part.items))


def _unnumbered(items: tuple[AnyItem, ...]) -> tuple[AnyItem, ...]:
    return tuple(_without_number(item) for item in items)


def _without_number(item: AnyItem) -> AnyItem:
    if isinstance(item, ChooseItem):
        return replace(item, number="", options=tuple(replace(o, items=_unnumbered(o.items)) for o in item.options))
    if isinstance(item, GuardedItem):
        return replace(item, number="", items=tuple(replace(step, number="") for step in item.items))
    return replace(item, number="")


def _asked_before(plan: Plan, part: Part) -> bool:
    first = {c.name: c.number for c in overview.choices(plan)}
    return any(isinstance(i, ChooseItem) and first.get(i.name, i.number) != i.number for i in walk(part.items))


def _probes(part: Part) -> frozenset[str]:
    """The probes that a phase or rollback asks."""
    names: set[str] = set()
    items: list[AnyItem] = [*walk(part.items), *(part.verify if isinstance(part, Rollback) else ())]
    for item in items:
        names |= set(_asks(item))
        if item.condition is not None:
            names.add(item.condition.probe)
    if isinstance(part, Phase) and part.condition is not None:
        names.add(part.condition.probe)
    return frozenset(names)


def _asks(item: AnyItem) -> Iterator[str]:
    match item:
        case CheckItem():
            yield item.use.probe
        case StepItem():
            yield from (use.probe for use in item.verify)
        case ConfirmItem():
            yield from (use.probe for use in item.checks)
        case HoldItem():
            yield from item.watch
        case BackgroundItem() if item.until is not None:
            yield item.until.probe
