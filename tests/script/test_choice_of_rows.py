"""--from, --only, --skip, windows, sittings, budgets: which part of a runbook is done, and when."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .specs import HEAD, step, two_phases
from .worlds import World

Make = Callable[[str], World]
TWO = two_phases(step("a") + step("b"), step("c") + step("d"))


def test_from_leaves_out_what_comes_before_and_records_it(world: Make) -> None:
    w = world(TWO)
    assert w.run("--yes", "--from", "b").code == 0
    assert w.log == ["b", "c", "d"]
    assert w.events("skip") == ["skip one.a"]


def test_only_does_one_phase(world: Make) -> None:
    w = world(TWO)
    assert w.run("--yes", "--only", "two").code == 0
    assert w.log == ["c", "d"]


def test_skip_needs_a_reason_and_records_it(world: Make) -> None:
    w = world(TWO)
    assert w.run("--yes", "--skip", "c").code == 2
    assert w.run("--yes", "--skip", "c", "--skip", "a", "--why", "done by hand").code == 0
    assert w.log == ["b", "d"]
    assert [r["why"] for r in w.records if r["event"] == "skip"] == ["--skip a: done by hand", "--skip c: done by hand"]


def test_unknown_names_are_usage_errors(world: Make) -> None:
    w = world(TWO)
    for option in ("--from", "--only", "--skip"):
        result = w.run("--yes", option, "nosuch", "--why", "x")
        assert result.code == 2, option
        assert "nosuch" in result.err


def test_a_gate_cannot_be_skipped(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a") + '  confirm sure "Sure?" {}\n}\n')
    assert w.run("--yes", "--accept", "sure", "--skip", "sure", "--why", "x").code == 2


def test_from_past_a_capture_needs_an_earlier_runs_value(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n  capture v "V" $ cat version\n' + step("a") + step("b", 'echo "$v" >>log') + "}\n")
    refused = w.run("--yes", "--from", "b")
    assert refused.code == 7
    assert "1.1 V" in refused.err
    (w.folder / "version").write_text("7\n")
    assert w.run("--yes").code == 0
    (w.folder / "version").unlink()
    assert w.run("--yes", "--from", "b").code == 0
    assert w.log == ["a", "b", "7", "b", "7"]


def window(begin: timedelta, end: timedelta) -> str:
    """A daily window around now, in a zone that is not the machine's."""
    now = datetime.now(UTC) + timedelta(hours=9)  # Asia/Tokyo has no summer time
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    first = now + begin
    return f"  window {days[first.weekday()]} {first:%H:%M}-{now + end:%H:%M} Asia/Tokyo\n"


def windowed(line: str, timeout: str = "10s") -> str:
    return (
        HEAD.replace("}\n", line + "}\n") + 'phase one "One" {\n' + step("a") + step("b", settings=f"timeout {timeout}") + "}\n"
    )


def test_outside_of_the_window_a_run_is_refused_unless_said(world: Make) -> None:
    w = world(windowed(window(timedelta(hours=2), timedelta(hours=4))))
    refused = w.run("--yes")
    assert refused.code == 7
    assert "Asia/Tokyo" in refused.err
    assert w.run("--yes", "--outside-window").code == 2
    assert w.run("--yes", "--outside-window", "--why", "an emergency").code == 0
    assert w.run("rollback", "--yes").code in (0, 5)


def test_inside_the_window_it_runs_also_across_midnight(world: Make) -> None:
    w = world(windowed(window(timedelta(hours=-3), timedelta(hours=3))))
    assert w.run("--yes").code == 0


def test_a_step_that_cannot_fit_into_the_window_pauses_the_run(world: Make) -> None:
    w = world(windowed(window(timedelta(hours=-1), timedelta(minutes=4)), timeout="30m"))
    result = w.run("--yes")
    assert result.code == 9, result
    assert w.log == ["a"]


def test_sittings_pause_before_the_next(world: Make) -> None:
    w = world(two_phases("  at T-24h\n" + step("a"), "  at T\n" + step("b")))
    result = w.run("--yes")
    assert result.code == 9, result
    assert w.log == ["a"]
    assert w.run("resume", "--yes").code == 0
    assert w.log == ["a", "b"]


def test_what_is_left_out_or_may_fail_keeps_no_sitting_open(world: Make) -> None:
    way = 'choose way "Way" {{\n  option x "X" default {{\n{}  }}\n  option y "Y" {{\n{}  }}\n}}\n'
    first = step("a", "false", settings='optional "nice"') + way.format(step("b"), step("never"))
    w = world(two_phases("  at T-24h\n" + first, "  at T\n" + step("c")))
    assert w.run("--yes").code == 9
    assert w.run("resume", "--yes").code == 0
    assert w.log == ["a", "undo-a", "b", "c"]


def test_budgets_are_measured_and_shown(world: Make) -> None:
    spec = (
        HEAD.replace("}\n", "  budget 2s\n}\n")
        + 'phase one "One" {\n  budget 1s\n'
        + step("a", "[[ ! -e slow ]] || sleep 3")
        + "}\n"
    )
    w = world(spec)
    began = time.monotonic()
    assert "of 1.0 s" in w.run("--yes").out
    assert time.monotonic() - began < 20
    (w.folder / "slow").touch()
    assert "1.0 s were planned" in w.run("--yes").out


def test_the_budget_of_a_way_back_and_the_window_are_shown(world: Make) -> None:
    head = HEAD.replace("}\n", "  window daily 00:00-24:00 Asia/Tokyo\n}\n")
    back = 'rollback "Back" {\n  budget 60s\n  step mend "Mend" $ echo mend >>log\n}\n'
    w = world(head + 'phase one "One" {\n' + step("a") + "}\n" + back)
    assert "Maintenance window: " in w.run("--yes").out
    assert "of 1 min 00 s" in w.run("rollback", "--yes").out
    w = world(windowed(window(timedelta(hours=2), timedelta(hours=4))))
    assert "No maintenance window is open" in w.run("plan").out


def test_what_an_each_made_is_named_by_its_word(world: Make) -> None:
    inside = '    step s "S ${one.word}" {\n      $ echo ${one.word} >>log\n      undo "nothing"\n    }\n'
    gate = '    confirm fine "Is ${one.word} fine?" {}\n'
    w = world(HEAD + 'phase one "One" {\n  each one in A, B, C {\n' + inside + gate + "  }\n}\n")
    gates = [part for word in "abc" for part in ("--accept", f"fine_{word}")]
    assert w.run("--yes", *gates, "--skip", "s_b", "--why", "x").code == 0
    assert w.log == ["A", "C"]
    assert w.run("--yes", *gates, "--from", "s_c").code == 0
    assert w.log == ["A", "C", "C"]
    assert w.run("--yes", *gates, "--from", "s").code == 2
