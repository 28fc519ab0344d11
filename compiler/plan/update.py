"""`update SERVICE` as ordinary items: record, pull or build, start, wait. The commands are `plan.compose`'s."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compiler.plan import compose, hand, images
from compiler.plan.bodies import inserted
from compiler.plan.context import Capture, Context, Here, variables
from compiler.plan.model import (
    AnyItem,
    Body,
    CaptureItem,
    CheckItem,
    Patience,
    Probe,
    ProbeCheck,
    ProbeUse,
    StepItem,
    Value,
    Way,
    WayBack,
)
from compiler.plan.services import arguments
from compiler.plan.symbols import distinct
from compiler.plan.titles import update_title
from compiler.schema.model import Node

# Seconds. Generous: what they cut off has hung.
RECORD, PULL, BUILD, UP, LOOK = 30, 600, 1800, 300, 30
PATIENCE = Patience(every=5, within=180)
TOOLS = ("docker", "docker compose")


def lower(context: Context, node: Node, here: Here, number: Callable[[], str]) -> Iterator[AnyItem]:
    """The items of an update, numbered by `number`; nothing where the service has no compose file (RB501)."""
    name = str(node.args["service"])
    service = context.node("service", name)
    folder = context.service_dir(name, node.head)
    if service.one("compose") is None:
        message = f"the service `{name}` has no `compose` file to update by"
        context.wrong("RB501", message, node.head, f"say `compose FILE` in `service {name}`")
        return
    parts, args, build = tuple(node.get("only", ())), arguments(service), bool(node.get("build"))
    tagging, starting = _back(node)
    names = context.names
    variable = f"{names.base(node)}_images"
    declared = {c.name for c in context.every_capture} | set(context.everywhere())
    if variable in declared:
        variable = distinct(variable, declared)
    settings = tuple(n for e in service.all("env_file") for n in variables(e.args["path"]))
    reads = context.read((*settings, *variables(folder)), here.path, node.head)
    for tool in TOOLS:
        context.need(tool, here.path, node.head)
    titled = name if not parts else ", ".join(parts)

    def title(key: str) -> str:
        return update_title(context.lang, key, titled)

    def command(text: str) -> Body:
        body = inserted(text, node.head)
        context.commands.append(body)
        return body

    def step(role: str, text: str, timeout: int, back: WayBack, read: tuple[str, ...]) -> StepItem:
        id = names.of(node, role)
        return StepItem(
            id=id,
            name=id.rsplit(".", 1)[1],
            number=number(),
            title=title(role),
            span=node.head,
            path=here.path,
            symbol=names.symbol("step", id),
            body=command(text),
            dir=folder,
            timeout=timeout,
            retry=0,
            retry_every=0,
            back=back,
            optional=None,
            verify=(),
            diagnose=(),
            trouble=(),
            reads=read,
        )

    asked = images.probe(context, service, title("match"), reads)
    if asked is not None:
        match_id = names.of(node, "match")
        yield CheckItem(
            id=match_id,
            name=match_id.rsplit(".", 1)[1],
            number=number(),
            title=asked.title,
            span=node.head,
            path=here.path,
            use=ProbeUse(asked.name, None, node.head),
        )

    record_id = names.of(node, "images")
    yield CaptureItem(
        id=record_id,
        name=record_id.rsplit(".", 1)[1],
        number=number(),
        title=title("images"),
        span=node.head,
        path=here.path,
        symbol=names.symbol("capture", record_id),
        variable=variable,
        integer=False,
        matches=None,
        empty=True,
        body=command(compose.record(args, parts)),
        dir=folder,
        timeout=RECORD,
        reads=reads,
    )
    context.captures.append(Capture(variable, here.path, False, context.within))

    fetch = "build" if build else "pull"
    read = tuple(sorted({*reads, variable}))
    # Pulling and building move tags: without a way back a later plain `up -d` would start what was fetched.
    tags = WayBack(
        Way.UNDO,
        body=command(compose.undo_pull(variable)),
        timeout=tagging,
        span=node.head,
        symbol=names.symbol("undo", names.of(node, fetch)),
    )
    yield step(fetch, compose.pull(args, parts, build), BUILD if build else PULL, tags, read)

    up_id = names.of(node, "up")
    back = here.irreversible or WayBack(
        Way.UNDO,
        body=command(compose.undo_up(args, parts, variable)),
        timeout=starting,
        span=node.head,
        symbol=names.symbol("undo", up_id),
    )
    yield step("up", compose.up(args, parts), UP, back, read)

    wait = compose.wait(args, parts, variable)
    probe = _waits(context, node, folder, (wait, hand.compose_ps(args, parts)), (*reads, variable), title("runs"))
    runs_id = names.of(node, "runs")
    yield CheckItem(
        id=runs_id,
        name=runs_id.rsplit(".", 1)[1],
        number=number(),
        title=probe.title,
        span=node.head,
        path=here.path,
        use=ProbeUse(probe.name, PATIENCE, node.head),
    )


def _back(node: Node) -> tuple[int, int]:
    """Seconds that the way back may take: to set the tags back, which takes next to nothing, and to start."""
    said = node.get("undo")
    if said is None:
        return RECORD, UP
    tagging = max(1, min(RECORD, int(said) // 10))
    return tagging, max(1, int(said) - tagging)


def _waits(
    context: Context, node: Node, folder: Value | None, texts: tuple[str, str], reads: tuple[str, ...], title: str
) -> Probe:
    """The probe that waits; updates on different options share one where it is the same. `texts`: of the script, by hand."""
    text, by_hand = texts
    base = f"{context.names.base(node)}_runs"
    for probe in context.waits:
        if probe.title == title and probe.dir == folder and probe.checks[0].body.text == text:
            return probe
    name = distinct(base, (*context.model.declared.get("probe", {}), *(p.name for p in context.waits)))
    body = inserted(text, node.head)
    context.commands.append(body)
    kind = "update_parts" if node.get("only") else "update"
    facts = {"service": str(node.args["service"])} | ({"parts": ", ".join(node.args["only"])} if node.get("only") else {})
    probe = Probe(
        name=name,
        symbol=f"probe_{name}",
        title=title,
        checks=(ProbeCheck(kind, facts, body, node.head, inserted(by_hand, node.head)),),
        dir=folder,
        timeout=LOOK,
        patience=PATIENCE,
        optional=None,
        diagnose=(),
        trouble=(),
        note=None,
        span=node.head,
        reads=tuple(sorted(set(reads))),
        final=compose.FINAL,
    )
    context.waits.append(probe)
    return probe
