"""What is only for people: the head of the document, troubles, sections, checklists, and the order of it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compiler.plan import alerts, schedules
from compiler.plan.context import Context
from compiler.plan.model import Alerts, Checklist, Fix, ForPeople, Meta, Phase, Procedure, Rollback, Section, Trouble
from compiler.plan.windows import windows
from compiler.schema.model import Node
from compiler.shell import join


def meta(context: Context, node: Node) -> Meta:
    """The `runbook` statement."""

    def one(keyword: str) -> str | None:
        setting = node.one(keyword)
        return None if setting is None else str(next(iter(setting.args.values())))

    def several(keyword: str) -> tuple[str, ...]:
        return tuple(str(n.args["text"]) for n in node.all(keyword))

    return Meta(
        name=node.name,
        title=one("title") or node.name,
        lang=one("lang") or "en",
        id=one("id"),
        doc_class=one("class"),
        status=one("status"),
        updated=one("updated"),
        owner=one("owner"),
        audience=one("audience"),
        scope=several("scope"),
        excludes=several("excludes"),
        purpose=several("purpose"),
        principles=several("principle"),
        references=several("reference"),
        drift=one("drift"),
        windows=windows(context, node),
        budget=node.seconds("budget"),
    )


def procedure(node: Node) -> Procedure:
    """The `procedure` statement."""
    return Procedure(node.name, str(node.args["title"]), node.text("note"), node.head)


def troubles(context: Context, named: Iterable[str]) -> tuple[Trouble, ...]:
    """The troubles of the spec itself, and those of used files that something names."""
    wanted = set(named)
    declared = context.model.declared.get("trouble", {})
    own = (n.name for n in declared.values() if n.span.source is context.model.source and not _of_others(context, n))
    wanted |= set(own)
    return tuple(_trouble(context, n) for n in declared.values() if n.name in wanted)


def _of_others(context: Context, node: Node) -> bool:
    """Whether its commands read what only another procedure captures."""
    return any(not context.bodies.reads(fix).isdisjoint(context.elsewhere) for fix in node.all("fix"))


def _trouble(context: Context, node: Node) -> Trouble:
    fixes: list[Fix] = []
    for fix in node.all("fix"):
        context.found += context.bodies.check(fix, context.available((), back=True))
        bodies = context.bodies.written(fix)
        fixes.append(Fix(None, join(bodies)) if bodies else Fix(str(fix.args["text"]), None))
    return Trouble(
        name=node.name,
        title=str(node.args["title"]),
        symptoms=tuple(str(s.args["text"]) for s in node.all("symptom")),
        causes=tuple(str(c.args["text"]) for c in node.all("cause")),
        fixes=tuple(fixes),
        span=node.head,
    )


def for_people(context: Context) -> dict[int, ForPeople]:
    """What stands between the phases, by its statement. The alerts stand together, where the first of them stands."""
    found: dict[int, ForPeople] = {}
    warned = [node for node in context.model.statements if node.keyword == "alert"]
    for node in context.model.statements:
        match node.keyword:
            case "section":
                found[id(node)] = Section(str(node.args["title"]), str(node.args["text"]))
            case "checklist":
                found[id(node)] = Checklist(str(node.args["title"]), tuple(str(i.args["text"]) for i in node.all("item")))
            case "alert" if node is warned[0]:
                found[id(node)] = Alerts(tuple(alerts.alert(context, each) for each in warned))
            case "schedule":
                found[id(node)] = schedules.schedule(context, node)
            case _:
                pass
    return found


def document(
    statements: tuple[Node, ...], parts: Mapping[int, ForPeople], phases: tuple[Phase, ...], rollback: Rollback | None
) -> tuple[ForPeople | Phase | Rollback, ...]:
    """The file's order; the phases stand together where the first of them stands. `parts` as `for_people` gives them."""
    order: list[ForPeople | Phase | Rollback] = []
    waiting = phases
    for node in statements:
        if id(node) in parts:
            order.append(parts[id(node)])
        elif node.keyword == "phase":
            order += waiting
            waiting = ()
        elif node.keyword == "rollback" and rollback is not None:
            order.append(rollback)
    return tuple(order)
