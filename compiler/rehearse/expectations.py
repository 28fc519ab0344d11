"""What the author expects of faults, held against what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Expectation, Outcome, Plan, Strike
from compiler.rehearse.matrix import proof
from compiler.rehearse.scene import Kind, Scene
from compiler.rehearse.trace import Trace

_KINDS = {
    (Strike.FAILS, "step"): (Kind.START, Kind.HALF, Kind.EARLY, Kind.TIMEOUT, Kind.VERIFY, Kind.BLOCK),
    (Strike.FAILS, "capture"): (Kind.CAPTURE,),
    (Strike.FAILS, "probe"): (Kind.CHECK, Kind.GATE, Kind.HOLD, Kind.UNTIL, Kind.VERIFY),
    (Strike.FAILS, "hold"): (Kind.HOLD,),
    (Strike.FAILS, "background"): (Kind.BACKGROUND, Kind.UNTIL),
    (Strike.FAILS, "undo"): (Kind.UNDO,),
    (Strike.FAILS, "verify"): (Kind.PROOF,),
    (Strike.DECLINED, "confirm"): (Kind.DECLINE,),
    (Strike.DECLINED, "manual"): (Kind.DECLINE,),
    (Strike.KILLED, "undo"): (Kind.AGAIN,),
}
# There 0 is what 4 is for a run.
_BACK = (
    Kind.UNDO,
    Kind.PROOF,
    Kind.AGAIN,
    Kind.KILL_BACK,
    Kind.BLOCK,
    Kind.BACK,
    Kind.AGAIN_BLOCK,
)


def unmet(plan: Plan, traces: Sequence[Trace]) -> Iterator[Diagnostic]:
    """RB620 for each expectation that does not hold, or that no scene tries; at its line in the spec."""
    for expectation in plan.expectations:
        tried = [trace for trace in traces if is_about(plan, expectation, trace.scene)]
        if not tried:
            fix = "leave it out: a rehearsal cannot make this fault happen"
            yield Diagnostic("RB620", "no scene of the rehearsal tries this", expectation.span, fix)
        for trace in tried:
            wrong = _wrong(expectation, trace)
            if wrong is not None:
                message = f"expected `{expectation.outcome.value}`, but {wrong}: {trace.scene.key}"
                yield Diagnostic("RB620", message, expectation.span, "see what the way back does, or expect what happens")
                break


def is_about(plan: Plan, expectation: Expectation, scene: Scene) -> bool:
    """Whether a scene tries what an expectation is about."""
    if scene.item is None or scene.item.id not in expectation.items:
        return False
    if (expectation.strike, expectation.kind) == (Strike.KILLED, "step"):
        resumes = expectation.outcome in (Outcome.RESUMABLE, Outcome.PAUSED)
        return scene.kind is (Kind.RESUME if resumes else Kind.KILL_BACK)
    if scene.kind not in _KINDS[expectation.strike, expectation.kind]:
        return False
    return expectation.kind not in ("probe", "verify") or scene.function == plan.probe(expectation.name).symbol


def _wrong(expectation: Expectation, trace: Trace) -> str | None:
    wanted = expectation.outcome.code
    if wanted == Outcome.VERIFIED.code and trace.scene.kind in _BACK:
        wanted = 0
    if trace.code != wanted:
        return f"it ended with {trace.code}"
    if expectation.outcome is Outcome.VERIFIED and proof(trace) != "held":
        return "nothing was proven"
    return None
