"""The failure matrix: what each scene came to, and faults with the same consequence together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from compiler.emit.rehearsed import AFTER_ALL, Consequence, Place
from compiler.plan.model import ManualItem, StepItem, Way
from compiler.rehearse.paths import is_change
from compiler.rehearse.scenes import SETUP, Kind
from compiler.rehearse.trace import Trace

_CLASS: Mapping[Kind, str] = {
    Kind.GUARD: "refused", Kind.NEED: "refused", Kind.DECLINE: "declined", Kind.HANGUP: "hangup", Kind.RESUME: "resume",
    Kind.KILL_BACK: "kill-back", Kind.UNDO: "undo", Kind.PROOF: "proof", Kind.AGAIN: "again", Kind.BACK: "back",
    Kind.FRESH: "fresh", Kind.BLOCK: "block",
}  # fmt: skip
_NO_FAULT = frozenset((Kind.GOOD, Kind.SKIP, Kind.FLAKY))  # nothing goes wrong: no row


def consequence(trace: Trace) -> Consequence:
    """What one scene came to."""
    scene = trace.scene
    stays = stands(trace)
    started = any(record["event"] == "intent" for record in trace.records)
    fresh = "--fresh" in scene.arguments and trace.code not in (2, 7)
    ends_well = trace.code == 0 and scene.kind not in (Kind.BACK, Kind.KILL_BACK, Kind.AGAIN, Kind.FRESH)
    if fresh:
        after = "block"
    elif ends_well:
        after = "done"
    elif not started or not changed(trace):
        after = "unchanged"
    elif scene.kind is Kind.HANGUP:
        after = "so-far"  # at whatever step: one row
    elif trace.code in (3, 9):
        after = "open"
    else:
        after = "stays" if stays else "before"
    item = "" if scene.item is None else scene.item.id
    kept = () if after in ("done", "unchanged", "so-far", "block") else stays
    place = Place(item, scene.path.name)
    kind = _CLASS.get(scene.kind, "fails")
    ran = () if after in ("done", "so-far") or kind in AFTER_ALL else changed(trace)
    return Consequence(kind, (place,), ran, everything_undone(trace), after, kept, proof(trace), trace.code)


def changed(trace: Trace) -> tuple[str, ...]:
    """Ids of the changes that have started, in order, in this scene and those before it."""
    changes = {item.id for item in trace.scene.path.items if is_change(item)}
    steps = (str(r["step"]) for r in trace.records if r["event"] == "intent" and r.get("step") in changes)
    return tuple(dict.fromkeys(steps))


def everything_undone(trace: Trace) -> tuple[str, ...]:
    """Ids of what was taken back and has not started again, in the order of their last undo."""
    found: list[str] = []
    for record in trace.records:
        step = str(record.get("step", ""))
        if step in found and record["event"] in ("intent", "undo-result"):
            found.remove(step)
        if record["event"] == "undo-result" and record["exit"] == 0:
            found.append(step)
    return tuple(found)


def stands(trace: Trace) -> tuple[str, ...]:
    """Ids of changes that stand at the end: started, neither taken back nor covered by a rollback block that ran."""
    undone = set(everything_undone(trace))
    ways = {item.id: item.back.way for item in trace.scene.path.items if isinstance(item, StepItem | ManualItem)}
    block = [call for call in trace.calls if call.phase == "rollback.block"]
    block_ran = bool(block) and all(call.fate == "done" for call in block)
    covered = {step for step, way in ways.items() if way is Way.ROLLBACK and block_ran}
    return tuple(step for step in changed(trace) if step not in undone | covered)


def proof(trace: Trace) -> str:
    """What `verify` said: held, failed, or '' where it was not asked."""
    wanted = {item.id for item in trace.scene.path.verify}
    found = [record["exit"] for record in trace.events("check") if record.get("step") in wanted]
    return "" if not found else "failed" if any(found) else "held"


def grouped(traces: Iterable[Trace]) -> tuple[Consequence, ...]:
    """All consequences, in the order of their first fault."""
    groups: dict[Consequence, list[Place]] = {}
    for this in _rows(traces):
        places = groups.setdefault(replace(this, places=()), [])
        places += [place for place in this.places if place not in places]
    return tuple(replace(group, places=tuple(places)) for group, places in groups.items())


def _rows(traces: Iterable[Trace]) -> Iterator[Consequence]:
    for trace in traces:
        if trace.scene.kind not in SETUP | _NO_FAULT:
            yield consequence(trace)
