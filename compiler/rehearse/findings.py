"""What a rehearsal says about a spec: expectations that do not hold, rules that were broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Plan
from compiler.rehearse.expectations import unmet
from compiler.rehearse.invariants import broken
from compiler.rehearse.trace import Trace

_SHOWN = 3


def findings(plan: Plan, traces: Sequence[Trace]) -> tuple[Diagnostic, ...]:
    """RB620 for each expectation that does not hold, RB621 for each rule that was broken, at the first item that shows it."""
    return (*unmet(plan, traces), *_broken(plan, traces))


def _broken(plan: Plan, traces: Sequence[Trace]) -> Iterator[Diagnostic]:
    by_rule: dict[str, list[tuple[Trace, str]]] = {}
    for trace in traces:
        for each in broken(trace):
            by_rule.setdefault(each.rule, []).append((trace, f"{each.scene}: {each.what}"))
    for rule, cases in by_rule.items():
        scene = cases[0][0].scene
        more = f" (and {len(cases) - _SHOWN} more)" if len(cases) > _SHOWN else ""
        shown = "; ".join(what for _, what in cases[:_SHOWN])
        place = scene.item.span if scene.item is not None else plan.phases[0].span
        fix = "this holds for every runbook: it is a fault of rbc; please report it with the spec"
        yield Diagnostic("RB621", f"{plan.path}: {rule}: {shown}{more}", place, fix)
