"""Is there something to run, and only where it is meant to?"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Plan
from compiler.policy.reading import changes


def check(plan: Plan) -> Iterator[Diagnostic]:
    """RB520: a phase that holds nothing. RB521 (warning): a script that changes things and would do so on any host."""
    for phase in plan.phases:
        if not phase.items:
            message = f"the phase `{phase.name}` holds nothing to do"
            yield Diagnostic("RB520", message, phase.span, "write a `check` or a `step`, or delete the phase")
    if plan.host is not None and not plan.host.guards:
        change = next(changes(plan), None)
        if change is not None:
            yield Diagnostic(
                "RB521",
                f"nothing keeps this script from changing another host than `{plan.host.name}`",
                change.span,
                f"say in `host {plan.host.name}` how to know it: `guard hostname …`, `guard path …` or `guard command $ …`",
                warning=True,
            )
