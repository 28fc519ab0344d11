"""All the files of a spec: `use`, followed to its end.

A used `.rb` file may be a library or a runbook of its own; it brings what the table calls shared. A `.yml` or `.yaml` file is an
inventory. Each file is taken once, however often it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from compiler.diagnostics import Diagnostic, Note, Refused
from compiler.resolve.inventory import read_inventory
from compiler.schema.row import TOP
from compiler.schema.table import below
from compiler.source import Loader, Source, Span
from compiler.syntax.parser import parse
from compiler.syntax.tree import Document, Literal, Statement

MOST_FILES = 200
DEEPEST = 40


@dataclass(frozen=True)
class Files:
    """What was read.

    `statements` are in order: a used file's stand where it is used. `whole` is False where a file was not understood.
    """

    main: Document
    uses: tuple[Source, ...]
    statements: tuple[Statement, ...]
    own: frozenset[int]  # ids of the main file's own statements
    found: tuple[Diagnostic, ...]
    whole: bool


@dataclass
class _Reader:
    loader: Loader
    found: list[Diagnostic] = field(default_factory=list)
    uses: dict[str, Source] = field(default_factory=dict)
    whole: bool = True

    def add(self, code: str, message: str, span: Span, fix: str | None, *notes: Note) -> None:
        self.found.append(Diagnostic(code, message, span, fix, notes))

    def used(self, use: Statement, chain: list[tuple[str, Span]]) -> Iterator[Statement]:
        """The statements that a `use` brings. `chain` are the files under way, the main one first, and where each is used."""
        if len(use.words) != 1 or not isinstance(part := use.words[0].parts[0], Literal):
            if any(not isinstance(p, Literal) for w in use.words for p in w.parts):
                self.add("RB309", "a `use` names its file without constants", use.head, "write the path itself")
                self.whole = False
            return  # other mistakes in the words are the table's business
        span = use.words[0].span
        name = part.text
        if not name.endswith((".rb", ".yml", ".yaml")):
            self.add("RB309", f"`use` takes a spec (`.rb`) or an inventory (`.yml`, `.yaml`), not `{name}`", span, None)
            self.whole = False
            return
        try:
            source = self.loader.load(name, span.source, span)
        except Refused as refused:
            self.found.extend(refused.diagnostics)
            self.whole = False
            return
        names = [under_way for under_way, _ in chain]
        if source.name in names:
            begin = names.index(source.name)
            notes = [Note(place, f"`{used}` is used here") for used, place in chain[begin + 1 :]]
            circle = " → ".join([*names[begin:], source.name])
            self.add(
                "RB308", f"the files use each other in a circle: {circle}", span, "move what both need into a third file", *notes
            )
            return
        if source.name in self.uses:
            return
        if len(self.uses) >= MOST_FILES or len(chain) >= DEEPEST:
            limit = f"{MOST_FILES} files" if len(self.uses) >= MOST_FILES else f"{DEEPEST} files one inside the other"
            self.add("RB308", f"this spec uses more than {limit}", span, "use fewer, larger files")
            self.whole = False
            return
        self.uses[source.name] = source
        yield from self.of_file(source, name, [*chain, (source.name, span)])

    def of_file(self, source: Source, name: str, chain: list[tuple[str, Span]]) -> Iterator[Statement]:
        if not name.endswith(".rb"):
            statements, found = read_inventory(source)
            self.found.extend(found)
            self.whole = self.whole and not found
            yield from statements
            return
        document, errors = parse(source)
        self.found.extend(errors)
        self.whole = self.whole and not errors
        yield from self.statements(document.statements, chain)

    def statements(self, statements: tuple[Statement, ...], chain: list[tuple[str, Span]]) -> Iterator[Statement]:
        """What these statements of a file bring, `use` replaced by what is used. Of the main file it is everything."""
        rows = below(TOP)
        main = len(chain) == 1
        for statement in statements:
            if statement.keyword == "use":
                yield from self.used(statement, chain)
            row = rows.get(statement.keyword)
            if main or row is None or row.shared or statement.keyword == "use":
                yield statement


def read_files(document: Document, loader: Loader) -> Files:
    """The main file's statements with everything that it uses (RB308, RB309, the loader's and the parser's own codes)."""
    reader = _Reader(loader)
    source = document.source
    statements = tuple(reader.statements(document.statements, [(source.name, source.span(0, 0))]))
    return Files(
        main=document,
        uses=tuple(reader.uses.values()),
        statements=statements,
        own=frozenset(map(id, document.statements)),
        found=tuple(reader.found),
        whole=reader.whole,
    )
