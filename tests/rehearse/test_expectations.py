"""`expect`: what holds is silent, what does not is an error at the spec's line."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from support import SMALL, plan_of, script_of

from compiler.rehearse import findings, render, runner, scenes, session
from compiler.rehearse.scene import Kind
from compiler.rehearse.trace import Trace

_TRIED = (Kind.GOOD, Kind.START, Kind.KILL, Kind.RESUME, Kind.KILL_BACK, Kind.UNDO, Kind.PROOF, Kind.CHECK)


@pytest.fixture(scope="module")
def traces() -> tuple[Trace, ...]:
    plan, script = script_of(SMALL)
    return runner.play(plan, script, [scene for scene in scenes.scenes(plan) if scene.kind in _TRIED], 2)


HOLDS = """
expect step a fails -> rolled back verified
expect step c fails -> rolled back verified
expect probe fine in one fails -> stopped
expect probe fine in two fails -> rolled back verified
expect kill in step c -> resumable
expect kill in step a -> rolled back verified
expect undo c fails -> person needed
expect verify fine fails -> person needed
"""


def test_what_holds_is_silent(traces: tuple[Trace, ...]) -> None:
    assert findings.findings(plan_of(SMALL + HOLDS), traces) == ()


@pytest.mark.parametrize(
    ("expectation", "why"),
    [
        ("expect step a fails -> stopped", "it ended with 4: start/one.a/step_a"),
        ("expect probe fine in two fails -> stopped", "it ended with 4: check/two.fine"),
        ("expect undo a fails -> rolled back verified", "it ended with 6: undo/one.a/undo_a"),
        ("expect kill in step c -> paused", "it ended with 0: resume/two.c"),
        ("expect capture before fails -> stopped", "no scene of the rehearsal tries this"),
    ],
)
def test_what_does_not_hold_is_named_with_its_line(traces: tuple[Trace, ...], expectation: str, why: str) -> None:
    spec = f"{SMALL}\n{expectation}\n"
    (found,) = findings.findings(plan_of(spec), traces)
    assert found.code == "RB620"
    assert why in found.message
    assert found.span is not None
    assert found.span.line == SMALL.count("\n") + 2
    this = [session.Rehearsed(*script_of(spec), traces)]
    (said,) = json.loads(render.as_json(this))["scripts"]
    (told,) = said["expectations"]
    assert told["text"] == expectation.removeprefix("expect ")
    assert why in told["unmet"]
    (suite,) = ElementTree.fromstring(render.junit(this).encode())
    assert suite.get("failures") == "1"
    assert not this[0].result.held


def test_what_an_optional_step_would_prove_is_not_asked_when_it_fails() -> None:
    step = '  step extra "Extra" {\n    $ true\n    optional "not needed"\n    verify fine\n    undo "nothing"\n  }\n'
    plan, script = script_of(SMALL.replace('phase two "Two" {\n', 'phase two "Two" {\n' + step))
    struck = [s for s in scenes.scenes(plan) if s.kind in (Kind.START, Kind.VERIFY) and s.item and s.item.name == "extra"]
    assert [scene.kind for scene in struck] == [Kind.START, Kind.VERIFY]
    assert findings.findings(plan, runner.play(plan, script, struck, 2)) == ()
