"""The bash backend: a Plan as one self-contained script.

A script has two regions. The *world* is what touches the host: the operator's commands, one function each, and the clock. The
*driver* is the rest, and reaches the world through `rbc_world` alone. This module decides nothing about the run; it puts leaves
into templates and takes the runtime pieces that the Plan uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.emit import locale, overview
from compiler.emit.leaves import Bare, BashLeaf, Code, Comment, Expanded, Raw, Word
from compiler.emit.needs import early, pieces, uses, words
from compiler.emit.render import Rendered, render_bash
from compiler.emit.shell import double
from compiler.emit.tables import Tables, diagnose_symbol, needed, tables
from compiler.plan import moments
from compiler.plan.model import (
    BackgroundItem,
    Body,
    CaptureItem,
    Lit,
    Need,
    Origin,
    Piece,
    Plan,
    Probe,
    StepItem,
    Value,
    Way,
    walk,
)
from compiler.source import Span
from compiler.version import __version__

COMMANDS = ("run", "plan", "check", "rollback", "resume", "status", "log", "receipt")
_WIDTH = 80
_INNER = ("api", "find", "start")  # of an automation's functions


@dataclass(frozen=True)
class Function:
    """One function of the world."""

    name: Bare
    comment: Comment
    dir: BashLeaf | None
    parts: tuple[Code, ...]
    apart: bool = False  # each part in a subshell of its own: a `cd` or a variable of one does not reach the next
    inner: bool = False  # called by others only: the driver does not reach it


@dataclass(frozen=True)
class Script:
    """A finished script; `[machinery_start, machinery_end)` is the part that is the same for every Plan with the same pieces."""

    rendered: Rendered
    machinery_start: int
    machinery_end: int

    @property
    def text(self) -> str:
        return self.rendered.text


def emit(plan: Plan) -> Script:
    """Print the Plan as a script."""
    used = uses(plan)
    runtime = pieces(used)
    say = {**locale.load("outcome", plan.meta.lang), **locale.load("script", plan.meta.lang)}
    if plan.environment is not None:
        here = _fill(say["in_environment"], environment=plan.environment.name)
        say |= {key: f"{here} {text}" for key, text in say.items() if key.startswith("first_change_")}
    data = tables(plan)
    data.notes.update(_guard_notes(plan, say))
    data.notes.update(_time_notes(plan, say))
    commands = (*COMMANDS, "accept") if used.accept else COMMANDS
    shape = {"uses": used, "kinds": [Bare(kind) for kind in used.kinds]}
    glue = render_bash("bash/glue.sh.j2", **shape).text
    rendered = render_bash(
        "bash/script.sh.j2",
        title=_title(plan, say),
        say={key: Word(_fill(say[f"header_{key}"], script=plan.script)) for key in ("crlf", "bash", "file", "cut")},
        banner={key: _banner(say[f"section_{key}"]) for key in ("world", "order", "words", "machinery")},
        functions=tuple(_functions(plan, say)),
        variables=[Bare(name) for name in _variables(plan)],
        comment={key: Comment(say[f"comment_{key}"]) for key in ("names", "dispatch", "defaults")},
        defaults=[{"name": Bare(p.name), "value": Expanded(p.default)} for p in plan.params if p.default is not None]
        or ([{"name": Bare(plan.params[0].name), "value": Word("")}] if plan.params else []),
        runbook=Word(plan.name),
        system=Word(plan.meta.name),
        runbook_title=Word(plan.title),
        most=Word(_most(plan, say)),
        commands=Word(" ".join(commands)),
        budget=Word("" if plan.meta.budget is None else str(plan.meta.budget)),
        back_budget=Word("" if plan.rollback is None or plan.rollback.budget is None else str(plan.rollback.budget)),
        gates=Word(" ".join(data.gates)),
        tables=_rows(plan, data, say),
        maps=_maps(data, say),
        words=[(Word(key), Word(text)) for key, text in words(say, runtime, glue, commands)],
        **shape,
        early=[Raw(piece) for piece in early()],
        runtime=[Raw(piece) for piece in runtime],
    )
    last = runtime[-1].text.rstrip("\n")
    start = rendered.text.index(next(_banner(say["section_words"]).chunks(""))[0])
    return Script(rendered, start, rendered.text.rindex(last) + len(last) + 1)


def _fill(text: str, **values: str) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _title(plan: Plan, say: Mapping[str, str]) -> list[Comment]:
    built = _fill(say["header_built"], version=__version__, spec=plan.spec.path, hash=plan.spec.sha256)
    name = plan.name if plan.meta.id is None else f"{plan.name} ({plan.meta.id})"
    where = [] if plan.environment is None else [_fill(say["in_environment"], environment=plan.environment.name)]
    return [Comment(text) for text in (plan.title, *where, name, built, say["header_change"])]


def _banner(text: str) -> Comment:
    return Comment(f"─── {text} ".ljust(_WIDTH - 2, "─"))


def _most(plan: Plan, say: Mapping[str, str]) -> str:
    """How long a run takes at most, and the way back of one that changes something."""
    most = say["run_most_open"] if plan.most is None else _fill(say["run_most"], time=_duration(plan.most))
    if not plan.back_most or not overview.changing(plan):
        return most
    return _fill(say["run_back"], time=most, back=_duration(plan.back_most))


def _duration(seconds: int) -> str:
    """`45 s`, `9 min`, `1 h 05 min`: as the runtime writes them, rounded up to what a person plans with."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _place(text: str, span: Span) -> Comment:
    """A title with its place in the spec."""
    return Comment(f"{text} ({span})")


