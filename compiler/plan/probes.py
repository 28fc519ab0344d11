"""A `probe` statement becomes a `Probe`: each check a readable line (kind and facts) and a command.

Kinds and their facts, for the locale keys `check.KIND`:

    http (url, status)   http_insecure (url, status, why)   http_header (url, header, pattern)   http_body (url, pattern)
    tcp (endpoint)   listens (ports)   dns (name)   dns_is (name, address)   unit (unit)   succeeds (command)
    output (pattern, command)   number (op, value, command)   file (path)   dir (path)   git (path)
    disk_free (path, size)   disk_used (path, percent)   metric (name, op, value, url)
    journal (count, seconds)   journal_since_start (count)   cert (host, days)   tool (tool, op, version)
    compose_running, compose_healthy (service)   compose_parts_running, compose_parts_healthy (service, parts)

`status` is "200", "200–299" or "200, 302". `command` is the first line of the operator's command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from compiler.plan import checks, compose, hand
from compiler.plan.bodies import around, inserted
from compiler.plan.context import Context, patience
from compiler.plan.model import Body, Probe, ProbeCheck, Value
from compiler.plan.services import arguments
from compiler.plan.titles import probe_title
from compiler.plan.usage import changing_read
from compiler.plan.words import literal
from compiler.schema.model import Node

TIMEOUT = 10  # seconds of one try, where the probe says nothing

# The tools that a check of this kind needs; those of an operator's command are read from it.
TOOLS = {
    "http": ("curl",),
    "metric": ("curl",),
    "listens": ("ss",),
    "dns": ("getent",),
    "unit": ("systemctl",),
    "git": ("git",),
    "journal": ("journalctl",),
    "cert": ("openssl",),
    "compose": ("docker", "docker compose"),
}


@dataclass(frozen=True)
class Asked:
    """A check statement, and how long a tool may wait for an answer."""

    context: Context
    node: Node
    limit: int

    def check(self, kind: str, facts: dict[str, str], command: str | Body, by_hand: str | Body | None = None) -> ProbeCheck:
        """The finished check; `by_hand` is what a person types for it."""
        if isinstance(command, str):
            command = inserted(command, self.node.head)
            self.context.commands.append(command)
        if isinstance(by_hand, str):
            by_hand = inserted(by_hand, self.node.head)
        return ProbeCheck(kind, facts, command, self.node.head, by_hand)


def probe(context: Context, node: Node) -> Probe:
    """The probe. Reports what its own commands get wrong; where it is asked is the business of the items."""
    timeout = node.seconds("timeout") or TIMEOUT
    known = context.available((), back=True)  # which captures are there is asked where the probe is
    for child in node.children:
        context.found += context.bodies.check(child, known)
        if child.keyword != "diagnose":
            changing_read(context, child, f"the probe `{node.name}`")
    built = [
        check
        for child in node.children
        if child.keyword in _KINDS
        for check in _KINDS[child.keyword](Asked(context, child, max(1, timeout - 1)))
    ]
    every = node.one("every")
    return Probe(
        name=node.name,
        symbol=f"probe_{node.name}",
        title=title(context, node),
        checks=tuple(built),
        dir=_dir(context, node),
        timeout=timeout,
        patience=None if every is None else patience(every.args, "duration"),
        optional=node.text("optional"),
        diagnose=tuple(b for d in node.all("diagnose") for b in context.bodies.written(d)),
        trouble=_troubles(context, node),
        note=node.text("note"),
        span=node.head,
        reads=_reads(context, node),
    )


def title(context: Context, node: Node) -> str:
    """The probe's title: its author's, or what its one check is about. RB568 where that says nothing."""
    if "title" in node.args:
        return str(node.args["title"])
    checking = [child for child in node.children if child.keyword in _KINDS]
    aside = replace(context, found=[], commands=[], services_used=[], hosts_used=[])
    built = [check for child in checking[:1] for check in _KINDS[child.keyword](Asked(aside, child, 1))]
    said = probe_title(context.lang, built[0].kind, built[0].facts) if built and len(checking) == 1 else None
    if said is None:
        why = "it has several checks" if len(checking) > 1 else "only you know what its command is about"
        fix = f'write it behind the name: `probe {node.name} "…"`'
        context.wrong("RB568", f"the probe `{node.name}` needs a title: {why}", node.head, fix)
    return said or node.name


def _troubles(context: Context, node: Node) -> tuple[str, ...]:
    """The troubles that the probe names, and those that say of themselves that they show there; each once."""
    named = [name for t in node.all("trouble") for name in t.args["trouble"]]
    for trouble in context.model.declared.get("trouble", {}).values():
        named += [trouble.name for shows in trouble.all("shows at") if node.name in shows.args["probe"]]
    return tuple(dict.fromkeys(named))


def _reads(context: Context, node: Node) -> tuple[str, ...]:
    outside = set(context.available((), back=True))
    return tuple(sorted(context.bodies.probe_reads(node) & outside))


def _dir(context: Context, node: Node) -> Value | None:
    """The probe's own `on` and `in`; without them the folder of the compose service that it asks about.

    All checks of a probe run in one folder: two services that live in different ones need two probes (RB503).
    """
    folders = []
    for check in node.all("compose"):
        folder = context.service_dir(str(check.args["service"]), check.span)
        folders.append((folder, check))
    base = folders[0][0] if folders else None
    chosen = context.dir(node, base)
    for folder, check in folders:
        if folder is not None and folder != chosen:
            where = "nowhere of its own" if chosen is None else f"in `{chosen.shown}`"
            context.wrong(
                "RB503",
                f"the service `{check.args['service']}` lives in `{folder.shown}`, but this probe runs {where}",
                check.head,
                "give the service a probe of its own",
            )
    return chosen


# ── one function a kind ───────────────────────────────────────────────────────────────────────────────────────────


def _http(asked: Asked) -> Iterator[ProbeCheck]:
    args = asked.node.args
    url, statuses, why, head = args["url"], args.get("status", ()), args.get("insecure"), bool(args.get("head"))
    tls = checks.Tls(why is not None, args.get("ca"))
    _contradiction(asked)
    shown = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in statuses or (checks.SUCCESS,))
    facts = {"url": url.shown, "status": shown} | ({} if why is None else {"why": str(why)})
    command = checks.http_status(url, statuses, asked.limit, tls, head=head)
    by_hand = hand.http_status(url, asked.limit, tls, head=head)
    yield asked.check("http" if why is None else "http_insecure", facts, command, by_hand)
    if "header" in args:
        header, pattern = args["header"], args["matches"]
        command = checks.http_header(url, header, pattern, asked.limit, tls, head=head)
        facts = {"url": url.shown, "header": header, "pattern": pattern}
        yield asked.check("http_header", facts, command, hand.http_header(url, header, asked.limit, tls, head=head))
    if "body_matches" in args:
        pattern = args["body_matches"]
        command = checks.http_body(url, pattern, asked.limit, tls)
        by_hand = hand.http_body(url, pattern, asked.limit, tls)
        yield asked.check("http_body", {"url": url.shown, "pattern": pattern}, command, by_hand)


def _contradiction(asked: Asked) -> None:
    """RB567: two words of one check of which one makes the other idle."""
    args, places = asked.node.args, asked.node.places
    for one, other, why in (
        ("head", "body_matches", "the answer to a HEAD has no body"),
        ("insecure", "ca", "a certificate that is not checked needs no authority"),
    ):
        if one in args and other in args:
            words = one, other.replace("_", " ")
            message = f"`{words[0]}` and `{words[1]}` contradict each other: {why}"
            asked.context.wrong("RB567", message, places.get(other) or asked.node.head, "leave one of them out")


def _tcp(asked: Asked) -> Iterator[ProbeCheck]:
    endpoint: Value = asked.node.args["endpoint"]
    opened = checks.connects(endpoint, asked.limit)
    yield asked.check("tcp", {"endpoint": endpoint.shown}, checks.tcp(endpoint, asked.limit), opened)


def _listens(asked: Asked) -> Iterator[ProbeCheck]:
    ports = [literal(str(port)) for port in asked.node.args["port"]]
    yield asked.check("listens", {"ports": ", ".join(p.shown for p in ports)}, checks.listens(ports), hand.listens(ports))


def _dns(asked: Asked) -> Iterator[ProbeCheck]:
    name: Value = asked.node.args["address"]
    address = asked.node.get("is")
    if address is None:
        yield asked.check("dns", {"name": name.shown}, checks.dns(name), hand.dns(name))
    else:
        facts = {"name": name.shown, "address": str(address)}
        by_hand = hand.dns(name, all_addresses=True)
        yield asked.check("dns_is", facts, checks.dns_is(name, literal(str(address))), by_hand)


def _compose(asked: Asked) -> Iterator[ProbeCheck]:
    name, state = str(asked.node.args["service"]), str(asked.node.args["is"])
    parts = tuple(asked.node.get("only", ()))
    service = asked.context.node("service", name)
    if service.one("compose") is None:
        asked.context.wrong(
            "RB501", f"the service `{name}` has no `compose` file", asked.node.head, f"say `compose FILE` in `service {name}`"
        )
        return
    facts = {"service": name} | ({"parts": ", ".join(parts)} if parts else {})
    kind = f"compose{'_parts' if parts else ''}_{state}"
    args = arguments(service)
    yield asked.check(kind, facts, compose.look(args, parts, state == "healthy"), hand.compose_ps(args, parts))


def _unit(asked: Asked) -> Iterator[ProbeCheck]:
    unit = str(asked.node.args["unit"])
    name = literal(unit)
    yield asked.check("unit", {"unit": unit}, checks.unit_active(name), hand.unit_active(name))


def _succeeds(asked: Asked) -> Iterator[ProbeCheck]:
    for body in asked.context.bodies.written(asked.node):
        yield asked.check("succeeds", {"command": _first_line(body)}, body)


def _output(asked: Asked) -> Iterator[ProbeCheck]:
    pattern = str(asked.node.args["matches"])
    for body in asked.context.bodies.written(asked.node):
        facts = {"pattern": pattern, "command": _first_line(body)}
        yield asked.check("output", facts, _wrapped(asked, body, checks.output_matches(pattern)), body)


def _number(asked: Asked) -> Iterator[ProbeCheck]:
    op, value = str(asked.node.args["op"]), asked.node.args["whole"]
    for body in asked.context.bodies.written(asked.node):
        facts = {"op": op, "value": value.shown, "command": _first_line(body)}
        yield asked.check("number", facts, _wrapped(asked, body, checks.number_compares(op, value)), body)


def _file(asked: Asked) -> Iterator[ProbeCheck]:
    path: Value = asked.node.args["path"]
    yield asked.check("file", {"path": path.shown}, checks.file_exists(path), hand.exists(path, "f"))


def _folder(asked: Asked) -> Iterator[ProbeCheck]:
    path: Value = asked.node.args["path"]
    yield asked.check("dir", {"path": path.shown}, checks.dir_exists(path), hand.exists(path, "d"))


def _git(asked: Asked) -> Iterator[ProbeCheck]:
    path: Value = asked.node.args["path"]
    yield asked.check("git", {"path": path.shown}, checks.git_clean(path), hand.git_clean(path))


def _disk(asked: Asked) -> Iterator[ProbeCheck]:
    path: Value = asked.node.args["path"]
    if "free" in asked.node.args:
        size = int(asked.node.args["free"])
        facts = {"path": path.shown, "size": shown_size(size)}
        yield asked.check("disk_free", facts, checks.disk_free(path, ">=", size, shown_size(size)), hand.disk(path))
    else:
        percent = int(asked.node.args["used"])
        facts = {"path": path.shown, "percent": str(percent)}
        yield asked.check("disk_used", facts, checks.disk_used(path, "<=", percent), hand.disk(path))


def _metric(asked: Asked) -> Iterator[ProbeCheck]:
    args = asked.node.args
    url, name, op, value = args["url"], str(args["metric"]), str(args["op"]), args["number"]
    facts = {"url": url.shown, "name": name, "op": op, "value": value.shown}
    by_hand = hand.metric(url, name, asked.limit)
    yield asked.check("metric", facts, checks.metric(url, name, op, value, asked.limit), by_hand)


def _journal(asked: Asked) -> Iterator[ProbeCheck]:
    count, since = int(asked.node.args["errors"]), asked.node.args["since"]
    if since == "start":
        command = checks.journal_errors(count, "<=", None, asked.limit)
        yield asked.check("journal_since_start", {"count": str(count)}, command, hand.journal_errors(None))
    else:
        command = checks.journal_errors(count, "<=", int(since), asked.limit)
        by_hand = hand.journal_errors(int(since))
        yield asked.check("journal", {"count": str(count), "seconds": str(since)}, command, by_hand)


def _cert(asked: Asked) -> Iterator[ProbeCheck]:
    host: Value = asked.node.args["address"]
    days = int(asked.node.args["days"])
    command = checks.cert_days(host, ">=", days, asked.limit)
    yield asked.check("cert", {"host": host.shown, "days": str(days)}, command, hand.cert_days(host))


def _tool(asked: Asked) -> Iterator[ProbeCheck]:
    tool, op, version = (str(asked.node.args[a]) for a in ("tool", "op", "version"))
    facts = {"tool": tool, "op": op, "version": version}
    yield asked.check("tool", facts, checks.tool_version(tool, op, version), hand.tool_version(tool))


_KINDS: dict[str, Callable[[Asked], Iterator[ProbeCheck]]] = {
    "http": _http,
    "tcp": _tcp,
    "listens": _listens,
    "dns": _dns,
    "compose": _compose,
    "unit": _unit,
    "succeeds": _succeeds,
    "output": _output,
    "number": _number,
    "file": _file,
    "dir": _folder,
    "git": _git,
    "disk": _disk,
    "metric": _metric,
    "journal": _journal,
    "cert": _cert,
    "tool": _tool,
}


def _wrapped(asked: Asked, body: Body, parts: tuple[str, str, str]) -> Body:
    name, before, after = parts
    opening, closing = checks.around(body.text)
    start = f"{before}\n" if before else ""
    return around(f"{start}{name}={opening}", body, f"{closing}\n{after}", asked.node.head)


def _first_line(body: Body) -> str:
    return body.text.strip().split("\n", 1)[0]


def shown_size(size: int) -> str:
    """Bytes in the largest binary unit that fits without a rest: `10GiB`."""
    unit = 0
    while size and size % 1024 == 0 and unit < 5:
        size //= 1024
        unit += 1
    return f"{size}{('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')[unit]}"
