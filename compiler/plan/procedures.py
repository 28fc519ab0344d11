"""A spec with procedures has a Plan for each: a model is cut out for it, with the shared phases that it takes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from compiler.diagnostics import Diagnostic
from compiler.plan import expectations
from compiler.plan.bodies import Bodies, nested
from compiler.plan.lower import lower
from compiler.plan.model import Plan
from compiler.plan.names import stands_in
from compiler.schema.model import Model, Node

# What is only wrong where it is so in every environment: elsewhere it may be used, or be there.
_EVERYWHERE = frozenset({"RB519", "RB540"})


def lower_everywhere(models: Sequence[Model]) -> tuple[tuple[Plan, ...], tuple[Diagnostic, ...]]:
    """The Plans of a spec in each of its environments, one for each procedure or the one of a spec without; and what is wrong.

    Codes as `lower`, RB540 also where no procedure has it, and RB519 (warning) for what no procedure uses; these two only where
    it is so in every environment. No Plan at all where something is an error.
    """
    made = [_lower(model) for model in models]
    everywhere = set[Diagnostic].intersection(*(set(found) for _, found in made))
    found = {d for _, each in made for d in each if d.code not in _EVERYWHERE or d in everywhere}
    whole = all(d.warning for d in found)
    plans = tuple(plan for several, _ in made for plan in several) if whole else ()
    return plans, tuple(sorted(found, key=lambda d: d.order))


def _lower(model: Model) -> tuple[tuple[Plan, ...], tuple[Diagnostic, ...]]:
    cut = models(model)
    if cut == (model,):
        plan, found = lower(model)
        return (() if plan is None else (plan,)), found
    bodies = Bodies(replace(model, statements=(*model.statements, *(n for one in cut for n in one.statements))))
    captured = {one.procedure.name: _captured(one) for one in cut if one.procedure is not None}
    plans: list[Plan] = []
    found_all: set[Diagnostic] = set()
    for one in cut:
        mine = captured[one.procedure.name] if one.procedure is not None else frozenset()
        elsewhere = {name: who for who, names in reversed(captured.items()) for name in names - mine}
        plan, found = lower(one, bodies.within(one), elsewhere)
        found_all |= set(found)
        plans += () if plan is None else (plan,)
    if len(plans) == len(cut):
        found_all |= {*_unused(model, cut, tuple(plans)), *expectations.nowhere(model, plans)}
    return tuple(plans), tuple(found_all)


def models(model: Model) -> tuple[Model, ...]:
    """The model of each procedure: its phases and its rollback stand where it stood. The model itself where there is none.

    A procedure that says no rollback has the one of the top level that has no name, if there is one.
    """
    everywhere = [node for node in model.statements if node.keyword == "procedure"]
    if not everywhere:
        return (model,)
    procedures = [node for node in everywhere if stands_in(model, node)]
    shared = {n.name: n for n in model.statements if n.keyword == "phase"}
    backs = {n.get("name"): n for n in model.statements if n.keyword == "rollback"}  # None: the one without a name
    declared = {keyword: names for keyword, names in model.declared.items() if keyword not in ("phase", "procedure", "rollback")}
    made = []
    for procedure in procedures:
        way = _way(procedure, shared, backs)
        statements: list[Node] = []
        for node in model.statements:
            if node is procedure:
                statements += way
            elif node.keyword not in ("procedure", "phase", "rollback"):
                statements.append(node)
        made.append(replace(model, declared=declared, statements=tuple(statements), procedure=procedure))
    return tuple(made)


def _way(procedure: Node, shared: dict[str, Node], backs: dict[str | None, Node]) -> list[Node]:
    way: list[Node] = []
    for child in procedure.children:
        if child.keyword == "phase":
            way.append(child if "title" in child.args else shared[child.name])
        elif child.keyword == "rollback":
            way.append(child if "title" in child.args else backs[child.get("name")])
    said = procedure.one("rollback") is not None
    return way if said or None not in backs else [*way, backs[None]]


def _captured(model: Model) -> frozenset[str]:
    tops = (n for n in model.statements if n.keyword == "phase")
    return frozenset(n.name for top in tops if stands_in(model, top) for n in nested(top) if n.keyword == "capture")


def _unused(model: Model, cut: tuple[Model, ...], plans: tuple[Plan, ...]) -> Iterator[Diagnostic]:
    """RB519 (warning) for parameters, probes, shared phases and a shared rollback that no procedure uses."""

    def unused(message: str, node: Node, fix: str) -> Diagnostic:
        return Diagnostic("RB519", message, node.head, fix, warning=True)

    params = {param.name for plan in plans for param in plan.params}
    probes = {probe.name for plan in plans for probe in (*plan.probes, *(p for s in plan.schedules for p in s.probes))}
    taken = {id(n) for one in cut for n in one.statements}
    for node in model.statements:
        if node.keyword == "param" and node.name not in params:
            yield unused(f"nothing reads the parameter `{node.name}`", node, f"write `${node.name}` where it is meant")
        elif node.keyword == "probe" and node.name not in probes:
            yield unused(f"nothing asks the probe `{node.name}`", node, f"ask it: `check {node.name}`")
        elif node.keyword == "phase" and id(node) not in taken:
            yield unused(f"no procedure takes in the phase `{node.name}`", node, f"write `phase {node.name}` in a procedure")
        elif node.keyword == "rollback" and id(node) not in taken:
            name = node.get("name")
            if name is not None:
                yield unused(f"no procedure takes in the rollback `{name}`", node, f"write `rollback {name}` in a procedure")
            else:
                yield unused("every procedure has a rollback of its own: this one is nobody's", node, "delete it")
