"""The operators' bodies of a model: joined, parsed all at once, checked, and written with braces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import lru_cache

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Body, Origin, Piece, Value, Var
from compiler.schema.model import Model, Node
from compiler.shell import Facts, Kind, analyse, analyse_all, braced, check, join
from compiler.source import Source, Span

# Statements whose `$` lines and fences are commands for themselves; everywhere else they share one shell.
APART = frozenset({"diagnose", "fix"})


class Bodies:
    """Bodies by the statement that holds them. One shfmt process parses them all."""

    def __init__(self, model: Model) -> None:
        self._raw: dict[int, tuple[Body, ...]] = {}
        tops = {id(n): n for group in model.declared.values() for n in group.values()}
        tops |= {id(n): n for n in model.statements}
        for top in tops.values():
            for node in nested(top):
                if node.bodies:
                    self._raw[id(node)] = node.bodies if node.keyword in APART else (join(node.bodies),)
        flat = [body for bodies in self._raw.values() for body in bodies]
        self._facts = {id(body): facts for body, facts in zip(flat, analyse_all(flat) if flat else [], strict=True)}
        self._probe_reads: dict[int, frozenset[str]] = {}

    def within(self, model: Model) -> Bodies:
        """Only those of a model that is cut out of this one's (`plan.procedures`), without parsing them again."""
        found = copy(self)
        nodes = [n for group in model.declared.values() for n in group.values()]
        inside = {id(n) for top in (*nodes, *model.statements) for n in nested(top)}
        found._raw = {key: bodies for key, bodies in self._raw.items() if key in inside}
        return found

    def of(self, node: Node) -> tuple[Body, ...]:
        """The statement's bodies as written."""
        return self._raw.get(id(node), ())

    def facts(self, node: Node) -> tuple[Facts, ...]:
        """What is known about each body of the statement."""
        return tuple(self._facts[id(body)] for body in self.of(node))

    def check(self, node: Node, known: Mapping[str, Kind]) -> tuple[Diagnostic, ...]:
        """What is wrong with the statement's bodies, where these names reach them."""
        return tuple(d for body in self.of(node) for d in check(body, self._facts[id(body)], known))

    def written(self, node: Node) -> tuple[Body, ...]:
        """The bodies as the Plan has them: `$name` as `${name}`. What does not parse stays as it is."""
        bodies = ((body, self._facts[id(body)]) for body in self.of(node))
        return tuple(body if facts.error else replace(braced(body, facts), frozen=facts.frozen) for body, facts in bodies)

    def reads(self, node: Node) -> frozenset[str]:
        """All names that the statement's bodies read."""
        return frozenset(name for facts in self.facts(node) for name in facts.read_names)

    def probe_reads(self, probe: Node) -> frozenset[str]:
        """All names that the checks of a probe read, in bodies, values and the folder."""
        if id(probe) not in self._probe_reads:
            names: set[str] = set()
            for child in probe.children:
                if child.keyword not in APART:
                    names |= self.reads(child)
                    names |= {n for arg in child.args.values() for n in names_in(arg)}
            self._probe_reads[id(probe)] = frozenset(names)
        return self._probe_reads[id(probe)]

    def __iter__(self) -> Iterator[tuple[Body, Facts]]:
        for bodies in self._raw.values():
            for body in bodies:
                yield body, self._facts[id(body)]


def nested(node: Node) -> Iterator[Node]:
    """The statement and all that it holds."""
    yield node
    for child in node.children:
        yield from nested(child)


def names_in(argument: object) -> Iterator[str]:
    """The `$name`s of a value, or of the values in a list."""
    if isinstance(argument, Value):
        yield from (p.name for p in argument.parts if isinstance(p, Var))
    elif isinstance(argument, tuple):
        for part in argument:
            yield from names_in(part)


def inserted(text: str, span: Span) -> Body:
    """A command of the compiler's own, with the place of the statement that it stands for."""
    return Body((Piece(text, span, Origin.INSERTED),), _frozen(text))


@lru_cache(maxsize=256)
def _frozen(text: str) -> frozenset[int] | None:
    """The lines of a command of the compiler's own that keep their place. They recur, so each text is parsed once."""
    if "\n" not in text:
        return frozenset()
    nowhere = Source("", text).span(0, len(text))
    facts = analyse(Body((Piece(text, nowhere, Origin.INSERTED),)))
    return None if facts.error else facts.frozen


def around(before: str, body: Body, after: str, span: Span) -> Body:
    """The operator's body between text of the compiler's own."""
    return Body((Piece(before, span, Origin.INSERTED), *body.pieces, Piece(after, span, Origin.INSERTED)))
