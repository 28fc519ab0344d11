"""Is there time for it? Budgets, windows and guards against what a run takes at least (RB523), rollbacks also at most (RB524)."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.plan import summary, windows
from compiler.plan.context import Context
from compiler.plan.model import GuardedItem, Phase, Plan, walk
from compiler.plan.moments import duration
from compiler.schema.model import Node
from compiler.source import Span


def check(context: Context, plan: Plan, phases: Sequence[Node], rollback: Node | None) -> None:
    """Reports each budget that cannot be kept at its own place."""
    takes = summary.from_t(plan.phases)
    _fits(context, "the run", takes, plan.meta.budget, context.model.runbook.one("budget"))
    _windows(context, plan, takes)
    for node, phase in zip(phases, plan.phases, strict=True):
        _fits(context, f"the phase `{phase.name}`", summary.least((phase,)), phase.budget, node.one("budget"))
        _guards(context, phase)
    if rollback is not None and plan.rollback is not None:
        _rollback(context, plan, rollback.one("budget"))


def _fits(context: Context, what: str, takes: int, budget: int | None, node: Node | None) -> None:
    if budget is not None and node is not None and takes > budget:
        _too_little(context, f"{what} takes {duration(takes)} at least, but its budget is {duration(budget)}", node.head)


def _too_little(context: Context, message: str, place: Span) -> None:
    context.wrong("RB523", message, place, "allow more time, or wait less")


def _windows(context: Context, plan: Plan, takes: int) -> None:
    nodes = context.model.runbook.all("window")
    for node, window in zip(nodes, plan.meta.windows, strict=True):
        room = windows.length(window)
        if takes > room:
            message = f"the run takes {duration(takes)} at least, but this window is open for {duration(room)}"
            _too_little(context, message, node.head)


def _guards(context: Context, phase: Phase) -> None:
    for item in walk(phase.items):
        if isinstance(item, GuardedItem) and summary.least_of(item.items) > item.duration:
            takes = duration(summary.least_of(item.items))
            message = f"the steps of the guard `{item.name}` take {takes} at least, but it fires after {duration(item.duration)}"
            _too_little(context, message, item.span)


def _rollback(context: Context, plan: Plan, node: Node | None) -> None:
    if node is None or plan.rollback is None or plan.rollback.budget is None:
        return
    budget, block = plan.rollback.budget, plan.rollback
    least = summary.least_of((*block.items, *block.verify))
    if least > budget:
        _fits(context, "the rollback", least, budget, node)
        return
    by_itself = summary.most_of((*block.items, *block.verify), {p.name: p for p in plan.probes})
    most = max((seconds for seconds in (plan.back_most, by_itself) if seconds is not None), default=0)
    if most > budget:
        message = f"the rollback may take {duration(most)} by its own timeouts, but its budget is {duration(budget)}"
        fix = "shorten the timeouts of `undo`, of the rollback's steps or of `verify`, or allow more time"
        context.wrong("RB524", message, node.head, fix, warning=True)
