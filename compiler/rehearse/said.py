"""What a run says and keeps must be what is so: rules about the screen, the questions, `status`, and the values on disk."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache

from compiler.emit.locale import fill, load
from compiler.plan.model import CaptureItem, CheckItem, HoldItem, JobItem, ManualItem, StepItem, Way
from compiler.rehearse import sample
from compiler.rehearse.paths import is_change
from compiler.rehearse.scene import Kind
from compiler.rehearse.trace import Trace

# Which sentence a refusal must hold, one of them; of a guard, an image or a server the words are its own.
_WHY: Mapping[Kind, tuple[str, ...]] = {
    Kind.NEED: ("need_missing", "need_version"),
    Kind.ENV: ("env_missing", "env_malformed", "env_unreadable"),
    Kind.SUDO: ("sudo_refused",),
    Kind.WINDOW: ("refuse_window",),
    Kind.UNANSWERED: ("refuse_no_terminal", "refuse_gate"),
    Kind.UNFINISHED: ("refuse_unfinished",),
    Kind.NO_RUN: ("resume_none", "resume_ended", "rollback_no_run"),
    Kind.NOT_BACK: ("outcome_declined_rollback",),
    Kind.MOVED: ("refuse_moved",),
    Kind.LIVES: ("refuse_orphan",),
}
_MARKS = {"ok": "✓", "failed": "✗", "undo_failed": "✗", "undone": "↶", "unknown": "…", "ahead": "·"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_ROW = re.compile(r"  \S (\S+) ")


@cache
def _pattern(lang: str, key: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", load("script", lang)[key])
    return re.compile(".*".join(map(re.escape, parts)))


def _why_it_is_refused_is_said(trace: Trace) -> Iterator[str]:
    keys = _WHY.get(trace.scene.kind, ())
    lang = trace.scene.path.plan.meta.lang
    if trace.code == 7 and keys and not any(_pattern(lang, key).search(trace.output) for key in keys):
        yield f"nothing is said about {' or '.join(keys)}"


def _where_nothing_can_begin_nothing_is_asked(trace: Trace) -> Iterator[str]:
    """Of the host, where `resume` finds nothing to go on with: the answer would be for nothing."""
    if trace.scene.kind is Kind.NO_RUN and trace.scene.command == "resume":
        for call in trace.calls:
            yield f"{call.function} was asked, and there is nothing to go on with"


def _the_last_line_is_the_outcome_and_the_head(trace: Trace) -> Iterator[str]:
    """The head of the chain is what a ticket can hold against a log that somebody has changed."""
    if trace.code < 0 or trace.code in (2, 7) or trace.scene.kind is Kind.STATUS or not trace.records:
        return
    last, lang = trace.records[-1], trace.scene.path.plan.meta.lang
    head = fill(load("script", lang)["outcome_head"], {"head": str(last.get("hash", ""))[:16]})
    line = trace.output.rstrip("\n").rpartition("\n")[2]
    if line != f"{last.get('words')} ({trace.code}) · {head}":
        yield f"it ends with {line!r}"


def _each_record_says_when_it_came_to_be(trace: Trace) -> Iterator[str]:
    """In UTC, and none before the one in front of it; what a person pastes into an incident's time line."""
    last = ""
    for record in trace.records:
        time = str(record.get("time"))
        if not _TIME.fullmatch(time):
            yield f"record {record.get('seq')} says {time!r}"
        elif time < last:
            yield f"record {record.get('seq')} is of {time}, the one in front of it of {last}"
        last = time


def _the_question_before_the_first_change_tells_what_stays(trace: Trace) -> Iterator[str]:
    if trace.scene.kind is not Kind.FIRST:
        return
    changes = [item for item in trace.scene.path.items if is_change(item) and isinstance(item, StepItem | ManualItem)]
    stays = [item for item in changes if item.back.way is Way.IRREVERSIBLE]
    say = load("script", trace.scene.path.plan.meta.lang)
    counts = {"changes": str(len(changes)), "stays": str(len(stays))}
    key = "first_change_irreversible" if stays else "first_change_reversible"
    if not any(fill(say[key], counts) in question for question in trace.asked):
        yield f"{len(changes)} changes and {len(stays)} that stay, asked: {'; '.join(trace.asked)}"


def _what_a_step_prints_is_shown_once(trace: Trace) -> Iterator[str]:
    for item in trace.scene.path.items:
        if isinstance(item, StepItem) and not isinstance(item, JobItem) and not item.interactive:
            spoke = sum(call.function == item.symbol and call.fate == "half" for call in trace.calls)
            shown = trace.output.count(f"rehearsal: {item.symbol}: half-way\n")
            if shown != spoke:
                yield f"{item.id} has spoken {spoke} times, shown: {shown}"


