"""A small runbook, rehearsed whole: each fault and what it comes to; the host is not touched; the same twice."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support import SMALL, script_of

from compiler.emit import rehearsed
from compiler.plan.model import Plan
from compiler.rehearse import findings, invariants, matrix, oracle, render, runner, scenes, session
from compiler.rehearse.scene import SETUP, Kind
from compiler.rehearse.stage import stage
from compiler.rehearse.trace import Trace

JOBS = 2
Played = tuple[Plan, tuple[Trace, ...]]


@pytest.fixture(scope="module")
def played() -> Played:
    plan, script = script_of(SMALL)
    return plan, runner.play(plan, script, scenes.scenes(plan), JOBS)


def one(played: Played, kind: Kind, item: str = "") -> Trace:
    found = [t for t in played[1] if t.scene.kind is kind and (not item or (t.scene.item and t.scene.item.id == item))]
    return found[0]


def names(trace: Trace) -> list[str]:
    return [step.rpartition(".")[2] for step in trace.undone]


def test_every_fault_is_tried(played: Played) -> None:
    plan, traces = played
    tried = {(t.scene.kind, t.scene.item.id if t.scene.item else "") for t in traces}
    for step in ("one.a", "one.b", "two.c"):
        for kind in (Kind.START, Kind.HALF, Kind.EARLY, Kind.TERM, Kind.HANGUP, Kind.KILL, Kind.RESUME, Kind.KILL_BACK):
            assert (kind, step) in tried
    assert (Kind.TIMEOUT, "two.c") in tried
    assert (Kind.VERIFY, "two.c") in tried
    assert {item for kind, item in tried if kind is Kind.CHECK} == {"one.fine", "two.fine"}
    assert {item for kind, item in tried if kind is Kind.UNDO} == {"one.a", "two.c"}
    assert (Kind.CAPTURE, "one.before") in tried
    assert (Kind.PROOF, "rollback.verify.fine") in tried
    assert (Kind.LATE, "two.c") in tried
    assert (Kind.RESUME_LATE, "two.c") in tried
    assert {Kind.FIRST, Kind.ANSWER, Kind.KNOWN, Kind.UNANSWERED, Kind.UNFINISHED} <= {kind for kind, _ in tried}
    assert len({t.scene.key for t in traces}) == len(traces) == len(scenes.scenes(plan))


def test_what_each_fault_comes_to(played: Played) -> None:
    assert one(played, Kind.GOOD).code == 0
    assert one(played, Kind.CHECK, "one.fine").code == 1
    assert one(played, Kind.CAPTURE).code == 1
    assert (one(played, Kind.START, "one.a").code, names(one(played, Kind.START, "one.a"))) == (4, ["a"])
    assert (one(played, Kind.HALF, "two.c").code, names(one(played, Kind.HALF, "two.c"))) == (4, ["c", "b", "a"])
    assert (one(played, Kind.CHECK, "two.fine").code, names(one(played, Kind.CHECK, "two.fine"))) == (4, ["c", "b", "a"])
    assert (one(played, Kind.UNDO, "one.a").code, names(one(played, Kind.UNDO, "one.a"))) == (6, ["c", "b"])
    assert one(played, Kind.PROOF).code == 6
    assert one(played, Kind.HANGUP, "one.a").code == 9
    assert one(played, Kind.KILL, "one.a").code == -9
    assert one(played, Kind.RESUME, "one.a").code == 0
    assert (one(played, Kind.KILL_BACK, "two.c").code, names(one(played, Kind.KILL_BACK, "two.c"))) == (0, ["c", "b", "a"])


def test_every_rule_and_the_oracle_hold(played: Played) -> None:
    plan, traces = played
    assert findings.findings(plan, traces) == ()
    assert all(oracle.expected(trace.scene) is not None for trace in traces)


def test_nothing_of_the_host_is_touched(played: Played) -> None:
    assert not Path("/rehearsal-touched-the-host").exists()
    for trace in played[1]:
        assert not trace.left or trace.code < 0


def test_a_private_folder_is_gone_afterwards() -> None:
    with stage("#!/bin/sh\nexit 3\n", {"capture_x": "1"}) as where:
        folder = where.root / "scenes" / "0"
        folder.mkdir()
        assert where.play(folder, ("run",), "", since=None, person=None, looks=1).code == 3
        assert where.root.stat().st_mode & 0o077 == 0
        assert (where.root / "bin" / "sudo").exists(), "whether this machine has it or not"
    assert not where.root.exists()


def test_the_matrix_groups_what_ends_the_same_way(played: Played) -> None:
    plan, traces = played
    groups = matrix.grouped(traces)
    rows = list(rehearsed.rows(plan, groups))
    assert len(rows) == len(groups) < len([t for t in traces if t.scene.kind not in SETUP])
    said = {row.where: row for row in rows}
    assert said["1.1 All fine, 1.2 Before"].outcome == "STOPPED, NOTHING CHANGED (1); nothing was changed"
    assert (said["1.1 All fine, 1.2 Before"].ran, said["1.1 All fine, 1.2 Before"].proof) == ("nothing", "not asked")
    assert said["2.1 Step c, 2.2 All fine"].back == "2.1, 1.4, 1.3"
    assert (said["2.1 Step c, 2.2 All fine"].ran, said["2.1 Step c, 2.2 All fine"].proof) == ("1.3, 1.4, 2.1", "held")
    assert said["2.1 Step c, 2.2 All fine"].outcome == "ROLLED BACK, VERIFIED (4); as before"
    assert said["power is lost during 2.1 Step c, then rollback"].outcome == "ROLLED BACK, VERIFIED (0); as before"


def test_a_person_reads_in_one_row_what_differs_only_in_how_far_the_run_had_come(played: Played) -> None:
    plan, traces = played
    groups = matrix.grouped(traces)
    told = {row.where: row for row in rehearsed.told(plan, groups)}
    assert len(told) < len(groups)
    killed = told["power is lost during 1.3 to 2.1, then rollback"]
    assert (killed.ran, killed.back, killed.proof) == ("as far as it had come", "what had begun", "held")
    assert killed.outcome == "ROLLED BACK, VERIFIED (0); as before"
    undo = next(row for where, row in told.items() if "the undo of" in where and "fails" in where)
    assert (undo.ran, undo.back) == ("all of the way", "all others")
    assert undo.outcome.endswith("(6); as before but for this step")
    assert {row.outcome for row in told.values()} <= {row.outcome for row in rehearsed.rows(plan, groups)} | {undo.outcome}


def test_two_rehearsals_say_the_same(played: Played) -> None:
    plan, script = script_of(SMALL)
    few = [s for s in scenes.scenes(plan) if s.kind in (Kind.GOOD, Kind.START, Kind.BACK, Kind.KILL, Kind.RESUME)]
    again = runner.play(plan, script, few, 1)
    by_key = {trace.scene.key: trace for trace in played[1]}
    for trace in again:
        assert matrix.consequence(trace) == matrix.consequence(by_key[trace.scene.key])
        assert [c.function for c in trace.calls] == [c.function for c in by_key[trace.scene.key].calls]


def test_for_programs(played: Played) -> None:
    plan, traces = played
    every = [session.Rehearsed(plan, script_of(SMALL)[1], traces)]
    (said,) = json.loads(render.as_json(every))["scripts"]
    scene = next(s for s in said["scenes"] if s["kind"] == "half" and s["item"] == "two.c")
    assert (scene["undone"], scene["verify"], scene["exit"], scene["broken"]) == (["two.c", "one.b", "one.a"], "held", 4, [])
    (suite,) = ElementTree.fromstring(render.junit(every).encode())
    assert suite.get("failures") == "0"
    assert len(suite) == int(suite.get("tests") or 0) > 20
    table = render.markdown(every).splitlines()[2:]
    assert all(line.count("|") - line.count("\\|") == 6 for line in table)
    found = every[0].result
    assert found.held
    assert rehearsed.read(rehearsed.render([found, found])) == (found, found)
    assert rehearsed.read(rehearsed.render([found]).replace(b'"code": 4', b'"code": x')) is None


def test_a_rule_sees_what_is_wrong(played: Played) -> None:
    """Each rule on a trace that was changed by hand."""
    good = one(played, Kind.HALF, "two.c")

    def rules(**changed: Any) -> set[str]:
        return {b.rule for b in invariants.broken(dataclasses.replace(good, **changed))}

    assert rules() == set()
    undo_a, undo_c = (next(c for c in good.calls if c.function == f) for f in ("undo_a", "undo_c"))
    swapped = tuple(undo_c if c is undo_a else undo_a if c is undo_c else c for c in good.calls)
    assert "the way back is the exact reverse" in rules(calls=swapped)
    assert "nothing happens twice" in rules(calls=(*good.calls, undo_a))
    assert "the outcome is the one that the plan says" in rules(code=5)
    assert "the last record matches the exit code" in rules(code=5)
    assert "all that started is taken back" in rules(calls=tuple(c for c in good.calls if c is not undo_a))
    assert "the audit chain holds" in rules(log=good.log.replace('"exit":41', '"exit":42'))
    assert "what is rolled back is proven" in rules(calls=tuple(c for c in good.calls if c.item != "rollback.verify.fine"))
    assert "nothing is left behind" in rules(left=True)
    late = tuple(dataclasses.replace(c, records=c.records - 1) if c.function == "step_c" else c for c in good.calls)
    assert "an intent is on disk before anything acts" in rules(calls=late)
