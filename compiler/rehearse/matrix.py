"""The failure matrix: what each scene came to, and faults with the same consequence together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from compiler.emit.rehearsed import AFTER_ALL, Consequence, Place
from compiler.plan.model import ManualItem, StepItem, Way
from compiler.rehearse.paths import is_change
from compiler.rehearse.scene import REFUSED, SETUP, Kind
from compiler.rehearse.trace import Trace

_CLASS: Mapping[Kind, str] = {
    **dict.fromkeys(REFUSED, "refused"), Kind.DECLINE: "declined", Kind.FIRST: "declined", Kind.HANGUP: "hangup",
    Kind.RESUME: "resume", Kind.RESUME_LATE: "resume", Kind.OPTIONAL_UNDO: "optional-undo", Kind.AGAIN_BLOCK: "block-again",
    Kind.KILL_BACK: "kill-back", Kind.UNDO: "undo", Kind.PROOF: "proof", Kind.AGAIN: "again", Kind.BACK: "back",
    Kind.FRESH: "fresh", Kind.BLOCK: "block",
}  # fmt: skip
# Where nothing goes wrong, a person decides, or there is a run already: no row.
_NO_ROW = SETUP | {
    Kind.GOOD,
    Kind.ANEW,
    Kind.SKIP,
    Kind.FLAKY,
    Kind.ANSWER,
    Kind.KNOWN,
    Kind.UNFINISHED,
    Kind.NO_RUN,
    Kind.NOT_BACK,
    Kind.RESUME_UNDO,
    Kind.GO_ON,
    Kind.GO_BACK,
    Kind.GO_ON_FAILS,
    Kind.TOO_LATE,
    Kind.TORN,
    Kind.STATUS,
}
# How much of a step was done; the same fault of the same step may have two consequences.
_HOW: Mapping[Kind, str] = {
    Kind.START: "start", Kind.HALF: "half", Kind.EARLY: "half", Kind.TIMEOUT: "half", Kind.TERM: "half", Kind.VERIFY: "whole",
    Kind.RESUME: "half", Kind.RESUME_LATE: "whole",
}  # fmt: skip


def consequence(trace: Trace) -> Consequence:
    """What one scene came to."""
    scene = trace.scene
    stays = stands(trace)
    started = any(record["event"] == "intent" for record in trace.records)
    fresh = "--fresh" in scene.arguments and trace.code not in (2, 7)
    ends_well = trace.code == 0 and scene.command != "rollback"
    if fresh:
        after = "block"
    elif ends_well:
        after = "done"
    elif not started or not changed(trace):
        after = "unchanged"
    elif scene.kind is Kind.HANGUP:
        after = "so-far"  # at whatever step: one row
    elif trace.code in (3, 9):
        after = "open" if stays else "unchanged"
    else:
        after = "stays" if stays else "before"
    item = "" if scene.item is None else scene.item.id
    kept = () if after in ("done", "unchanged", "so-far", "block") else stays
    place = Place(item, scene.path.name, _HOW.get(scene.kind, ""))
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
    """Ids of changes that stand at the end, whole or half: neither taken back nor covered by a rollback block that ran.

    A step that failed at its start has changed nothing.
    """
    undone = set(everything_undone(trace))
    untouched = {i.id for i in trace.scene.path.items if isinstance(i, StepItem) and i.id not in trace.world}
    ways = {item.id: item.back.way for item in trace.scene.path.items if isinstance(item, StepItem | ManualItem)}
    block = [call for call in trace.calls if call.phase == "rollback.block"]
    block_ran = bool(block) and all(call.fate == "done" for call in block)
    covered = {step for step, way in ways.items() if way is Way.ROLLBACK and block_ran}
    return tuple(step for step in changed(trace) if step not in undone | covered | untouched)


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
    whole = [replace(group, places=tuple(places)) for group, places in groups.items()]
    return tuple(replace(group, places=tuple(_told(group, whole))) for group in whole)


def _told(group: Consequence, others: Iterable[Consequence]) -> Iterator[Place]:
    """The places of a row; how much of a step was done is told where another row differs in nothing else."""
    elsewhere = {(p.item, p.path) for other in others if other is not group and other.kind == group.kind for p in other.places}
    known = set()
    for place in group.places:
        kept = place if (place.item, place.path) in elsewhere else replace(place, how="")
        if kept not in known:
            known.add(kept)
            yield kept


def _rows(traces: Iterable[Trace]) -> Iterator[Consequence]:
    for trace in traces:
        # What is refused after an earlier run has that run's changes, and is no way to end one.
        later = trace.scene.kind in REFUSED and trace.scene.after is not None
        if trace.scene.kind not in _NO_ROW and not later:
            yield consequence(trace)
