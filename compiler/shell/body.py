"""From the lines of a spec to a `Body`: dedented, constants inlined, each piece with its place."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Body, Origin, Piece
from compiler.source import Span
from compiler.syntax.tree import Shell
from compiler.syntax.words import CONSTANT, common_indent, indentation, shared

Constant = Callable[[tuple[str, ...], Span], str | Diagnostic]

PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
# What `NAME.args` may hold: plain words, and double-quoted ones of plain text and `${name}`, one space between them.
_WORD = r'(?:[A-Za-z0-9_@%+=:,./-]+|"(?:[A-Za-z0-9_@%+=:,./ -]|\$\{[A-Za-z_][A-Za-z0-9_]*\})*")+'
WORDS = re.compile(rf"(?:{_WORD})(?: {_WORD})*")

# Stands for a constant that was refused, so that the rest of the body is still checked.
_STAND_IN = "x"


def to_body(shell: Shell, constant: Constant) -> tuple[Body, tuple[Diagnostic, ...]]:
    """The body of one `$ …` command or fence, and what is wrong with its constants (RB402, or what `constant` says).

    `constant(path, span)` gives the value of `${a.b}`, or a diagnostic. A value must be one plain word; only a path that
    ends in `args` may be several (`${leitstand.args}`), and its words may be double-quoted text with `${name}`.

    A fence loses the white space that all its lines share, and nothing else: a line in a here-document or in a quote
    counts like any other, so a shallow one keeps the rest where it is. Continued lines of a `$` command lose the indentation
    of the line that the `$` stands in. Blank lines at both ends are left out. Newlines are INSERTED pieces at the line's end.
    """
    lines = _fence(shell) if shell.fence else _command(shell)
    pieces: list[Piece] = []
    found: list[Diagnostic] = []
    for number, line in enumerate(lines):
        if number:
            before = lines[number - 1]
            pieces.append(Piece("\n", before.source.span(before.end, before.end), Origin.INSERTED))
        pieces.extend(_pieces(line, constant, found))
    if not pieces:
        pieces.append(Piece("", shell.span, Origin.INSERTED))
    return Body(tuple(pieces)), tuple(found)


def join(bodies: Iterable[Body]) -> Body:
    """Several bodies of one statement as one: they share a shell, one after the other. At least one body is needed.

    The newline between two bodies is anchored where the second one begins (within a body: where the line before ends), so that
    `joints` finds it again.
    """
    pieces: list[Piece] = []
    for body in bodies:
        if pieces:
            start = body.span.start
            pieces.append(Piece("\n", body.span.source.span(start, start), Origin.INSERTED))
        pieces.extend(body.pieces)
    return Body(tuple(pieces))


def joints(body: Body) -> list[int]:
    """The offsets of the newlines that `join` put between two bodies."""
    found, offset = [], 0
    for piece, after in pairwise(body.pieces):
        anchored = piece.span.start == piece.span.end == after.span.start and piece.span.source is after.span.source
        if piece.text == "\n" and piece.origin is Origin.INSERTED and anchored:
            found.append(offset)
        offset += len(piece.text)
    return found


class Places:
    """Offsets in a body's text -> places in the spec."""

    def __init__(self, body: Body) -> None:
        self._pieces = body.pieces
        self._starts = [0, *accumulate(len(piece.text) for piece in body.pieces)]
        self._length = self._starts.pop()

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]` (code points). Text that the compiler wrote has the place of its reference or anchor."""
        start = min(max(start, 0), self._length)
        first = self._index(start)
        piece = self._pieces[first]
        inside = piece.origin is Origin.SOURCE
        begin = piece.span.start + (start - self._starts[first] if inside else 0)
        if end <= start:
            return Span(piece.span.source, begin, begin if inside else piece.span.end)
        last = self._index(min(end, self._length) - 1)
        final = self._pieces[last]
        stop = final.span.start + min(end, self._length) - self._starts[last] if final.origin is Origin.SOURCE else final.span.end
        if final.span.source is not piece.span.source:
            stop = piece.span.end
        return Span(piece.span.source, begin, max(begin, stop))

    def piece(self, offset: int) -> Piece:
        """The piece that holds the character at `offset`."""
        return self._pieces[self._index(offset)]

    def _index(self, offset: int) -> int:
        return max(bisect.bisect_right(self._starts, offset) - 1, 0)


def _fence(shell: Shell) -> list[Span]:
    spans = [line.span for line in shell.lines]
    while spans and not spans[0].text.strip():
        spans.pop(0)
    while spans and not spans[-1].text.strip():
        spans.pop()
    indent = common_indent([span.text for span in spans])
    return [_without(span, min(indent, len(indentation(span.text)))) for span in spans]


def _command(shell: Shell) -> list[Span]:
    spans = [line.span for line in shell.lines]
    if not spans:
        return []
    first = spans[0]
    home = indentation(first.source.line(first.line))
    rest = []
    for span in spans[1:]:
        done = span.column - 1  # what the parser has already taken away
        rest.append(_without(span, shared([home[done:], indentation(span.text)])))
    return [_without(first, len(indentation(first.text))), *rest]


def _without(span: Span, characters: int) -> Span:
    return Span(span.source, span.start + characters, span.end)


def _pieces(line: Span, constant: Constant, found: list[Diagnostic]) -> Iterable[Piece]:
    """The pieces of one line; an empty line is one empty piece, so that each source line starts a piece."""
    source, text, at = line.source, line.text, 0
    pieces = []

    def take(start: int, end: int) -> None:
        if start < end:
            pieces.append(Piece(text[start:end], source.span(line.start + start, line.start + end), Origin.SOURCE))

    for match in CONSTANT.finditer(text):
        take(at, match.start())
        if match["literal"]:
            at = match.start() + 1  # `$${a.b}`: without the first `$`, and to be read by nobody else
            take(at, match.end())
        else:
            span = source.span(line.start + match.start(), line.start + match.end())
            pieces.append(Piece(_value(tuple(match["path"].split(".")), span, constant, found), span, Origin.CONSTANT))
        at = match.end()
    take(at, len(text))
    return pieces or [Piece("", line, Origin.SOURCE)]


def _value(path: tuple[str, ...], span: Span, constant: Constant, found: list[Diagnostic]) -> str:
    value = constant(path, span)
    if isinstance(value, Diagnostic):
        found.append(value)
        return _STAND_IN
    several = path[-1] == "args"
    if several and (not value or WORDS.fullmatch(value)):
        return value
    if PLAIN.fullmatch(value):
        return value
    found.append(_not_plain(path, value, span))
    return _STAND_IN


def _not_plain(path: tuple[str, ...], value: str, span: Span) -> Diagnostic:
    name = "_".join(path)
    shown = value if len(value) <= 40 else value[:37] + "…"
    if not value:
        message = f"the constant `{'.'.join(path)}` is empty, so nothing would stand in the command"
    else:
        message = f"the constant `{'.'.join(path)}` is not a plain word inside a command: {shown!r}"
    if re.search(r"\$[a-z{]", value):
        fix = 'it holds a name that is known only when run: write it out here, in double quotes, as in "$name/folder"'
    else:
        fix = (
            f'pass it as a parameter: `param {name} string {{ default "…" }}`, and write "${name}" here; '
            "only letters, digits and _@%+=:,./- can stand in a command as they are"
        )
    return Diagnostic("RB402", message, span, fix)
