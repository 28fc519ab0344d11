"""`$name` -> `${name}`: ShellCheck's own replacement for SC2250, done where the parser sees a plain expansion."""

from __future__ import annotations

from compiler.plan.model import Body, Origin, Piece
from compiler.shell.analyse import analyse
from compiler.shell.facts import Facts


def braced(body: Body, facts: Facts | None = None) -> Body:
    """The body with braces around each plain `$name`; `$1`, `$?`, `$@` and quoted text stay.

    The braces are INSERTED pieces, anchored at the character before them.

    `facts` are those of this very body, where they are known already; else it is parsed (RB404 where shfmt cannot be run).
    """
    known = analyse(body) if facts is None else facts
    marks: dict[int, str] = {}
    for place in known.plain:
        marks[place.start + 1] = "{"
        marks[place.end] = marks.get(place.end, "") + "}"
    if not marks:
        return body
    pieces: list[Piece] = []
    offset = 0
    for piece in body.pieces:
        end = offset + len(piece.text)
        # A mark at the border of two pieces belongs to the earlier one: `}` right behind the name, before its newline.
        cuts = [at for at in range(offset, end + 1) if at in marks]
        pieces.extend(_cut(piece, offset, {at: marks.pop(at) for at in cuts}))
        offset = end
    return Body(tuple(pieces))


def _cut(piece: Piece, offset: int, marks: dict[int, str]) -> list[Piece]:
    if not marks:
        return [piece]
    result: list[Piece] = []
    done = 0
    for at, mark in sorted(marks.items()):
        local = at - offset
        if local > done:
            result.append(_part(piece, done, local))
        anchor = _part(piece, max(local - 1, 0), local).span if piece.origin is Origin.SOURCE else piece.span
        result.append(Piece(mark, anchor, Origin.INSERTED))
        done = local
    if done < len(piece.text):
        result.append(_part(piece, done, len(piece.text)))
    return result


def _part(piece: Piece, start: int, end: int) -> Piece:
    if piece.origin is not Origin.SOURCE:
        return Piece(piece.text[start:end], piece.span, piece.origin)
    begin = piece.span.start
    return Piece(piece.text[start:end], piece.span.source.span(begin + start, begin + end), Origin.SOURCE)
