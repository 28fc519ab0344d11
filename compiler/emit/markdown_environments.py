"""A runbook with environments: written for each and laid over each other. Equal things stand once, others say where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TypeVar

from compiler.emit.markdown_blocks import Block, Book, Bullets, Code, Heading, Paragraph, Table, codes, commented, joined, passage
from compiler.emit.markdown_leaves import Cell, Flow, Inline, MarkdownLeaf, Prose, Sentence, Text

T = TypeVar("T")
Documents = Mapping[str, tuple[Book, tuple[Block, ...]]]
Lists = Mapping[str, Sequence[Block]]  # environment -> what stands there


@dataclass
class _Part:
    """A heading with what stands below it; the document itself has none."""

    heading: Heading | None
    blocks: list[Block]
    parts: list[_Part]


def merged(documents: Documents) -> Iterator[Block]:
    """One document of the documents of all environments, in their order."""
    book = next(iter(documents.values()))[0]
    parts = {name: _parts(None, list(blocks)) for name, (_, blocks) in documents.items()}
    first, rest = _split(parts)
    yield from _Merge(book).below(first)
    yield from overview(book, documents)
    yield from _Merge(book).parts(rest)


def _split(documents: Mapping[str, _Part]) -> tuple[dict[str, _Part], dict[str, list[_Part]]]:
    """The title with what stands under it, and the chapters."""
    titles = {name: part.parts[0] for name, part in documents.items()}
    heads = {name: _Part(None, [*_heads(title), *title.blocks], []) for name, title in titles.items()}
    return heads, {name: title.parts for name, title in titles.items()}


def _heads(part: _Part) -> Iterator[Block]:
    if part.heading is not None:
        yield part.heading


def _parts(heading: Heading | None, blocks: list[Block]) -> _Part:
    """The tree of a document: a heading holds everything up to the next one of its level."""
    made = _Part(heading, [], [])
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if not isinstance(block, Heading):
            made.blocks.append(block)
            at += 1
            continue
        end = at + 1
        while end < len(blocks) and not _ends(blocks[end], block.level):
            end += 1
        made.parts.append(_parts(block, blocks[at + 1 : end]))
        at = end
    return made


def _ends(block: Block, level: int) -> bool:
    return isinstance(block, Heading) and block.level <= level


def overview(book: Book, documents: Documents) -> Iterator[Block]:
    """What the environments are, where their scripts lie, and everything in which they differ."""
    known = {name: each.plan.environment for name, (each, _) in documents.items()}
    here = {name: environment for name, environment in known.items() if environment is not None}
    yield book.title("environments.title")
    yield Paragraph(book.say("environments.intro", folders=codes(f"{name}/" for name in here)))
    for name, environment in here.items():
        if environment.note:
            yield _labelled(book, [name], Paragraph(passage(environment.note)))[0]
    labels = [label for label, _ in next(iter(here.values())).settings]
    if labels:
        head = (Sentence("", {}), *(Text(name) for name in here))
        rows = []
        for label in labels:
            values = (dict(environment.settings)[label] for environment in here.values())
            rows.append((Cell(Inline(label)), *(Cell(Inline(value) if value else Sentence("–", {})) for value in values)))
        yield Paragraph(book.say("environments.differs"))
        yield Table(tuple(Cell(leaf) for leaf in head), tuple(rows))


class _Merge:
    def __init__(self, book: Book) -> None:
        self.book = book

    def below(self, parts: Mapping[str, _Part]) -> Iterator[Block]:
        """What stands under one heading, in the environments that have it."""
        yield from self.blocks({name: part.blocks for name, part in parts.items()})
        yield from self.parts({name: part.parts for name, part in parts.items()})

    def parts(self, lists: Mapping[str, Sequence[_Part]]) -> Iterator[Block]:
        for heading, parts in _aligned(lists):
            names = tuple(name for part in parts.values() if part.heading is not None for name in part.heading.names)
            yield replace(heading, names=names)
            if len(parts) < len(lists):
                yield Paragraph(self.book.say("environments.only", names=_names(parts)))
            yield from self.below(parts)

    def blocks(self, lists: Lists) -> Iterator[Block]:
        """Blocks of one place: equal ones once, others each with where they hold."""
        run: list[tuple[Block, list[str]]] = []
        for block, names in _together(lists):
            if len(names) == len(lists):
                yield from self.differing(run, tuple(lists))
                run = []
                yield block
            else:
                run.append((block, names))
        yield from self.differing(run, tuple(lists))

    def differing(self, run: Sequence[tuple[Block, list[str]]], names: Sequence[str]) -> Iterator[Block]:
        """A row of blocks that do not hold everywhere: side by side where the environments have the same kinds."""
        each = {name: [block for block, where in run if name in where] for name in names}
        kinds = {tuple(type(block) for block in blocks) for blocks in each.values()}
        if len(kinds) > 1:
            for block, where in run:
                yield from _labelled(self.book, where, block)
            return
        for row in zip(*each.values(), strict=True):
            yield from self.one(dict(zip(names, row, strict=True)))

    def one(self, variants: Mapping[str, Block]) -> Iterator[Block]:
        """One block in what it is in each environment."""
        values = list(variants.values())
        tables = [block for block in values if isinstance(block, Table)]
        lists = [block for block in values if isinstance(block, Bullets)]
        if len(tables) == len(values) and all(table.head == tables[0].head for table in tables):
            rows = _together({name: t.rows for name, t in zip(variants, tables, strict=True)})
            head = (Cell(self.book.say("environments.column")), *tables[0].head)
            everywhere = Cell(Sentence("", {}))
            where_cells = ((row, everywhere if len(where) == len(values) else Cell(_names(where))) for row, where in rows)
            yield Table(head, tuple((cell, *row) for row, cell in where_cells))
        elif len(lists) == len(values):
            items = _together({name: b.items for name, b in zip(variants, lists, strict=True)})
            yield Bullets(tuple(i if len(where) == len(values) else self.inline(where, i) for i, where in items))
        else:
            for block, where in _together({name: (block,) for name, block in variants.items()}):
                yield from _labelled(self.book, where, block)

    def inline(self, where: Sequence[str], leaf: MarkdownLeaf) -> MarkdownLeaf:
        return self.book.say("environments.inline", names=_names(where), text=leaf)


def _labelled(book: Book, where: Sequence[str], block: Block) -> tuple[Block, ...]:
    """The block with the environments that it holds in: in its line, in its first line, or in one before it."""
    if isinstance(block, Paragraph) and isinstance(block.text, Sentence | Flow):
        return (Paragraph(book.say("environments.inline", names=_names(where), text=block.text)),)
    if isinstance(block, Code) and block.fence.language == "bash":
        return (Code(commented(block.fence, ", ".join(where))),)
    label = book.say("environments.label", names=_names(where))
    if isinstance(block, Paragraph) and isinstance(block.text, Prose) and "\n" not in block.text.text.strip():
        return (Paragraph(book.say("environments.inline", names=_names(where), text=block.text)),)
    return (Paragraph(label), block)


def _names(where: Iterable[str]) -> MarkdownLeaf:
    return joined(Sentence("**{name}**", {"name": Text(name)}) for name in where)


def _aligned(lists: Mapping[str, Sequence[_Part]]) -> Iterator[tuple[Heading, dict[str, _Part]]]:
    """Parts with equal headings together, in an order that is that of each environment."""
    rest = {name: list(parts) for name, parts in lists.items()}
    for heading, names in _together({name: [p.heading for p in parts if p.heading] for name, parts in lists.items()}):
        yield heading, {name: rest[name].pop(0) for name in names}


def _together(lists: Mapping[str, Sequence[T]]) -> list[tuple[T, list[str]]]:
    """Everything that stands in the lists, equal things once with the names of their lists, in an order that is that of each."""
    known: list[T] = []  # what is compared is no key of a dictionary
    numbers = {name: [_number(known, one) for one in several] for name, several in lists.items()}
    made: list[tuple[int, list[str]]] = []
    for name, mine in numbers.items():
        before, laid = made, []
        match = SequenceMatcher(None, [number for number, _ in before], mine, autojunk=False)
        for kind, start, end, mine_start, mine_end in match.get_opcodes():
            both = kind == "equal"
            laid += [(number, [*names, name] if both else names) for number, names in before[start:end]]
            laid += [] if both else [(number, [name]) for number in mine[mine_start:mine_end]]
        made = laid
    return [(known[number], names) for number, names in made]


def _number(known: list[T], one: T) -> int:
    if one not in known:
        known.append(one)
    return known.index(one)
