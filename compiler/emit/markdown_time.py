"""Time in the runbook: windows, budgets, sittings, and guards that run out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from compiler.emit.locale import duration
from compiler.emit.markdown_blocks import Block, Book, Bullets, Paragraph, joined, typed
from compiler.emit.markdown_leaves import Flow, Inline, MarkdownLeaf, Sentence, Text
from compiler.emit.shell import word
from compiler.plan.model import GuardedItem, Phase, Window
from compiler.plan.moments import shown

Row = tuple[str, MarkdownLeaf]  # locale key, what stands behind it


def glance(book: Book) -> Iterator[Row]:
    """When it may run, how long it may take, and in which sittings."""
    meta = book.plan.meta
    if meta.budget is not None:
        key = "budget.run_from_t" if _sittings(book) else "budget.run"
        yield "glance.budget", book.say(key, time=Text(duration(meta.budget)))
    if meta.windows:
        yield "glance.window", joined((_window(book, w) for w in meta.windows), "; ")
    if _sittings(book):
        yield "glance.sittings", joined(_sitting_lines(book), "; ")


def _window(book: Book, this: Window) -> MarkdownLeaf:
    key = "window.same_day" if this.start < this.end else "window.next_day"
    start, end = (Text(f"{minutes // 60:02d}:{minutes % 60:02d}") for minutes in (this.start, this.end))
    return book.say(key, days=_days(book, this.days), start=start, end=end, zone=Text(this.zone))


def _days(book: Book, days: Sequence[int]) -> MarkdownLeaf:
    """`Mon–Fri, Sun`; three and more in a row are written as a range."""
    if len(days) == 7:
        return book.say("window.daily")
    leaves: list[MarkdownLeaf] = []
    for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0]):
        row = [book.say(f"day.{day}") for _, day in run]
        leaves += row if len(row) < 3 else [book.say("window.days", first=row[0], last=row[-1])]
    return joined(leaves)


def _sittings(book: Book) -> bool:
    return any(phase.at is not None for phase in book.plan.phases)


def _sitting_lines(book: Book) -> Iterator[MarkdownLeaf]:
    for at, phases in groupby(book.plan.phases, lambda phase: phase.at or 0):
        links = joined(book.link(f"{p.number} {p.title}", f"phase/{p.name}") for p in phases)
        yield book.say("sitting.one", time=Text(shown(at)), phases=links)


def how_to_run(book: Book) -> Iterator[Block]:
    """What the script says outside of its windows, and between two sittings."""
    if book.plan.meta.windows:
        yield Paragraph(book.say("run.window", option=Inline("--outside-window --why TEXT")))
    if _sittings(book):
        yield Paragraph(book.say("run.sittings", resume=Inline(f"./{book.plan.script} resume")))


def sitting(book: Book, this: Phase) -> Iterator[Block]:
    """When the phase begins and how long it may take."""
    lines: list[Sentence | Flow] = []
    if _sittings(book):
        phases = book.plan.phases
        at = phases.index(this)
        if at == 0 or (phases[at - 1].at or 0) != (this.at or 0):  # what follows in the same sitting begins when it is its turn
            key = "phase.at_pause" if at else "phase.at"
            lines.append(book.say(key, time=Text(shown(this.at or 0)), resume=Inline(f"./{book.plan.script} resume")))
    if this.budget is not None:
        lines.append(book.say("phase.budget", time=Text(duration(this.budget))))
    if lines:
        yield Paragraph(joined(lines, " "))


def guard(book: Book, this: GuardedItem) -> Iterator[Block]:
    """What the guard does by itself, how it is confirmed, and how the same goes by hand."""
    time = Text(duration(this.duration))
    yield Paragraph(book.say("guarded.ask", time=time))
    yield typed(f"./{word(book.plan.script)} accept {this.name}")
    accept = book.say("guarded.accept", option=Inline(f"--accept {this.name}"))
    yield Bullets((accept, book.say("guarded.hand", time=time)))
