"""`schedule` statements: probes that a timer asks. Nobody is there then, so they know nothing that only a run knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from compiler.plan import probes
from compiler.plan.context import Context, patience
from compiler.plan.model import Body, Probe, ProbeUse, Schedule, Value, Var
from compiler.plan.usage import bare_compose
from compiler.schema.model import Node
from compiler.shell import Kind, join
from compiler.source import Span

TIMEOUT = 300  # seconds of `otherwise`, where it says nothing
_PATHS = ("file", "dir", "git", "disk", "http")  # checks that may name a path
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}\$?")


def schedule(context: Context, node: Node) -> Schedule:
    """The schedule. Reports RB564 (a name that is taken) and RB566 (something that only a run knows)."""
    # What it uses is its own: a script neither needs it nor shows it.
    own = replace(context, probes_used=[], services_used=[], hosts_used=[], tools=[], reading=[])
    uses = tuple(_uses(own, node))
    asked = {use.probe: use.span for use in reversed(uses)}
    built = tuple(_probe(own, name, asked[name]) for name in dict.fromkeys(use.probe for use in uses))
    user, otherwise = node.one("user"), node.one("otherwise")
    return Schedule(
        title=str(node.args["title"]),
        name=_name(own, node),
        every=int(node.all("every")[0].args["duration"]),
        checks=uses,
        probes=built,
        otherwise=_otherwise(own, node),
        timeout=(None if otherwise is None else otherwise.seconds("timeout")) or TIMEOUT,
        dir=_folder(own, node),
        user="root" if user is None else _user(own, user),
        note=node.text("note"),
        span=node.head,
    )


def _uses(context: Context, node: Node) -> Iterator[ProbeUse]:
    for check in node.all("check"):
        said = patience(check.args, "every")
        places = check.places.get("probe") or (check.head,) * len(check.args["probe"])
        for name, span in zip(check.args["probe"], places, strict=True):
            setting = context.node("probe", name).one("every")
            own = None if setting is None else patience(setting.args, "duration")
            yield ProbeUse(name, said or own, span)


def _probe(context: Context, name: str, span: Span) -> Probe:
    node = context.node("probe", name)
    built = probes.probe(context, node)
    names = set(context.bodies.probe_reads(node)) | {n for d in node.all("diagnose") for n in context.bodies.reads(d)}
    _only_of_a_run(context, names | _variables(built.dir), f"the probe `{name}`", span)
    if not _fixed(built.dir):
        for check in node.children:
            path = check.args.get("ca" if check.keyword == "http" else "path")
            if built.dir is not None or (check.keyword in _PATHS and isinstance(path, Value) and not _fixed(path)):
                shown = built.dir.shown if built.dir is not None else path.shown if isinstance(path, Value) else ""
                message = f"the probe `{name}` looks at `{shown}`, seen from where a run was started, and a timer starts nowhere"
                context.wrong("RB566", message, span, "write the whole path, from `/` on")
                break
    return built


def _only_of_a_run(context: Context, names: set[str], who: str, span: Span) -> None:
    """RB566 for parameters, captures, choices and what an env file requires: nobody says them to a timer."""
    known = {n for n, kind in context.available((), back=True).items() if kind is not Kind.CONSTANT} | set(context.elsewhere)
    for name in sorted(names & known):
        message = f"{who} reads `${name}`, which only a run knows; a timer has nobody to ask"
        context.wrong("RB566", message, span, "use a constant of `values`, or a probe that reads nothing")


def _fixed(path: Value | None) -> bool:
    """Whether a path is the same wherever it is seen from."""
    return path is not None and (isinstance(path.parts[0], Var) or path.parts[0].text.startswith("/"))


def _variables(path: Value | None) -> set[str]:
    return set() if path is None else {part.name for part in path.parts if isinstance(part, Var)}


def _otherwise(context: Context, node: Node) -> Body | None:
    block = node.one("otherwise")
    if block is None:
        return None
    who = "what the schedule does otherwise"
    _only_of_a_run(context, set(context.bodies.reads(block)), who, block.head)
    context.found += context.bodies.check(block, context.available((), back=True))
    bare_compose(context, block, context.dir(node, None), node.one("on"))
    return join(context.bodies.written(block))


def _folder(context: Context, node: Node) -> Value | None:
    folder = context.dir(node, None)
    if folder is not None and not _fixed(folder):
        message = f"a schedule runs in `{folder.shown}`, seen from where a run was started, and a timer starts nowhere"
        context.wrong("RB566", message, node.head, "write the whole path, from `/` on")
    _only_of_a_run(context, _variables(folder), "the schedule's folder", node.head)
    return folder


def _user(context: Context, node: Node) -> str:
    name = str(node.args["word"])
    if not _USER.fullmatch(name):
        context.wrong("RB209", f"`{name}` is not a user's name such as `monitoring`", node.head, "write the name of a user")
    return name


def _name(context: Context, node: Node) -> str:
    """RUNBOOK-TITLE in small letters, with the environment between: what files, unit and cron job are called.

    A host may serve several environments, and a unit that is installed says by its name which one it asks.
    """
    title = str(node.args["title"])
    letters = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    environment = context.model.environment
    name = "-".join((context.model.runbook.name, *(() if environment is None else (environment.name,)), slug))
    if not slug:
        context.wrong("RB564", f"no file can be named after `{title}`", node.head, "give it a title with letters in it")
    elif name == PurePosixPath(context.model.source.name).stem:
        context.wrong("RB564", f"the script of this spec is called `{name}.sh` already", node.head, "choose another title")
    return name
