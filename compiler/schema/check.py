"""The tree against the keyword table: what may stand where, and with what words.

All mistakes of a file are found in one run; what stands inside something unknown is not looked at, so that one mistake gives one
message. Which names exist is not asked here (`compiler.resolve`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from compiler.diagnostics import Diagnostic, Note, nearest
from compiler.schema.each import MOST, Turn, all_of, bound, named, size, turns, unnamed_capture
from compiler.schema.match import match, usage_of
from compiler.schema.row import ANY, TOP, Block, Row
from compiler.schema.table import ROWS, below, keywords, parents_of
from compiler.schema.types import Given
from compiler.source import Span
from compiler.syntax.tree import Literal, Quote, Shell, Statement, Word
from compiler.syntax.words import NAME

EACH = "each"
Substitute = Callable[[Word], str | None]
"""A word's text with its constants in place; None where one is unknown (and reported)."""


@dataclass(frozen=True)
class Checked:
    """A statement with its row, its typed arguments and its shell, not yet resolved."""

    row: Row
    statement: Statement
    keyword: str
    args: dict[str, Any]
    places: dict[str, Any]
    children: tuple[Checked, ...]
    shells: tuple[Shell, ...]
    complete: bool  # False where its words are at fault: nothing further should be asked of them


def check(statements: Sequence[Statement], substitute: Substitute) -> tuple[tuple[Checked, ...], list[Diagnostic]]:
    """The statements of a file's top level, checked, and everything that is wrong with them (RB201 to RB213)."""
    checker = _Checker(substitute)
    checked = checker.children(TOP, statements)
    return checker.with_probes_of_each(checked), checker.found


