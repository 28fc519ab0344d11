"""From the text of a spec to its Plan, without files."""

from __future__ import annotations

from compiler.diagnostics import Diagnostic, Refused
from compiler.plan.lower import lower
from compiler.plan.model import AnyItem, CaptureItem, CheckItem, ManualItem, Plan, StepItem, walk
from compiler.policy import check
from compiler.resolve import resolve
from compiler.source import Source, Span
from compiler.syntax.parser import parse

HEAD = 'runbook demo {\n  title "Demo"\n}\n'
UP = 'probe up "It answers" {\n  http https://demo.example/health\n}\n'


class Nowhere:
    """A loader without files."""

    def load(self, name: str, importer: Source, span: Span) -> Source:
        raise Refused([Diagnostic("RB001", f"no file {name}", span)])


def lowered(text: str) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The Plan, and what lowering found. The text must be right up to there."""
    document, wrong = parse(Source("specs/demo.rb", text))
    assert not wrong, wrong
    model, wrong = resolve(document, Nowhere())
    assert model is not None, wrong
    return lower(model)


def plan(text: str) -> Plan:
    found, wrong = lowered(text)
    assert found is not None, wrong
    return found


def codes(text: str) -> list[str]:
    """The codes of lowering and of the rules, in order."""
    found, wrong = lowered(text)
    return [d.code for d in (*wrong, *(check(found) if found else ()))]


def item(plan: Plan, id: str) -> AnyItem:
    block = plan.rollback.items if plan.rollback else ()
    verify = plan.rollback.verify if plan.rollback else ()
    every = [*(i for p in plan.phases for i in walk(p.items)), *walk(block), *verify]
    return next(i for i in every if i.id == id)


def step(plan: Plan, id: str) -> StepItem:
    found = item(plan, id)
    assert isinstance(found, StepItem)
    return found


def capture(plan: Plan, id: str) -> CaptureItem:
    found = item(plan, id)
    assert isinstance(found, CaptureItem)
    return found


def asked(plan: Plan, id: str) -> CheckItem:
    found = item(plan, id)
    assert isinstance(found, CheckItem)
    return found


def manual(plan: Plan, id: str) -> ManualItem:
    found = item(plan, id)
    assert isinstance(found, ManualItem)
    return found
