"""Every documented outcome of a run, executed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .specs import HEAD, OK_PROBE, ROLLBACK, THREE, step
from .worlds import World

Make = Callable[[str], World]


def test_0_done(world: Make) -> None:
    w = world(THREE)
    result = w.run("--yes")
    assert result.code == 0, result
    assert w.log == ["a", "b", "c"]
    assert result.out.rstrip().splitlines()[-1] == f"DONE (0) · head for the ticket {w.records[-1]['hash'][:16]}"


def test_1_stopped_before_any_change(world: Make) -> None:
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n  check fine\n' + step("a") + "}\n")
    result = w.run("--yes")
    assert result.code == 1
    assert w.log == []
    assert "(1)" in result.out


def test_2_usage_says_what_is_wrong_and_leaves_nothing(world: Make) -> None:
    w = world(THREE)
    result = w.run("--yess")
    assert result.code == 2
    assert "--yess" in result.err
    assert not (w.folder / "state").exists()


def test_3_changes_are_left_where_the_phase_says_stop(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n  on failure stop\n' + step("a") + step("b", "false") + "}\n")
    result = w.run("--yes")
    assert result.code == 3
    assert w.log == ["a", "b"]


def test_4_rolled_back_in_reverse_order_the_failed_step_first(world: Make) -> None:
    w = world(THREE)
    (w.folder / "broken").touch()
    (w.folder / "good").touch()
    result = w.run("--yes")
    assert result.code == 4, result
    assert w.log == ["a", "b", "c", "undo-c", "undo-b", "undo-a"]


def test_5_rolled_back_but_not_proven(world: Make) -> None:
    w = world(THREE.replace(ROLLBACK, ""))
    (w.folder / "broken").touch()
    result = w.run("--yes")
    assert result.code == 5
    assert w.log[-3:] == ["undo-c", "undo-b", "undo-a"]


def test_5_names_what_stays_when_something_irreversible_had_started(world: Make) -> None:
    body = step("a") + step("b", back='irreversible "the mail is out"') + step("c", "false")
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n  on failure rollback\n' + body + "}\n" + ROLLBACK)
    (w.folder / "good").touch()
    result = w.run("--yes")
    assert result.code == 5
    assert "the mail is out" in result.out
    assert w.log == ["a", "b", "c", "undo-c", "undo-a"]


def test_6_a_failing_undo_does_not_stop_the_ones_after_it(world: Make) -> None:
    body = step("a") + step("b", back="undo $ false") + step("c", "false")
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n' + body + "}\n" + ROLLBACK)
    (w.folder / "good").touch()
    result = w.run("--yes")
    assert result.code == 6
    assert w.log == ["a", "b", "c", "undo-c", "undo-a"]
    assert "1.2 Step b" in result.out.split("Not in order")[1]


def test_6_the_proof_fails(world: Make) -> None:
    w = world(THREE)
    (w.folder / "broken").touch()
    result = w.run("--yes")
    assert result.code == 6
    assert w.log[-1] == "undo-a"


def test_7_no_terminal_and_no_yes(world: Make) -> None:
    w = world(THREE)
    result = w.run()
    assert result.code == 7
    assert "--yes" in result.err
    assert w.log == []


def test_8_declined_on_a_terminal(world: Make) -> None:
    w = world(THREE)
    child = w.terminal()
    child.expect(r"Go on\? \[y/N\]")
    child.sendline("n")
    child.expect(r"\(8\)")
    assert w.log == []


@pytest.mark.parametrize("answer", ["\x04", "", "maybe"])
def test_8_end_of_input_and_anything_but_yes_is_no(world: Make, answer: str) -> None:
    w = world(THREE)
    child = w.terminal()
    child.expect(r"Go on\? \[y/N\]")
    child.send(answer if answer == "\x04" else answer + "\n")
    child.expect(r"\(8\)")
    assert w.log == []


def test_9_paused_and_resumed(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n  on failure pause\n' + step("a") + step("b", "[[ ! -e broken ]]") + step("c") + "}\n")
    (w.folder / "broken").touch()
    result = w.run("--yes")
    assert result.code == 9, result
    refused = w.run("--yes")
    assert refused.code == 7
    assert "resume" in refused.err
    (w.folder / "broken").unlink()
    result = w.run("resume", "--yes")
    assert result.code == 0, result
    assert w.log == ["a", "b", "b", "c"]


def test_unattended_without_a_rule_goes_back(world: Make) -> None:
    w = world(THREE)
    (w.folder / "broken").touch()
    (w.folder / "good").touch()
    assert w.run("--yes").code == 4


def test_unattended_without_a_rule_pauses_once_something_irreversible_has_started(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a", back='irreversible "gone"') + step("b", "false") + "}\n")
    result = w.run("--yes")
    assert result.code == 9
    assert w.log == ["a", "b"]
