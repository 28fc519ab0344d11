"""Text to tree, with as many syntax errors as there are.

A file that is right is parsed once, as a whole. One that is not is cut into its top-level statements; those that parse are in
the document, the others are explained line by line (`explain`). The grammar decides what is an error; `explain` only says why.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedInput

from compiler.diagnostics import Diagnostic
from compiler.source import Source, Span
from compiler.syntax.build import DEPTH, Builder, TooDeep
from compiler.syntax.explain import explain
from compiler.syntax.grammar import START, load
from compiler.syntax.lexer import pattern
from compiler.syntax.scan import Part, parts
from compiler.syntax.tree import Comment, Document, Statement

TOO_DEEP = "RB118"
MOST = 50  # errors told in one file

_one_at_a_time = threading.Lock()  # the builder has state, and the garbage collector is the process's


def parse(source: Source) -> tuple[Document, tuple[Diagnostic, ...]]:
    """The tree of a file and what is wrong with its text (codes RB1xx), by place.

    After an error the document holds the top-level statements that are right. Never raises.
    """
    with _one_at_a_time, _no_collector():
        whole = Part(0, len(source.text))
        document, found = _attempt(source, whole)
        if document is not None:
            return document, _in_order(found)
        statements: list[Statement] = []
        comments: list[Comment] = []
        everything: list[Diagnostic] = []
        for part in parts(source.text, pattern(_parser()[0].lexer_conf), MOST):
            if len(everything) > MOST:
                break
            document, found = _attempt(source, part)
            if document is not None:
                statements += document.statements
                comments += document.comments
                everything += found
            else:
                everything += found if found[0].code == TOO_DEEP else explain(source, part) or found
    return Document(source, tuple(statements), tuple(comments)), _in_order(everything)


def _attempt(source: Source, part: Part) -> tuple[Document | None, list[Diagnostic]]:
    """Parse a part by the grammar. Without a document, the one thing found is the parser's own, plainest explanation."""
    parser, builder = _parser()
    builder.begin(source, part.start)
    text = source.text[part.start : part.end]
    try:
        document = parser.parse(text if text.endswith("\n") else text + "\n", start=START)
    except TooDeep as error:
        return None, [
            Diagnostic(
                TOO_DEEP,
                f"more than {DEPTH} blocks in each other",
                Span(source, error.offset, error.offset + 1),
                "nothing in a runbook needs that depth: look for a `}` that is missing above",
            )
        ]
    except UnexpectedInput as error:
        at = min(part.start + (error.pos_in_stream or 0), len(source.text))
        return None, [Diagnostic("RB100", "this cannot stand here", Span(source, at, min(at + 1, len(source.text))))]
    if not isinstance(document, Document):
        raise TypeError("the parser's builder made no document")
    return document, builder.found


def _in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    ordered = sorted(set(found), key=lambda d: d.order)
    if len(ordered) <= MOST:
        return tuple(ordered)
    last = ordered[MOST - 1]
    more = Diagnostic("RB120", f"more than {MOST} syntax errors; the others are not shown", last.span, "repair these first")
    return (*ordered[:MOST], more)


@cache
def _parser() -> tuple[Lark, Builder]:
    builder = Builder()
    callbacks = {"_NL": builder.line_end, "LBRACE": builder.opened, "RBRACE": builder.closed}
    return load(builder, callbacks), builder


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without the cyclic garbage collector: the tree only grows, and each collection would walk all of it.

    Freezing and unfreezing moves what was made to the oldest generation, or the first allocation after `enable` would walk it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
            gc.enable()