def _what_is_shown_of_an_item_is_how_it_ended(trace: Trace) -> Iterator[str]:
    """Its last line, where nobody is at a terminal, against its last record."""
    if trace.scene.attended or trace.code < 0 or trace.scene.command == "status":
        return
    rows = {match[2]: match[1] for match in re.finditer(r"^  ([✓✗]) (\S+) ", trace.output, re.MULTILINE)}
    for item in trace.scene.path.items:
        optional = isinstance(item, CheckItem) and trace.scene.path.plan.probe(item.use.probe).optional is not None
        if not isinstance(item, CheckItem | CaptureItem | HoldItem) or optional:
            continue
        ends = [record["exit"] == 0 for record in trace.events("check", "capture") if record.get("step") == item.id]
        if ends and rows.get(item.number) != ("✓" if ends[-1] else "✗"):
            yield f"{item.id} ended {'well' if ends[-1] else 'badly'}, shown: {rows.get(item.number, 'nothing')}"


def _what_was_chosen_and_captured_is_kept(trace: Trace) -> Iterator[str]:
    """On disk, for `resume` and `rollback`, which may come after a reboot."""
    path = trace.scene.path
    if trace.code in (2, 7) or trace.scene.kind is Kind.STATUS or "--fresh" in trace.scene.arguments:
        return
    wanted = {decision.choice: decision.option for decision in path.decisions}
    captured = {r.get("step"): r.get("exit") for r in trace.records if r["event"] == "capture"}
    wanted |= {i.variable: sample.capture(i) for i in path.items if isinstance(i, CaptureItem) and captured.get(i.id) == 0}
    for name, value in wanted.items():
        if trace.kept.get(name) != value:
            yield f"{name} is {value!r}, kept: {trace.kept.get(name)!r}"


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


def _what_a_step_printed_is_on_record(trace: Trace) -> Iterator[str]:
    """The size and the digest of its output; a step's log goes on where it is tried again."""
    if trace.code < 0:
        return
    for item in (*trace.scene.path.items, *trace.scene.path.block):
        if not isinstance(item, StepItem) or isinstance(item, JobItem) or item.interactive:
            continue
        spoke = sum(call.function == item.symbol and call.fate == "half" for call in trace.every_call)
        found = [r for r in trace.events("result") if r.get("step") == item.id and "size" in r]
        text = f"rehearsal: {item.symbol}: half-way\n".encode() * spoke
        if spoke and found and (found[-1]["size"], found[-1]["output"]) != (len(text), hashlib.sha256(text).hexdigest()):
            yield f"{item.id} has printed {len(text)} bytes, on record: {found[-1]['size']}, or others"


def _status_says_what_is_so(trace: Trace) -> Iterator[str]:
    """Read from the records a second time. A look changes nothing."""
    if trace.scene.kind is not Kind.STATUS or trace.previous is None:
        return
    if trace.log != trace.previous.log or trace.world != trace.previous.world:
        yield "the look has changed something"
    say = load("script", trace.scene.path.plan.meta.lang)
    code = _outcome(trace)
    first = trace.output.partition("\n")[0]
    if not first.endswith(say["status_open"] if code is None else f"({code})"):
        yield f"the run has come to {code}, said: {first}"
    rows = _rows(trace.output)
    for item in trace.scene.path.items:
        state = _state(trace, item.id)
        row = rows.get(item.number, "")
        if not state and code not in (None, 9):
            wrong = bool(row)
        else:
            state = state or "ahead"
            words = say.get(f"state_{state}", "")
            wrong = not (row.startswith(f"  {_MARKS[state]} ") and row.endswith(words))
        if wrong:
            yield f"{item.id} is {state or 'not begun'}, said: {row!r}"


def _rows(output: str) -> Mapping[str, str]:
    """The lines of each item, by its number."""
    rows: dict[str, str] = {}
    number = ""
    for line in output.splitlines():
        opens = _ROW.match(line)
        number = opens[1] if opens else number if line.startswith("    ") else ""
        if number:
            rows[number] = f"{rows[number]}\n{line}" if number in rows else line
    return rows


def _outcome(trace: Trace) -> int | None:
    """What the run that was looked at had come to; a way back by itself ends with 0 where the run has come to 4."""
    last = trace.records[-1]
    if last["event"] not in ("end", "pause"):
        return None
    code = int(str(last["exit"]))
    return 4 if (code, last.get("why")) == (0, "rollback") else code


def _state(trace: Trace, item: str) -> str:
    """Where an item stands by the records: what was left out is done, and what was taken back stays so."""
    state = ""
    for record in (record for record in trace.records if record.get("step") == item):
        good = record.get("exit") == 0
        match record["event"]:
            case "intent" | "undo-intent":
                state = "unknown"
            case "result" | "capture" | "gate" | "check":
                state = "ok" if good else "failed"
            case "undo-result":
                state = "undone" if good else "undo_failed"
            case "skip":
                state = state if state == "undone" else "ok"
            case _:
                pass
    return state


RULES = (
    _why_it_is_refused_is_said,
    _where_nothing_can_begin_nothing_is_asked,
    _the_last_line_is_the_outcome_and_the_head,
    _each_record_says_when_it_came_to_be,
    _the_question_before_the_first_change_tells_what_stays,
    _what_a_step_printed_is_on_record,
    _what_a_step_prints_is_shown_once,
    _what_is_shown_of_an_item_is_how_it_ended,
    _what_was_chosen_and_captured_is_kept,
    _no_secret_is_shown,
    _status_says_what_is_so,
)
