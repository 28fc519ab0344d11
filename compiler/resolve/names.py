"""Names: declared once, and there when something refers to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.model import Value, Var
from compiler.resolve.near import nearest_fix
from compiler.resolve.ways import Way, ways
from compiler.schema.check import Checked
from compiler.schema.row import Row
from compiler.schema.signature import Several, Slot
from compiler.schema.table import below
from compiler.schema.types import TYPES
from compiler.shell.names import HOST_NAMES
from compiler.source import Span

_VARIABLES = ("param", "capture", "choose", "require")  # what `$name` can be
_KINDS = {"param": "parameter", "require": "requirement of an env file", "choose": "choice", "values": "`values`"}

Declared = Mapping[str, Mapping[str, Checked]]


@dataclass(frozen=True)
class _Scope:
    """Statements, and the names that reach them."""

    spaces: dict[str, dict[str, Checked]]
    shell: dict[str, Checked]
    statements: tuple[Checked, ...]


def walk(statements: Sequence[Checked]) -> Iterator[Checked]:
    """All statements, each before what it holds."""
    for statement in statements:
        yield statement
        yield from walk(statement.children)


class Names:
    """Every declaration of a spec. `found` collects names that are taken (RB307) and references to nothing (RB301, RB312).

    `whole` is False where a used file was not understood: then a name that is not known is no message of its own.
    """

    def __init__(self, statements: Sequence[Checked], *, whole: bool = True) -> None:
        self.found: list[Diagnostic] = []
        self.whole = whole
        self.spaces: dict[str, dict[str, Checked]] = {}  # keyword -> name -> declaration
        self.taken: dict[str, dict[str, Checked]] = {}  # namespace -> name -> declaration
        self.shell: dict[str, Checked] = {}
        self.everything = list(walk(statements))
        common, apart, found = ways(statements)
        self.found += found
        everywhere = [s for top in common for s in ([top] if top.row.keyword == "procedure" else walk([top]))]
        for statement in everywhere:
            self.declare(statement)
        self.scopes = [_Scope(self.spaces, self.shell, tuple(everywhere))]
        for statement in (s for s in statements if apart and s.row.keyword in ("phase", "rollback")):
            if isinstance(name := statement.args.get("name"), str):
                self.unique(f"shared {statement.row.keyword}", name, statement)
        self._declare_apart(apart)

    def _declare_apart(self, apart: Sequence[Way]) -> None:
        """Each way has names of its own beside the common ones. What is common (a probe) may read the names of any way."""
        spaces, taken, shell = self.spaces, self.taken, self.shell
        for way in apart:
            self.spaces = {keyword: dict(names) for keyword, names in spaces.items()}
            self.taken = {space: dict(names) for space, names in taken.items()}
            self.shell = dict(shell)
            inside = tuple(walk(way.statements))
            for statement in inside:
                self.declare(statement)
            self.scopes.append(_Scope(self.spaces, self.shell, inside))
        self.spaces, self.taken, self.shell = spaces, taken, shell
        for scope in self.scopes[1:]:
            for keyword, names in scope.spaces.items():
                self.spaces[keyword] = {**names, **self.spaces.get(keyword, {})}
            for name, statement in scope.shell.items():
                self.shell.setdefault(name, statement)

    # ── declarations ──────────────────────────────────────────────────────────────────────────────────────────────

    def declare(self, statement: Checked) -> None:
        keyword = statement.row.keyword
        if keyword == "choose":
            self.options(statement)
        name = statement.args.get("variable" if keyword == "require" else "name")
        if not isinstance(name, str) or keyword == "option":
            return
        if statement.row.declares is not None:
            self.unique(statement.row.declares, name, statement)
        self.spaces.setdefault(keyword, {}).setdefault(name, statement)
        if any(child.constant for child in _children(statement)):
            self.unique("constants", name, statement)
        if keyword in _VARIABLES:
            self.variable(name, statement)

    def unique(self, space: str, name: str, statement: Checked) -> None:
        """One name of a namespace. The constants' one holds `values`, hosts and services: `${name.key}` has no kind."""
        first = self.taken.setdefault(space, {}).setdefault(name, statement)
        if first is statement:
            return
        kind, before = _kind(statement), _kind(first)
        if space == "constants":
            if kind == before:
                return  # said for the kind itself
            message = f"`{name}` is a {kind} and a {before}: `${{{name}.…}}` could be either"
        elif kind == before:
            message = f"there are two {_plural(kind)} called `{name}`"
        else:
            message = f"`{name}` is the name of a {before} already"
        self.taken_by(message, statement, first)

    def variable(self, name: str, statement: Checked) -> None:
        first = self.shell.setdefault(name, statement)
        both = {first.row.keyword, statement.row.keyword}
        if first is statement or len(both) == 1:
            return
        message = f"`${name}` would be a {_kind(statement)} and a {_kind(first)}"
        self.taken_by(message, statement, first)

    def options(self, choose: Checked) -> None:
        first: dict[str, Checked] = {}
        for option in choose.children:
            name = option.args.get("name")
            if (
                option.row.keyword == "option"
                and isinstance(name, str)
                and (before := first.setdefault(name, option)) is not option
            ):
                self.taken_by(f"there are two options called `{name}`", option, before)

    def taken_by(self, message: str, statement: Checked, first: Checked) -> None:
        note = Note(_name_place(first), f"the first is declared here{_file(first, statement)}")
        self.found.append(Diagnostic("RB307", message, _name_place(statement), "choose another name for one of them", (note,)))

    # ── references ────────────────────────────────────────────────────────────────────────────────────────────────

    def check_references(self) -> None:
        """Every reference to a probe, service, host, trouble, parameter or capture, and every `$name` in a value."""
        for scope in self.scopes:
            for statement in scope.statements:
                for name, kinds in _references(statement.row):
                    for one, place in _pairs(statement.args.get(name), statement.places.get(name)):
                        if kinds:
                            self.reference(one, place, kinds, scope.spaces)
                        else:
                            self.variables(one, place, scope.shell)

    def reference(self, name: Any, place: Span, kinds: tuple[str, ...], spaces: Declared) -> None:
        if not isinstance(name, str) or any(name in spaces.get(kind, {}) for kind in kinds):
            return
        known = [n for kind in kinds for n in spaces.get(kind, {})]
        shown = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
        elsewhere = next((k for k, names in spaces.items() if name in names), None)
        fix = nearest_fix(name, known, self.found)
        if fix is None and elsewhere is not None:
            fix = f"`{name}` is the name of a {_KINDS.get(elsewhere, elsewhere)}"
        if fix is None and known and len(known) <= 12:
            fix = f"there {'is' if len(known) == 1 else 'are'} {', '.join(f'`{n}`' for n in known)}"
        if self.whole:
            self.found.append(
                Diagnostic("RB301", f"there is no {shown} called `{name}`", place, fix or f"declare a {shown} `{name}`")
            )

    def variables(self, value: Any, place: Span, shell: Mapping[str, Checked]) -> None:
        """RB312 for a `$name` that nothing declares."""
        if not isinstance(value, Value) or not self.whole:
            return
        for part in value.parts:
            if isinstance(part, Var) and part.name not in shell and part.name not in HOST_NAMES:
                fix = nearest_fix(part.name, [*shell, *HOST_NAMES], self.found)
                fix = fix.replace("`", "`$", 1) if fix else "declare it with `param`, or take it with `capture`"
                self.found.append(Diagnostic("RB312", f"nothing is called `${part.name}`", place, fix))


