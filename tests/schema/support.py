"""A spec's text checked against the table, its constants taken as text."""

from __future__ import annotations

from compiler.diagnostics import Diagnostic
from compiler.schema.check import Checked, check
from compiler.source import Source
from compiler.syntax.parser import parse


def checked(text: str) -> tuple[tuple[Checked, ...], list[Diagnostic]]:
    document, errors = parse(Source("t.rb", text))
    assert not errors, errors
    return check(document.statements, lambda word: word.text)


def told(text: str) -> list[str]:
    """`line code message` of everything that is wrong, by place."""
    found = sorted(checked(text)[1], key=lambda d: d.order)
    return [f"{d.span.line if d.span else 0} {d.code} {d.message}" for d in found]


def args(words: str) -> dict[str, object]:
    """The arguments of a check, written inside a probe."""
    statements, found = checked(f'probe p "P" {{\n  {words}\n}}\n')
    assert not found, found
    return statements[0].children[0].args


def wrong(words: str) -> tuple[str, str | None]:
    """Message and fix of the only mistake in a check."""
    found = checked(f'probe p "P" {{\n  {words}\n}}\n')[1]
    assert len(found) == 1, found
    return found[0].message, found[0].fix
