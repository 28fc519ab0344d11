"""What may stand in a template of Markdown: typed leaves, none of them a `str`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compiler.emit.leaves import Chunk, Leaf, prefixed
from compiler.emit.markdown_text import code_span, escaped, fence, prose_block, prose_line, visible_keeping_blanks
from compiler.plan.model import Body

_LEAD = re.compile(r"[ >]*(?:(?:[-*+]|\d{1,9}[.)])[ ]+)?")  # what may stand before a block: blanks, quote marks, a list's marker
_LANGUAGE = re.compile(r"[a-z]*")
_SLUG = re.compile(r"[\w-]+")
_FIELD = re.compile(r"\{([a-z_]+)\}")
_URL_UNSAFE = re.compile(r"[^!#$%&'*+,\-./0-9:;=?@A-Z_a-z~]")


class MarkdownLeaf(Leaf):
    """A leaf of the Markdown templates."""

    def inline(self, cell: bool) -> str:
        """The leaf inside of a line, in a table cell if `cell`. Raises TypeError for a leaf that is a block."""
        raise TypeError(f"{type(self).__name__} is a block")

    def chunks(self, lead: str) -> Iterator[Chunk]:
        yield self.inline(cell=False), None, 0


@dataclass(frozen=True)
class Text(MarkdownLeaf):
    """Plain text: a title, a path, a value. Nothing in it means anything to Markdown."""

    text: str

    def inline(self, cell: bool) -> str:
        return escaped(self.text)


@dataclass(frozen=True)
class Inline(MarkdownLeaf):
    """Code in a line."""

    code: str

    def inline(self, cell: bool) -> str:
        return code_span(self.code, cell=cell)

    def chunks(self, lead: str) -> Iterator[Chunk]:
        if lead[-1:] in ("`", "\\"):
            raise ValueError(f"code must not stand after {lead[-1:]!r}")
        if lead[-1:] == "[" and "]:" in self.code:  # the label of a link definition ends there, inside of code or not
            yield escaped(self.code), None, 0
        else:
            yield self.inline(cell=False), None, 0


@dataclass(frozen=True)
class Number(MarkdownLeaf):
    """A whole number."""

    number: int

    def inline(self, cell: bool) -> str:
        return str(int(self.number))


@dataclass(frozen=True)
class Slug(MarkdownLeaf):
    """An anchor, as in `](#{{ slug }})`; raises ValueError for anything else than letters, digits, `_` and `-`."""

    text: str

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.text):
            raise ValueError(f"not an anchor: {self.text!r}")

    def inline(self, cell: bool) -> str:
        return self.text


@dataclass(frozen=True)
class Url(MarkdownLeaf):
    """A link's target, as in `]({{ url }})`: what could end it is percent-encoded."""

    url: str

    def inline(self, cell: bool) -> str:
        return _URL_UNSAFE.sub(lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), self.url)


@dataclass(frozen=True)
class Prose(MarkdownLeaf):
    """An author's Markdown. On a line that holds nothing else (a list's marker, `>`) it is blocks, else one line."""

    text: str

    def inline(self, cell: bool) -> str:
        return prose_line(self.text, cell=cell)

    def chunks(self, lead: str) -> Iterator[Chunk]:
        prefix = _prefix(lead)
        if prefix is None:
            yield self.inline(cell=False), None, 0
        else:
            yield f"\n{prefix}".join(prose_block(self.text)).replace(f"\n{prefix}\n", f"\n{prefix.rstrip()}\n"), None, 0


@dataclass(frozen=True)
class Sentence(MarkdownLeaf):
    """A sentence of our own locale files, which is Markdown, with leaves for its `{fields}`.

    Raises KeyError for a field without a leaf.
    """

    text: str
    fields: Mapping[str, MarkdownLeaf]

    def inline(self, cell: bool) -> str:
        return _FIELD.sub(lambda m: self.fields[m[1]].inline(cell), self.text)


@dataclass(frozen=True)
class Flow(MarkdownLeaf):
    """Several leaves in a row, in one line."""

    parts: tuple[MarkdownLeaf, ...]

    def inline(self, cell: bool) -> str:
        return "".join(part.inline(cell) for part in self.parts)


@dataclass(frozen=True)
class Cell(MarkdownLeaf):
    """The content of a table cell: plain text, or another leaf. It stands between blanks: `| {{ cell }} |`."""

    content: str | MarkdownLeaf
    before = frozenset(" ")
    after = frozenset(" ")

    def inline(self, cell: bool) -> str:
        content = Text(self.content) if isinstance(self.content, str) else self.content
        return content.inline(cell=True)


@dataclass(frozen=True)
class Fence(MarkdownLeaf):
    """A block of code, on lines of its own: a body, whose characters keep their origins, or text.

    Raises ValueError for a language that is not lower-case letters.
    """

    content: Body | str
    language: str = "bash"
    after = frozenset(("", "\n"))

    def __post_init__(self) -> None:
        if not _LANGUAGE.fullmatch(self.language):
            raise ValueError(f"not a language: {self.language!r}")

    def chunks(self, lead: str) -> Iterator[Chunk]:
        prefix = _prefix(lead)
        if prefix is None:
            raise ValueError(f"a fence stands on lines of its own, not after {lead!r}")
        text = self.content if isinstance(self.content, str) else self.content.text
        ticks = fence(text)
        yield f"{ticks}{self.language}\n", None, 0
        if isinstance(self.content, Body):
            yield from prefixed(self.content, prefix, first=True)
        else:
            lines = [visible_keeping_blanks(line) for line in text.rstrip("\n").split("\n")]
            yield "\n".join(prefix + line if line else prefix.rstrip() for line in lines), None, 0
        yield f"\n{prefix}{ticks}", None, 0


def _prefix(lead: str) -> str | None:
    """What begins the following lines of a block that begins after `lead`, or None where no block can begin."""
    if not _LEAD.fullmatch(lead):
        return None
    return re.sub(r"[^ >]", " ", lead)
