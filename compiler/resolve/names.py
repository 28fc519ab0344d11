"""Names: declared once, and there when something refers to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.model import Value, Var
from compiler.resolve.near import nearest_fix
from compiler.schema.check import Checked
from compiler.schema.row import Row
from compiler.schema.signature import Several, Slot
from compiler.schema.values import TYPES
from compiler.source import Span

# Names that a shell has of itself and that values may hold.
SHELL_NAMES = frozenset({"HOME", "USER", "PATH", "TMPDIR", "PWD"})
_VARIABLES = ("param", "capture", "choose", "require")  # what `$name` can be
_KINDS = {"param": "parameter", "require": "requirement of an env file", "choose": "choice", "values": "`values`"}

Declared = Mapping[str, Mapping[str, Checked]]


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
        for statement in self.everything:
            self.declare(statement)

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
        for statement in self.everything:
            for name, kinds in _references(statement.row):
                value = statement.args.get(name)
                if kinds:
                    for one, place in _pairs(value, statement.places.get(name)):
                        self.reference(one, place, kinds)
                else:
                    for one, place in _pairs(value, statement.places.get(name)):
                        self.variables(one, place)

    def reference(self, name: Any, place: Span, kinds: tuple[str, ...]) -> None:
        if not isinstance(name, str) or any(name in self.spaces.get(kind, {}) for kind in kinds):
            return
        known = [n for kind in kinds for n in self.spaces.get(kind, {})]
        shown = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
        elsewhere = next((k for k, names in self.spaces.items() if name in names), None)
        fix = nearest_fix(name, known, self.found)
        if fix is None and elsewhere is not None:
            fix = f"`{name}` is the name of a {_KINDS.get(elsewhere, elsewhere)}"
        if fix is None and known and len(known) <= 12:
            fix = f"there {'is' if len(known) == 1 else 'are'} {', '.join(f'`{n}`' for n in known)}"
        if self.whole:
            self.found.append(
                Diagnostic("RB301", f"there is no {shown} called `{name}`", place, fix or f"declare a {shown} `{name}`")
            )

    def variables(self, value: Any, place: Span) -> None:
        """RB312 for a `$name` that nothing declares."""
        if not isinstance(value, Value) or not self.whole:
            return
        for part in value.parts:
            if isinstance(part, Var) and part.name not in self.shell and part.name not in SHELL_NAMES:
                fix = nearest_fix(part.name, [*self.shell, *SHELL_NAMES], self.found)
                fix = fix.replace("`", "`$", 1) if fix else "declare it with `param`, or take it with `capture`"
                self.found.append(Diagnostic("RB312", f"nothing is called `${part.name}`", place, fix))


def _children(statement: Checked) -> list[Any]:
    from compiler.schema.table import below

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
