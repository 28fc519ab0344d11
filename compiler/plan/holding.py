"""`hold` and `background`: time that passes while something is watched, and commands that run beside a phase."""

from __future__ import annotations

from compiler.plan import tools
from compiler.plan.asking import condition, until, watched
from compiler.plan.context import Context, Here, variables
from compiler.plan.model import BackgroundItem, Body, HoldItem, Lit, Value, Var
from compiler.plan.usage import bare_compose
from compiler.schema.model import Node

BEAT = 60  # seconds between the marks of a hold that looks at nothing


def hold(context: Context, node: Node, here: Here, number: str) -> HoldItem:
    """A hold. Reports a length that no duration parameter gives (RB530), and one in which nothing is looked at (RB526)."""
    setting, watch = node.one("for"), node.one("watch")
    length = Value((Lit("0"),)) if setting is None else setting.args["time"]
    if setting is not None:
        context.read(variables(length), here.path, setting.head)
        _duration_parameter(context, length, setting)
    every = BEAT if watch is None else int(watch.args["every"])
    if watch is None:
        message = f"the hold `{node.name}` only lets time pass: it looks at nothing"
        context.wrong("RB526", message, node.head, "say what must go on holding: `watch PROBE every 30s`", warning=True)
    elif length.constant is not None and every > int(length.constant):
        message = f"the hold `{node.name}` looks only at its beginning and at its end"
        context.wrong("RB526", message, watch.head, "look more often, or hold for longer", warning=True)
    return HoldItem(
        id=context.names.of(node),
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        condition=condition(context, node, here),
        duration=length,
        watch=() if watch is None else watched(context, watch, here),
        every=every,
        tolerate=0 if watch is None else int(watch.get("tolerate", 0)),
    )


def _duration_parameter(context: Context, length: Value, setting: Node) -> None:
    """RB530: a `$name` that is not a parameter of the type `duration`."""
    for name in (part.name for part in length.parts if isinstance(part, Var)):
        param = context.model.declared.get("param", {}).get(name)
        if param is None or param.get("which") != "duration":
            message = f"`${name}` says how long to hold, but it is no parameter of the type `duration`"
            context.wrong("RB530", message, setting.head, f"declare it: `param {name} duration`")


def background(context: Context, node: Node, here: Here, number: str, body: Body) -> BackgroundItem:
    """What runs beside the phase. Reports one that nothing waits for (RB527)."""
    folder = context.dir(node, here.dir)
    tools.of_bodies(context, node, here.path)
    bare_compose(context, node, folder, node.one("on"))
    waited = node.one("until")
    id = context.names.of(node)
    if waited is None:
        message = f"nothing waits until `{node.name}` is ready, so what follows may be too early"
        context.wrong("RB527", message, node.head, "say what shows it: `until PROBE every 1s for 30s`", warning=True)
    return BackgroundItem(
        id=id,
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        symbol=context.names.symbol("background", id),
        body=body,
        dir=folder,
        until=None if waited is None else until(context, waited, here),
        reads=context.read((*context.bodies.reads(node), *variables(folder)), here.path, node.head),
    )
