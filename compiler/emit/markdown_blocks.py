"""What a runbook is made of: headings, paragraphs, lists, tables and fences in a row, each with a template that prints it."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from compiler.emit.anchors import Anchors
from compiler.emit.leaves import visible
from compiler.emit.locale import load
from compiler.emit.markdown_leaves import Cell, Fence, Flow, Inline, MarkdownLeaf, Prose, Sentence, Text
from compiler.emit.markdown_text import prose_block
from compiler.plan.model import AnyItem, Body, CheckItem, Origin, Piece, Plan, Probe, Value, walk
from compiler.plan.words import as_word
from compiler.source import Span

_HEADING = re.compile(r"(?P<before>[ >]*(?:(?:[-*+]|\d{1,9}[.)])[ ]+)*[ >]*)(?P<mark>#{1,6}(?=[ \t]|$)|=+[ ]*$|-+[ ]*$)")
_FENCE = re.compile(r"[ ]*(?P<run>`{3,}|~{3,})")


@dataclass(frozen=True)
class Heading:
    """A heading. `names` are the anchors that it shall be found in, each with what links call it there."""

    template: ClassVar[str] = "markdown/heading.md.j2"
    level: int
    text: Text
    names: tuple[tuple[MutableMapping[str, str], str], ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `Prose` that stands alone may be several, or a list, a quotation, a fence."""

    template: ClassVar[str] = "markdown/paragraph.md.j2"
    text: MarkdownLeaf


@dataclass(frozen=True)
class Bullets:
    template: ClassVar[str] = "markdown/bullets.md.j2"
    items: tuple[MarkdownLeaf, ...]


@dataclass(frozen=True)
class Tasks:
    """A list to tick."""

    template: ClassVar[str] = "markdown/tasks.md.j2"
    items: tuple[MarkdownLeaf, ...]


@dataclass(frozen=True)
class Table:
    template: ClassVar[str] = "markdown/table.md.j2"
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Code:
    template: ClassVar[str] = "markdown/code.md.j2"
    fence: Fence


Block = Heading | Paragraph | Bullets | Tasks | Table | Code


@dataclass(frozen=True)
class Target(MarkdownLeaf):
    """The anchor of a heading that may come later, as in `]({link})`."""

    anchors: Mapping[str, str] = field(repr=False, compare=False)
    elsewhere: Mapping[str, Target] = field(repr=False, compare=False)
    key: str

    def inline(self, cell: bool) -> str:
        if self.key in self.elsewhere:
            return self.elsewhere[self.key].inline(cell)
        return "#" + self.anchors[self.key]  # letters, marks, digits, `_` and `-`: nothing that ends a link


@dataclass
class Book:
    """A runbook that is being written: its Plan, its language, and the anchors of its headings, once they are given.

    A runbook with procedures is one of what they share, with one more as a chapter for each: its headings lie `shift` deeper,
    and its links find its own headings first, then those of the whole.
    """

    plan: Plan
    words: Mapping[str, str] = field(init=False)
    outcomes: Mapping[str, str] = field(init=False)
    anchors: MutableMapping[str, str] = field(default_factory=dict)
    elsewhere: dict[str, Target] = field(default_factory=dict)  # what has no heading of its own, and where it stands
    shift: int = 0
    chapters: list[Book] = field(default_factory=list)
    earlier: tuple[Book, ...] = ()  # the chapters in front of this one
    printed: dict[str, AnyItem] = field(default_factory=dict)  # probes whose commands stand at an item that asks them

    def __post_init__(self) -> None:
        self.words = load("runbook", self.plan.meta.lang)
        self.outcomes = load("outcome", self.plan.meta.lang)

    def chapter(self, plan: Plan) -> Book:
        """The next chapter, for the Plan of a procedure."""
        made = Book(plan, ChainMap({}, self.anchors), shift=1, earlier=tuple(self.chapters))
        self.chapters.append(made)
        return made

    def say(self, key: str, **fields: MarkdownLeaf) -> Sentence:
        """A sentence of the runbook's language."""
        return Sentence(self.words[key], fields)

    def heading(self, level: int, text: str, key: str | None = None) -> Heading:
        """A heading, plain text. `key` is what links call it. Markdown ends at level 6."""
        return Heading(min(level + self.shift, 6), Text(text), () if key is None else ((self.anchors, key),))

    def title(self, key: str, level: int = 2) -> Heading:
        """A heading out of the locale file; links call it by its key."""
        return self.heading(level, self.words[key], key)

    def stands_at(self, key: str, book: Book, other: str) -> None:
        """What has no heading of its own here is found where something else of the document stands."""
        self.elsewhere[key] = book.target(other)

    def target(self, key: str) -> Target:
        return Target(self.anchors, self.elsewhere, key)

    def link(self, text: str, key: str, chapter: Book | None = None) -> MarkdownLeaf:
        """A link to a heading of this document, which may come later; by the keys of another chapter, if one is given."""
        return Sentence("[{text}]({target})", {"text": Text(text), "target": (chapter or self).target(key)})

    def item(self, item: AnyItem) -> MarkdownLeaf:
        """A link to an item by number and title."""
        return self.link(f"{item.number} {item.title}", item_key(item))

    def troubles(self, names: Iterable[str]) -> MarkdownLeaf:
        """Links to troubles, in a row."""
        titles = {t.name: t.title for t in self.plan.troubles}
        return joined(self.link(titles[name], f"trouble/{name}") for name in names)

    def probe(self, name: str) -> Probe:
        """A probe of the script's, or of a schedule's own."""
        own = next((p for p in self.plan.probes if p.name == name), None)
        return own or next(p for schedule in self.plan.schedules for p in schedule.probes if p.name == name)

    @cached_property
    def checks(self) -> tuple[CheckItem, ...]:
        """Every check that is an item of its own, in the document's order."""
        items = [i for phase in self.plan.phases for i in walk(phase.items)]
        items += self.plan.rollback.verify if self.plan.rollback else ()
        return tuple(i for i in items if isinstance(i, CheckItem))

    def checked(self, probe: str) -> CheckItem | None:
        """Where a probe is asked as an item of its own, so that its commands stand there."""
        return next((i for i in self.checks if i.use.probe == probe), None)

    def place(self, probe: str) -> AnyItem | None:
        """Where the commands of a probe stand, as far as that is settled."""
        return self.checked(probe) or self.printed.get(probe)

    def asked_before(self, item: CheckItem) -> CheckItem | None:
        """Where the same probe was asked before by everybody who comes to this item."""
        earlier = self.checks[: self.checks.index(item)]
        return next((i for i in earlier if i.use.probe == item.use.probe and i.path == item.path[: len(i.path)]), None)