def _functions(plan: Plan, say: Mapping[str, str]) -> Iterator[Function]:
    """All functions of the world: what refuses, what looks, what changes and leads back, in the order of the run."""
    if plan.host is not None:
        for number, guard in enumerate(plan.host.guards, 1):
            body = guard.body or _guard(guard.kind, guard.value, guard.span)
            yield Function(Bare(f"guard_{number}"), _place(f"guard {guard.kind}", guard.span), None, (Code(body, 2),))
    for need in plan.needs:
        if need.version is not None:
            span = need.span or plan.phases[0].span
            yield Function(Bare(need_symbol(need)), _place(f"needs {need.tool}", span), None, (Code(_version(need, span), 2),))
    for service in plan.services:
        for rule in service.images:
            yield _function(rule.symbol, f"images match: {rule.why}", rule.span, rule.dir, (rule.body,))
    for probe in plan.probes:
        yield from functions_of(probe)
    for server in plan.automations:
        for role, command in server.commands.items():
            title = f"{server.name}: {say[f'comment_job_{role}']}"
            yield replace(_function(command.name, title, server.span, None, (command.body,)), inner=role in _INNER)
    items = [(phase.title, item) for phase in plan.phases for item in walk(phase.items)]
    items += [(plan.rollback.title, item) for item in walk(plan.rollback.items)] if plan.rollback else []
    for where, item in items:
        if isinstance(item, CaptureItem | BackgroundItem):
            yield _function(item.symbol, f"{where}: {item.title}", item.span, item.dir, (item.body,))
        elif isinstance(item, StepItem):
            yield _function(item.symbol, f"{where}: {item.title}", item.span, item.dir, (item.body,))
            if item.back.way is Way.UNDO and item.back.symbol and item.back.body is not None:
                yield _function(
                    item.back.symbol, f"{where}: {item.title} ↶", item.back.span or item.span, item.dir, (item.back.body,)
                )
            if item.diagnose:
                yield _function(diagnose_symbol(item.symbol), f"{where}: {item.title} ?", item.span, item.dir, item.diagnose)


def functions_of(probe: Probe) -> Iterator[Function]:
    """A probe's checks, and what is run and shown when it fails."""
    yield _function(probe.symbol, probe.title, probe.span, probe.dir, tuple(c.body for c in probe.checks))
    if probe.diagnose:
        yield _function(diagnose_symbol(probe.symbol), f"{probe.title} ?", probe.span, probe.dir, probe.diagnose)


def _function(name: str, title: str, span: Span, folder: Value | None, bodies: Sequence[Body]) -> Function:
    cd = None if folder is None else Expanded(folder)
    return Function(
        Bare(name), _place(title, span), cd, tuple(Code(b, 4 if len(bodies) > 1 else 2) for b in bodies), len(bodies) > 1
    )


