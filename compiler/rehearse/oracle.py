"""What must happen in a scene, said from the Plan and the fault alone: the contract of a run (docs, "Outcomes"), a second time.

It is written without a look at the runtime, so that a mistake in one of the two shows as a difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compiler.plan.model import AnyItem, CheckItem, JobItem, ManualItem, StepItem, Way
from compiler.rehearse.paths import Path, is_change
from compiler.rehearse.scene import REFUSED, SETUP, Kind, Scene

_FAILS = frozenset(
    (Kind.CHECK, Kind.CAPTURE, Kind.START, Kind.HALF, Kind.EARLY, Kind.TIMEOUT, Kind.VERIFY, Kind.HOLD,
     Kind.UNTIL, Kind.GATE, Kind.DECLINE, Kind.TERM, Kind.OPTIONAL_UNDO)
)  # fmt: skip
_IN_STEP = frozenset((Kind.START, Kind.HALF, Kind.EARLY, Kind.TIMEOUT, Kind.VERIFY))
KILLED = -9


@dataclass(frozen=True)
class Expected:
    """The exit code, the changes that start (ids, in order), what is taken back (ids, in order), whether the proof is asked."""

    code: int
    started: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    proof: bool = False


def expected(scene: Scene) -> Expected | None:
    """What must happen, or None where the Plan alone does not say it (a guard that watches the step)."""
    path, item = scene.path, scene.item
    if isinstance(item, StepItem) and item.guarded:
        return None
    changes = [i for i in path.items if is_change(i)]
    match scene.kind:
        # A part beside the phase is looked at by its `until` alone.
        case Kind.GOOD | Kind.ANEW | Kind.FLAKY | Kind.TOO_LATE | Kind.BACKGROUND:
            return Expected(0, _ids(changes))
        case Kind.SKIP:
            done = (i for i in changes if path.phases[i.id].name != scene.left_out)
            return Expected(0, tuple(i for i in _ids(done) if item is None or i != item.id))
        case kind if kind in REFUSED:
            return Expected(7)
        case Kind.FIRST:
            return Expected(8)
        case Kind.STATUS:
            return Expected(0)
        case Kind.ANSWER if isinstance(item, StepItem):
            return _answered(scene, item, changes)
        case Kind.HANGUP if item is not None:
            started = _until(path, item)
            return None if scene.attended else Expected(9 if started else 1, _ids(started))
        case kind if kind in _FAILS and item is not None:
            return _failing(scene, item, changes)
        case _:
            return _later(scene, path, item, changes)


def _failing(scene: Scene, item: AnyItem, changes: list[AnyItem]) -> Expected | None:
    if scene.kind is Kind.OPTIONAL_UNDO:
        return _failed_undo(scene, item)
    optional = _optional(scene, item)
    if optional:
        if scene.kind in (Kind.HOLD, Kind.UNTIL):
            return None
        if goes_on_without(scene, item):
            back = (item.id,) if isinstance(item, StepItem) and item.back.way in (Way.UNDO, Way.NOTHING) else ()
            return Expected(0, _ids(changes), back)
        return Expected(0, _ids(changes))
    if not _until(scene.path, item):
        return Expected(8 if scene.kind is Kind.DECLINE else 1)
    return _failed(scene, item)


def _failed(scene: Scene, item: AnyItem) -> Expected:
    """Something has been changed. What was before a `resume` counts as in one run."""
    started = _until(scene.path, item)
    decision = _decision(scene, item, started)
    if decision != "rollback":
        return Expected(3 if decision == "stop" else 9, _ids(started))
    return _way_back(scene, started, started, 4)


def _failed_undo(scene: Scene, item: AnyItem) -> Expected:
    """A step that may fail counts as failed where it cannot be taken back at once; nor can it later."""
    started = _until(scene.path, item)
    decision = _decision(scene, item, started)
    if decision != "rollback":
        return Expected(3 if decision == "stop" else 9, _ids(started))
    made = _way_back(scene, started, started, 4)
    return Expected(6, made.started, tuple(i for i in made.undone if i != item.id), True)


def _decision(scene: Scene, item: AnyItem, started: list[StepItem | ManualItem]) -> str:
    """What follows a failure: rollback, stop or pause."""
    stays = any(i.back.way is Way.IRREVERSIBLE for i in started)
    way = any(i.back.way is not Way.IRREVERSIBLE for i in started)
    decision = scene.path.phases[item.id].on_failure
    if decision is None and scene.attended:
        decision = "rollback" if way and not stays else "pause"
    if decision is None:
        decision = "pause" if stays else "rollback"
    return "stop" if decision == "rollback" and not way else decision


def _answered(scene: Scene, item: StepItem, changes: list[AnyItem]) -> Expected:
    """What a person says to a step that fails is done; where nothing can be taken back, `roll back` leaves it so."""
    started = _until(scene.path, item)
    match scene.answer:
        case "next_again":
            return Expected(0, _ids(changes))
        case "next_pause":
            return Expected(9, _ids(started))
        case "next_rollback" if any(i.back.way is not Way.IRREVERSIBLE for i in started):
            return _way_back(scene, started, started, 4)
        case _:
            return Expected(3, _ids(started))


def goes_on_without(scene: Scene, item: AnyItem) -> bool:
    """Whether the run goes on although this step has failed: it is optional."""
    return isinstance(item, StepItem) and item.optional is not None and scene.kind in _IN_STEP and not _probe_optional(scene)


def need_not_stand(scene: Scene, item: AnyItem) -> bool:
    """Whether a run may end well although the step that was struck is not whole: it may fail, or it was counted as done."""
    counted = scene.kind is Kind.KNOWN and scene.answer == "next_done"
    taken = scene.kind in (Kind.RESUME, Kind.TORN) and isinstance(item, StepItem) and verified_anyway(item, scene.path)
    return counted or taken or goes_on_without(scene, item)


def _optional(scene: Scene, item: AnyItem) -> bool:
    step = isinstance(item, StepItem) and item.optional is not None and scene.kind in _IN_STEP
    return step or _probe_optional(scene)


def _probe_optional(scene: Scene) -> bool:
    named = next((p for p in scene.path.plan.probes if p.symbol == scene.function), None)
    return named is not None and named.optional is not None and scene.kind is not Kind.CAPTURE


def _later(scene: Scene, path: Path, item: AnyItem | None, changes: list[AnyItem]) -> Expected | None:
    """Scenes that begin from another one's end."""
    all_started = [i for i in changes if isinstance(i, StepItem | ManualItem)]
    fresh = "--fresh" in scene.arguments
    match scene.kind:
        case kind if kind in SETUP:
            return Expected(KILLED)
        case Kind.BACK:
            return _way_back(scene, all_started, all_started, 0)
        case Kind.UNDO if item is not None:
            made = _way_back(scene, all_started, all_started, 0)
            return Expected(6, made.started, tuple(i for i in made.undone if i != item.id), True)
        case Kind.PROOF if isinstance(item, CheckItem):
            made = _way_back(scene, all_started, all_started, 0)
            return made if _probe_optional(scene) else Expected(6, made.started, made.undone, True)
        case Kind.FRESH:
            return Expected(0 if path.verify else 5, (), (), True) if fresh else _way_back(scene, all_started, all_started, 0)
        case Kind.BLOCK:
            undone = () if fresh else _way_back(scene, all_started, all_started, 0).undone
            return Expected(6, (), undone, True)
        case Kind.AGAIN_BLOCK:  # what has an undo went back before the block began
            made = _way_back(scene, all_started, all_started, 0)
            return Expected(0 if path.verify else 5, (), (), True) if fresh else Expected(made.code, made.started, (), True)
        case Kind.AGAIN if item is not None:
            until = [i for i in all_started if i in _until(path, item) or _by_hand(scene, i)]
            return _way_back(scene, until, all_started, 0)
        case Kind.KILL_BACK | Kind.GO_BACK if item is not None:
            until = _until(path, item)
            return _way_back(scene, until, until, 0)
        case Kind.GO_ON_FAILS if item is not None:
            return _failed(scene, item)
        case Kind.GO_ON if isinstance(item, StepItem):  # what has failed is run again, unless nothing takes it back
            return Expected(9, _ids(_until(path, item))) if item.back.way is Way.IRREVERSIBLE else Expected(0, _ids(changes))
        case Kind.RESUME | Kind.TORN if isinstance(item, StepItem):
            if not is_change(item) or isinstance(item, JobItem):  # a job's task is looked for, not run again
                return Expected(0, _ids(changes))
            if item.back.way is Way.IRREVERSIBLE and not verified_anyway(item, path):
                return Expected(9, _ids(_until(path, item)))
            back = item.back.way in (Way.UNDO, Way.NOTHING) and not verified_anyway(item, path)
            return Expected(0, _ids(changes), (item.id,) if back else ())
        case Kind.RESUME_UNDO if item is not None:
            return Expected(6, _ids(_until(path, item)))
        case Kind.RESUME_LATE if item is not None:  # its `verify` shows that it is done
            return Expected(0, _ids(changes))
        case Kind.KNOWN if isinstance(item, StepItem):
            back = scene.answer == "next_undo" and item.back.way in (Way.UNDO, Way.NOTHING) and not verified_anyway(item, path)
            return Expected(0, _ids(changes), (item.id,) if back else ())
        case _:
            return None


