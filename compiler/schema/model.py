"""The typed model: what a spec says once every word has its type and every constant its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compiler.plan.model import Body, Environment
from compiler.source import Source, Span


@dataclass(frozen=True)
class Node:
    """One statement.

    `args` are named as in the keyword's signature and typed: names, titles, texts and patterns are `str`, durations `int`
    seconds, sizes `int` bytes, percentages and whole numbers `int`, paths, URLs and hosts `plan.model.Value`, lists tuples; a
    literal word that was written is `True`; what was not written is absent. `places` has the span of each argument (for a
    list a tuple of spans). `bodies` is the shell of the statement and of its block, constants inlined, in order.
    """

    keyword: str
    span: Span
    head: Span
    args: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Node, ...] = ()
    bodies: tuple[Body, ...] = ()

    @property
    def name(self) -> str:
        """The statement's own name (argument NAME)."""
        return str(self.args["name"])

    def get(self, argument: str, default: Any = None) -> Any:
        """An argument's value, or the default where it was not written."""
        return self.args.get(argument, default)

    def all(self, keyword: str) -> tuple[Node, ...]:
        """The children with this keyword, in order."""
        return tuple(c for c in self.children if c.keyword == keyword)

    def one(self, keyword: str) -> Node | None:
        """The one child with this keyword (the schema holds that there is at most one), or None."""
        return next((c for c in self.children if c.keyword == keyword), None)

    def text(self, keyword: str) -> str | None:
        """The text of a setting such as `note` or `optional`, or None where it was not written."""
        setting = self.one(keyword)
        return None if setting is None else str(setting.args["text"])

    def seconds(self, keyword: str) -> int | None:
        """The duration of a setting such as `timeout` or `budget`, or None where it was not written."""
        setting = self.one(keyword)
        return None if setting is None else int(setting.args["duration"])


@dataclass(frozen=True)
class Model:
    """A spec with everything it uses, resolved."""

    source: Source
    uses: tuple[Source, ...]
    runbook: Node
    declared: Mapping[str, Mapping[str, Node]]  # keyword -> name -> node, `use`d ones included, in order of declaration
    statements: tuple[Node, ...]  # the main file's own top level, in the file's order
    environment: Environment | None = None  # the one that declarations and constants are of
    procedure: Node | None = None  # where this is one procedure of a spec, cut out for itself (`plan.procedures`)
