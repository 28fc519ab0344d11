"""The typed model becomes the Plan. Everything that script and runbook say is decided here, once.

| module | decides |
|---|---|
| `names`, `symbols` | ids and the names of functions |
| `bodies` | operators' commands: parsed at once, checked, written with braces |
| `items`, `update`, `jobs`, `automations` | the statements of phases and rollback, numbered |
| `probes`, `checks`, `compose` | the command of every check |
| `world`, `tools` | host, services, parameters, what must be installed |
| `people` | troubles, sections, the order of the document |
| `alerts`, `schedules` | what watches when nothing runs |
| `choices`, `usage` | what is wrong and can be seen only here |
| `holding`, `sittings`, `windows` | time: what waits, when a phase begins, when the script may run |
| `procedures` | the scripts of a spec with procedures, each a model for itself |
| `summary`, `budgets` | how long it takes, and whether there is time for it |
| `expectations` | what must come of faults |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from compiler.diagnostics import Diagnostic
from compiler.plan import budgets, expectations, items, people, probes, sittings, summary, tools, usage, world
from compiler.plan.asking import condition
from compiler.plan.bodies import Bodies, nested
from compiler.plan.choices import choices
from compiler.plan.context import Capture, Context, Here
from compiler.plan.model import Decision, Phase, Plan, Probe, Rollback, Schedule, SpecFile, Way, WayBack
from compiler.plan.names import Names, numbered_phases, phases_of
from compiler.schema.model import Model, Node
from compiler.source import Source


def lower(
    model: Model, bodies: Bodies | None = None, elsewhere: Mapping[str, str] | None = None
) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The Plan of a spec, and what is wrong with it (RB4xx, RB501 to RB514, RB522 to RB530, RB540, RB541, RB561
    to RB566). None where something is an error.

    A spec with procedures has one for each: `plan.procedures`, which gives the bodies that it has parsed, and what is captured
    in other procedures only. Raises Refused (RB404) where shfmt cannot be run.
    """
    numbers, nodes = tuple(n for n, _ in numbered_phases(model)), phases_of(model)
    block = next((node for node in model.statements if node.keyword == "rollback"), None)
    context = Context(model, bodies or Bodies(model), Names(nodes, block), elsewhere=elsewhere or {})
    context.choices = choices(context, nodes, block)
    context.every_capture = tuple(c for phase in nodes for c in _captures(phase, ()))
    if not nodes:
        context.wrong("RB502", "this runbook has no `phase`, so there is nothing to run", model.runbook.head, "write a `phase`")

    begins = sittings.of(context, nodes)
    phases = tuple(_phase(context, node, str(n), at) for n, node, at in zip(numbers, nodes, begins, strict=True))
    rollback = None if block is None else _rollback(context, block)
    asked = _probes(context)
    usage.two_kinds(context)
    host_node = world.host_node(context)
    host = None if host_node is None else world.host(context, host_node)
    parts = people.for_people(context)
    watching = [probe for part in parts.values() if isinstance(part, Schedule) for probe in part.probes]
    named = [t for p in (*asked, *watching) for t in p.trouble] + _troubles_of_steps(nodes, block)
    named += [t for n in context.model.declared.get("automation", {}).values() if n.name in context.automations for t in _said(n)]
    troubles = people.troubles(context, named)
    services = world.services(context)
    params = world.params(context)
    expected, wrong = expectations.read(model, phases, rollback)
    context.found += wrong
    plan = Plan(
        meta=people.meta(context, model.runbook),
        spec=_file(model.source),
        uses=tuple(_file(source) for source in model.uses),
        host=host,
        services=services,
        needs=tools.needs(context, () if host_node is None else host_node.all("needs")),
        params=params,
        probes=asked,
        phases=phases,
        rollback=rollback,
        troubles=troubles,
        document=people.document(model.statements, parts, phases, rollback),
        script=(PurePosixPath(model.source.name).stem if model.procedure is None else model.procedure.name) + ".sh",
        least=summary.least(phases),
        most=summary.most(phases, {p.name: p for p in asked}),
        back_most=summary.most_back([i for phase in phases for i in phase.items], rollback, {p.name: p for p in asked}),
        automations=tuple(context.automations.values()),
        procedure=None if model.procedure is None else people.procedure(model.procedure),
        assumptions=world.assumptions(context),
        environment=model.environment,
        expectations=tuple(expected),
    )
    budgets.check(context, plan, nodes, block)
    found = tuple(sorted(set(context.found), key=lambda d: d.order))
    if any(not d.warning for d in found):
        return None, found
    return plan, found


def _phase(context: Context, node: Node, number: str, at: int | None) -> Phase:
    final = node.one("irreversible")
    back = None if final is None else WayBack(Way.IRREVERSIBLE, text=str(final.args["text"]), span=final.head)
    here = Here(node.name, f"{number}.", context.dir(node, None), (), irreversible=back)
    failure = node.one("on failure")
    decides = condition(context, node, here)
    context.within = None if decides is None else node.name
    phase = Phase(
        name=node.name,
        number=number,
        title=str(node.args["title"]),
        items=items.lower(context, node, here),
        on_failure=None if failure is None else str(failure.args["which"]),
        note=node.text("note"),
        span=node.head,
        budget=node.seconds("budget"),
        at=at,
        condition=decides,
    )
    context.within = None
    return phase


def _rollback(context: Context, node: Node) -> Rollback:
    before = len(context.reading)
    block = items.lower(context, node, Here("rollback", "R.", None, (), back=True))
    context.reading[before:] = [replace(reading, block=True) for reading in context.reading[before:]]
    budget = node.one("budget")
    return Rollback(
        title=str(node.args["title"]),
        triggers=tuple(str(t.args["text"]) for t in node.all("trigger")),
        budget=node.seconds("budget"),
        items=block,
        verify=items.verify(context, node, len(block) + 1),
        note=node.text("note"),
        span=node.head,
        budget_span=None if budget is None else budget.head,
    )


def _probes(context: Context) -> tuple[Probe, ...]:
    """The probes of the spec itself (not of a procedure), those that something asks, and those of updates."""
    used = set(context.probes_used)
    declared = context.model.declared.get("probe", {})
    if context.model.procedure is None:
        used |= {n.name for n in declared.values() if n.span.source is context.model.source}
    found = [probes.probe(context, n) for n in declared.values() if n.name in used]
    return (*found, *context.waits)


def _captures(node: Node, path: tuple[Decision, ...]) -> list[Capture]:
    """All captures below a phase, with their paths."""
    found = []
    for child in node.children:
        if child.keyword == "capture":
            found.append(Capture(child.name, path, bool(child.get("int"))))
        elif child.keyword == "choose":
            for option in child.all("option"):
                found += _captures(option, (*path, Decision(child.name, option.name)))
    return found


def _troubles_of_steps(nodes: tuple[Node, ...], block: Node | None) -> list[str]:
    tops = (*nodes, *(() if block is None else (block,)))
    return [name for top in tops for n in nested(top) if n.keyword == "trouble" for name in n.args["trouble"]]


def _said(node: Node) -> list[str]:
    """The troubles that a statement names."""
    return [name for trouble in node.all("trouble") for name in trouble.args["trouble"]]


def _file(source: Source) -> SpecFile:
    return SpecFile(source.name, source.sha256)
