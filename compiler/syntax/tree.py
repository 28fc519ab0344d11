"""The syntax tree: statements, words, blocks, shell. It knows no keyword.

The grammar is `keyword words… { … }` with shell last; what a keyword means is the schema's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from compiler.source import Source, Span


class Quote(Enum):
    """How a word was written."""

    BARE = "bare"  # /opt/gw, >=, https://x.example, ${leitstand.url}/health
    STRING = "string"  # "…": escapes decoded, ${a.b} are references
    RAW = "raw"  # '…': a pattern; no escapes, no references
    TEXT = "text"  # """…""": dedented Markdown; ${a.b} are references


@dataclass(frozen=True)
class Literal:
    """Decoded text of a word, with the place that it was written at."""

    text: str
    span: Span


@dataclass(frozen=True)
class Reference:
    """`${a.b}`: a compiler constant (always dotted)."""

    path: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class Word:
    """One argument. `parts` alternate as written; a RAW word has exactly one Literal."""

    quote: Quote
    parts: tuple[Literal | Reference, ...]
    span: Span
    comma: bool = False  # a comma follows it

    @property
    def text(self) -> str:
        """The word as text, references written back as `${a.b}`."""
        return "".join(p.text if isinstance(p, Literal) else "${" + ".".join(p.path) + "}" for p in self.parts)


@dataclass(frozen=True)
class ShellLine:
    """One line of an operator's shell, as it stands in the source (dedented): `span.text` is its text."""

    span: Span


@dataclass(frozen=True)
class Shell:
    """One `$ …` command or one fence.

    `lines` in order; a `$` command continued with a backslash has several. Text is never decoded here: `${a.b}` and
    `$${a.b}` are found by `compiler.shell`. `fence` tells the two spellings apart for the formatter. `bound` has the names of
    each `each` around it with the word whose turn it is.
    """

    lines: tuple[ShellLine, ...]
    span: Span
    fence: bool
    bound: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Statement:
    """`keyword words… [$ shell] [{ block }]`. `block` is None where there are no braces, `()` for `{}`.

    A body of shell is an item of the block: a block's items are statements and shell in the order written. A statement
    with a trailing `$ …` has that one in `shell`.
    """

    keyword: str
    keyword_span: Span
    words: tuple[Word, ...]
    shell: Shell | None
    block: tuple[Statement | Shell, ...] | None
    span: Span  # all of it, block included
    head: Span  # keyword to last word: what a message underlines


@dataclass(frozen=True)
class Comment:
    """`# …` to the end of the line; kept for the formatter."""

    text: str
    span: Span


@dataclass(frozen=True)
class Document:
    """One parsed file."""

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
