"""Is it proven that it worked, and that it is back?"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.plan.model import AnyItem, JobItem, Plan, StepItem, asked, exclusive, is_change, walk
from compiler.policy.reading import of_update, verified


def check(plan: Plan) -> Iterator[Diagnostic]:
    """RB515 and RB518."""
    yield from _missing_in_verify(plan)
    yield from _unproven(plan)


def _missing_in_verify(plan: Plan) -> Iterator[Diagnostic]:
    """RB515 (warning): a probe whose failure rolls back is not asked again when all is back."""
    proven = verified(plan)
    if not proven:
        return
    told: set[str] = set()
    changed: list[AnyItem] = []
    for phase in plan.phases:
        for item in walk(phase.items):
            if is_change(item):
                changed.append(item)
            if phase.on_failure in ("stop", "pause") or all(exclusive(c.path, item.path) for c in changed):
                continue
            for use in asked(item):
                probe = plan.probe(use.probe)
                if use.probe in proven | told or probe.optional or of_update(probe):
                    continue
                told.add(use.probe)
                yield Diagnostic(
                    "RB515",
                    f"the failure of `{use.probe}` can roll back, but the rollback does not `verify` it",
                    use.span,
                    f"write `verify …, {use.probe}` in `rollback`; a probe of what is only new need not hold afterwards",
                    warning=True,
                )


def _looks(item: AnyItem) -> bool:
    """Whether it is a job that only reads: a smoke test on the server proves what was done there."""
    return isinstance(item, JobItem) and not is_change(item)


def _unproven(plan: Plan) -> Iterator[Diagnostic]:
    """RB518 (warning): the last change of a path, and no check after it."""
    items: list[AnyItem] = [item for phase in plan.phases for item in walk(phase.items)]
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if not is_change(item) or not isinstance(item, StepItem) or item.verify:
            continue
        later = (other for other in items[index + 1 :] if not exclusive(item.path, other.path))
        if not any(asked(other) or _looks(other) for other in later):
            yield Diagnostic(
                "RB518",
                f"nothing checks that `{item.name}` worked",
                item.span,
                "write a `check` after it, or `verify PROBE` in it",
                warning=True,
            )
            return
