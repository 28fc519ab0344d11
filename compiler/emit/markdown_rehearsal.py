"""The runbook's section "What happens when …": the failure matrix that was rehearsed, or that none was."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.emit.markdown_blocks import Block, Book, Paragraph, Table, typed
from compiler.emit.markdown_leaves import Cell, Inline, Text
from compiler.emit.rehearsed import Matrix, told
from compiler.emit.shell import word


def matrix(book: Book, found: Matrix) -> Iterator[Block]:
    """One row for faults with the same consequence; where it was not rehearsed with exactly this script, only that."""
    yield book.title("rehearsal.title")
    if found.consequences is None:
        yield Paragraph(book.say("rehearsal.none"))
        yield typed(f"rbc rehearse {word(book.plan.spec.path)}")
        return
    yield Paragraph(book.say("rehearsal.intro"))
    columns = ("rehearsal.fault", "rehearsal.ran", "rehearsal.back", "rehearsal.verify", "rehearsal.outcome")
    head = tuple(Cell(book.say(key)) for key in columns)
    lines = told(book.plan, found.consequences)
    yield Table(head, tuple(tuple(Cell(Text(text)) for text in (r.where, r.ran, r.back, r.proof, r.outcome)) for r in lines))
    yield Paragraph(book.say("rehearsal.proof", hash=Inline(found.driver[:16])))
