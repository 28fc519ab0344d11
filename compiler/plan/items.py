"""The statements of phases and of the rollback block as numbered items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from compiler.plan import holding, jobs, probes, tools, update
from compiler.plan.asking import condition, uses
from compiler.plan.context import Capture, Context, Here, variables
from compiler.plan.model import (
    AnyItem,
    Body,
    CaptureItem,
    CheckItem,
    ChooseItem,
    ConfirmItem,
    Decision,
    GuardedItem,
    ManualItem,
    Option,
    StepItem,
    Way,
    WayBack,
)
from compiler.plan.usage import bare_compose, changing_read, fragile_undo
from compiler.schema.model import Node
from compiler.shell import join

CAPTURE_TIMEOUT = 30  # seconds, where a capture says nothing


def lower(context: Context, holder: Node, here: Here) -> tuple[AnyItem, ...]:
    """The items of a phase, an option or the rollback block, in order."""
    count = 0

    def number() -> str:
        nonlocal count
        count += 1
        return f"{here.number}{count}"

    return tuple(item for node in holder.children for item in _statement(context, node, here, number))


def verify(context: Context, rollback: Node, first: int) -> tuple[CheckItem, ...]:
    """What proves the way back, numbered on from `first`."""
    here = Here("rollback.verify", "R.", None, (), back=True)
    count = first - 1

    def number() -> str:
        nonlocal count
        count += 1
        return f"{here.number}{count}"

    return tuple(item for node in rollback.all("verify") for item in _checks(context, node, here, number))


def _statement(context: Context, node: Node, here: Here, number: Callable[[], str]) -> Iterator[AnyItem]:
    match node.keyword:
        case "check":
            yield from _checks(context, node, here, number)
        case "step":
            yield _step(context, node, here, number())
        case "job":
            back = _way_back(context, node, here, context.names.of(node))
            if (undo := node.one("undo")) is not None:
                tools.of_bodies(context, undo, here.path)
                fragile_undo(context, undo)
            job = jobs.job(context, node, here, number(), back, _diagnose(context, node, here))
            yield from () if job is None else (job,)
        case "update":
            yield from update.lower(context, node, here, number)
        case "capture":
            yield _capture(context, node, here, number())
        case "confirm":
            yield _confirm(context, node, here, number())
        case "manual":
            yield _manual(context, node, here, number())
        case "choose":
            yield _choose(context, node, here, number())
        case "hold":
            yield holding.hold(context, node, here, number())
        case "background":
            body = _body(context, node, here, f"the background part `{node.name}`")
            yield holding.background(context, node, here, number(), body)
        case "guarded":
            yield _guarded(context, node, here, number())
        case _:
            pass  # a setting of what holds it


def _checks(context: Context, node: Node, here: Here, number: Callable[[], str]) -> Iterator[CheckItem]:
    for index, use in enumerate(uses(context, node, here)):
        id = context.names.of(node, str(index))
        yield CheckItem(
            id=id,
            name=id.rsplit(".", 1)[1],
            number=number(),
            title=probes.title(context, context.node("probe", use.probe)),
            span=use.span,
            path=here.path,
            use=use,
        )


def _step(context: Context, node: Node, here: Here, number: str) -> StepItem:
    folder = context.dir(node, here.dir)
    id = context.names.of(node)
    body = _body(context, node, here, f"the step `{node.name}`")
    undo = node.one("undo")
    back = _way_back(context, node, here, id)
    names = [*context.bodies.reads(node), *variables(folder)]
    if undo is not None:
        names += context.bodies.reads(undo)
    for commands in (node, undo):
        if commands is not None and node.one("optional") is None:  # where its tool is missing an optional step fails, as it may
            tools.of_bodies(context, commands, here.path)
    if undo is not None:
        fragile_undo(context, undo)
    for holder in (node, undo, *node.all("diagnose")):
        if holder is not None:
            bare_compose(context, holder, folder, node.one("on"))
    if back.way is Way.READONLY and not back.text:
        changing_read(context, node, f"the step `{node.name}` is `readonly`")
    diagnose = _diagnose(context, node, here)
    retry = node.one("retry")
    return StepItem(
        id=id,
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        condition=condition(context, node, here),
        symbol=context.names.symbol("step", id),
        body=body,
        dir=folder,
        timeout=node.seconds("timeout"),
        retry=0 if retry is None else int(retry.args["int"]),
        retry_every=0 if retry is None else int(retry.args["every"]),
        back=back,
        optional=node.text("optional"),
        verify=tuple(use for v in node.all("verify") for use in uses(context, v, here)),
        diagnose=diagnose,
        trouble=tuple(name for t in node.all("trouble") for name in t.args["trouble"]),
        reads=context.read(names, here.path, node.head),
        interactive=_interactive(context, node),
        guarded=here.guarded,
    )


def _interactive(context: Context, node: Node) -> bool:
    """Whether the step talks to the terminal. Then it takes the time that a person takes, and is done once (RB522)."""
    if node.one("interactive") is None:
        return False
    for setting in (node.one("retry"), node.one("timeout")):
        if setting is not None:
            what = (
                "a person at the terminal takes their time" if setting.keyword == "timeout" else "a person decides what is next"
            )
            message = f"the step `{node.name}` is `interactive` and has a `{setting.keyword}`, but {what}"
            context.wrong("RB522", message, setting.head, f"leave `{setting.keyword}` out")
    return True


def _guarded(context: Context, node: Node, here: Here, number: str) -> GuardedItem:
    """A guard and its steps, each with commands that lead back: nobody may be there to do anything else (RB525)."""
    id = context.names.of(node)
    inside = replace(here, id=id, number=f"{number}.", guarded=id)
    steps = tuple(_step(context, step, inside, f"{inside.number}{n}") for n, step in enumerate(node.all("step"), 1))
    for step in steps:
        if step.back.body is None:
            message = f"the guard `{node.name}` must undo `{step.name}` by itself, but the step has no commands that lead back"
            place = step.back.span or step.span
            context.wrong("RB525", message, place, "write `undo $ …`, or do the step before or after the guard")
    return GuardedItem(
        id=id,
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        duration=node.seconds("for") or 0,
        items=steps,
    )


def _way_back(context: Context, node: Node, here: Here, id: str) -> WayBack:
    """How the statement goes back, as its author says. In the rollback block nothing does: it is the way back."""
    undo, irreversible, readonly = node.one("undo"), node.one("irreversible"), node.one("readonly")
    if irreversible is not None:
        return WayBack(Way.IRREVERSIBLE, text=irreversible.args["text"], span=irreversible.head)
    if readonly is not None:
        return WayBack(Way.READONLY, text=readonly.get("text"), span=readonly.head)
    if undo is None:
        return here.irreversible or WayBack(Way.NOTHING, span=node.head)
    if undo.get("rollback"):
        return WayBack(Way.ROLLBACK, span=undo.head)
    seconds = undo.seconds("timeout")
    if undo.bodies:
        body = _body(context, undo, here, f"the way back of `{node.get('name') or node.get('title')}`")
        return WayBack(Way.UNDO, body=body, timeout=seconds, span=undo.head, symbol=context.names.symbol("undo", id))
    task = node.keyword == "manual" and "nothing" not in undo.args
    text = undo.get("nothing", undo.get("text"))
    return WayBack(Way.UNDO if task else Way.NOTHING, text=text, timeout=seconds, span=undo.head)


def _capture(context: Context, node: Node, here: Here, number: str) -> CaptureItem:
    folder = context.dir(node, here.dir)
    id = context.names.of(node)
    body = _body(context, node, here, f"the capture `{node.name}`")
    tools.of_bodies(context, node, here.path)
    bare_compose(context, node, folder, node.one("on"))
    changing_read(context, node, f"the capture `{node.name}`")
    item = CaptureItem(
        id=id,
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        symbol=context.names.symbol("capture", id),
        variable=node.name,
        integer=bool(node.get("int")),
        matches=node.get("matches"),
        empty=False,
        body=body,
        dir=folder,
        timeout=node.seconds("timeout") or CAPTURE_TIMEOUT,
        reads=context.read((*context.bodies.reads(node), *variables(folder)), here.path, node.head),
    )
    context.captures.append(Capture(node.name, here.path, item.integer, context.within))
    return item


def _confirm(context: Context, node: Node, here: Here, number: str) -> ConfirmItem:
    return ConfirmItem(
        id=context.names.of(node),
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        condition=condition(context, node, here),
        checks=tuple(use for check in node.all("check") for use in uses(context, check, here)),
        show=_show(context, node, here),
        other=bool(node.get("by_other")) or node.one("by") is not None,
    )


def _manual(context: Context, node: Node, here: Here, number: str) -> ManualItem:
    id = context.names.of(node)
    return ManualItem(
        id=id,
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        condition=condition(context, node, here),
        back=_way_back(context, node, here, id),
        show=_show(context, node, here),
    )


def _show(context: Context, node: Node, here: Here) -> tuple[str, ...]:
    """The names to print: no secrets (RB510), and only captures that are there."""
    shown = tuple(name for show in node.all("show") for name in show.args["shown"])
    for show in node.all("show"):
        context.early(show.args["shown"], here.path, show.head, here.back, f"`{node.name}`")
        for name in show.args["shown"]:
            param = context.model.declared.get("param", {}).get(name)
            if param is not None and param.one("secret"):
                context.wrong("RB510", f"`{name}` is secret, so it cannot be shown", show.head, "leave it out")
    context.read(shown, here.path, node.head)
    return shown


def _choose(context: Context, node: Node, here: Here, number: str) -> ChooseItem:
    options = []
    for index, option in enumerate(node.all("option")):
        letter = _letter(index)
        decision = Decision(node.name, option.name)
        inside = here.option(f"{context.names.of(node)}.{option.name}", f"{number}{letter}.", decision)
        options.append(
            Option(
                name=option.name,
                letter=letter,
                title=str(option.args["title"]),
                default=bool(option.get("default")),
                items=lower(context, option, inside),
                span=option.head,
                note=option.text("note"),
            )
        )
    return ChooseItem(
        id=context.names.of(node),
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        span=node.head,
        path=here.path,
        note=node.text("note"),
        option="--" + node.name.replace("_", "-"),
        options=tuple(options),
    )


def _letter(index: int) -> str:
    """a … z, aa, ab, …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _body(context: Context, node: Node, here: Here, who: str) -> Body:
    """The one body of a statement, checked against the names that reach it."""
    known = context.available(here.path, here.back)
    reads = context.bodies.reads(node)
    assigned = {n for facts in context.bodies.facts(node) for n in facts.scalars | facts.arrays}
    context.early(reads - assigned, here.path, node.head, here.back, who)
    everywhere = context.available((), back=True)
    elsewhere = {c.name: everywhere[c.name] for c in context.every_capture}
    context.found += context.bodies.check(node, elsewhere | known)
    return join(context.bodies.written(node))


def _diagnose(context: Context, node: Node, here: Here) -> tuple[Body, ...]:
    bodies: list[Body] = []
    for diagnose in node.all("diagnose"):
        context.found += context.bodies.check(diagnose, context.available(here.path, here.back))
        context.read(context.bodies.reads(diagnose), here.path, diagnose.head)
        bodies += context.bodies.written(diagnose)
    return tuple(bodies)
