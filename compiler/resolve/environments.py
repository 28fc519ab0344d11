"""Environments: a spec's declarations as they are in each, before anything is asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.model import Environment
from compiler.resolve.near import nearest_fix
from compiler.schema.table import below, keywords
from compiler.syntax.tree import Quote, Shell, Statement, Word
from compiler.syntax.words import NAME

KEYWORD = "environment"


@dataclass(frozen=True)
class Settings:
    """One environment: its statement, all statements of the spec as they are in it, and what differs between environments.

    `differing` has a label (`env.file`) with the statements that say it here; none where nothing says it.
    """

    statement: Statement
    statements: tuple[Statement, ...]
    own: frozenset[int]  # ids of those that the main file brings
    differing: tuple[tuple[str, tuple[Statement, ...]], ...]

    @property
    def name(self) -> str:
        """The environment's name."""
        return self.statement.words[0].text

    def shown(self, substitute: Callable[[Word], str | None]) -> Environment:
        """For the Plan: what differs, with the constants in place."""
        note = next((s for s in self.statement.block or () if isinstance(s, Statement) and s.keyword == "note" and s.words), None)

        def words(setting: Statement) -> str:
            shown = [w for n, w in enumerate(setting.words) if n == 0 or w.quote not in (Quote.STRING, Quote.TEXT)]  # no reasons
            return " ".join((substitute(w) or "") + ("," if w.comma else "") for w in shown)

        return Environment(
            self.name,
            None if note is None else substitute(note.words[0]),
            tuple((label, ", ".join(map(words, said))) for label, said in self.differing),
            self.statement.head,
        )


@dataclass
class _Reader:
    statements: tuple[Statement, ...]
    own: frozenset[int]
    found: list[Diagnostic] = field(default_factory=list)

    def add(self, code: str, message: str, statement: Statement, fix: str | None, *notes: Note) -> None:
        self.found.append(Diagnostic(code, message, statement.head, fix, notes))

    def named(self) -> list[Statement]:
        """The environments that have a name and a block; what is wrong with the others says the table."""
        first: dict[str, Statement] = {}
        for statement in self.statements:
            if not _whole(statement):
                continue
            name = statement.words[0].text
            if name in first:
                note = Note(first[name].head, "the first is declared here")
                self.add("RB307", f"there are two environments called `{name}`", statement, "choose another name for one", note)
            else:
                first[name] = statement
        return list(first.values())

    def restrictions(self, names: Sequence[str]) -> None:
        """RB301 for a phase or procedure that is there only in an environment that is not."""
        tops = [s for s in self.statements if s.keyword in ("phase", "procedure")]
        inside = (s for top in tops for s in top.block or () if isinstance(s, Statement) and s.keyword == "phase")
        for holder in (*tops, *inside):
            for only in holder.block or ():
                if isinstance(only, Statement) and only.keyword == KEYWORD and only.words and only.words[0].text not in names:
                    name = only.words[0].text
                    fix = nearest_fix(name, names, self.found) or f"declare it at the top level: `environment {name} {{}}`"
                    self.found.append(Diagnostic("RB301", f"there is no environment called `{name}`", only.words[0].span, fix))

    def base_of(self, change: Statement, environment: Statement) -> int | None:
        """Which declaration a statement of an environment changes (RB201, RB202, RB205, RB207, RB301)."""
        known = below(KEYWORD)
        if change.keyword not in known:
            code = "RB202" if change.keyword in keywords() else "RB201"
            listed = ", ".join(f"`{k}`" for k in known if k != "note")
            self.add(code, f"`{change.keyword}` may not stand in `environment`", change, f"an environment changes {listed}")
            return None
        if change.keyword == "note":
            if len(change.words) != 1:
                self.add("RB207", "`note` needs a text", change, 'write it as `note "…"`')
            return None
        if not change.words or change.block is None:
            fix = f"write it as `{change.keyword} NAME {{` with the settings that are different here"
            self.add("RB207" if not change.words else "RB205", f"this `{change.keyword}` says nothing that changes", change, fix)
            return None
        name = change.words[0].text
        declared = {s.words[0].text: n for n, s in enumerate(self.statements) if s.keyword == change.keyword and s.words}
        if name in declared:
            return declared[name]
        fix = nearest_fix(name, list(declared), self.found) or f"declare it at the top level: `{change.keyword} {name} {{`"
        what = "`values`" if change.keyword == "values" else change.keyword
        message = f"there is no {what} called `{name}` that the environment `{environment.words[0].text}` could change"
        self.found.append(Diagnostic("RB301", message, change.words[0].span, fix))
        return None

    def apply(self, environment: Statement, labels: Iterable[tuple[int, str, str]]) -> Settings:
        made = list(self.statements)
        own = set(self.own)
        for change in environment.block or ():
            if isinstance(change, Shell):
                continue
            at = self.base_of(change, environment)
            if at is not None:
                made[at] = _changed(made[at], change)
                if id(self.statements[at]) in self.own:
                    own.add(id(made[at]))
        differing = tuple((label, tuple(_settings(made[at], keyword))) for at, keyword, label in labels)
        return Settings(environment, tuple(s for s in made if not _whole(s)), frozenset(own), differing)

    def labels(self, environments: Sequence[Statement]) -> list[tuple[int, str, str]]:
        """Every setting that an environment changes: its declaration, its keyword, how people call it."""
        labels: dict[tuple[int, str], str] = {}
        for environment in environments:
            for change in environment.block or ():
                at = None if isinstance(change, Shell) else self.base_of(change, environment)
                if isinstance(change, Shell) or at is None:
                    continue
                for setting in change.block or ():
                    if isinstance(setting, Statement):
                        labels.setdefault((at, setting.keyword), f"{change.words[0].text}.{setting.keyword}")
        return [(at, keyword, label) for (at, keyword), label in labels.items()]


def environments(
    statements: Sequence[Statement], own: frozenset[int]
) -> tuple[tuple[Settings, ...], tuple[Statement, ...], tuple[Diagnostic, ...]]:
    """The environments of a spec in order, its statements without them, and what is wrong (RB301, RB307).

    A setting that an environment says replaces all settings of that keyword in the declaration of that name; what it does not
    say stays. Constants are put in afterwards, so that one value changes everything made of it.
    """
    reader = _Reader(tuple(statements), own)
    named = reader.named()
    labels = reader.labels(named)
    reader.restrictions([statement.words[0].text for statement in named])
    found = tuple(reader.found)
    made = tuple(reader.apply(statement, labels) for statement in named)
    return made, tuple(s for s in statements if not _whole(s)), found


def _whole(statement: Statement) -> bool:
    """Whether it is an environment with a name and a block. What is wrong with another the table says."""
    if statement.keyword != KEYWORD or len(statement.words) != 1 or statement.block is None:
        return False
    return NAME.fullmatch(statement.words[0].text) is not None


def _changed(base: Statement, change: Statement) -> Statement:
    """The declaration with these settings instead of its own of the same keywords; further words replace its words."""
    said = {item.keyword for item in change.block or () if isinstance(item, Statement)}
    shells = any(isinstance(item, Shell) for item in change.block or ())
    kept = [i for i in base.block or () if not (shells if isinstance(i, Shell) else i.keyword in said)]
    words = change.words if len(change.words) > 1 else base.words
    return replace(base, words=words, block=(*kept, *(change.block or ())))


def _settings(statement: Statement, keyword: str) -> Iterable[Statement]:
    return (item for item in statement.block or () if isinstance(item, Statement) and item.keyword == keyword)
