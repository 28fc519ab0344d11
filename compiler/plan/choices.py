"""Decisions: the same name is the same decision everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.bodies import nested
from compiler.plan.context import Context
from compiler.schema.model import Node


def choices(context: Context, phases: tuple[Node, ...], rollback: Node | None) -> Mapping[str, tuple[str, ...]]:
    """Every decision with its options (RB506, RB507, RB508)."""
    first: dict[str, Node] = {}
    for node in (n for phase in phases for n in nested(phase) if n.keyword == "choose"):
        _defaults(context, node, needed=False)
        _same(context, first.setdefault(node.name, node), node)
    for node in (n for n in (() if rollback is None else nested(rollback)) if n.keyword == "choose"):
        _defaults(context, node, needed=node.name not in first)
        _same(context, first.setdefault(node.name, node), node)
    return {name: _options(node) for name, node in first.items()}


def _options(node: Node) -> tuple[str, ...]:
    return tuple(option.name for option in node.all("option"))


def _defaults(context: Context, node: Node, needed: bool) -> None:
    defaults = [option for option in node.all("option") if option.get("default")]
    if len(defaults) > 1:
        message = f"`{node.name}` has two defaults, `{defaults[0].name}` and `{defaults[1].name}`"
        context.wrong("RB506", message, defaults[1].head, "leave `default` at one of them")
    if needed and not defaults:
        message = f"`{node.name}` in the rollback has no default, and a rollback cannot wait for an answer"
        context.wrong("RB507", message, node.head, "write `default` behind one of its options")


def _same(context: Context, first: Node, node: Node) -> None:
    """RB508: an option that the decision does not have, or another default."""
    if first is node:
        return
    known = set(_options(first))
    for option in node.all("option"):
        if option.name not in known:
            _differs(context, first, option, f"`{node.name}` is decided before, and has no option `{option.name}`")
    mine = {o.name for o in node.all("option") if o.get("default")}
    theirs = {o.name for o in first.all("option") if o.get("default")}
    if mine and mine != theirs:
        _differs(context, first, node, f"`{node.name}` is decided before, with another default")


def _differs(context: Context, first: Node, node: Node, message: str) -> None:
    note = (Note(first.head, "here it is decided"),)
    fix = "the same name is the same decision: give it the same options, or another name"
    context.found.append(Diagnostic("RB508", message, node.head, fix, note))
