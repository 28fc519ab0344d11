"""The schema says what a record is and refuses what is none. tests/script/conftest.py holds every record of its tests to it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runs import Run

sys.path.insert(0, str(Path(__file__).parents[1] / "script"))

import audited

Record = dict[str, Any]


def records(run: Run) -> list[Record]:
    return [json.loads(line) for line in run.log.splitlines()]


def test_the_records_of_a_run_are_records(run: Run) -> None:
    audited.hold([run.path])
    assert {record["event"] for record in records(run)} >= {"start", "check", "capture", "intent", "result", "undo-result", "end"}


def test_every_field_is_described() -> None:
    schema = json.loads(audited.SCHEMA.read_text())
    assert all(field["description"] for field in schema["properties"].values())
    assert set(schema["required"]) <= set(schema["properties"])


REFUSED: dict[str, Callable[[Record], Record]] = {
    "a field nobody knows": lambda r: r | {"more": 1},
    "another version": lambda r: r | {"v": 2},
    "a number below one": lambda r: r | {"seq": 0},
    "no event of ours": lambda r: r | {"event": "begin"},
    "a time without microseconds": lambda r: r | {"time": r["time"][:19] + "Z"},
    "another time zone": lambda r: r | {"time": r["time"][:-1] + "+01:00"},
    "a short hash": lambda r: r | {"hash": r["hash"][:-1]},
    "capitals in a hash": lambda r: r | {"hash": "A" * 64},
    "no predecessor": lambda r: r | {"prev": "" if r["seq"] > 1 else "0" * 64},
    "an exit that is text": lambda r: r | {"exit": "0"},
    "an exit out of range": lambda r: r | {"exit": 256},
    "a reason of any length": lambda r: r | {"why": "x" * 1001},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_record_is_refused(run: Run, name: str) -> None:
    for record in records(run):
        assert not list(audited.validator().iter_errors(record))
        assert list(audited.validator().iter_errors(REFUSED[name](record))), record


NEEDED = {
    "start": {"why"},
    "intent": {"step", "phase"},
    "result": {"step", "exit", "output", "phase"},
    "end": {"exit", "why"},
}


def test_no_field_that_an_event_needs_may_be_missing(run: Run) -> None:
    for record in records(run):
        needed = {"v", "seq", "time", "run", "script", "host", "user", "sudo_user", "tty", "event", "prev", "hash"}
        needed |= NEEDED.get(record["event"], set())
        for field in needed:
            assert list(audited.validator().iter_errors({k: v for k, v in record.items() if k != field})), (
                record["event"],
                field,
            )


def test_a_log_with_a_wrong_record_or_chain_fails_its_test(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for changed in (run.log.replace(b'"exit":1', b'"exit":2'), b"".join(run.log.splitlines(keepends=True)[1:])):
        path.write_bytes(changed)
        with pytest.raises(AssertionError):
            audited.hold([path])
