"""The runbook that people read, written from the Plan: GitHub-flavoured Markdown in the runbook's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.emit import markdown_about as about
from compiler.emit import markdown_back as back
from compiler.emit import markdown_items as way
from compiler.emit import markdown_rehearsal as rehearsal
from compiler.emit.markdown_blocks import Block, Book, Paragraph, anchored
from compiler.emit.markdown_environments import merged
from compiler.emit.markdown_procedures import ahead, chapters, for_people
from compiler.emit.rehearsed import Matrix
from compiler.emit.render import Rendered, render_markdown
from compiler.plan.model import ForPeople, Phase, Plan, Rollback


def emit(plan: Plan, matrix: Matrix | None = None) -> str:
    """The runbook as text that ends with one newline; the same Plan and matrix give the same bytes.

    Without a matrix nothing is said about rehearsals.
    """
    return rendered(plan, matrix).text


def emit_all(plans: Sequence[Plan], matrices: Sequence[Matrix] | None = None) -> str:
    """The one runbook of a spec: of its procedures, each a chapter, or of the one Plan of a spec without; of all environments.

    `matrices` has one for each Plan; without them nothing is said about rehearsals.
    """
    by_name: dict[str, list[tuple[Plan, Matrix | None]]] = {}
    told: Sequence[Matrix | None] = matrices or [None] * len(plans)
    for plan, matrix in zip(plans, told, strict=True):
        by_name.setdefault("" if plan.environment is None else plan.environment.name, []).append((plan, matrix))
    documents = {name: (Book(several[0][0]), _document(several)) for name, several in by_name.items()}
    whole = documents[""][1] if "" in documents else merged(documents)
    return render_markdown("markdown/runbook.md.j2", blocks=anchored(whole)).text


def _document(plans: Sequence[tuple[Plan, Matrix | None]]) -> tuple[Block, ...]:
    """The runbook of one environment."""
    if len(plans) == 1 and plans[0][0].procedure is None:
        return tuple(blocks(Book(plans[0][0]), plans[0][1]))
    return tuple(chapters([plan for plan, _ in plans], [matrix for _, matrix in plans]))


def rendered(plan: Plan, matrix: Matrix | None = None) -> Rendered:
    """As `emit`, with the origin of every character of the operator's commands."""
    return render_markdown("markdown/runbook.md.j2", blocks=anchored(blocks(Book(plan), matrix)))


def blocks(book: Book, matrix: Matrix | None = None) -> Iterator[Block]:
    """The whole document in order, each part exactly once."""
    plan = book.plan
    yield book.heading(1, plan.meta.title)
    yield from about.glance(book)
    yield from about.how_to_run(book)
    yield from about.about(book)
    yield from about.prerequisites(book)
    yield from _in_the_files_order(book, matrix)
    yield from back.origin(book)
    yield Paragraph(book.say("origin.change"))


def _in_the_files_order(book: Book, matrix: Matrix | None) -> Iterator[Block]:
    """What is for people, phases and rollback as the file has them; paths and picture before the first phase.

    What is for bad times (way back, outcomes, troubles) follows the way, in front of what the file says after it.
    """
    parts = book.plan.document
    last = max((n for n, part in enumerate(parts) if isinstance(part, Phase | Rollback)), default=-1)
    first = next((part for part in parts if isinstance(part, Phase)), None)
    for number, part in enumerate(parts):
        if isinstance(part, ForPeople):
            yield from for_people(book, part)
        elif isinstance(part, Phase):
            yield from ahead(book) if part is first else ()
            yield from way.phase(book, part)
        else:
            yield from back.rollback(book)
        if number == last:
            if book.plan.rollback is None:
                yield from back.rollback(book)
            if matrix is not None:
                yield from rehearsal.matrix(book, matrix)
            yield from back.outcomes(book)
            yield from back.troubles(book)
