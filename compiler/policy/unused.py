"""Is everything that is declared used?"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.plan.model import CaptureItem, Plan, asked
from compiler.policy.reading import all_items, deciding, of_update, read_names


def check(plan: Plan) -> Iterator[Diagnostic]:
    """RB519 (warning): a parameter or capture that nothing reads, a probe that nothing asks. Only of the spec itself."""
    read = read_names(plan)
    for param in plan.params:
        if not param.needed_when and param.name not in read:
            fix = f"write `${param.name}` where it is meant"
            yield Diagnostic("RB519", f"nothing reads the parameter `{param.name}`", param.span, fix, warning=True)
    for item in all_items(plan):
        if isinstance(item, CaptureItem) and not item.empty and item.variable not in read:
            fix = f"read `${item.variable}` in an `undo`, or `show` it at a `confirm`"
            yield Diagnostic("RB519", f"nothing reads the capture `{item.variable}`", item.span, fix, warning=True)
    used = {use.probe for item in all_items(plan) for use in asked(item)} | deciding(plan)
    used |= {use.probe for schedule in plan.schedules for use in schedule.checks}
    for probe in plan.probes:
        if probe.name not in used and not of_update(probe):
            fix = f"ask it: `check {probe.name}`"
            yield Diagnostic("RB519", f"nothing asks the probe `{probe.name}`", probe.span, fix, warning=True)
