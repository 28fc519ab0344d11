"""What must hold in every scene of every runbook. Each rule is a function; its name is what people read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compiler.plan.model import AnyItem, BackgroundItem, CheckItem, ConfirmItem, GuardedItem, JobItem, ManualItem, StepItem, Way
from compiler.rehearse import oracle, sample
from compiler.rehearse.paths import calls, is_change
from compiler.rehearse.scenes import Kind
from compiler.rehearse.trace import Call, Trace, broken_chain

_EXIT = {"start": 41, "half": 41, "early": 125, "timeout": 124, "term": 130}


Rule = Callable[[Trace], Iterator[str]]


@dataclass(frozen=True)
class Broken:
    """A rule that did not hold in a scene."""

    rule: str
    scene: str
    what: str


def broken(trace: Trace) -> tuple[Broken, ...]:
    """Every rule that one scene breaks."""
    return tuple(Broken(name(rule), trace.scene.key, what) for rule in RULES for what in rule(trace))


def name(rule: Rule) -> str:
    """The rule in words: the name of its function."""
    return rule.__name__.replace("_", " ").strip()


def _the_outcome_is_the_one_that_the_plan_says(trace: Trace) -> Iterator[str]:
    wanted = oracle.expected(trace.scene)
    if wanted is None:
        return
    if trace.code != wanted.code:
        yield f"exit code {trace.code}, expected {wanted.code}"
    if trace.undone != wanted.undone and wanted.code != oracle.KILLED:
        yield f"taken back: {_list(trace.undone)}; expected: {_list(wanted.undone)}"


def _the_last_record_matches_the_exit_code(trace: Trace) -> Iterator[str]:
    if trace.code in (2, 7) and list(trace.events("start", "resume", "intent", "result", "end")):
        yield f"refused ({trace.code}), and yet something is on record"
    elif trace.code not in (2, 7) and trace.code >= 0 and trace.outcome != trace.code:
        yield f"exit code {trace.code}, on record: {trace.outcome}"


def _the_audit_chain_holds(trace: Trace) -> Iterator[str]:
    found = broken_chain(trace.log)
    if found is not None:
        yield found


def _an_intent_is_on_disk_before_anything_acts(trace: Trace) -> Iterator[str]:
    items = {item.symbol: item for item in (*trace.scene.path.items, *trace.scene.path.block) if isinstance(item, StepItem)}
    undos = {item.back.symbol: item for item in items.values() if item.back.symbol}
    seen: set[tuple[str, str]] = set()
    for call in trace.calls:
        item = items.get(call.function) or undos.get(call.function)
        event = "intent" if call.function in items else "undo-intent"
        if item is None or (call.function, call.item) in seen:
            continue
        seen.add((call.function, call.item))
        last = trace.records[call.records - 1] if 0 < call.records <= len(trace.records) else {}
        # A job has said what the newest task was before it is started.
        events = (event, "task") if isinstance(item, JobItem) and event == "intent" else (event,)
        if last.get("event") not in events or last.get("step") != item.id:
            yield f"{item.id}: {call.function} ran, and the last record on disk was {last.get('event')} of {last.get('step')}"


def _every_intent_has_its_result(trace: Trace) -> Iterator[str]:
    if trace.code < 0:
        return
    guards = {item.id for item in trace.scene.path.items if isinstance(item, GuardedItem)}  # armed; a gate where confirmed
    for opens, closes in (("intent", ("result", "gate")), ("undo-intent", ("undo-result",))):
        for record in trace.events(opens):
            after = trace.own[trace.own.index(record) + 1 :]
            if record["step"] in guards:
                continue
            if not any(other["event"] in closes and other.get("step") == record["step"] for other in after):
                yield f"{record['step']}: {opens} without a result"


def _what_was_called_is_on_record_with_its_exit_code(trace: Trace) -> Iterator[str]:
    if trace.code < 0:
        return
    for call in _last_tries(trace):
        wanted = 0 if call.fate in ("done", "hup") else _EXIT.get(call.fate)
        kind = call.function.partition("_")[0]
        events = {"step": "result", "capture": "capture", "undo": "undo-result"}.get(kind)
        if events is None or wanted is None:
            continue
        found = [r.get("exit") for r in trace.events(events) if r.get("step") == call.item]
        verified = kind == "step" and wanted == 0 and any(c.item == call.item and c.fate in _EXIT for c in trace.calls)
        if not found or (found[-1] != wanted and not verified):
            yield f"{call.item}: {call.function} ended with {wanted}, on record: {found[-1] if found else 'nothing'}"


def _every_probe_is_on_record_with_its_exit_code(trace: Trace) -> Iterator[str]:
    if trace.code < 0:
        return
    path = trace.scene.path
    probes = {p.symbol: p for p in path.plan.probes}
    checks = {item.id for item in (*path.items, *path.verify) if isinstance(item, CheckItem)}
    proven = {item.id for item in path.items if isinstance(item, StepItem | ConfirmItem) and item.condition is None}
    for call in _last_tries(trace):
        probe = probes.get(call.function)
        if probe is None or call.item not in checks | proven or not call.phase:
            continue
        wanted = 0 if call.fate == "done" or probe.optional is not None else _EXIT.get(call.fate, 0)
        of_item = [r for r in trace.events("check") if call.item not in checks or r.get("step") == call.item]
        found = [r.get("exit") for r in of_item if r.get("why") == probe.name]
        if wanted not in found:
            yield f"{probe.name} at {call.item} ended with {wanted}, on record: {found[-1] if found else 'nothing'}"


def _the_way_is_gone_in_order_and_whole(trace: Trace) -> Iterator[str]:
    scene = trace.scene
    if (
        scene.command != "run"
        or trace.code in (2, 7)
        or oracle.expected(scene) is None
        or scene.kind in (Kind.BACKGROUND, Kind.EXPIRE)
    ):
        return
    plain = [i for i in scene.path.items if i.condition is None and not isinstance(i, BackgroundItem)]
    wanted: list[tuple[str, str]] = []
    for item in scene.path.items:
        here = scene.item is not None and item.id == scene.item.id
        for function in calls(item, scene.path.plan):
            wanted += [(item.id, function)] if item in plain else []
            stops = _ends_here(trace) or oracle.goes_on_without(scene, item)
            # A look of a hold asks all that it watches.
            if here and function == scene.function and stops and scene.kind is not Kind.HOLD:
                break
        if here and (_ends_here(trace) or scene.kind in (Kind.DECLINE, Kind.HANGUP)):
            break
    ids = {item.id for item in plain}
    gone = list(
        dict.fromkeys(
            (c.item, c.function) for c in trace.calls if c.forward and c.item in ids and c.phase and _is_way(c.function)
        )
    )
    wanted = list(dict.fromkeys(wanted))
    if gone != wanted:
        at = next((n for n, (a, b) in enumerate(zip(gone, wanted, strict=False)) if a != b), min(len(gone), len(wanted)))
        was = " ".join(gone[at]) if at < len(gone) else "the end"
        should = " ".join(wanted[at]) if at < len(wanted) else "the end"
        yield f"came to {was}, expected {should}"


def _the_way_back_is_the_exact_reverse(trace: Trace) -> Iterator[str]:
    undos = {i.back.symbol: i for i in trace.scene.path.items if isinstance(i, StepItem) and i.back.symbol}
    if any(isinstance(i, StepItem) and i.guarded for i in trace.scene.path.items):
        return
    starts: dict[str, int] = {}
    last = None
    for number, call in enumerate(trace.every_call):
        if call.function.startswith(("step_", "job_")) and call.forward:
            starts.setdefault(call.item, number)
        if call.function in undos and not call.forward and call in trace.calls:
            item = undos[call.function].id
            if item not in starts:
                yield f"{item} was taken back and had never started"
            elif last is not None and starts[item] > starts[last]:
                yield f"{item} was taken back after {last}, which had started before it"
            last = item


def _nothing_happens_twice(trace: Trace) -> Iterator[str]:
    steps = {i.symbol: i for i in (*trace.scene.path.items, *trace.scene.path.block) if isinstance(i, StepItem)}
    counts: dict[str, int] = {}
    for call in trace.calls:
        counts[call.function] = counts.get(call.function, 0) + 1
    for function, count in counts.items():
        item = steps.get(function)
        most = 1 + item.retry if item is not None else 1
        if function.partition("_")[0] in ("step", "job", "undo", "capture", "background") and count > most:
            yield f"{function} ran {count} times"


def _a_finished_step_is_not_run_again(trace: Trace) -> Iterator[str]:
    steps = {item.id for item in trace.scene.path.items if isinstance(item, StepItem)}
    finished: set[object] = set()
    for record in trace.records:
        step, event = record.get("step"), record["event"]
        if event == "intent" and step in finished & steps:
            yield f"{step} had ended well, and was started again"
        if event == "result" and record["exit"] == 0:
            finished.add(step)
        elif event in ("result", "undo-intent", "undo-result"):
            finished.discard(step)


def _a_fault_before_the_first_change_changes_nothing(trace: Trace) -> Iterator[str]:
    if trace.code not in (1, 2, 7, 8):
        return
    changing = {i.symbol for i in trace.scene.path.items if isinstance(i, StepItem) and is_change(i)}
    for call in trace.calls:
        if call.function in changing or call.function.startswith("undo_"):
            yield f"{call.function} ran, and the run ended with {trace.code}"


def _a_declined_gate_never_goes_on(trace: Trace) -> Iterator[str]:
    if trace.scene.kind is not Kind.DECLINE or trace.scene.item is None:
        return
    later = _ids_after(trace.scene.path.items, trace.scene.item.id)
    for call in trace.calls:
        if call.forward and call.phase and call.item in later:
            yield f"{call.function} ran after the no"
    if trace.code == 0:
        yield "the run ended with 0"


def _no_gate_is_passed_without_an_answer(trace: Trace) -> Iterator[str]:
    reached = {call.item for call in trace.every_call if call.forward and call.phase}
    for item in trace.scene.path.items:
        if not isinstance(item, ConfirmItem | ManualItem) or item.condition is not None:
            continue
        answered = any(r["event"] == "gate" and r.get("step") == item.id and r.get("exit") == 0 for r in trace.records)
        if not answered and reached & _ids_after(trace.scene.path.items, item.id):
            yield f"{item.id} was never answered, and the run went on"


def _what_is_rolled_back_is_proven(trace: Trace) -> Iterator[str]:
    """After the last undo each probe of `verify` is asked, and where the outcome says so, it held."""
    wanted = oracle.expected(trace.scene)
    if trace.code < 0 or trace.code in (2, 7) or wanted is None or not wanted.proof:
        return
    last = max((n for n, c in enumerate(trace.calls) if c.function.startswith(("undo_", "step_"))), default=-1)
    after = trace.calls[last + 1 :]
    for proof in trace.scene.path.verify:
        probe = trace.scene.path.plan.probe(proof.use.probe)
        asked = [c for c in after if c.function == probe.symbol and c.item == proof.id]
        if not asked:
            yield f"{proof.use.probe} was not asked after the way back"
        elif trace.code in (0, 4) and asked[-1].fate != "done" and probe.optional is None:
            yield f"{proof.use.probe} did not hold, and the outcome is {trace.code}"


def _all_that_started_is_taken_back(trace: Trace) -> Iterator[str]:
    if trace.code not in (4, 0) or (trace.code == 0 and trace.scene.kind not in (Kind.BACK, Kind.KILL_BACK, Kind.AGAIN)):
        return
    steps = {i.symbol: i for i in trace.scene.path.items if isinstance(i, StepItem) and i.back.way is Way.UNDO}
    undone = {c.function for c in trace.every_call if c.fate == "done"}
    for call in trace.every_call:
        item = steps.get(call.function)
        if item is not None and call.forward and item.back.symbol not in undone:
            yield f"{item.id} had started and was not taken back"


def _the_lock_is_held_while_anything_changes(trace: Trace) -> Iterator[str]:
    if any(isinstance(item, StepItem) and item.guarded for item in trace.scene.path.items):
        return  # the watcher of a guard takes back what a dead driver has left
    for call in trace.calls:
        if call.free:
            yield f"a second run could have started while {call.function} ran"


def _nothing_is_left_behind(trace: Trace) -> Iterator[str]:
    if trace.code >= 0 and trace.left:
        yield "the private folder of the run is still there"


def _no_secret_is_shown(trace: Trace) -> Iterator[str]:
    plan = trace.scene.path.plan
    secrets = {sample.param(p) for p in plan.params if p.secret and p.default is None}
    secrets |= {
        sample.secret(need.matches)
        for service in plan.services for file in service.env_files for need in file.require if need.secret
    }  # fmt: skip
    for secret in secrets:
        if len(secret) >= 8 and (secret in trace.output or secret in trace.log):
            yield "a secret stands in the output or in the audit log"


def _last_tries(trace: Trace) -> Iterator[Call]:
    """The last call of each function at each place."""
    last = {(c.function, c.item, c.phase): c for c in trace.calls}
    yield from last.values()


def _ends_here(trace: Trace) -> bool:
    return trace.code != 0 and trace.scene.item is not None and trace.scene.kind not in (Kind.DECLINE, Kind.HANGUP)


def _is_way(function: str) -> bool:
    return function.partition("_")[0] in ("probe", "step", "job", "capture")


def _ids_after(items: tuple[AnyItem, ...], item_id: str) -> frozenset[str]:
    ids = [item.id for item in items]
    return frozenset(ids[ids.index(item_id) + 1 :])


def _list(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) or "nothing"


RULES: tuple[Rule, ...] = (
    _the_outcome_is_the_one_that_the_plan_says,
    _the_last_record_matches_the_exit_code,
    _the_audit_chain_holds,
    _an_intent_is_on_disk_before_anything_acts,
    _every_intent_has_its_result,
    _what_was_called_is_on_record_with_its_exit_code,
    _every_probe_is_on_record_with_its_exit_code,
    _the_way_is_gone_in_order_and_whole,
    _the_way_back_is_the_exact_reverse,
    _nothing_happens_twice,
    _a_finished_step_is_not_run_again,
    _a_fault_before_the_first_change_changes_nothing,
    _a_declined_gate_never_goes_on,
    _no_gate_is_passed_without_an_answer,
    _what_is_rolled_back_is_proven,
    _all_that_started_is_taken_back,
    _the_lock_is_held_while_anything_changes,
    _nothing_is_left_behind,
    _no_secret_is_shown,
)
