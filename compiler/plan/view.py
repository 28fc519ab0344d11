"""The Plan as people and programs read it: `rbc plan` and `rbc plan --json`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from compiler.plan.model import (
    AnyItem,
    Body,
    CaptureItem,
    CheckItem,
    ChooseItem,
    ConfirmItem,
    ManualItem,
    Patience,
    Plan,
    StepItem,
    Value,
    Way,
    WayBack,
)
from compiler.source import Span

FORMAT = 1


def as_json(plan: Plan) -> str:
    """The whole Plan as JSON text: every field by its name in `plan.model`, items with their kind, spans as `file:line:column`.

    A body is its text and the place of its first character; a `Value` is its text as people see it.
    """
    return json.dumps({"format": FORMAT, **_plain(plan)}, indent=2, ensure_ascii=False) + "\n"


def _plain(thing: Any) -> Any:
    if isinstance(thing, Span):
        return f"{thing}:{thing.column}"
    if isinstance(thing, Body):
        return {"text": thing.text, "span": _plain(thing.span)} if thing.pieces else {"text": ""}
    if isinstance(thing, Value):
        return thing.shown
    if isinstance(thing, Enum):
        return thing.value
    if dataclasses.is_dataclass(thing):
        kind = {"kind": type(thing).__name__.removesuffix("Item").lower()} if isinstance(thing, AnyItem) else {}
        return kind | {f.name: _plain(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, (tuple, list)):
        return [_plain(part) for part in thing]
    return thing


def text(plan: Plan) -> str:
    """The Plan for people: phases and items in order, their commands indented below them."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield f"{plan.meta.title} ({plan.spec.path})"
    for phase in plan.phases:
        ends = f" (on failure {phase.on_failure})" if phase.on_failure else ""
        yield from ("", f"{phase.number} {phase.title}{ends}")
        yield from _items(plan, phase.items)
    if plan.rollback is not None:
        yield from ("", f"R {plan.rollback.title}")
        yield from _items(plan, plan.rollback.items)
        for check in plan.rollback.verify:
            yield from _item(plan, check, "verify")


def _items(plan: Plan, items: tuple[AnyItem, ...]) -> Iterator[str]:
    for item in items:
        if not isinstance(item, ChooseItem):
            yield from _item(plan, item, type(item).__name__.removesuffix("Item").lower())
            continue
        yield f"  {item.number} choose {item.title} ({item.option})"
        for option in item.options:
            yield f"  {item.number}{option.letter} {option.name}: {option.title}{' (default)' if option.default else ''}"
            yield from _items(plan, option.items)


def _item(plan: Plan, item: AnyItem, kind: str) -> Iterator[str]:
    yield f"  {item.number} {kind} {item.title}  [{item.id}, {item.span}]"
    if isinstance(item, CheckItem):
        probe = plan.probe(item.use.probe)
        for check in probe.checks:
            yield from _body(check.body)
        if item.use.patience:
            yield f"        again {_patience(item.use.patience)}"
    elif isinstance(item, StepItem):
        yield from _body(item.body)
        yield from _back(item.back)
        for use in item.verify:
            yield f"        verify {plan.probe(use.probe).title}"
    elif isinstance(item, CaptureItem):
        yield from _body(item.body)
        yield f"        kept as ${item.variable}"
    elif isinstance(item, ConfirmItem):
        for use in item.checks:
            yield f"        check {plan.probe(use.probe).title}"
    elif isinstance(item, ManualItem):
        yield from _back(item.back)


def _body(body: Body) -> Iterator[str]:
    for line in body.text.rstrip("\n").split("\n"):
        yield f"      $ {line}".rstrip()


def _back(back: WayBack) -> Iterator[str]:
    names = {
        Way.UNDO: "undo",
        Way.NOTHING: "nothing to undo",
        Way.ROLLBACK: "undone by the rollback",
        Way.IRREVERSIBLE: "irreversible",
        Way.READONLY: "readonly",
    }
    yield f"        {names[back.way]}{': ' + back.text if back.text else ''}"
    if back.body is not None:
        yield from _body(back.body)


def _patience(patience: Patience) -> str:
    return f"every {patience.every} s for {patience.within} s"
