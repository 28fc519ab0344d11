"""When each phase begins, seen from T: phases of one time are one sitting, and the run pauses between two."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.context import Context
from compiler.plan.moments import shown
from compiler.schema.model import Node


def of(context: Context, phases: Sequence[Node]) -> tuple[int | None, ...]:
    """Seconds from T for each phase; None for all where no phase says `at`. RB529 for one that would begin before an earlier one.

    A phase that says nothing begins at T, or with the phase before it where that begins later: so nothing that is meant for T
    runs with the preparations of the day before.
    """
    if all(node.one("at") is None for node in phases):
        return (None,) * len(phases)
    begins: list[int] = []
    latest: Node | None = None  # the `at` that holds
    for node in phases:
        at = node.one("at")
        before = begins[-1] if begins else None
        begin = max(0, before or 0) if at is None else int(at.args["moment"])
        if at is not None and before is not None and begin < before:
            note = () if latest is None else (Note(latest.head, "here"),)
            message = f"the phase `{node.name}` begins at {shown(begin)}, but phases before it begin at {shown(before)}"
            context.found.append(Diagnostic("RB529", message, at.head, "phases run in the order written: move it up", note))
            begin = before
        latest = at or latest
        begins.append(begin)
    return tuple(begins)