class _Checker:
    def __init__(self, substitute: Substitute) -> None:
        self.substitute = substitute
        self.found: list[Diagnostic] = []
        self.said: frozenset[str] = frozenset()  # what a statement around says for all that it holds
        self.turn = Turn()  # of the `each` statements around
        self.probes: list[Checked] = []  # declared inside of an `each`
        self.meant: dict[str, list[str]] = {}  # their name outside of it -> those of all words
        self.written_out = 0  # statements, by all `each`

    def add(self, code: str, message: str, span: Span, fix: str | None = None, *notes: Note) -> None:
        self.found.append(Diagnostic(code, message, span, fix, notes))

    def children(self, parent: str, statements: Sequence[Statement], name: str = "") -> tuple[Checked, ...]:
        """The statements of a block (or of the top level), those that may stand there."""
        known = below(parent)
        first: dict[str, Statement] = {}
        checked: list[Checked] = []
        for statement in statements:
            keyword, words = _two_words(statement, known)
            row = known.get(keyword)
            if row is None and ANY in known and NAME.fullmatch(keyword):
                row = known[ANY]
            if row is None:
                self.unknown(keyword, statement, parent, name)
                continue
            if keyword in first and not row.repeatable:
                place = Note(first[keyword].head, "it stands here first")
                what = f"in `{name}`" if name else "in a file"
                self.add("RB203", f"`{keyword}` stands twice {what}", statement.head, "keep one of them", place)
                continue
            first.setdefault(keyword, statement)
            if keyword == EACH:
                checked += self.each(row, words, statement)
            else:
                checked.append(self.one(row, keyword, words, statement))
        return tuple(checked)

    def each(self, row: Row, words: tuple[Word, ...], statement: Statement) -> Iterator[Checked]:
        """What an `each` holds, once for each word. Its probes stand at the top level."""
        self.block(row, EACH, statement)
        block = tuple(item for item in statement.block or () if isinstance(item, Statement))
        shells = [item for item in statement.block or () if isinstance(item, Shell)]
        if shells or statement.shell is not None:
            self.misplaced_shell(row, EACH, statement.shell or shells[0])
        matched, found = match(row.pattern, EACH, [Given(w, self.substitute(w)) for w in words], statement.head, shell=False)
        self.found.extend(found)
        if not matched.complete:
            return
        name = str(matched.args["name"])
        given, wrong = turns(matched.args["in"], matched.places["in"])
        self.found.extend(wrong)
        captures = {id(inner): unnamed_capture(inner, name) for inner in block if inner.keyword == "capture"}
        self.found.extend(same for same in captures.values() if same is not None)
        outside, cost = self.turn, size(block)
        for number, (word, id_) in enumerate(given):
            if self.written_out > MOST:
                break  # said already
            self.written_out += cost
            if self.written_out > MOST:
                fix = "write fewer words, or less in it; `each` in `each` multiplies"
                self.add("RB213", f"`each` would write out more than {MOST} statements", statement.head, fix)
                break
            if number:
                block = tuple(inner for inner in block if captures.get(id(inner)) is None)
            self.turn = outside.inside(id_, block)
            for inner in self.children(row.key, [bound(inner, name, word) for inner in block], EACH):
                if inner.row.declares == "probe":
                    self.probes.append(inner)
                    self.meant.setdefault(inner.statement.words[0].text, []).append(str(inner.args.get("name")))
                else:
                    yield inner
        self.turn = outside

    def with_probes_of_each(self, checked: tuple[Checked, ...]) -> tuple[Checked, ...]:
        """The file with those probes; outside, a list that names one of them means those of all words."""

        def spread(statements: Iterable[Checked]) -> None:
            for statement in statements:
                all_of(statement.row, statement.args, statement.places, self.meant)
                spread(statement.children)

        if self.meant:
            spread(checked)
        return (*checked, *self.probes)

    def one(self, row: Row, keyword: str, words: tuple[Word, ...], statement: Statement) -> Checked:
        block = statement.block or ()
        shells = tuple(item for item in block if isinstance(item, Shell))
        if statement.shell is not None:
            shells = (statement.shell, *shells)
        inner = [item for item in block if isinstance(item, Statement)]
        self.block(row, keyword, statement)
        if shells and not row.pattern.shell:
            self.misplaced_shell(row, keyword, shells[0])
        givens = [Given(word, self.substitute(word)) for word in words]
        has_shell = bool(shells) and row.pattern.shell
        matched, found = match(row.pattern, keyword, givens, statement.head, shell=has_shell)
        self.found.extend(found)
        named(row, matched.args, self.turn)
        if row.pattern.shell and not matched.shell and not shells and statement.block:
            self.add("RB205", f"`{keyword}` has a block only around commands", statement.head, "leave the block out")
        outside = self.said
        self.said |= {child.keyword for child in inner if child.keyword in row.covers}
        children = self.children(row.key, inner, keyword)
        self.said = outside
        stray = bool(shells) and not row.pattern.shell  # commands that were meant as what is required
        if not stray and (statement.block is not None or row.block is not Block.MUST):
            self.required(row, keyword, statement, inner)
        return Checked(row, statement, keyword, matched.args, matched.places, children, shells, matched.complete)

    # ── what is wrong ─────────────────────────────────────────────────────────────────────────────────────────────

    def unknown(self, keyword: str, statement: Statement, parent: str, name: str) -> None:
        """A keyword that may not stand here: known elsewhere, misspelt, or not at all."""
        here = [k for k in below(parent) if k != ANY]
        near = nearest(keyword, here)
        where = f"in `{name}`" if name else "at the top level"
        fix = f"did you mean `{near}`?" if near is not None else None
        if keyword in keywords():
            if keyword in {k for row in ROWS if row.keyword == name for k in below(row.key)}:
                self.add(
                    "RB202", f"`{keyword}` may not stand in a `{name}` of the rollback", statement.keyword_span, "leave it out"
                )
                return
            homes = [home or "the top level" for home in parents_of(keyword)]
            fix = fix or f"it stands in {_either([h if h == 'the top level' else f'`{h}`' for h in homes])}"
            self.add("RB202", f"`{keyword}` may not stand {where}", statement.keyword_span, fix)
            return
        kind = "setting" if name else "statement"
        if fix is None and here and len(here) <= 20:
            fix = f"{f'`{name}`' if name else 'the top level'} knows {', '.join(f'`{k}`' for k in here)}"
        self.add("RB201", f"unknown {kind} `{keyword}` {where}", statement.keyword_span, fix)

    def block(self, row: Row, keyword: str, statement: Statement) -> None:
        if statement.block is None and row.block is Block.MUST:
            self.add("RB205", f"`{keyword}` needs a block", statement.head, f"`{keyword} … {{` and, on a line of its own, `}}`")
        elif statement.block is not None and row.block is Block.NO:
            self.add("RB205", f"`{keyword}` has no block", statement.head, f"write it as {usage_of(keyword, row.pattern)}")

    def misplaced_shell(self, row: Row, keyword: str, shell: Shell) -> None:
        holders = [f"`{k}`" for k, child in below(row.key).items() if child.pattern.shell]
        fix = f"put them into {_either(holders[:4])}" if holders else f"write it as {usage_of(keyword, row.pattern)}"
        self.add(
            "RB206", f"no commands may stand directly in `{keyword}`", shell.lines[0].span if shell.lines else shell.span, fix
        )

    def required(self, row: Row, keyword: str, statement: Statement, inner: Sequence[Statement]) -> None:
        written: dict[str, Statement] = {}
        for child in inner:
            written.setdefault(_two_words(child, below(row.key))[0], child)
        for wanted in row.required:
            options = (wanted,) if isinstance(wanted, str) else wanted
            if not any(option in written or option in self.said for option in options):
                self.missing(row, keyword, statement, options, written)
        for group in row.exclusive:
            both = [written[k] for k in group if k in written]
            if len(both) > 1:
                both.sort(key=lambda s: s.span.start)
                names = " and ".join(f"`{s.keyword}`" for s in both)
                note = Note(both[0].head, "the first stands here")
                self.add("RB212", f"{names} contradict each other in one `{keyword}`", both[1].head, "keep one of them", note)

    def missing(
        self, row: Row, keyword: str, statement: Statement, options: Sequence[str], written: dict[str, Statement]
    ) -> None:
        """A required child is not there. Where a misspelt one is, that message is enough."""
        if any(k not in below(row.key) and nearest(k, options) for k in written):
            return
        example = f"add e.g. {usage_of(options[0], below(row.key)[options[0]].pattern)}"
        listed = ", ".join(f"`{o}`" for o in options)
        if len(options) == 1:
            self.add("RB204", f"`{keyword}` needs {listed}", statement.head, example)
        elif "undo" in options:
            self.add(
                "RB204", f"this `{keyword}` does not say how the way back goes", statement.head, f"say one of {listed}; {example}"
            )
        else:
            what = "a check" if keyword == "probe" else "one of these"
            self.add("RB204", f"`{keyword}` needs at least {what}: {listed}", statement.head, example)


def _two_words(statement: Statement, known: object) -> tuple[str, tuple[Word, ...]]:
    """The keyword and the words: `on failure` is a keyword of two words."""
    if statement.words:
        first = statement.words[0]
        if first.quote is Quote.BARE and len(first.parts) == 1 and isinstance(first.parts[0], Literal):
            both = f"{statement.keyword} {first.parts[0].text}"
            if both in keywords():
                return both, statement.words[1:]
    return statement.keyword, statement.words


def _either(options: Sequence[str]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"
