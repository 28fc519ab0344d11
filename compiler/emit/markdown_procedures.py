"""A runbook with procedures: what they share stands once, each procedure is a chapter that can be worked through by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from compiler.emit import markdown_about as about
from compiler.emit import markdown_back as back
from compiler.emit import markdown_items as way
from compiler.emit import markdown_rehearsal as rehearsal
from compiler.emit import markdown_shared as shared_parts
from compiler.emit import markdown_watch as watch
from compiler.emit.markdown_blocks import Block, Book, Paragraph, Table, Tasks, passage
from compiler.emit.markdown_leaves import Cell, Inline, Prose
from compiler.emit.rehearsed import Matrix
from compiler.plan.model import Alerts, Checklist, ForPeople, Need, Phase, Plan, Rollback, Schedule, Section


def chapters(plans: Sequence[Plan], told: Sequence[Matrix | None]) -> Iterator[Block]:
    """The whole document in order, with what is `told` about rehearsals of each Plan.

    What is for people stands before and behind the procedures as in the file.
    """
    whole = Book(shared(plans))
    books = [whole.chapter(plan) for plan in plans]
    yield whole.heading(1, whole.plan.meta.title)
    yield from about.glance_of_all(whole)
    yield whole.title("procedures.title")
    yield Paragraph(whole.say("procedures.intro"))
    yield _overview(whole, books)
    yield whole.title("run.title")
    yield from about.by_scripts(whole)
    yield from about.by_hand(whole)
    yield from about.about(whole)
    yield from about.prerequisites(whole)
    prose = [part for part in plans[0].document if isinstance(part, ForPeople)]
    ahead_of = [_prose_before(plan) for plan in plans]
    for number in range(len(prose) + 1):
        for book, place, matrix in zip(books, ahead_of, told, strict=True):
            if place == number:
                yield from chapter(book, matrix)
        if number == max(ahead_of):
            yield from back.outcomes(whole)
            yield from back.troubles(whole)
        if number < len(prose):
            yield from for_people(whole, prose[number])
    yield from back.origin(whole)
    yield Paragraph(whole.say("origin.change"))


def shared(plans: Sequence[Plan]) -> Plan:
    """What the scripts of a spec have in common, as a Plan without a way: tools, services, parameters, probes
    and troubles of all."""
    needs: dict[str, Need] = {}
    for need in (need for plan in plans for need in plan.needs):
        needs.setdefault(need.tool, need)
    return replace(
        plans[0],
        services=tuple({s.name: s for plan in plans for s in plan.services}.values()),
        needs=(*(n for n in needs.values() if n.declared), *sorted((n for n in needs.values() if not n.declared), key=_tool)),
        params=tuple({p.name: p for plan in plans for p in plan.params}.values()),
        probes=tuple({p.name: p for plan in plans for p in plan.probes}.values()),
        phases=(),
        rollback=None,
        automations=tuple({a.name: a for plan in plans for a in plan.automations}.values()),
        troubles=tuple({t.name: t for plan in plans for t in plan.troubles}.values()),
        procedure=None,
    )


def _tool(need: Need) -> str:
    return need.tool


def _prose_before(plan: Plan) -> int:
    """How many parts for people stand in front of the procedure."""
    first = next(n for n, part in enumerate(plan.document) if isinstance(part, Phase | Rollback))
    return sum(isinstance(part, ForPeople) for part in plan.document[:first])


def _key(plan: Plan) -> str:
    return f"procedure/{plan.procedure.name}" if plan.procedure is not None else ""


def _overview(whole: Book, books: Sequence[Book]) -> Block:
    head = tuple(Cell(whole.say(key)) for key in ("procedures.procedure", "procedures.script", "glance.duration"))
    rows = []
    for book in books:
        title = "" if book.plan.procedure is None else book.plan.procedure.title
        link = book.link(title, _key(book.plan))
        rows.append((Cell(link), Cell(Inline(book.plan.script)), Cell(about.time_needed(book))))
    return Table(head, tuple(rows))


def chapter(book: Book, matrix: Matrix | None = None) -> Iterator[Block]:
    """One procedure: what it is, how it is run, its decisions, its phases, its way back."""
    plan = book.plan
    if plan.procedure is not None:
        yield book.heading(1, plan.procedure.title, _key(plan))
        if plan.procedure.note:
            yield Paragraph(passage(plan.procedure.note))
    yield from about.glance_of_one(book)
    yield book.title("run.title")
    yield from about.by_its_script(book)
    yield from ahead(book)
    for phase in plan.phases:
        there = shared_parts.phase_before(book, phase)
        if there is None:
            yield from way.phase(book, phase)
        else:
            yield book.heading(2, f"{phase.number} {phase.title}", f"phase/{phase.name}")
            yield from shared_parts.named(book, phase, *there)
    yield from back.rollback(book)
    if matrix is not None:
        yield from rehearsal.matrix(book, matrix)


def ahead(book: Book) -> Iterator[Block]:
    """What is seen of the way before it begins: its decisions and its picture."""
    yield from about.paths(book)
    yield from about.picture(book)


def for_people(book: Book, part: ForPeople) -> Iterator[Block]:
    """A section, a checklist, the alerts or a schedule."""
    match part:
        case Alerts():
            yield from watch.alerts(book, part)
        case Schedule():
            yield from watch.schedule(book, part)
        case Section():
            yield book.heading(2, part.title)
            yield Paragraph(passage(part.text))
        case Checklist():
            yield book.heading(2, part.title)
            yield Tasks(tuple(Prose(item) for item in part.items))
