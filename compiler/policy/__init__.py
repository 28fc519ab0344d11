"""Rules on Plans: what an experienced operator would point at before it runs.

| module | asks |
|---|---|
| `shape` | is there something to run, and only where it is meant to (RB520, RB521) |
| `ways_back` | can what is promised be taken back (RB509, RB516, RB517) |
| `proof` | is it proven that it worked, and that it is back (RB515, RB518) |
| `unused` | is everything that is declared used (RB519) |
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Plan
from compiler.policy import proof, shape, unused, ways_back


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Everything that the rules find, rule by rule."""
    for topic in (shape, ways_back, proof, unused):
        yield from topic.check(plan)
