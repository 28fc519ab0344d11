"""Rules on Plans: what an experienced operator would point at before it runs.

| module | asks |
|---|---|
| `shape` | is there something to run, and only where it is meant to (RB520, RB521) |
| `ways_back` | can what is promised be taken back (RB509, RB516, RB517) |
| `proof` | is it proven that it worked, and that it is back (RB515, RB518) |
| `unused` | is everything that is declared used (RB519) |
| `watch` | can alerts be told apart, and is a schedule done before it begins again (RB563 to RB565) |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.model import Plan
from compiler.policy import proof, reading, shape, unused, watch, ways_back
from compiler.source import Span


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Everything that the rules find, rule by rule."""
    for topic in (shape, ways_back, proof, unused, watch):
        yield from topic.check(plan)


def check_all(plans: Sequence[Plan]) -> Iterator[Diagnostic]:
    """The same for all scripts of a spec. A finding on what some of them share names procedures and environments it holds for.

    What is captured in a shared phase is read if one of the scripts reads it.
    """
    by_plan = [(plan, set(check(plan))) for plan in plans]
    spans = [_spans(plan) for plan in plans]
    for finding in {finding for _, found in by_plan for finding in found}:
        where = [plan for plan, found in by_plan if finding in found]
        concerned = [plan for plan, inside in zip(plans, spans, strict=True) if finding.span in inside] or list(plans)
        if finding.code == "RB519" and len(where) < len(concerned):
            continue
        yield replace(finding, notes=(*finding.notes, *_only_in(where, concerned))) if len(where) < len(concerned) else finding


def _spans(plan: Plan) -> set[Span | None]:
    """The places of what a script holds."""
    return {one.span for group in (reading.all_items(plan), plan.probes, plan.params) for one in group}


def _only_in(where: Sequence[Plan], concerned: Sequence[Plan]) -> Iterator[Note]:
    """The procedures and environments that a finding holds for, as far as they are not all."""
    for kind in ("procedure", "environment"):
        mine = {each.name: each.span for plan in where if (each := getattr(plan, kind)) is not None}
        if len(mine) < len({each.name for plan in concerned if (each := getattr(plan, kind)) is not None}):
            yield from (Note(span, f"in the {kind} `{name}`") for name, span in mine.items())
