"""Where probes are asked: `check`, `verify`, `watch`, `until`, `unless` and `when`."""

from __future__ import annotations

from compiler.plan import tools
from compiler.plan.context import Context, Here, patience
from compiler.plan.model import Condition, ProbeUse
from compiler.plan.probes import TOOLS
from compiler.schema.model import Node
from compiler.source import Span


def uses(context: Context, node: Node, here: Here) -> tuple[ProbeUse, ...]:
    """The probes that a statement asks, with the patience that holds there; notes what they read and need."""
    said = patience(node.args, "every")
    places = node.places.get("probe") or (node.head,) * len(node.args["probe"])
    found = []
    for name, span in zip(node.args["probe"], places, strict=True):
        probe = _asked(context, name, here, span)
        setting = probe.one("every")
        own = None if setting is None else patience(setting.args, "duration")
        found.append(ProbeUse(name, said or own, span))
    return tuple(found)


def watched(context: Context, node: Node, here: Here) -> tuple[str, ...]:
    """The probes of a `watch`: each look is one try, so no patience holds there. Reports an optional one (RB531)."""
    places = node.places.get("probe") or (node.head,) * len(node.args["probe"])
    for name, span in zip(node.args["probe"], places, strict=True):
        _counts(context, _asked(context, name, here, span, decides=True), span, "watch")
    return tuple(node.args["probe"])


def until(context: Context, node: Node, here: Here) -> ProbeUse:
    """The probe that the phase waits for while something runs beside it. Reports an optional one (RB531)."""
    name, span = str(node.args["probe"]), node.places.get("probe") or node.head
    probe = _asked(context, name, here, span, decides=True)
    _counts(context, probe, span, "until")
    setting = probe.one("every")
    own = None if setting is None else patience(setting.args, "duration")
    return ProbeUse(name, patience(node.args, "every") or own, span)


def _counts(context: Context, probe: Node, span: Span, keyword: str) -> None:
    """RB531: an optional probe where a failure counts all the same."""
    if probe.one("optional") is not None:
        message = f"the probe `{probe.name}` is optional, but where `{keyword}` asks it, a failure counts all the same"
        context.wrong("RB531", message, span, "ask a probe without `optional`, or `check` this one", warning=True)


def condition(context: Context, node: Node, here: Here) -> Condition | None:
    """`unless` or `when`. What the probe runs is needed, also where the probe is optional: its answer decides."""
    for keyword in ("unless", "when"):
        setting = node.one(keyword)
        if setting is not None:
            name, span = str(setting.args["probe"]), setting.places.get("probe") or setting.head
            _asked(context, name, here, span, decides=True)
            return Condition(keyword == "when", name, span)
    return None


def _asked(context: Context, name: str, here: Here, span: Span, *, decides: bool = False) -> Node:
    """Note what a probe that is asked here reads and needs; its declaration."""
    probe = context.node("probe", name)
    context.probes_used.append(name)
    names = context.bodies.probe_reads(probe)
    context.early(names, here.path, span, here.back, f"the probe `{name}`")
    context.read(names, here.path, span)
    if decides or probe.one("optional") is None:  # where an optional one's tool is missing it fails, and that does not count
        for check in probe.children:
            for tool in TOOLS.get(check.keyword, ()):
                context.need(tool, here.path, check.head)
            if check.keyword != "diagnose":
                tools.of_bodies(context, check, here.path)
    return probe
