"""`images match PATTERN "why"`: asked before the first probe of a run, and again by each update before it fetches and starts."""

from __future__ import annotations

from compiler.plan import compose
from compiler.plan.bodies import inserted
from compiler.plan.context import Context, variables
from compiler.plan.model import Body, ImageRule, Probe, ProbeCheck
from compiler.plan.services import arguments
from compiler.plan.symbols import distinct
from compiler.schema.model import Node

TIMEOUT = 30  # seconds: compose reads its files and asks no engine


def rules(context: Context, service: Node) -> tuple[ImageRule, ...]:
    """The rules of a service, each with the command that asks it; RB501 where there is no compose file to ask."""
    made = []
    for number, node in enumerate(service.all("images"), 1):
        if service.one("compose") is None:
            message = f"the service `{service.name}` has no `compose` file whose images could match"
            context.wrong("RB501", message, node.head, f"say `compose FILE` in `service {service.name}`")
            continue
        names = sorted({n for e in service.all("env_file") for n in variables(e.args["path"])})
        folder = service.one("dir")
        context.read((*names, *variables(None if folder is None else folder.args["path"])), (), node.head)
        for tool in ("docker", "docker compose"):
            context.need(tool, (), node.head)
        made.append(
            ImageRule(
                matches=str(node.args["match"]),
                why=str(node.args["text"]),
                symbol=f"images_{service.name}" + ("" if number == 1 else f"_{number}"),
                body=_command(context, node, compose.images_match(arguments(service), str(node.args["match"]))),
                by_hand=_command(context, node, compose.images(arguments(service))),
                dir=None if folder is None else folder.args["path"],
                span=node.head,
            )
        )
    return tuple(made)


def probe(context: Context, service: Node, title: str, reads: tuple[str, ...]) -> Probe | None:
    """The probe that an update of the service begins with; None where it has no rules."""
    found = rules(context, service) if service.one("images") is not None else ()
    if not found:
        return None
    symbol = f"{service.name}_images_match"
    known = next((p for p in context.waits if p.title == title and p.span == found[0].span), None)
    if known is not None:
        return known
    name = distinct(symbol, (*context.model.declared.get("probe", {}), *(p.name for p in context.waits)))
    checks = tuple(
        ProbeCheck("images", {"service": service.name, "pattern": r.matches, "why": r.why}, r.body, r.span, r.by_hand)
        for r in found
    )
    made = Probe(
        name=name,
        symbol=f"probe_{name}",
        title=title,
        checks=checks,
        dir=found[0].dir,
        timeout=TIMEOUT,
        patience=None,
        optional=None,
        diagnose=(),
        trouble=(),
        note=None,
        span=found[0].span,
        reads=tuple(sorted(set(reads))),
    )
    context.waits.append(made)
    return made


def _command(context: Context, node: Node, text: str) -> Body:
    body = inserted(text, node.head)
    context.commands.append(body)
    return body
