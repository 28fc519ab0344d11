"""The compiler on one screen: text goes in at the top, script and runbook come out at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compiler import policy
from compiler.diagnostics import Diagnostic
from compiler.emit import bash, markdown, shellcheck
from compiler.plan.lower import lower
from compiler.plan.model import Plan
from compiler.project import Loader
from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse


@dataclass(frozen=True)
class Compiled:
    """What one spec came to.

    `plan` is None for a library (a file without `runbook`) and where an error keeps it from being made; `script` and `runbook`
    are None with every error in `diagnostics`.
    """

    plan: Plan | None
    script: bash.Script | None
    runbook: str | None
    diagnostics: tuple[Diagnostic, ...]


def compile(source: Source, loader: Loader) -> Compiled:
    """Everything that one spec comes to, and everything that is wrong with it.

    Raises:
        Refused: a file that the spec uses cannot be read, or a tool of the build (shfmt, ShellCheck) is missing.
    """
    made, found = plan(source, loader)
    if made is None or has_errors(found):
        return Compiled(made, None, None, found)
    script = bash.emit(made)
    runbook = markdown.emit(made)
    found = in_order((*found, *shellcheck.lint(made, script)))
    if has_errors(found):
        return Compiled(made, None, None, found)
    return Compiled(made, script, runbook, found)


def plan(source: Source, loader: Loader) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The Plan of a spec, as script and runbook are written from it, and what is wrong so far. Raises as `compile`."""
    document, broken = parse(source)
    model, wrong = resolve(document, loader)
    if broken:
        return None, in_order((*broken, *_wrong_by_itself(wrong, broken)))
    if model is None:
        return None, wrong
    made, found = lower(model)
    ruled = () if made is None else policy.check(made)
    return made, in_order((*wrong, *found, *ruled))


def _wrong_by_itself(wrong: Iterable[Diagnostic], broken: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What stays true beside syntax errors: a statement that breaks the schema (RB2xx), on a line that was understood.

    A name that seems unknown may be declared where nothing was understood.
    """
    not_understood = {(each.span.source.name, each.span.line) for each in broken if each.span is not None}
    for each in wrong:
        if each.code.startswith("RB2") and each.span and (each.span.source.name, each.span.line) not in not_understood:
            yield each


def has_errors(found: Iterable[Diagnostic]) -> bool:
    """Whether one of them is an error (the others are warnings)."""
    return any(not each.warning for each in found)


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each once, by file and place."""
    return tuple(sorted(set(found), key=lambda each: each.order))
