"""Text that people and shells read: bodies with their places, and values that may hold `$name`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from compiler.source import Span


class Origin(Enum):
    """Where a piece of a body comes from."""

    SOURCE = "source"  # the operator's own characters, one to one with `span`
    CONSTANT = "constant"  # the value of `${a.b}`; `span` is the reference
    INSERTED = "inserted"  # the compiler's text (braces of `${name}`, a check's command); `span` is its anchor


@dataclass(frozen=True)
class Piece:
    """A run of text with its place. A SOURCE piece never spans a newline: each source line starts a piece."""

    text: str
    span: Span
    origin: Origin


@dataclass(frozen=True)
class Body:
    """Shell as it is run and as it is printed: the same text in script and runbook.

    `frozen` are the 0-based lines that begin inside a quote or a here-document and keep their place; None: not looked at.
    """

    pieces: tuple[Piece, ...]
    frozen: frozenset[int] | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        return "".join(p.text for p in self.pieces)

    @property
    def span(self) -> Span:
        """The place to name for the whole body."""
        return self.pieces[0].span


@dataclass(frozen=True)
class Lit:
    """Text that is known when a spec is compiled."""

    text: str


@dataclass(frozen=True)
class Var:
    """A plain `$name`: a parameter, a capture, or HOME, USER, PATH, TMPDIR, PWD."""

    name: str


@dataclass(frozen=True)
class Value:
    """A path, URL, host, duration or number that may hold `$name`; becomes one shell word."""

    parts: tuple[Lit | Var, ...]

    @property
    def constant(self) -> str | None:
        """The text, if nothing in it is known only when run."""
        return "".join(p.text for p in self.parts if isinstance(p, Lit)) if all(isinstance(p, Lit) for p in self.parts) else None

    @property
    def shown(self) -> str:
        """For people: `$name` written as `$name`."""
        return "".join(p.text if isinstance(p, Lit) else f"${p.name}" for p in self.parts)
