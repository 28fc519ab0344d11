"""Rendering: Jinja templates that print typed leaves and nothing else, and a map from every printed character to its origin.

`finalize` sees each printed value. It refuses what is no leaf, keeps the leaf and gives Jinja a token; the tokens are resolved
once the text is whole. So it does not matter how Jinja joins, folds or buffers what it is given, and a leaf that a filter, `~` or
a `set` block has turned into text is refused. Templates decide nothing: no macros, includes and loops only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property

import jinja2
from jinja2.runtime import Context

from compiler.emit import resources
from compiler.emit.leaves import BashLeaf, Leaf
from compiler.emit.markdown_leaves import MarkdownLeaf
from compiler.emit.watch_leaves import WatchLeaf
from compiler.plan.model import Origin, Piece
from compiler.source import Span

_TOKEN = "\0"  # in no template and in no leaf
_leaves: ContextVar[list[Leaf]] = ContextVar("_leaves")


@dataclass(frozen=True)
class Mark:
    """`text[start:end]` is the part of a piece's text that begins at `skip`."""

    start: int
    end: int
    piece: Piece
    skip: int


@dataclass(frozen=True)
class Placed:
    """Where a leaf landed."""

    start: int
    end: int
    leaf: Leaf


@dataclass(frozen=True)
class Rendered:
    """A text with the origin of its characters. Offsets count code points from 0, lines and columns from 1; a tab is one."""

    text: str
    marks: tuple[Mark, ...] = ()  # ascending, without overlap
    leaves: tuple[Placed, ...] = field(default=(), repr=False)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which the lines begin."""
        return [0] + [match.end() for match in re.finditer("\n", self.text)]

    @cached_property
    def _starts(self) -> list[int]:
        return [mark.start for mark in self.marks]

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; columns beyond the line's end mean its end."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] - 1 if line < len(self.line_starts) else len(self.text)
        return min(start + column - 1, end)

    def mark(self, offset: int) -> Mark | None:
        """The mark that covers an offset, or None where the text is the compiler's own."""
        at = bisect_right(self._starts, offset) - 1
        if at >= 0 and offset < self.marks[at].end:
            return self.marks[at]
        return None

    def origin(self, offset: int) -> Piece | None:
        """The piece that the character at an offset came from, or None."""
        mark = self.mark(offset)
        return None if mark is None else mark.piece

    def place(self, offset: int) -> Span | None:
        """The place in a spec of one character: itself in the operator's text, else the reference or anchor of its piece."""
        mark = self.mark(offset)
        if mark is None:
            return None
        if mark.piece.origin is not Origin.SOURCE:
            return mark.piece.span
        start = mark.piece.span.start + mark.skip + offset - mark.start
        return mark.piece.span.source.span(start, start + 1)

    def part(self, start: int, end: int) -> Rendered:
        """A part of it as a text of its own, origins kept."""
        marks = tuple(
            Mark(max(m.start, start) - start, min(m.end, end) - start, m.piece, m.skip + max(0, start - m.start))
            for m in self.marks
            if m.start < end and m.end > start
        )
        leaves = tuple(Placed(p.start - start, p.end - start, p.leaf) for p in self.leaves if start <= p.start and p.end <= end)
        return Rendered(self.text[start:end], marks, leaves)


def join(parts: Iterable[Rendered]) -> Rendered:
    """Several texts as one, origins kept."""
    texts: list[str] = []
    marks: list[Mark] = []
    leaves: list[Placed] = []
    at = 0
    for part in parts:
        texts.append(part.text)
        marks += (Mark(m.start + at, m.end + at, m.piece, m.skip) for m in part.marks)
        leaves += (Placed(p.start + at, p.end + at, p.leaf) for p in part.leaves)
        at += len(part.text)
    return Rendered("".join(texts), tuple(marks), tuple(leaves))


def render_bash(template: str, /, **context: object) -> Rendered:
    """Render a template below `templates/`, e.g. `bash/script.sh.j2`, with bash leaves.

    Raises TypeError for a printed value that is no leaf, ValueError for a leaf with a wrong neighbour, jinja2.UndefinedError for
    an unknown name: each is a mistake in the compiler.
    """
    return _render(environment("bash").get_template(template), context)


def render_markdown(template: str, /, **context: object) -> Rendered:
    """As `render_bash`, with Markdown leaves."""
    return _render(environment("markdown").get_template(template), context)


def render_watch(template: str, /, **context: object) -> Rendered:
    """As `render_bash`, with the leaves of rules files and units."""
    return _render(environment("watch").get_template(template), context)


@cache
def environment(kind: str) -> jinja2.Environment:
    """The one environment of a kind, `bash`, `markdown` or `watch`; compiled templates are kept for the life of the process."""
    allowed: type = {"bash": BashLeaf, "markdown": MarkdownLeaf, "watch": WatchLeaf}[kind]

    @jinja2.pass_context  # Jinja does not fold a constant at compile time when the function wants the context
    def finalize(_: Context, value: object) -> str:
        if isinstance(value, jinja2.Undefined):
            return str(value)  # raises, with the name
        if not (isinstance(value, Leaf) and isinstance(value, allowed)):
            raise TypeError(f"a {kind} template prints leaves only, not {type(value).__name__}: {value!r:.80}")
        leaves = _leaves.get()
        leaves.append(value)
        return f"{_TOKEN}{len(leaves) - 1}{_TOKEN}"

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: resources.read(name).text),
        finalize=finalize,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
        comment_start_string="{//",  # not `{#`, which `${#a[@]}` holds
        comment_end_string="//}",
    )


def _render(template: jinja2.Template, context: dict[str, object]) -> Rendered:
    leaves: list[Leaf] = []
    token = _leaves.set(leaves)
    try:
        parts = "".join(template.generate(**context)).split(_TOKEN)
    finally:
        _leaves.reset(token)
    texts: list[str] = []
    marks: list[Mark] = []
    placed: list[Placed] = []
    at = 0
    line = ""  # what stands on the current line already
    for number, part in enumerate(parts):
        start = at
        if number % 2 == 0:
            chunks: Iterable[tuple[str, Piece | None, int]] = ((part, None, 0),)
        else:
            leaf = leaves[int(part)]
            _hold_to_edges(leaf, line[-1:] or ("\n" if at else ""), parts[number + 1][:1] or _next(parts, number), template.name)
            chunks = leaf.chunks(line)
        for text, piece, skip in chunks:
            if piece is not None and text:
                marks.append(Mark(at, at + len(text), piece, skip))
            texts.append(text)
            at += len(text)
            newline = text.rfind("\n")
            line = text[newline + 1 :] if newline >= 0 else line + text
        if number % 2:
            placed.append(Placed(start, at, leaf))
    return Rendered("".join(texts), tuple(marks), tuple(placed))


def _next(parts: list[str], number: int) -> str:
    """What follows a leaf that has no template text behind it: the end of the file, or another leaf ("\\0")."""
    return "" if number + 2 >= len(parts) else _TOKEN


def _hold_to_edges(leaf: Leaf, before: str, after: str, template: str | None) -> None:
    for edge, allowed, where in ((before, leaf.before, "after"), (after, leaf.after, "before")):
        if allowed is not None and edge not in allowed:
            raise ValueError(f"{template}: {type(leaf).__name__} must not stand {where} {edge!r}: {leaf!r:.120}")
