"""What must hold in every scene of every runbook. Each rule is a function; its name is what people read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CheckItem,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    JobItem,
    ManualItem,
    StepItem,
    Way,
)
from compiler.rehearse import oracle, said
from compiler.rehearse.paths import calls, is_change
from compiler.rehearse.scene import Kind
from compiler.rehearse.trace import Call, Trace, broken_chain

_EXIT = {"start": 41, "half": 41, "unproven": 41, "early": 125, "timeout": 124, "term": 130}
_EXIT |= dict.fromkeys(("empty", "other", "nul"), 126)  # of a capture
# What a question is called on record: that before the first change, that what to do next; of the others the item.
_ASKED = {Kind.FIRST: "first-change", Kind.ANSWER: "next", Kind.TOO_LATE: "next"}
_KNOWN = (Kind.KNOWN, Kind.RESUME_UNDO)

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
    elif trace.code not in (2, 7) and trace.code >= 0 and trace.scene.command != "status" and trace.outcome != trace.code:
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
        last = trace.lines[call.records - 1] if 0 < call.records <= len(trace.lines) else {}
        # A job has said what the newest task was before it is started.
        events = (event, "task") if isinstance(item, JobItem) and event == "intent" else (event,)
        if last.get("event") not in events or last.get("step") != item.id:
            yield f"{item.id}: {call.function} ran, and the last record on disk was {last.get('event')} of {last.get('step')}"


def _every_intent_has_its_result(trace: Trace) -> Iterator[str]:
    if trace.code < 0:
        return
    guards = {item.id for item in trace.scene.path.items if isinstance(item, GuardedItem)}  # armed; a gate where confirmed
    # What a killed driver has left open is closed where the run goes on to its end.
    whole = trace.records if trace.scene.command == "resume" and trace.code == 0 else trace.own
    for opens, closes in (("intent", ("result", "gate")), ("undo-intent", ("undo-result",))):
        for number, record in enumerate(whole):
            if record["event"] != opens or record["step"] in guards:
                continue
            ends = closes if record in trace.own else (*closes, "undo-result", "intent")
            if not any(other["event"] in ends and other.get("step") == record["step"] for other in whole[number + 1 :]):
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
    holds = {item.id for item in path.items if isinstance(item, HoldItem)}
    for hold in sorted(holds & {call.item for call in trace.calls if call.phase and call.forward}):
        ends = [record["exit"] for record in trace.events("check") if record.get("step") == hold]
        if not ends:
            yield f"{hold} was watched, and nothing is on record"
        elif ends[-1] == 0 and trace.scene.kind is Kind.TERM and trace.scene.item is not None and trace.scene.item.id == hold:
            yield f"{hold} was broken off, and is on record as held"
    asked = {(call.item, call.function) for call in trace.calls if call.phase}
    for item in path.items:
        if item.condition is None or (item.id, path.plan.probe(item.condition.probe).symbol) not in asked:
            continue
        if not any(record.get("step") == f"{item.id}.ask" for record in trace.records):
            yield f"it was asked whether {item.id} is needed, and the answer is not on record"


def _the_way_is_gone_in_order_and_whole(trace: Trace) -> Iterator[str]:
    scene = trace.scene
    if (
        scene.command != "run"
        or trace.code in (2, 7)
        or oracle.expected(scene) is None
        or scene.kind in (Kind.BACKGROUND, Kind.EXPIRE)
    ):
        return
    inside = [i for i in scene.path.items if scene.path.phases[i.id].name != scene.left_out]
    plain = [i for i in inside if i.condition is None and not isinstance(i, BackgroundItem)]
    wanted: list[tuple[str, str]] = []
    for item in scene.path.items:
        if scene.kind is Kind.FIRST and is_change(item):
            break
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


def _what_is_done_stands_at_the_end(trace: Trace) -> Iterator[str]:
    """After a run that ended well every change that the Plan has is there, and whole."""
    scene, wanted = trace.scene, oracle.expected(trace.scene)
    if trace.code != 0 or scene.command == "rollback" or wanted is None:
        return
    for item in scene.path.items:
        left_out = scene.item is not None and item.id == scene.item.id and oracle.need_not_stand(scene, item)
        if isinstance(item, StepItem) and item.id in wanted.started and not left_out and trace.world.get(item.id) != "whole":
            yield f"{item.id} is {trace.world.get(item.id, 'not done')} at the end"


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
        if trace.scene.kind is Kind.ANSWER and trace.scene.answer == "next_again" and function == trace.scene.function:
            most *= 2
        if trace.scene.kind is Kind.OPTIONAL_UNDO and function.startswith("undo_") and function == trace.scene.faults[0].function:
            most = 2  # at once, and on the way back
        if function.partition("_")[0] in ("step", "job", "undo", "capture", "background") and count > most:
            yield f"{function} ran {count} times"


def _a_finished_step_is_not_run_again(trace: Trace) -> Iterator[str]:
    steps = {item.id for item in trace.scene.path.items if isinstance(item, StepItem)}
    struck = trace.scene.item
    done = struck.symbol if trace.scene.kind is Kind.RESUME_LATE and isinstance(struck, StepItem) else None
    if any(call.function == done for call in trace.calls):
        yield f"{done} had been done before the power was lost, its verify held, and it was started again"
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
    changes = [i for i in trace.scene.path.items if isinstance(i, StepItem) and is_change(i)]
    changing = {i.symbol for i in changes}
    before = trace.previous.world if trace.previous is not None else {}
    for item in changes:
        if trace.world.get(item.id) != before.get(item.id):
            yield f"{item.id} has changed something, and the run ended with {trace.code}"
    for call in trace.calls:
        if call.function in changing or call.function.startswith("undo_"):
            yield f"{call.function} ran, and the run ended with {trace.code}"


def _a_declined_gate_never_goes_on(trace: Trace) -> Iterator[str]:
    scene = trace.scene
    if scene.kind is Kind.FIRST:
        # Whether the first change is to be done at all is asked before the question.
        first = next(item.id for item in scene.path.items if is_change(item))
        later = _ids_after(scene.path.items, first)
    elif scene.kind is Kind.DECLINE and scene.item is not None:
        later = _ids_after(scene.path.items, scene.item.id)
    else:
        return
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


def _what_a_person_says_is_on_record(trace: Trace) -> Iterator[str]:
    scene = trace.scene
    item = "" if scene.item is None else scene.item.id
    asked = _ASKED.get(scene.kind, "") or (item if scene.attended and scene.kind in (Kind.DECLINE, *_KNOWN) else None)
    event = "recover" if scene.answer == "next_done" else "gate"
    if asked is not None and not any(record.get("step") == asked for record in trace.events(event)):
        yield f"a question about {asked} was answered, and there is no {event} of it"


def _each_start_is_on_record(trace: Trace) -> Iterator[str]:
    event = "start" if trace.scene.command == "run" else "resume"
    looks = trace.scene.command == "status"
    if trace.code >= 0 and trace.code not in (2, 7) and not looks and not list(trace.events(event)):
        yield f"there is no {event} on record"


def _what_is_done_is_proven_before_it_goes_on(trace: Trace) -> Iterator[str]:
    """A `resume` asks the `verify` of every step that ended well before it, in case the host is not as it was."""
    if trace.scene.command != "resume" or trace.code != 0 or trace.previous is None:
        return
    ended = {r.get("step") for r in trace.previous.records if r["event"] == "result" and r["exit"] == 0}
    for item in trace.scene.path.items:
        if isinstance(item, StepItem) and item.verify and is_change(item) and item.id in ended:
            probes = {trace.scene.path.plan.probe(use.probe).symbol for use in item.verify}
            if not any(call.function in probes and call.item == item.id for call in trace.calls):
                yield f"{item.id} was not proven again"


def _what_is_left_out_is_on_record(trace: Trace) -> Iterator[str]:
    """By a condition, or because it may fail and did."""
    scene = trace.scene
    item = "" if scene.item is None else scene.item.id
    passed = scene.item is not None and trace.code == 0 and oracle.goes_on_without(scene, scene.item)
    if scene.kind is not Kind.SKIP and not passed:
        return
    left_out = scene.left_out or item
    if not any(record.get("step") == left_out for record in trace.events("skip")):
        yield f"{left_out} was left out, and there is no skip of it"


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
    fresh = "--fresh" in trace.scene.arguments
    back = trace.scene.kind in (Kind.BACK, Kind.KILL_BACK, Kind.GO_BACK, Kind.AGAIN, Kind.AGAIN_BLOCK) and not fresh
    if trace.code != 4 and not (trace.code == 0 and back):
        return
    last = {(c.function, c.forward): n for n, c in enumerate(trace.every_call) if c.forward or c.fate == "done"}
    for item in trace.scene.path.items:
        if not isinstance(item, StepItem) or item.back.way is not Way.UNDO:
            continue
        started = last.get((item.symbol, True))
        undone = max((last.get((str(item.back.symbol), way), -1) for way in (True, False)), default=-1)
        if started is not None and undone < started:
            yield f"{item.id} had started and was not taken back"
        elif trace.world.get(item.id) in ("half", "whole"):
            yield f"{item.id} stands {trace.world[item.id]} at the end"


def _what_is_taken_back_is_there(trace: Trace) -> Iterator[str]:
    """What was taken back and not done again is not taken back once more, whichever process did it."""
    for call in trace.calls:
        if call.function.startswith("undo_") and call.found == "gone":
            yield f"{call.function} ran, and had taken {call.item} back before"


def _what_has_failed_runs_no_more(trace: Trace) -> Iterator[str]:
    for call in trace.calls:
        if call.beside:
            yield f"a process of a step that had failed still ran while {call.function} did"
    if trace.running:
        yield "a process of a step that had failed still runs at the end"


def _the_lock_is_held_while_anything_changes(trace: Trace) -> Iterator[str]:
    if any(isinstance(item, StepItem) and item.guarded for item in trace.scene.path.items):
        return  # the watcher of a guard takes back what a dead driver has left
    for call in trace.calls:
        if call.free:
            yield f"a second run could have started while {call.function} ran"


def _nothing_is_left_behind(trace: Trace) -> Iterator[str]:
    if trace.code >= 0 and trace.left:
        yield "the private folder of the run is still there"


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
    _what_is_done_stands_at_the_end,
    _the_way_back_is_the_exact_reverse,
    _nothing_happens_twice,
    _a_finished_step_is_not_run_again,
    _a_fault_before_the_first_change_changes_nothing,
    _a_declined_gate_never_goes_on,
    _no_gate_is_passed_without_an_answer,
    _what_a_person_says_is_on_record,
    _each_start_is_on_record,
    _what_is_done_is_proven_before_it_goes_on,
    _what_is_left_out_is_on_record,
    _what_is_rolled_back_is_proven,
    _all_that_started_is_taken_back,
    _what_is_taken_back_is_there,
    _what_has_failed_runs_no_more,
    _the_lock_is_held_while_anything_changes,
    _nothing_is_left_behind,
    *said.RULES,
)
