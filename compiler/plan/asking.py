"""Where probes are asked: `check` and `verify`."""

from __future__ import annotations

from compiler.plan import tools
from compiler.plan.context import Context, Here, patience
from compiler.plan.model import ProbeUse
from compiler.plan.probes import TOOLS
from compiler.schema.model import Node


def uses(context: Context, node: Node, here: Here) -> tuple[ProbeUse, ...]:
    """The probes that a statement asks, with the patience that holds there; notes what they read and need."""
    said = patience(node.args, "every")
    places = node.places.get("probe") or (node.head,) * len(node.args["probe"])
    found = []
    for name, span in zip(node.args["probe"], places, strict=True):
        probe = context.node("probe", name)
        context.probes_used.append(name)
        names = context.bodies.probe_reads(probe)
        context.early(names, here.path, span, here.back, f"the probe `{name}`")
        context.read(names, here.path, span)
        if probe.one("optional") is None:  # where its tool is missing it fails, and that does not count
            for check in probe.children:
                for tool in TOOLS.get(check.keyword, ()):
                    context.need(tool, here.path, check.head)
                if check.keyword != "diagnose":
                    tools.of_bodies(context, check, here.path)
        setting = probe.one("every")
        own = None if setting is None else patience(setting.args, "duration")
        found.append(ProbeUse(name, said or own, span))
    return tuple(found)