def _guard(kind: str, value: Value | None, span: Span) -> Body:
    """`guard hostname` and `guard path` as commands. A host is known by its short or its full name."""
    word = double(value or Value((Lit(""),)))
    if kind == "hostname":
        text = f'[[ "${{HOSTNAME}}" == {word} || "${{HOSTNAME%%.*}}" == {word} ]]'
    else:
        text = f"[[ -e {word} ]]"
    return Body((Piece(text, span, Origin.INSERTED),))


def _guard_notes(plan: Plan, say: Mapping[str, str]) -> dict[str, str]:
    """What the script says where a guard does not hold."""
    notes = {}
    for number, guard in enumerate(plan.host.guards if plan.host else (), 1):
        what = guard.body.text if guard.body is not None else guard.value.shown if guard.value is not None else ""
        host = plan.host.name if plan.host else ""
        notes[f"guard_{number}"] = _fill(say[f"guard_{guard.kind}"], value=what, host=host)
    return notes


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _time_notes(plan: Plan, say: Mapping[str, str]) -> dict[str, str]:
    """Windows and sittings in words."""
    days = say["days"].split()
    windows = [f"{' '.join(days[d - 1] for d in w.days)} {_clock(w.start)}-{_clock(w.end)} {w.zone}" for w in plan.meta.windows]
    notes = {"window": ", ".join(windows)} if windows else {}
    for phase in plan.phases:
        if phase.at is not None:
            notes[f"{phase.name}/at"] = moments.shown(phase.at)
    return notes


def need_symbol(need: Need) -> str:
    """The function that prints a tool's version: `docker compose` -> `need_docker_compose`."""
    return "need_" + "".join(c if c.isalnum() else "_" for c in need.tool)


def _version(need: Need, span: Span) -> Body:
    command = f"{need.tool} version" if " " in need.tool else f"{need.tool} --version"
    return Body((Piece(command, span, Origin.INSERTED),))


def _variables(plan: Plan) -> list[str]:
    """The plain names that operators' text reads; the run sets them in each child."""
    read: set[str] = set()
    for probe in plan.probes:
        read.update(probe.reads)
    items = [item for phase in plan.phases for item in walk(phase.items)]
    items += walk(plan.rollback.items) if plan.rollback else ()
    for item in items:
        if isinstance(item, StepItem | CaptureItem | BackgroundItem):
            read.update(item.reads)
    for server in plan.automations:
        read.update(server.variables)
    return sorted(read)


def _rows(plan: Plan, data: Tables, say: Mapping[str, str]) -> list[dict[str, object]]:
    guards = [f"guard_{n}" for n in range(1, len(plan.host.guards) + 1)] if plan.host else []
    needs = [
        (n.tool, need_symbol(n) if n.version else "", n.op or "", n.version or "", f"needed={needed(n.needed_when)}")
        for n in plan.needs
    ]
    listed: list[tuple[str, Iterable[tuple[str, ...]]]] = [
        ("RBC_PLAN", data.plan),
        ("RBC_BLOCK", data.block),
        ("RBC_VERIFY", data.verify),
        ("RBC_GUARDS", [(g,) for g in guards]),
        ("RBC_IMAGES", [(rule.symbol, rule.why) for service in plan.services for rule in service.images]),
        ("RBC_NEEDS", needs),
        ("RBC_PARAMS", data.params),
        ("RBC_OPTIONS", data.options),
        ("RBC_ENV", data.env),
        ("RBC_WINDOWS", [("".join(map(str, w.days)), str(w.start), str(w.end), w.zone) for w in plan.meta.windows]),
    ]
    used = {
        "RBC_IMAGES": any(s.images for s in plan.services),
        "RBC_PARAMS": bool(data.params),
        "RBC_ENV": bool(data.env),
        "RBC_WINDOWS": bool(plan.meta.windows),
    }
    return [
        {
            "name": Bare(name),
            "comment": Comment(say[f"table_{name[4:].lower()}"]),
            "rows": [[Word(w) for w in row] for row in rows],
        }
        for name, rows in listed
        if used.get(name, True)
    ]


def _maps(data: Tables, say: Mapping[str, str]) -> list[dict[str, object]]:
    listed = (("RBC_PROBES", data.probes), ("RBC_TITLES", data.titles), ("RBC_NOTES", data.notes))
    return [
        {
            "name": Bare(name),
            "comment": Comment(say[f"table_{name[4:].lower()}"]),
            "rows": [(Word(k), Word(v)) for k, v in rows.items()],
        }
        for name, rows in listed
    ]
