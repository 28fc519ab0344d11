"""From Lark's children to the tree's named fields, while the parser runs."""

from __future__ import annotations

import re
from typing import Any

from lark import Transformer

from compiler.diagnostics import Diagnostic
from compiler.source import Source, Span
from compiler.syntax.body import command, fence
from compiler.syntax.lexer import Lexeme
from compiler.syntax.mistakes import COMMA_LAST
from compiler.syntax.tree import Comment, Document, Quote, Shell, Statement, Word
from compiler.syntax.words import WordReader

DEPTH = 32  # blocks in each other

_QUOTES = {"NAME": Quote.BARE, "BARE": Quote.BARE, "STRING": Quote.STRING, "RAW": Quote.RAW, "TEXT": Quote.TEXT}
_COMMENT = re.compile(r"#[^\n]*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")

Block = tuple[tuple[Statement | Shell, ...], int]  # the items and the offset after the `}`


class TooDeep(Exception):
    """The block that begins at `offset` is one too many."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(offset)


class Builder(Transformer[Any, Document]):
    """Called by the parser for each rule that it has recognised, and by the lexer for line ends and braces.

    One builder belongs to one Lark object; `begin` sets it on a source. Offsets of tokens are in the parsed part, which
    begins at `base` of the source.
    """

    def __init__(self) -> None:
        super().__init__()
        self.begin(Source("", ""), 0)

    def begin(self, source: Source, base: int) -> None:
        """Forget the last parse."""
        self.source = source
        self.base = base
        self.depth = 0
        self.comments: list[Comment] = []
        self.found: list[Diagnostic] = []
        self.words = WordReader(source, self.found)

    def line_end(self, token: Lexeme) -> Lexeme:
        """Lexer: keep the comments."""
        if "#" in token.value:
            start = self.base + token.start_pos
            for match in _COMMENT.finditer(token.value):
                text = match[0].rstrip()
                at = start + match.start()
                self.comments.append(Comment(text, Span(self.source, at, at + len(text))))
        return token

    def opened(self, token: Lexeme) -> Lexeme:
        """Lexer: a `{`."""
        self.depth += 1
        if self.depth > DEPTH:
            raise TooDeep(self.base + token.start_pos)
        return token

    def closed(self, token: Lexeme) -> Lexeme:
        """Lexer: a `}`."""
        self.depth -= 1
        return token

    def document(self, children: list[Any]) -> Document:
        """All of a file or of a part of it."""
        return Document(self.source, tuple(children), tuple(self.comments))

    def statement(self, children: list[Any]) -> Statement:
        """A keyword, its words, and what is last."""
        source, base = self.source, self.base
        keyword: Lexeme = children[0]
        start = base + keyword.start_pos
        after = base + keyword.end_pos
        shell: Shell | None = None
        block: tuple[Statement | Shell, ...] | None = None
        last = children[-1]
        if type(last) is tuple:
            block, end = last
            children.pop()
        elif last.type == "SHELL":
            shell = command(source, last.value, base + last.start_pos, self.found)
            children.pop()
            end = shell.span.end
        else:
            end = -1
        words = self._read_words(children) if len(children) > 1 else ()
        keyword_span = Span(source, start, after)
        head = Span(source, start, words[-1].span.end) if words else keyword_span
        whole = Span(source, start, end) if end >= 0 else head
        return Statement(keyword.value, keyword_span, words, shell, block, whole, head)

    def _read_words(self, children: list[Lexeme]) -> tuple[Word, ...]:
        words: list[Word] = []
        base, read = self.base, self.words.read
        count = len(children)
        at = 1
        while at < count:
            token = children[at]
            at += 1
            comma = at < count and children[at].type == "COMMA"
            words.append(read(_QUOTES[token.type], token.value, base + token.start_pos, comma))
            if comma:
                self._continued(children[at], children[at + 1])
                at += 1
        return tuple(words)

    def _continued(self, comma: Lexeme, following: Lexeme) -> None:
        """A comma at the end of a line takes in the next line, not one after a blank line."""
        start, end = self.base + comma.end_pos, self.base + following.start_pos
        if end > start + 1 and _BLANK_LINE.search(self.source.text, start, end):
            self.found.append(COMMA_LAST.at(Span(self.source, start - 1, start)))

    def block(self, children: list[Any]) -> Block:
        """`{ … }`; its items."""
        return tuple(children[1:-1]), self.base + children[-1].end_pos

    def shell(self, children: list[Lexeme]) -> Shell:
        """A command or a fence as an item of a block."""
        token = children[0]
        make = command if token.type == "SHELL" else fence
        return make(self.source, token.value, self.base + token.start_pos, self.found)
