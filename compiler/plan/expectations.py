"""What the author expects of faults: each `expect` with the statements that it is about (RB540, RB541)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic, Note, did_you_mean
from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CaptureItem,
    ConfirmItem,
    Expectation,
    HoldItem,
    ManualItem,
    Outcome,
    Phase,
    Plan,
    Rollback,
    StepItem,
    Strike,
    Way,
    asked,
    walk,
)
from compiler.schema.model import Model, Node

_ITEMS: Mapping[str, type[AnyItem]] = {
    "step": StepItem,
    "capture": CaptureItem,
    "hold": HoldItem,
    "background": BackgroundItem,
    "confirm": ConfirmItem,
    "manual": ManualItem,
}
_HOW = {"confirm": "declined", "manual": "declined"}
_AFTER_KILL = (Outcome.RESUMABLE, Outcome.PAUSED, Outcome.VERIFIED, Outcome.UNPROVEN, Outcome.PERSON)


@dataclass(frozen=True)
class _Place:
    """Something that a fault can strike."""

    kind: str
    name: str
    id: str  # of the item
    phase: str

    def called(self, name: str) -> bool:
        """Whether a spec may call it so: by its name, or by the end of its id."""
        if self.kind in ("probe", "verify"):
            return name == self.name
        return name == self.id or self.id.endswith(f".{name}")


def read(model: Model, phases: Sequence[Phase], rollback: Rollback | None) -> tuple[list[Expectation], list[Diagnostic]]:
    """The expectations of one Plan, in order, and what is wrong: RB540 about what is not there, RB541 that cannot be.

    One outside of procedures may be about another procedure than this one: `nowhere` looks at these.
    """
    places = (*_places(phases), *_block(rollback))
    made: list[Expectation] = []
    found: list[Diagnostic] = []
    shared = [node for node in model.statements if node.keyword == "expect"]
    own = () if model.procedure is None else model.procedure.all("expect")
    for node in (*shared, *own):
        one = _read(node, places, [phase.name for phase in phases])
        if isinstance(one, Expectation):
            made.append(one)
        elif one.code != "RB540" or model.procedure is None or node in own:
            found.append(one)
    return made, found + list(_contradictions(made))


def nowhere(model: Model, plans: Sequence[Plan]) -> Iterator[Diagnostic]:
    """RB540 for expectations outside of procedures that no procedure has anything for."""
    places = [p for plan in plans for p in (*_places(plan.phases), *_block(plan.rollback))]
    phases = [phase.name for plan in plans for phase in plan.phases]
    known = {expectation.span for plan in plans for expectation in plan.expectations}
    for node in model.statements:
        if node.keyword == "expect" and node.head not in known:
            one = _read(node, places, phases)
            fix = "name the phase in which it stands"
            yield one if isinstance(one, Diagnostic) else Diagnostic("RB540", "no procedure has both", node.head, fix)


def _read(node: Node, places: Sequence[_Place], phases: Sequence[str]) -> Expectation | Diagnostic:
    strike, kind, outcome = _fault(node)
    name = str(node.args["statement"])
    phase = node.get("in")
    at = node.places.get("in")
    if phase is not None and phase not in phases:
        return Diagnostic("RB540", f"there is no phase called `{phase}`", at, did_you_mean(str(phase), phases))
    named = [p for p in places if p.kind == kind and p.called(name)]
    meant = [p for p in named if phase in (None, p.phase)]
    if not named:
        return _nothing(kind, name, places, node)
    if not meant:
        there = ", ".join(f"`{one}`" for one in dict.fromkeys(p.phase for p in named))
        return Diagnostic("RB540", f"the {kind} `{name}` does not stand in `{phase}`", at, f"it stands in {there}")
    place = node.places[next(key for key in ("fails", "declined", "outcome") if key in node.args)]
    if strike is Strike.KILLED and outcome not in _AFTER_KILL[2 if kind == "undo" else 0 :]:
        fix = f"what follows is one of {_listed(o.value for o in _AFTER_KILL[1 if kind == 'undo' else 0 :])}"
        return Diagnostic("RB541", f"a kill does not end a run: it is not `{outcome.value}` after it", place, fix)
    if strike is not Strike.KILLED and outcome is Outcome.RESUMABLE:
        fix = "write `paused`, or `expect kill in step … -> resumable`"
        return Diagnostic("RB541", "only a run that was killed is `resumable`", place, fix)
    items = tuple(dict.fromkeys(p.id for p in meant))
    inside = "" if phase is None else f" in {phase}"
    how = f"kill in {kind} {name}" if strike is Strike.KILLED else f"{kind} {name}{inside} {strike.value}"
    return Expectation(f"{how} -> {outcome.value}", strike, kind, name, items, outcome, node.head)


def _fault(node: Node) -> tuple[Strike, str, Outcome]:
    if "kill_in" in node.args:
        return Strike.KILLED, str(node.args["kill_in"]), node.args["outcome"]
    strike = Strike.FAILS if "fails" in node.args else Strike.DECLINED
    return strike, str(node.args["which"]), node.args[strike.value]


def _nothing(kind: str, name: str, places: Sequence[_Place], node: Node) -> Diagnostic:
    """No such thing of this kind: one of another kind is named, else the nearest name."""
    where = node.places["statement"]
    other = next((p for p in places if p.called(name)), None)
    if kind == "undo" and other is not None and other.kind == "step":
        return Diagnostic("RB540", f"the step `{name}` has no undo of its own", where, "leave it out: nothing can fail there")
    if kind == "verify" and other is not None and other.kind == "probe":
        return Diagnostic(
            "RB540", f"the `verify` of the rollback does not ask `{name}`", where, f"write it there: `verify {name}`"
        )
    if other is not None:
        how = _HOW.get(other.kind, "fails")
        return Diagnostic("RB540", f"`{name}` is no {kind}", where, f"write `expect {other.kind} {name} {how} -> …`")
    known = [word for p in places if p.kind == kind for word in (p.name, p.id)]
    names = dict.fromkeys(p.name for p in places if p.kind == kind)
    fix = did_you_mean(name, known) or (f"there are {_listed(names)}" if 0 < len(names) <= 12 else None)
    message = f"nothing asks a probe called `{name}`" if kind in ("probe", "verify") else f"there is no {kind} called `{name}`"
    return Diagnostic("RB540", message, where, fix or f"leave it out: there is no {kind} at all")


def _contradictions(made: Sequence[Expectation]) -> Iterator[Diagnostic]:
    """RB541 where the same fault is expected to end in two ways. A kill has two ways on, so it may be said for both."""
    first: dict[tuple[object, ...], Expectation] = {}
    for one in made:
        way = one.outcome in (Outcome.RESUMABLE, Outcome.PAUSED) if one.strike is Strike.KILLED else None
        for item in one.items:
            before = first.setdefault((one.strike, one.kind, item, way, one.name if one.kind == "probe" else ""), one)
            if before is not one and (before.outcome is not one.outcome or before.items == one.items):
                again = "twice" if before.outcome is one.outcome else "with another outcome"
                note = (Note(before.span, "the first stands here"),)
                yield Diagnostic("RB541", f"`{item}` is expected {again}", one.span, "keep one of them", note)
                break


def _places(phases: Sequence[Phase]) -> Iterator[_Place]:
    for phase in phases:
        for item in walk(phase.items):
            yield from _of_item(item, phase.name)


def _block(rollback: Rollback | None) -> Iterator[_Place]:
    if rollback is None:
        return
    for item in walk(rollback.items):
        if isinstance(item, StepItem | ManualItem):
            yield from (p for p in _of_item(item, "rollback") if p.kind in ("step", "manual"))
    for check in rollback.verify:
        yield _Place("verify", check.use.probe, check.id, "rollback")


def _of_item(item: AnyItem, phase: str) -> Iterator[_Place]:
    for kind, of in _ITEMS.items():
        if isinstance(item, of):
            yield _Place(kind, item.name, item.id, phase)
    if isinstance(item, StepItem) and item.back.way is Way.UNDO:
        yield _Place("undo", item.name, item.id, phase)
    for use in asked(item):
        yield _Place("probe", use.probe, item.id, phase)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
