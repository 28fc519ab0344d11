"""Why a part of a file does not parse: line by line, one error a line, and what is wrong with the braces.

Called only for what the grammar has refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic, Note
from compiler.source import Source
from compiler.syntax.explain_bad import end_of_line, explain_bad, no_keyword
from compiler.syntax.lexer import Lexeme
from compiler.syntax.mistakes import (
    AFTER_CLOSING,
    AFTER_OPENING,
    BEFORE_CLOSING,
    COMMA_LAST,
    COMMA_MISPLACED,
    COMMAND_CUT,
    COMMAND_OUTSIDE,
    FENCE_NOT_ALONE,
    OPENING_ALONE,
    OPENING_OF_NOTHING,
    STRAY_CLOSING,
    Mistake,
)
from compiler.syntax.scan import Part, opens_at_end

_WORDS = ("NAME", "BARE", "STRING", "RAW", "TEXT")
_NEAR = 64  # braces looked at when indentation has to say which one is meant


@dataclass(frozen=True)
class _Opening:
    """A `{`: its offset, its line's indentation, the keyword before it."""

    at: int
    indent: int
    keyword: str


def explain(source: Source, part: Part) -> list[Diagnostic]:
    """The errors of a part that does not parse; empty where nothing is found that a person could be told."""
    return _Explainer(source, part).all()