def anchored(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The document's blocks in their final order; its headings get their anchors in this order."""
    given = Anchors()
    document = tuple(blocks)
    for block in document:
        if isinstance(block, Heading):
            anchor = given.of(visible(block.text.text))
            for anchors, key in block.names:
                anchors.setdefault(key, anchor)
    return document


def item_key(item: AnyItem) -> str:
    """What links call an item's heading; numbers are unique in a Plan."""
    return f"item/{item.number}"


def joined(leaves: Iterable[MarkdownLeaf], between: str = ", ") -> Flow:
    """Leaves in a row."""
    parts: list[MarkdownLeaf] = []
    for leaf in leaves:
        parts += [leaf] if not parts else [Sentence(between, {}), leaf]
    return Flow(tuple(parts))


def codes(words: Iterable[str]) -> Flow:
    """Code spans in a row."""
    return joined(Inline(w) for w in words)


def commands(bodies: Sequence[Body], folder: Value | None, before: str = "", after: str = "") -> Code:
    """Bodies as one block to copy: the script's own text, behind the `cd` that the script does first."""
    pieces = [_own(("" if folder is None else f"cd {as_word(folder)}\n") + before, bodies[0].span)]
    for number, body in enumerate(bodies):
        pieces += [_own("\n", body.span)] if number else []
        pieces += body.pieces
    pieces.append(_own(after, bodies[-1].span))
    return Code(Fence(Body(tuple(p for p in pieces if p.text))))


def commented(fence: Fence, text: str) -> Fence:
    """Commands behind a comment: it is pasted with them, and stands in the history."""
    line = f"# {text}\n"
    if isinstance(fence.content, str):
        return Fence(line + fence.content, fence.language)
    pieces = fence.content.pieces
    return Fence(Body((_own(line, pieces[0].span), *pieces)), fence.language)


def typed(text: str, language: str = "bash") -> Code:
    """A block of the compiler's own text."""
    return Code(Fence(text, language))


def _own(text: str, span: Span) -> Piece:
    return Piece(text, span, Origin.INSERTED)


def passage(text: str) -> Prose:
    """An author's Markdown as blocks. It has no headings of its own: the outline, and with it every anchor, is the runbook's."""
    return Prose("\n".join(_without_headings(prose_block(text))))


def _without_headings(lines: Iterable[str]) -> Iterator[str]:
    fence = ""
    before = ""
    for line in lines:
        opening = _FENCE.match(line)
        if fence or opening:
            if not fence and opening:
                fence = opening["run"]
            elif line.strip() == fence:
                fence = ""
            before = ""
            yield line
            continue
        heading = _HEADING.match(line)
        if heading and heading["mark"][0] != "#" and not before.strip():
            heading = None  # a line of dashes under nothing is only a line
        before = line
        yield line if heading is None else f"{heading['before']}\\{line[heading.start('mark') :]}"
