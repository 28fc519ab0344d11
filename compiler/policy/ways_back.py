"""Can what is promised be taken back?"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Phase, Plan, Way
from compiler.policy.reading import changes


def check(plan: Plan) -> Iterator[Diagnostic]:
    """RB509, RB516 and RB517."""
    yield from _block(plan)
    yield from _verify(plan)
    for phase in plan.phases:
        yield from _on_failure(plan, phase)


def _block(plan: Plan) -> Iterator[Diagnostic]:
    """RB509: `undo rollback`, and no block that does anything."""
    if plan.rollback is not None and plan.rollback.items:
        return
    for change in changes(plan):
        if change.back.way is Way.ROLLBACK:
            missing = "no `rollback` block" if plan.rollback is None else "nothing in the `rollback` block"
            yield Diagnostic(
                "RB509",
                f"`{change.name}` leaves its way back to the rollback, but there is {missing}",
                change.back.span or change.span,
                "write the steps of the way back into `rollback`, or say here how it goes",
            )


def _verify(plan: Plan) -> Iterator[Diagnostic]:
    """RB516 (warning): there is a way back, and nothing proves it, so that a run can only end with 5."""
    if plan.rollback is not None and plan.rollback.verify:
        return
    undone = next((c for c in changes(plan) if c.back.way in (Way.UNDO, Way.ROLLBACK)), None)
    if undone is not None:
        fix = "name the probes that must hold afterwards: `verify PROBE, …` in the `rollback` block"
        span = undone.span if plan.rollback is None else plan.rollback.span
        yield Diagnostic("RB516", "nothing proves that a rollback worked", span, fix, warning=True)


def _on_failure(plan: Plan, phase: Phase) -> Iterator[Diagnostic]:
    """RB517: `on failure rollback` where nothing could be rolled back: an error if it is a promise, a warning if it is idle."""
    if phase.on_failure != "rollback":
        return
    before = tuple(changes(plan, until=phase))
    if not before:
        message = f"nothing is changed before the end of the phase `{phase.name}`, so there is nothing to roll back"
        yield Diagnostic("RB517", message, phase.span, "leave `on failure rollback` out", warning=True)
    elif all(change.back.way is Way.IRREVERSIBLE for change in before):
        names = ", ".join(f"`{change.name}`" for change in before)
        message = f"the phase `{phase.name}` says `on failure rollback`, but nothing before its end can be undone: {names}"
        yield Diagnostic("RB517", message, phase.span, "say `on failure stop` or `on failure pause`, or give a step its way back")
