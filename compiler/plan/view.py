"""The Plan as people and programs read it: `rbc plan` and `rbc plan --json`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    Body,
    CaptureItem,
    CheckItem,
    ChooseItem,
    Condition,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    JobItem,
    ManualItem,
    Patience,
    Phase,
    Plan,
    StepItem,
    Value,
    Way,
    WayBack,
    Window,
)
from compiler.plan.moments import shown
from compiler.schema.times import WEEKDAYS
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
    yield f"{plan.title} ({plan.spec.path})"
    yield from (f"  window {_window(window)}" for window in plan.meta.windows)
    if plan.meta.budget is not None:
        yield f"  budget {plan.meta.budget} s"
    for phase in plan.phases:
        yield from ("", f"{phase.number} {phase.title}{_head(plan, phase)}")
        yield from _items(plan, phase.items)
    if plan.rollback is not None:
        budget = "" if plan.rollback.budget is None else f" (budget {plan.rollback.budget} s)"
        yield from ("", f"R {plan.rollback.title}{budget}")
        yield from _items(plan, plan.rollback.items)
        for check in plan.rollback.verify:
            yield from _item(plan, check, "verify")
    watching = tuple(_watch(plan))
    if watching:
        yield from ("", "watching", *watching)
    if plan.expectations:
        yield from ("", "expected")
        yield from (f"  {one.text}  [{one.span}]" for one in plan.expectations)


def _watch(plan: Plan) -> Iterator[str]:
    """What watches when nothing runs."""
    for alert in plan.alerts:
        limit = "" if alert.limit is None else f" {alert.measured} {alert.op} {alert.limit}"
        rule = "" if alert.rule is None else f": {alert.rule.expression} for {alert.rule.held} s"
        yield f"  alert {alert.title}{limit}{rule}"
    for schedule in plan.schedules:
        yield f"  schedule {schedule.title} every {schedule.every} s as {schedule.user}  [{schedule.name}, {schedule.span}]"
        for use in schedule.checks:
            patience = f" {_patience(use.patience)}" if use.patience else ""
            yield f"        check {schedule.probe(use.probe).title}{patience}"
        if schedule.otherwise is not None:
            yield from _body(schedule.otherwise)


def _head(plan: Plan, phase: Phase) -> str:
    said = [] if phase.at is None else [f"at {shown(phase.at)}"]
    said += [] if phase.budget is None else [f"budget {phase.budget} s"]
    said += [] if phase.condition is None else [_condition(plan, phase.condition)]
    said += [] if phase.on_failure is None else [f"on failure {phase.on_failure}"]
    return f" ({', '.join(said)})" if said else ""


def _condition(plan: Plan, condition: Condition) -> str:
    return f"{'when' if condition.holds else 'unless'} {plan.probe(condition.probe).title}"


def _window(window: Window) -> str:
    days = "daily" if len(window.days) == 7 else ", ".join(WEEKDAYS[day - 1] for day in window.days)
    start, end = (f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in (window.start, window.end))
    return f"{days} {start}-{end} {window.zone}"


def _items(plan: Plan, items: tuple[AnyItem, ...]) -> Iterator[str]:
    for item in items:
        if not isinstance(item, ChooseItem):
            yield from _item(plan, item, type(item).__name__.removesuffix("Item").lower())
            yield from _items(plan, item.items) if isinstance(item, GuardedItem) else ()
            continue
        yield f"  {item.number} choose {item.title} ({item.option})"
        for option in item.options:
            yield f"  {item.number}{option.letter} {option.name}: {option.title}{' (default)' if option.default else ''}"
            yield from _items(plan, option.items)


def _item(plan: Plan, item: AnyItem, kind: str) -> Iterator[str]:
    yield f"  {item.number} {kind} {item.title}  [{item.id}, {item.span}]"
    if item.condition is not None:
        yield f"        {_condition(plan, item.condition)}"
    if isinstance(item, CheckItem):
        probe = plan.probe(item.use.probe)
        for check in probe.checks:
            yield from _body(check.body)
        if item.use.patience:
            yield f"        again {_patience(item.use.patience)}"
    elif isinstance(item, StepItem):
        yield from _body(item.body)
        if isinstance(item, JobItem):
            yield f"        watched {_patience(item.watch)} without an answer"
        if item.interactive:
            yield "        interactive"
        yield from _back(item.back)
        for use in item.verify:
            yield f"        verify {plan.probe(use.probe).title}"
    elif isinstance(item, CaptureItem):
        yield from _body(item.body)
        yield f"        kept as ${item.variable}"
    elif isinstance(item, ConfirmItem):
        if item.other:
            yield "        by other"
        for use in item.checks:
            yield f"        check {plan.probe(use.probe).title}"
    elif isinstance(item, ManualItem):
        yield from _back(item.back)
    elif isinstance(item, HoldItem):
        yield f"        for {_seconds(item.duration)}"
        for name in item.watch:
            yield f"        watch {plan.probe(name).title}"
        if item.watch:
            yield f"        every {item.every} s, tolerate {item.tolerate}"
    elif isinstance(item, BackgroundItem):
        yield from _body(item.body)
        if item.until is not None:
            patience = f", {_patience(item.until.patience)}" if item.until.patience else ""
            yield f"        until {plan.probe(item.until.probe).title}{patience}"
    elif isinstance(item, GuardedItem):
        yield f"        for {item.duration} s, confirmed with: accept {item.name}"


def _seconds(value: Value) -> str:
    return value.shown if value.constant is None else f"{value.constant} s"


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
