"""Hosts, services and parameters: what a script runs on, and what it is told."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.plan import images
from compiler.plan.context import Context, Path, Reading, variables
from compiler.plan.model import Assumption, EnvFile, EnvRequirement, Guard, Host, Param, Service, Value
from compiler.plan.tools import minimal, of_bodies
from compiler.plan.words import literal
from compiler.schema.model import Node
from compiler.schema.values import value_of
from compiler.shell import join


def host_node(context: Context) -> Node | None:
    """The one host that the script runs on: the one that its parts name, else the only one that the spec declares (RB504)."""
    hosts = context.model.declared.get("host", {})
    named = dict(context.hosts_used)
    if len(named) > 1:
        first, second, *_ = named
        context.wrong(
            "RB504",
            f"a script runs on one host, but this one would need `{first}` and `{second}`",
            named[second],
            "write one spec for each host, or reach the other with ssh in a step",
        )
    if named:
        return hosts[next(iter(named))]
    own = [host for host in hosts.values() if host.span.source is context.model.source]
    return own[0] if len(own) == 1 else None


def host(context: Context, node: Node) -> Host:
    """The host, its guards checked."""
    guards = []
    for guard in node.all("guard"):
        context.found += context.bodies.check(guard, context.everywhere())
        bodies = context.bodies.written(guard)
        kind = next(k for k in ("hostname", "path", "command") if k in guard.args)
        value = guard.get(kind) if kind != "command" else None
        context.read((*context.bodies.reads(guard), *variables(value)), (), guard.head)
        of_bodies(context, guard, ())
        guards.append(Guard(kind, value, join(bodies) if bodies else None, guard.head))
    return Host(
        name=node.name,
        address=_text(node, "address"),
        access=_text(node, "access"),
        user=_text(node, "user"),
        guards=tuple(guards),
        note=node.text("note"),
    )


def assumptions(context: Context) -> tuple[Assumption, ...]:
    """The entries of `values` that say why they are so."""
    return tuple(
        Assumption(f"{node.name}.{entry.keyword}", str(entry.args["value"]), str(entry.args["text"]))
        for node in context.model.declared.get("values", {}).values()
        for entry in node.children
        if entry.get("text") is not None
    )


def services(context: Context) -> tuple[Service, ...]:
    """The services of the spec itself, and those that something uses."""
    declared = context.model.declared.get("service", {})
    used = set(context.services_used)
    return tuple(_service(context, n) for n in declared.values() if n.name in used or n.span.source is context.model.source)


def _service(context: Context, node: Node) -> Service:
    compose, folder = node.one("compose"), node.one("dir")
    env_files = []
    for env_file in node.all("env_file"):
        context.read(variables(env_file.args["path"]), (), env_file.head)
        required = tuple(
            EnvRequirement(r.args["variable"], r.get("matches"), bool(r.get("secret")), r.text("note"))
            for r in env_file.all("require")
        )
        env_files.append(EnvFile(env_file.args["path"], required))
    return Service(
        name=node.name,
        host=node.get("on"),
        dir=None if folder is None else folder.args["path"],
        compose=() if compose is None else tuple(compose.args["file"]),
        project=_text(node, "project"),
        unit=_text(node, "unit"),
        url=_text(node, "url"),
        env_files=tuple(env_files),
        images=images.rules(context, node),
        note=node.text("note"),
    )


def params(context: Context) -> tuple[Param, ...]:
    """The parameters of the spec itself (not of a procedure), and those that something reads.

    Each has the paths on which it is needed.
    """
    declared = context.model.declared.get("param", {})
    _through_defaults(context, declared.values())
    read = {reading.name for reading in context.reading}
    whole = context.model.procedure is None  # a procedure takes only what it reads
    own = {n.name for n in declared.values() if whole and n.span.source is context.model.source}
    return tuple(_param(context, n) for n in declared.values() if n.name in read | own)


def _through_defaults(context: Context, nodes: Iterable[Node]) -> None:
    """A parameter in another one's default is needed where that one is."""
    defaults = {n.name: variables(_default(n)) for n in nodes}
    by_name: dict[str, list[Reading]] = {}
    there: set[tuple[str, Path]] = set()

    def note(readings: Iterable[Reading]) -> None:
        for reading in readings:
            by_name.setdefault(reading.name, []).append(reading)
            there.add((reading.name, reading.path))

    note(context.reading)
    for _ in defaults:
        before = len(context.reading)
        for name, used in defaults.items():
            for reading in tuple(by_name.get(name, ())):
                if any((u, reading.path) not in there for u in used if u in defaults):
                    noted = len(context.reading)
                    context.read(used, reading.path, reading.span or context.model.runbook.head)
                    note(context.reading[noted:])
        if len(context.reading) == before:
            return


def _default(node: Node) -> Value | None:
    default = node.one("default")
    if default is None:
        return None
    value = default.args["value"]
    cut = value if isinstance(value, Value) else value_of(str(value))
    return cut if isinstance(cut, Value) else literal(str(value))


def _param(context: Context, node: Node) -> Param:
    matches, env = node.one("matches"), node.one("env")
    choices = tuple(node.get("choice", ()))
    readings = [r for r in context.reading if r.name == node.name]
    return Param(
        name=node.name,
        type="choice" if choices else str(node.args["which"]),
        option="--" + node.name.replace("_", "-"),
        choices=choices,
        matches=None if matches is None else str(matches.args["pattern"]),
        env=None if env is None else str(env.args["variable"]),
        default=_default(node),
        secret=node.one("secret") is not None,
        note=node.text("note"),
        needed_when=minimal((r.path for r in readings), context.choices),
        span=node.head,
        block=bool(readings) and all(r.block for r in readings),
    )


def _text(node: Node, keyword: str) -> str | None:
    """The only argument of a setting, as text."""
    setting = node.one(keyword)
    if setting is None:
        return None
    value = next(iter(setting.args.values()))
    return value.shown if isinstance(value, Value) else str(value)
