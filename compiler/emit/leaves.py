"""What may stand in a template of bash: typed leaves, none of them a `str`.

A leaf is a whole word, a comment, or whole lines; it says which characters may be its neighbours, and the renderer holds it to
that. So a template cannot put a value into a string of its own, and text that forgot its leaf is an error, not an injection.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from compiler.emit import shell
from compiler.emit.layout import frozen_lines
from compiler.emit.resources import File
from compiler.plan.model import Body, Piece, Value

Chunk = tuple[str, Piece | None, int]  # text; the piece it belongs to; where in the piece's text it begins

_LINE_EDGE = frozenset(("", "\n"))
_WORD_BEFORE = frozenset(("", *" \t\n(=<>[|"))
_WORD_AFTER = frozenset(("", *" \t\n);]|"))
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+")


class Leaf(ABC):
    """A value that a template may print. `before` and `after` hold its allowed neighbours ("" at the file's ends)."""

    before: ClassVar[frozenset[str] | None] = None  # None: any
    after: ClassVar[frozenset[str] | None] = None

    @abstractmethod
    def chunks(self, lead: str) -> Iterator[Chunk]:
        """The leaf's text in order. `lead` is what stands before it on its line."""


class BashLeaf(Leaf):
    """A leaf of the bash templates."""


@dataclass(frozen=True)
class Word(BashLeaf):
    """Text as one quoted word: `'Neue Images holen'`."""

    text: str
    before = _WORD_BEFORE
    after = _WORD_AFTER

    def chunks(self, lead: str) -> Iterator[Chunk]:
        yield shell.quote(self.text), None, 0


@dataclass(frozen=True)
class Expanded(BashLeaf):
    """A value as one word in which its `$name`s are expanded: `"${HOME}/repos"`; bare where it is plain and holds none."""

    value: Value
    before = _WORD_BEFORE
    after = _WORD_AFTER

    def chunks(self, lead: str) -> Iterator[Chunk]:
        constant = self.value.constant
        yield shell.double(self.value) if constant is None else shell.word(constant), None, 0


@dataclass(frozen=True)
class Bare(BashLeaf):
    """An identifier or a whole number; raises ValueError for anything else."""

    text: str | int

    def __post_init__(self) -> None:
        if isinstance(self.text, bool) or not _BARE.fullmatch(str(self.text)):
            raise ValueError(f"neither a name nor a number: {self.text!r}")

    def chunks(self, lead: str) -> Iterator[Chunk]:
        yield str(self.text), None, 0


@dataclass(frozen=True)
class Comment(BashLeaf):
    """`# text`, one line: what cannot be seen is written out, and it is never a directive to ShellCheck."""

    text: str
    before = frozenset(("", *" \t\n"))
    after = _LINE_EDGE

    def chunks(self, lead: str) -> Iterator[Chunk]:
        text = visible(self.text).strip()
        if text.startswith("shellcheck") or text.endswith("\\"):  # never a directive, nor what looks like a continued line
            text = f"({text})"
        yield f"# {text}".rstrip(), None, 0


@dataclass(frozen=True)
class Code(BashLeaf):
    """The operator's shell, word for word, on lines of its own.

    `indent` blanks stand before each line but those in `frozen`, else the body's own `frozen`, else what the text says.
    """

    body: Body
    indent: int = 0
    frozen: frozenset[int] | None = None
    before = _LINE_EDGE
    after = _LINE_EDGE

    def chunks(self, lead: str) -> Iterator[Chunk]:
        text = self.body.text
        known = self.body.frozen if self.frozen is None else self.frozen
        keep = frozen_lines(text) if known is None else known
        yield from prefixed(self.body, " " * self.indent, first=True, keep=keep)


@dataclass(frozen=True)
class Raw(BashLeaf):
    """A runtime piece as it is, on lines of its own."""

    file: File
    before = _LINE_EDGE
    after = _LINE_EDGE

    def chunks(self, lead: str) -> Iterator[Chunk]:
        yield self.file.text.removesuffix("\n"), None, 0


def prefixed(body: Body, prefix: str, *, first: bool, keep: frozenset[int] = frozenset()) -> Iterator[Chunk]:
    """A body's pieces with `prefix` before each line not in `keep` (without blanks at its end where the line is empty).

    Newlines at the body's end are left out.
    """
    left = len(body.text.rstrip("\n"))
    number, at_start = 0, first
    for piece in body.pieces:
        at = 0
        text = piece.text[:left]
        left -= len(text)
        while at < len(text):
            newline = text.find("\n", at)
            end = newline + 1 if newline >= 0 else len(text)
            lead = prefix.rstrip() if newline == at else prefix
            if at_start and lead and number not in keep:
                yield lead, None, 0
            yield text[at:end], piece, at
            at_start = newline >= 0
            number += at_start
            at = end


def visible(text: str) -> str:
    """Text for people on one line: white space folded; control, bidi and other unseen characters written as `\\u{…}`."""
    return "".join(c if _seen(c) else f"\\u{{{ord(c):x}}}" for c in " ".join(text.split()))


def _seen(char: str) -> bool:
    return " " <= char <= "~" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