def _children(statement: Checked) -> list[Row]:
    return list(below(statement.row.key).values())


def _pairs(value: Any, place: Any) -> Iterator[tuple[Any, Span]]:
    """An argument's values with their places; a list has one for each."""
    if isinstance(value, tuple):
        yield from zip(value, place, strict=True)
    elif value is not None:
        yield value, place


@cache
def _references(row: Row) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A row's arguments, each with the kinds of names that it refers to."""
    return tuple((name, _refers(element)) for name, element in dict(row.pattern.arguments()).items())


def _refers(element: Slot | Several) -> tuple[str, ...]:
    slot = element if isinstance(element, Slot) else element.item[0]
    return tuple(kind for word in slot.types for kind in TYPES[word].refers) if isinstance(slot, Slot) else ()


def _kind(statement: Checked) -> str:
    return _KINDS.get(statement.row.keyword, statement.row.keyword)


def _plural(kind: str) -> str:
    return {"`values`": "`values`", "phase": "phases"}.get(kind, f"{kind}es" if kind.endswith("s") else f"{kind}s")


def _name_place(statement: Checked) -> Span:
    place = statement.places.get("variable" if statement.row.keyword == "require" else "name")
    return place if isinstance(place, Span) else statement.statement.head


def _file(first: Checked, second: Checked) -> str:
    mine, theirs = second.statement.head.source, first.statement.head.source
    return "" if mine is theirs else f", in `{theirs.name}`"
