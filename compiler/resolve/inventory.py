"""Inventories: hosts, services and values of a YAML file, as the statements that they would be in a spec.

    hosts:
      heimserver:
        address: heimserver.example
        needs: [docker >= 24, '"docker compose" >= 2', git]
        guard: path /opt/gw
    services:
      leitstand:
        on: heimserver
        compose: [compose.yml, compose.local.yml]
        env_file:
          .env:
            require: [APP_TOKEN secret, APP_PORT]
    values:
      mail:
        sender: ops@example.org

Everything has the name that it has in a spec and is checked by the same table. A setting of one word takes the scalar as it
is; one of several takes the words that would stand behind its keyword. A list is a list, or the setting several times; a
mapping under a setting is its block. Only plain YAML: no tags, no anchors, no aliases, one document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from compiler.diagnostics import Diagnostic, Refused, did_you_mean
from compiler.schema.row import ANY, Row
from compiler.schema.signature import Several, Slot
from compiler.schema.table import below, row_by_key
from compiler.source import Source, Span
from compiler.syntax.tree import Literal, Quote, Reference, Statement, Word
from compiler.syntax.words import CONSTANT, WordReader

if TYPE_CHECKING:
    from yaml.events import Event

SECTIONS = {"hosts": "host", "services": "service", "values": "values"}
MOST_CHARACTERS = 512 * 1024
MOST_SCALARS = 20_000
DEEPEST = 8
_WORDS = re.compile(r'"[^"]*"|\'[^\']*\'|[^\s,]+|,')


@dataclass(frozen=True)
class Scalar:
    """One value of the YAML."""

    text: str
    span: Span
    exact: bool  # the text stands in the file as it is, at `start`
    start: int


@dataclass(frozen=True)
class Listing:
    """A list of the YAML."""

    items: tuple[Tree, ...]
    span: Span


@dataclass(frozen=True)
class Table:
    """A mapping of the YAML, in the order written."""

    items: tuple[tuple[Scalar, Tree], ...]
    span: Span


Tree = Scalar | Listing | Table


def read_inventory(source: Source) -> tuple[tuple[Statement, ...], tuple[Diagnostic, ...]]:
    """The statements of an inventory, and what is wrong with its YAML and its shape (RB310, RB311)."""
    found: list[Diagnostic] = []
    try:
        tree = read_yaml(source)
    except Refused as refused:
        return (), refused.diagnostics
    if tree is None:
        return (), ()
    statements: list[Statement] = []
    if not isinstance(tree, Table):
        found.append(Diagnostic("RB310", "an inventory is a mapping", tree.span, "begin with `hosts:`, `services:` or `values:`"))
        return (), tuple(found)
    maker = _Maker(source, found)
    for key, value in tree.items:
        section = SECTIONS.get(key.text)
        if section is None:
            fix = did_you_mean(key.text, SECTIONS) or "an inventory has `hosts:`, `services:` and `values:`"
            found.append(Diagnostic("RB310", f"unknown part `{key.text}` of an inventory", key.span, fix))
        elif isinstance(value, Table):
            statements.extend(maker.entry(row_by_key(section), section, name, settings) for name, settings in value.items)
        elif not _empty(value):
            found.append(
                Diagnostic("RB310", f"`{key.text}` is a mapping of names", value.span, f"write `{key.text}:`, below it `name:`")
            )
    return tuple(statements), tuple(found)


# ── YAML to a small tree ──────────────────────────────────────────────────────────────────────────────────────────


def read_yaml(source: Source) -> Tree | None:
    """The file as scalars, lists and mappings, or None for an empty one. Raises Refused (RB310, RB311)."""
    import yaml

    if len(source.text) > MOST_CHARACTERS:
        limit = f"an inventory holds at most {MOST_CHARACTERS // 1024} KiB"
        raise Refused([Diagnostic("RB311", "this inventory is too large", source.span(0, 0), limit)])
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(source).build(yaml.parse(source.text, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = min(mark.index if mark else getattr(error, "position", 0) or 0, len(source.text))
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not understood"
        raise Refused(
            [Diagnostic("RB310", f"this is not YAML: {problem}", source.span(at, min(at + 1, len(source.text))))]
        ) from None


@dataclass
class _Open:
    """A list or mapping that is not closed yet."""

    start: int
    mapping: bool
    items: list[Tree]


class _Builder:
    """Builds the tree from events, without recursion, and stops at the first thing that plain YAML does not need."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[_Open] = []
        self.root: Tree | None = None
        self.scalars = 0
        self.documents = 0

    def refuse(self, code: str, message: str, event: Event, fix: str | None = None) -> Refused:
        return Refused([Diagnostic(code, message, self.span(event), fix)])

    def span(self, event: Event) -> Span:
        begin, end = event.start_mark, event.end_mark
        start = min(begin.index if begin else 0, len(self.source.text))
        return self.source.span(start, max(start, min(end.index if end else 0, len(self.source.text))))

    def build(self, events: Iterator[Event]) -> Tree | None:
        import yaml

        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise self.refuse("RB310", "an inventory is one YAML document", event, "remove what follows `---`")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                raise self.refuse("RB311", "anchors and aliases are not read in an inventory", event, "write the value out")
            if getattr(event, "tag", None) is not None:
                raise self.refuse("RB311", "tags are not read in an inventory", event, "write the value without `!`")
            if isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                if len(self.open) >= DEEPEST:
                    raise self.refuse("RB311", f"more than {DEEPEST} levels in each other", event, "an inventory needs four")
                self.open.append(_Open(self.span(event).start, isinstance(event, yaml.MappingStartEvent), []))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.close(event)
        return self.root

    def scalar(self, event: Any) -> None:
        self.scalars += 1
        if self.scalars > MOST_SCALARS:
            raise self.refuse("RB311", f"more than {MOST_SCALARS} values", event, "split the inventory")
        span = self.span(event)
        start = span.start + (1 if event.style in ("'", '"') else 0)
        exact = self.source.text.startswith(event.value, start) and (event.style or "") in ("", "'", '"')
        self.put(Scalar(event.value, span, exact, start))

    def close(self, event: Event) -> None:
        done = self.open.pop()
        span = self.source.span(done.start, max(done.start, self.span(event).end))
        if not done.mapping:
            self.put(Listing(tuple(done.items), span))
            return
        entries: dict[str, tuple[Scalar, Tree]] = {}
        for key, value in zip(done.items[::2], done.items[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise Refused([Diagnostic("RB310", "a key is a single word here", key.span)])
            if key.text in entries:
                raise Refused([Diagnostic("RB310", f"`{key.text}` stands twice in one mapping", key.span, "keep one of them")])
            entries[key.text] = (key, value)
        self.put(Table(tuple(entries.values()), span))

    def put(self, tree: Tree) -> None:
        if self.open:
            self.open[-1].items.append(tree)
        else:
            self.root = tree


def _empty(tree: Tree) -> bool:
    return isinstance(tree, Scalar) and tree.text in ("", "~", "null")


# ── the tree to statements ────────────────────────────────────────────────────────────────────────────────────────


class _Maker:
    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.source = source
        self.found = found
        self.reader = WordReader(source, found)

    def wrong(self, message: str, span: Span, fix: str | None = None) -> None:
        self.found.append(Diagnostic("RB310", message, span, fix))

    def entry(self, row: Row, keyword: str, name: Scalar, settings: Tree) -> Statement:
        """One named thing, or a setting with a block: `name: {settings}`."""
        words = list(self.words(row, name))
        block: list[Statement] = []
        known = below(row.key)
        literals = _leading_literals(row)
        if isinstance(settings, Table):
            for key, value in settings.items:
                if key.text in literals and key.text not in known:
                    words.append(self.word(key.text, key, Quote.BARE, 0))
                    words.extend(self.value_words(value))
                else:
                    block.extend(self.setting(known.get(key.text) or known.get(ANY), key, value))
        elif not _empty(settings):
            self.wrong(f"`{name.text}` is a mapping of settings", settings.span)
        return self.statement(keyword, name.span, words, tuple(block), settings.span)

    def value_words(self, value: Tree) -> Iterator[Word]:
        if isinstance(value, Scalar):
            yield self.word(value.text, value, Quote.BARE, 0)
        else:
            self.wrong("a single value is expected here", value.span)

    def setting(self, row: Row | None, key: Scalar, value: Tree) -> Iterator[Statement]:
        """The statements that a setting is; an unknown one is left to the table."""
        if row is None:
            yield self.statement(key.text, key.span, [], None, key.span)
        elif isinstance(value, Table):
            if below(row.key):
                for name, inner in value.items:
                    yield self.entry(row, key.text, name, inner)
            else:
                self.wrong(f"`{key.text}` has no settings of its own", value.span)
        elif isinstance(value, Listing) and row.repeatable:
            for item in value.items:
                yield from self.setting(row, key, item)
        elif isinstance(value, Listing):
            words: list[Word] = []
            for item in value.items:
                if words:
                    words[-1] = replace(words[-1], comma=True)
                if isinstance(item, Scalar):
                    words.extend(self.words(row, item))
                else:
                    self.wrong(f"`{key.text}` is a list of single values", item.span)
            yield self.statement(key.text, key.span, words, None, value.span)
        elif _empty(value):
            yield self.statement(key.text, key.span, [], None, key.span)
        else:
            yield self.statement(key.text, key.span, list(self.words(row, value)), None, value.span)

    def words(self, row: Row, scalar: Scalar) -> Iterator[Word]:
        """A scalar as the words behind a keyword: one where the signature has one, else as it would stand in a spec."""
        elements = row.pattern.forms[0].elements
        if len(row.pattern.forms) == 1 and len(elements) == 1 and _single(elements[0]):
            yield self.word(scalar.text, scalar, Quote.STRING, 0)
            return
        pending: Word | None = None
        for match in _WORDS.finditer(scalar.text):
            text = match[0]
            if text == ",":
                pending = replace(pending, comma=True) if pending else None
                continue
            if pending is not None:
                yield pending
            if text[0] in "\"'" and len(text) > 1:
                pending = self.word(text[1:-1], scalar, Quote.RAW if text[0] == "'" else Quote.STRING, match.start() + 1)
            else:
                pending = self.word(text, scalar, Quote.BARE, match.start())
        if pending is not None:
            yield pending

    def word(self, text: str, scalar: Scalar, quote: Quote, offset: int) -> Word:
        """A word of a scalar; where the scalar does not stand in the file as it is, its place is the whole scalar."""
        if not scalar.exact:
            return Word(quote, tuple(_parts(text, scalar.span)) or (Literal("", scalar.span),), scalar.span)
        start = scalar.start + offset
        if quote is Quote.RAW or not text:
            span = self.source.span(start, start + len(text))
            return Word(quote, (Literal(text, span),), span)
        return replace(self.reader.read(Quote.BARE, text, start, False), quote=quote)

    def statement(
        self, keyword: str, place: Span, words: list[Word], block: tuple[Statement, ...] | None, whole: Span
    ) -> Statement:
        end = max([place.end, *(w.span.end for w in words)])
        start = min([place.start, *(w.span.start for w in words)])
        head = self.source.span(start, end)
        span = self.source.span(start, max(end, whole.end))
        return Statement(keyword, place, tuple(words), None, block, span, head)


def _parts(text: str, span: Span) -> Iterator[Literal | Reference]:
    """Text whose characters do not stand in the file one to one (escapes, folded lines), cut at its references."""
    done = 0
    for match in CONSTANT.finditer(text):
        if match["literal"]:
            yield Literal(text[done : match.start()] + match[0][1:], span)
        else:
            if match.start() > done:
                yield Literal(text[done : match.start()], span)
            yield Reference(tuple(match["path"].split(".")), span)
        done = match.end()
    if done < len(text):
        yield Literal(text[done:], span)


def _single(element: object) -> bool:
    """Whether a scalar is this argument as a whole (for a list: one entry of it)."""
    if isinstance(element, Several):
        return len(element.item) == 1 and _single(element.item[0])
    return isinstance(element, Slot) and bool(element.types) and not element.literals


def _leading_literals(row: Row) -> set[str]:
    """The words that begin the optional groups of a head, as `on` in `service NAME [on HOST]`."""
    return {
        first.literals[0]
        for form in row.pattern.forms
        for element in form.elements
        if not isinstance(element, (Slot, Several)) and isinstance(first := element.content[0], Slot) and first.literals
    }
