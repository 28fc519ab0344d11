"""A runbook as GitHub reads it: parsed by markdown-it, with tables, strikethrough and bare links as GitHub has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from compiler.emit.anchors import Anchors

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


class Read:
    """What stands in a document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = PARSER.parse(text)

    @cached_property
    def inline(self) -> list[Token]:
        return [child for token in self.tokens for child in token.children or ()]

    @cached_property
    def headings(self) -> list[Heading]:
        return [
            Heading(int(token.tag[1]), _plain(self.tokens[at + 1]))
            for at, token in enumerate(self.tokens)
            if token.type == "heading_open"
        ]

    @cached_property
    def anchors(self) -> list[str]:
        anchors = Anchors()
        return [anchors.of(heading.text) for heading in self.headings]

    @cached_property
    def links(self) -> list[str]:
        """Targets inside of the document."""
        targets = [str(t.attrs["href"]) for t in self.inline if t.type == "link_open"]
        return [unquote(t[1:]) for t in targets if t.startswith("#")]

    @cached_property
    def fences(self) -> list[Token]:
        return [t for t in self.tokens if t.type == "fence"]

    def code(self, language: str = "bash") -> list[str]:
        """The content of the fences of a language, without the newline at the end."""
        return [t.content.removesuffix("\n") for t in self.fences if t.info == language]

    @cached_property
    def tables(self) -> list[list[list[str]]]:
        """Rows of cells; the heads are rows too."""
        found: list[list[list[str]]] = []
        for at, token in enumerate(self.tokens):
            if token.type == "table_open":
                found.append([])
            elif token.type == "tr_open":
                found[-1].append([])
            elif token.type in ("th_open", "td_open"):
                found[-1][-1].append(_plain(self.tokens[at + 1]))
        return found

    @cached_property
    def html(self) -> list[Token]:
        return [t for t in (*self.tokens, *self.inline) if t.type in ("html_block", "html_inline")]

    @property
    def outline(self) -> list[tuple[str, int]]:
        """What no word of a spec may change: the headings' levels, and the tables by their columns, in order."""
        parts: list[tuple[str, int]] = []
        for at, token in enumerate(self.tokens):
            if token.type == "heading_open":
                parts.append((token.type, int(token.tag[1])))
            elif token.type == "tr_open":
                row = self.tokens[at + 1 :]
                end = next(n for n, t in enumerate(row) if t.type == "tr_close")
                parts.append((token.type, sum(t.type in ("th_open", "td_open") for t in row[:end])))
        return parts


def _plain(token: Token) -> str:
    """The text that a reader sees."""
    return "".join(
        "\n" if c.type in ("softbreak", "hardbreak") else c.content
        for c in token.children or ()
        if c.type in ("text", "code_inline", "text_special", "softbreak", "hardbreak", "html_inline")
    )