def _way_back(scene: Scene, left: list[StepItem | ManualItem], started: list[StepItem | ManualItem], well: int) -> Expected:
    """What is `left` of `started` is taken back, the last one first. `well` is the code where all of it holds."""
    undone, failed = [], False
    for item in reversed(left):
        if item.back.way is Way.NOTHING:
            undone.append(item.id)
        elif item.back.way is Way.UNDO:
            failed = failed or _by_hand(scene, item)
            undone += [] if _by_hand(scene, item) else [item.id]
    code = well if scene.path.verify and not any(i.back.way is Way.IRREVERSIBLE for i in started) else 5
    return Expected(6 if failed else code, _ids(started), tuple(undone), True)


def _by_hand(scene: Scene, item: StepItem | ManualItem) -> bool:
    """Whether taking it back waits for a person, and there is none."""
    return isinstance(item, ManualItem) and item.back.way is Way.UNDO and not scene.attended


def verified_anyway(item: StepItem, path: Path) -> bool:
    """Whether a step counts as done although it is half done: all that would show it is optional."""
    return bool(item.verify) and all(path.plan.probe(use.probe).optional is not None for use in item.verify)


def _until(path: Path, item: AnyItem) -> list[StepItem | ManualItem]:
    """The changes up to an item, itself included."""
    found: list[StepItem | ManualItem] = []
    for other in path.items:
        if isinstance(other, StepItem | ManualItem) and is_change(other):
            found.append(other)
        if other.id == item.id:
            break
    return found


def _ids(items: Iterable[AnyItem]) -> tuple[str, ...]:
    return tuple(item.id for item in items)
