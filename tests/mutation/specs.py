"""Mutants of a spec: each operator leaves out, swaps or weakens one statement. What is expected stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from compiler.source import Source
from compiler.syntax.parser import parse
from compiler.syntax.tree import Statement
from tests.mutation.mutant import Mutant

# What is left out where it stands. Patience, timeouts and further tries are not: they say how long, which `--timing` shows.
LEFT_OUT = (
    "guard", "needs", "check", "capture", "confirm", "step", "hold", "verify", "undo", "irreversible", "optional",
    "watch", "probe", "rollback", "on failure",
)  # fmt: skip
_SWAPPED = ("check", "capture", "confirm", "step", "hold", "phase")  # two that only read have no order of their own
_BACK = ('undo "nothing is to do"', "undo rollback", 'irreversible "gone"', 'readonly "only looks"')


def mutants(name: str, text: str) -> Iterator[Mutant]:
    """Every mutant of a spec, by operator and place."""
    document, wrong = parse(Source(name, text))
    assert not wrong
    tops = [s for s in document.statements if s.keyword in ("host", "probe", "phase", "rollback")]
    yield from _swapped(text, [s for s in tops if s.keyword == "phase"])
    for top in tops:
        for statement, beside in _below(top, tops):
            yield from _one(text, statement)
            if statement is beside[0] and statement is not tops[0]:
                yield from _swapped(text, beside)


def _below(statement: Statement, beside: Sequence[Statement]) -> Iterator[tuple[Statement, Sequence[Statement]]]:
    yield statement, beside
    inner = [s for s in statement.block or () if isinstance(s, Statement)]
    for child in inner:
        yield from _below(child, inner)


def _one(text: str, this: Statement) -> Iterator[Mutant]:
    keyword = "on failure" if this.head.text.startswith("on failure") else this.keyword
    if keyword in LEFT_OUT:
        yield _mutant(text, f"leaves `{keyword}` out", this, "")
    if keyword in ("undo", "irreversible"):
        for other in _BACK:
            if _way(other) != _way(this.span.text):
                yield _mutant(text, f"says `{other}` about the way back", this, other)
    if keyword == "on failure":
        for other in ("stop", "pause"):
            yield _mutant(text, f"`on failure {other}`", this, f"on failure {other}")
    if (
        keyword in ("step", "probe")
        and this.block
        and not any(isinstance(s, Statement) and s.keyword == "optional" for s in this.block)
    ):
        head = text[this.span.start : this.span.end]
        brace = head.index("{\n") + 2
        yield _mutant(text, f"makes a {keyword} optional", this, head[:brace] + '  optional "never mind"\n' + head[brace:])
    if keyword in ("check", "verify") and len(this.words) > 1:
        for word in this.words:
            names = ", ".join(w.text for w in this.words if w is not word)
            yield _mutant(text, f"asks one probe less in `{keyword}`", this, f"{keyword} {names}")


def _way(text: str) -> str:
    """What kind of way back a statement says: `undo "…"` is another one than `undo $ …`."""
    return re.sub(r"\s+", " ", text).partition('"')[0]


def _swapped(text: str, statements: Sequence[Statement]) -> Iterator[Mutant]:
    for one, other in pairwise(statements):
        if {one.keyword, other.keyword} <= set(_SWAPPED) and {one.keyword, other.keyword} & {"step", "phase"}:
            between = text[one.span.end : other.span.start]
            mutated = text[: one.span.start] + other.span.text + between + one.span.text + text[other.span.end :]
            place = f"{one.span.source.name}:{one.span.line}"
            yield Mutant("spec", "swaps two neighbours", place, _head(one), _head(other), mutated)


def _mutant(text: str, operator: str, this: Statement, instead: str) -> Mutant:
    mutated = text[: this.span.start] + instead + text[this.span.end :]
    return Mutant("spec", operator, f"{this.span.source.name}:{this.span.line}", _head(this), instead.split("\n")[0], mutated)


def _head(statement: Statement) -> str:
    return statement.span.text.split("\n")[0]
