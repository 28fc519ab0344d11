"""`job`: a step whose commands run on another server, started there and watched to its end."""

from __future__ import annotations

from compiler.emit.shell import word
from compiler.plan import automations
from compiler.plan.asking import condition, uses
from compiler.plan.bodies import inserted
from compiler.plan.context import Context, Here
from compiler.plan.model import Body, JobItem, WayBack
from compiler.schema.model import Node


def job(context: Context, node: Node, here: Here, number: str, back: WayBack, diagnose: tuple[Body, ...]) -> JobItem | None:
    """A job. None, and RB552, where it is not said, or cannot be, on which automation it runs."""
    server = _server(context, node)
    if server is None:
        return None
    made = automations.automation(context, server)
    id = context.names.of(node)
    title = str(node.args["title"])
    retry, timeout = node.one("retry"), node.seconds("timeout")
    troubles = node.all("trouble") or server.all("trouble")
    for tool in automations.TOOLS:
        context.need(tool, here.path, node.head)
    undo = node.one("undo")
    names = [*automations.reads(made), *(() if undo is None else context.bodies.reads(undo))]
    return JobItem(
        id=id,
        name=id.rsplit(".", 1)[1],
        number=number,
        title=title,
        span=node.head,
        path=here.path,
        note=node.text("note"),
        condition=condition(context, node, here),
        symbol=context.names.symbol("job", id),
        body=inserted(f"{made.commands['start'].name} {word(title)}", node.head),
        dir=None,
        timeout=server.seconds("timeout") if timeout is None else timeout,
        retry=0 if retry is None else int(retry.args["int"]),
        retry_every=0 if retry is None else int(retry.args["every"]),
        back=back,
        optional=node.text("optional"),
        verify=tuple(use for v in node.all("verify") for use in uses(context, v, here)),
        diagnose=diagnose,
        trouble=tuple(name for t in troubles for name in t.args["trouble"]),
        reads=context.read(names, here.path, node.head),
        automation=made.name,
        functions=made.functions,
        watch=made.patience,
    )


def _server(context: Context, node: Node) -> Node | None:
    declared = context.model.declared.get("automation", {})
    if "on" in node.args:
        return declared.get(str(node.args["on"]))
    if len(declared) == 1:
        return next(iter(declared.values()))
    title = node.args["title"]
    if declared:
        names = ", ".join(f"`{name}`" for name in declared)
        message = f"the job `{title}` does not say where it runs: there are {names}"
        context.wrong("RB552", message, node.head, f'write `job "{title}" on {next(iter(declared))}`')
    else:
        message = f"the job `{title}` has nowhere to run: the spec declares no `automation`"
        context.wrong("RB552", message, node.head, "declare the server: `automation NAME semaphore {`")
    return None