class _Explainer:
    def __init__(self, source: Source, part: Part) -> None:
        self.source = source
        self.part = part
        self.found: list[Diagnostic] = []
        self.open: list[_Opening] = []
        self.braces: list[_Opening | int] = []  # openings, and the indentation of closings, in order
        self.strays = False

    def all(self) -> list[Diagnostic]:
        for line in _lines(self.part.lexemes):
            self._line(line)
        swallowed = any(d.code in ("RB101", "RB102", "RB115") for d in self.found)  # the braces may stand in what has no end
        if self.open and not swallowed and not self.part.cut_short:
            self.found += [self._unclosed(opening) for opening in self._blamed()]
        return self.found

    def _tell(self, mistake: Mistake, start: int, end: int) -> None:
        self.found.append(mistake.at(self.source.span(start, min(end, len(self.source.text)))))

    def _line(self, line: list[Lexeme]) -> None:
        """The first mistake of a line; braces are counted to its end."""
        before = len(self.found)
        for index, lexeme in enumerate(line):
            previous = line[index - 1] if index else None
            following = line[index + 1] if index + 1 < len(line) else None
            quiet = len(self.found) > before
            if lexeme.type == "LBRACE":
                if not quiet:
                    self._at_opening(lexeme, previous, following)
                self._opened(lexeme.start_pos, line[0])
            elif lexeme.type == "RBRACE":
                self._closed(lexeme, previous, following, quiet)
            elif lexeme.type == "BAD":
                if not quiet:
                    self.found.append(explain_bad(self.source, lexeme))
                if opens_at_end(lexeme.value):
                    self._opened(lexeme.start_pos + lexeme.value.rindex("{"), line[0])
                elif lexeme.value.rstrip().endswith("}") and self.open and self.open[-1].at >= line[0].start_pos:
                    self._close(lexeme.start_pos)
            elif not quiet:
                self._at_word(lexeme, index, previous, following)

    def _at_word(self, lexeme: Lexeme, index: int, previous: Lexeme | None, following: Lexeme | None) -> None:
        kind, start, end = lexeme.type, lexeme.start_pos, lexeme.end_pos
        if kind == "COMMA":
            if index < 2 or (previous is not None and previous.type == "COMMA"):
                self._tell(COMMA_MISPLACED, start, end)
            elif following is None or following.type not in (*_WORDS, "COMMA", "BAD"):
                self._tell(COMMA_LAST, start, end)
        elif kind in ("SHELL", "FENCE"):
            self._at_shell(lexeme, previous)
        elif previous is None and kind != "NAME":
            self.found.append(no_keyword(self.source, lexeme))

    def _at_shell(self, lexeme: Lexeme, previous: Lexeme | None) -> None:
        start, end = lexeme.start_pos, lexeme.start_pos + len(lexeme.value.split("\n", 1)[0])
        if lexeme.type == "FENCE" and previous is not None:
            self._tell(FENCE_NOT_ALONE, start, end)
        elif previous is None and not self.open and not self.strays:
            self._tell(COMMAND_OUTSIDE, start, end)
        elif lexeme.type == "SHELL" and lexeme.end_pos > len(self.source.text.rstrip("\n")) and lexeme.value.endswith("\\\n"):
            last = lexeme.start_pos + len(lexeme.value) - 1
            self._tell(COMMAND_CUT, last - 1, last)

    def _at_opening(self, lexeme: Lexeme, previous: Lexeme | None, following: Lexeme | None) -> None:
        if previous is None:
            self._tell(OPENING_ALONE, lexeme.start_pos, lexeme.end_pos)
        elif previous.type in ("LBRACE", "RBRACE"):
            self._tell(OPENING_OF_NOTHING, lexeme.start_pos, lexeme.end_pos)
        elif following is not None and following.type != "RBRACE":
            self._tell(AFTER_OPENING, lexeme.start_pos, lexeme.end_pos)

    def _closed(self, lexeme: Lexeme, previous: Lexeme | None, following: Lexeme | None, quiet: bool) -> None:
        start, end = lexeme.start_pos, lexeme.end_pos
        if not self.open:
            if not self.strays:
                self._tell(STRAY_CLOSING, start, end)
            self.strays = True
        elif quiet:
            pass
        elif previous is not None and previous.type != "LBRACE":
            self._tell(BEFORE_CLOSING, start, end)
        elif following is not None:
            self._tell(AFTER_CLOSING, start, end)
        self._close(start)

    def _close(self, at: int) -> None:
        if self.open:
            self.open.pop()
        self.braces.append(self._indent(at))

    def _opened(self, at: int, first: Lexeme) -> None:
        opening = _Opening(at, self._indent(at), first.value if first.type == "NAME" else "")
        self.open.append(opening)
        self.braces.append(opening)

    def _indent(self, at: int) -> int:
        line_start = self.source.text.rfind("\n", 0, at) + 1
        line = self.source.text[line_start:at]
        return len(line) - len(line.lstrip(" \t"))

    def _blamed(self) -> list[_Opening]:
        """The blocks that are not closed, going by indentation: a `}` that stands left of the block it would close is meant
        for the one with its own indentation."""
        stack: list[_Opening] = []
        blamed: list[_Opening] = []
        for brace in self.braces:
            if isinstance(brace, _Opening):
                stack.append(brace)
                continue
            if any(opening.indent == brace for opening in stack[-_NEAR:]):
                while stack[-1].indent > brace:
                    blamed.append(stack.pop())
            if stack:
                stack.pop()
        return [*blamed, *reversed(stack)][: len(self.open)]

    def _unclosed(self, opening: _Opening) -> Diagnostic:
        what = f"the block of `{opening.keyword}`" if opening.keyword else "this block"
        notes: tuple[Note, ...] = ()
        if self.part.end < len(self.source.text):
            end = end_of_line(self.source.text, self.part.end)
            notes = (Note(self.source.span(self.part.end, end), "the next statement begins here"),)
        return Diagnostic(
            "RB104",
            f"{what} is not closed",
            self.source.span(opening.at, opening.at + 1),
            "write a `}` on a line of its own below what belongs to it",
            notes,
        )


def _lines(lexemes: list[Lexeme]) -> Iterator[list[Lexeme]]:
    """The lexemes of each statement's line; a line that ends in a comma takes in the next."""
    line: list[Lexeme] = []
    for index, lexeme in enumerate(lexemes):
        if lexeme.type != "_NL":
            line.append(lexeme)
            continue
        goes_on = line and line[-1].type == "COMMA" and index + 1 < len(lexemes) and lexemes[index + 1].type in _WORDS
        if line and not goes_on:
            yield line
            line = []
    if line:
        yield line
