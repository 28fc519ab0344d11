"""Does what watches make sense: can each alert be told from the others, and is a schedule done before it begins again?"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.model import Alert, Plan, Schedule


def check(plan: Plan) -> Iterator[Diagnostic]:
    """RB563 to RB565."""
    yield from _alerts(plan)
    yield from _schedules(plan)


def _alerts(plan: Plan) -> Iterator[Diagnostic]:
    """RB563: two alerts of one title, or of one name in Prometheus."""
    first: dict[str, Alert] = {}
    for alert in plan.alerts:
        names = [f"the title `{alert.title}`"] + ([f"the name `{alert.rule.name}` in Prometheus"] if alert.rule else [])
        for name in names:
            before = first.setdefault(name, alert)
            if before is not alert:
                note = Note(before.span, "the first is here")
                yield Diagnostic("RB563", f"two alerts have {name}", alert.span, "choose another title for one of them", (note,))
                break


def _schedules(plan: Plan) -> Iterator[Diagnostic]:
    """RB564: two schedules whose files would have one name. RB565: one that takes longer than it pauses."""
    first: dict[str, Schedule] = {}
    for schedule in plan.schedules:
        before = first.setdefault(schedule.name, schedule)
        if before is not schedule:
            message = f"two schedules would be called `{schedule.name}`"
            note = Note(before.span, "the first is here")
            yield Diagnostic("RB564", message, schedule.span, "choose another title for one of them", (note,))
        most = sum(
            schedule.probe(use.probe).timeout + (0 if use.patience is None else use.patience.within) for use in schedule.checks
        )
        if schedule.every <= most:
            message = f"asking may take {most} s, and the next time begins after {schedule.every} s"
            fix = "ask less often, or with less patience: `check PROBE every 5s for 30s`"
            yield Diagnostic("RB565", message, schedule.span, fix)
