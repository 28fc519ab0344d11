"""When a script may run: the windows of the `runbook` statement, their zones looked up in the time zone database."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from compiler.diagnostics import did_you_mean
from compiler.plan.context import Context
from compiler.plan.model import Window
from compiler.schema.model import Node

DAY = 24 * 60  # minutes


def windows(context: Context, runbook: Node) -> tuple[Window, ...]:
    """The windows in the order written; RB528 for a zone that does not exist."""
    found = []
    for node in runbook.all("window"):
        days, hours, zone = node.args["day"], node.args["hours"], str(node.args["zone"])
        if not _known(zone):
            _unknown(context, node, zone)
        found.append(Window(tuple(sorted(frozenset().union(*days))), hours.start, hours.end, zone))
    return tuple(found)


def length(window: Window) -> int:
    """Seconds of a window, with neighbouring days where it goes on without a gap."""
    if (window.start, window.end) == (0, DAY):
        runs = "".join("x" if day in window.days else " " for day in range(1, 8)) * 2
        return 60 * DAY * min(7, max(map(len, runs.split()), default=0))
    minutes = window.end - window.start
    return 60 * (minutes if minutes > 0 else minutes + DAY)


@cache
def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return zone == "UTC"
    return True


def _unknown(context: Context, node: Node, zone: str) -> None:
    zones = available_timezones()
    if not zones:
        message = f"whether there is a time zone `{zone}` cannot be told: this machine has no time zone database"
        context.wrong("RB528", message, node.places["zone"], "install it: `tzdata`, also as a Python package")
        return
    fix = did_you_mean(zone, sorted(zones)) or "write it as in `Europe/Berlin`, or `UTC`"
    context.wrong("RB528", f"there is no time zone `{zone}`", node.places["zone"], fix)
