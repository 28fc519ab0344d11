"""The runbook that people read, written from the Plan: GitHub-flavoured Markdown in the runbook's language."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.emit import markdown_about as about
from compiler.emit import markdown_back as back
from compiler.emit import markdown_items as way
from compiler.emit.markdown_blocks import Block, Book, Paragraph, Tasks, passage
from compiler.emit.markdown_leaves import Prose
from compiler.emit.render import Rendered, render_markdown
from compiler.plan.model import Checklist, Phase, Plan, Rollback, Section


def emit(plan: Plan) -> str:
    """The runbook as text that ends with one newline; the same Plan gives the same bytes."""
    return rendered(plan).text


def rendered(plan: Plan) -> Rendered:
    """As `emit`, with the origin of every character of the operator's commands."""
    return render_markdown("markdown/runbook.md.j2", blocks=tuple(blocks(Book(plan))))


def blocks(book: Book) -> Iterator[Block]:
    """The whole document in order. Headings get their anchors in this order, so each part is written exactly once."""
    plan = book.plan
    yield book.heading(1, plan.meta.title)
    yield from about.glance(book)
    yield from about.how_to_run(book)
    yield from about.about(book)
    yield from about.prerequisites(book)
    yield from _in_the_files_order(book)
    yield from back.origin(book)
    yield Paragraph(book.say("origin.change"))


def _in_the_files_order(book: Book) -> Iterator[Block]:
    """Sections, checklists, phases and rollback as the file has them; paths and picture before the first phase.

    What is for bad times (way back, outcomes, troubles) follows the way, in front of what the file says after it.
    """
    parts = book.plan.document
    last = max((n for n, part in enumerate(parts) if isinstance(part, Phase | Rollback)), default=-1)
    ahead = True
    for number, part in enumerate(parts):
        if isinstance(part, Section):
            yield book.heading(2, part.title)
            yield Paragraph(passage(part.text))
        elif isinstance(part, Checklist):
            yield book.heading(2, part.title)
            yield Tasks(tuple(Prose(item) for item in part.items))
        elif isinstance(part, Phase):
            if ahead:
                yield from about.paths(book)
                yield from about.picture(book)
            ahead = False
            yield from way.phase(book, part)
        else:
            yield from back.rollback(book)
        if number == last:
            if book.plan.rollback is None:
                yield from back.rollback(book)
            yield from back.outcomes(book)
            yield from back.troubles(book)
