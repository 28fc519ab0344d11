"""What a run keeps for those who go on with it or back: its choices, its selection, what runs beside it, room for its log."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from .specs import HEAD, OK_PROBE, step, two_phases
from .test_beside import SERVER, processes
from .test_interrupt import sleepers, start, until
from .worlds import World, finish

Make = Callable[[str], World]
PAUSE = "  on failure pause\n"
BROKEN = "[[ ! -e broken ]]"


def paused(world: Make, spec: str, *arguments: str) -> World:
    """A run that has stopped where the file `broken` lay; it is gone now."""
    w = world(spec)
    (w.folder / "broken").touch()
    assert w.run("--yes", *arguments).code == 9
    (w.folder / "broken").unlink()
    return w


def kill(w: World, *arguments: str) -> None:
    """SIGKILL for the driver and its step as soon as that sleeps."""
    run = start(w, *arguments)
    until(lambda: bool(sleepers(w)))
    os.killpg(run.pid, signal.SIGKILL)
    for pid in sleepers(w):
        os.kill(pid, signal.SIGKILL)
    run.wait()
    until(lambda: not sleepers(w))


WAYS = """
rollback "Back" {
  choose emergency "Emergency" {
    option tags "Tags" default {
      step by_tags "By tags" {
        $ echo by-tags >>log
      }
    }
    option reset "Reset" {
      step by_reset "By reset" {
        $ echo by-reset >>log; [[ -e fast ]] || sleep 291
      }
    }
  }
}
"""


@pytest.mark.parametrize("command", ["rollback", "run"])
def test_a_way_back_that_was_killed_goes_on_with_its_own_choice(world: Make, command: str) -> None:
    w = world(HEAD + 'phase one "One" {\n  on failure rollback\n' + step("a", BROKEN, back="undo rollback") + "}\n" + WAYS)
    if command == "rollback":
        assert w.run("--yes").code == 0
    else:
        (w.folder / "broken").touch()
    kill(w, command, "--yes", "--emergency", "reset")
    (w.folder / "fast").touch()
    assert w.run("rollback", "--yes").code == 5
    assert w.log == ["a", "by-reset", "by-reset"]
    began = [str(r["values"]) for r in w.records if r["event"] == "resume"]
    assert began == ["emergency=reset"] * (2 if command == "rollback" else 1)
    # It has ended: the next one is told anew, or what the run was told.
    assert w.run("rollback", "--yes", "--fresh").code == 5
    assert w.log[-1] == ("by-tags" if command == "rollback" else "by-reset")


def test_there_is_room_for_the_log_of_a_way_back_again(world: Make) -> None:
    w = paused(
        world, HEAD + 'phase one "One" {\n' + PAUSE + step("a", BROKEN) + step("b", "stat -c %s state/t/*/reserve") + "}\n"
    )
    assert not (w.run_folder / "reserve").exists()
    resumed = w.run("resume", "--yes")
    assert resumed.code == 0
    assert "65536" in resumed.out
    assert not (w.run_folder / "reserve").exists()


def test_what_a_run_leaves_out_it_leaves_out_after_a_pause_too(world: Make) -> None:
    spec = two_phases(PAUSE + step("a") + step("b", BROKEN) + step("c"), PAUSE + step("d"))
    w = paused(world, spec, "--only", "one", "--skip", "c", "--why", "done by hand")
    assert w.run("resume", "--yes").code == 0
    assert w.log == ["a", "b", "b"]
    assert [(r["step"], r["why"]) for r in w.records if r["event"] == "skip"] == [
        ("one.c", "--skip c: done by hand"),
        ("two.d", "--only one: done by hand"),
    ]


def test_a_step_that_cannot_be_done_is_skipped_by_a_resume_and_taken_back_all_the_same(world: Make) -> None:
    w = paused(world, HEAD + 'phase one "One" {\n' + PAUSE + step("a") + step("b", BROKEN) + step("c") + "}\n")
    assert w.run("resume", "--yes", "--skip", "b").code == 2
    assert w.run("resume", "--yes", "--only", "one").code == 2
    assert w.run("resume", "--yes", "--from", "c").code == 2
    assert w.run("resume", "--yes", "--skip", "b", "--why", "it was there already").code == 0
    assert w.log == ["a", "b", "c"]
    assert w.events("skip") == ["skip one.b"]
    assert w.run("rollback", "--yes").code == 5
    assert w.log[3:] == ["undo-c", "undo-b", "undo-a"]


def test_what_runs_beside_a_phase_is_there_before_anything_is_proven_again(world: Make) -> None:
    spec = SERVER.replace("file up", "succeeds $ if flock --nonblock held true; then false; fi")
    spec = spec.replace("sleep 283", "flock held sleep 283").replace('phase one "One" {\n', 'phase one "One" {\n' + PAUSE)
    spec = spec.replace(step("a"), step("a", settings="verify up") + step("c", BROKEN))
    w = paused(world, spec)
    resumed = w.run("resume", "--yes")
    assert resumed.code == 0, resumed
    assert w.log == ["a", "c", "c", "b"]
    # Started once, although its row comes by again.
    assert w.events("intent").count("intent one.server") == 2
    assert not processes(w, b"sleep\x00283")


def test_a_part_of_a_phase_that_is_done_is_not_started_again(world: Make) -> None:
    """Not even where another option of the phase holds steps that were never done."""
    way = 'choose way "Way" {\noption x "X" default {\n' + step("x") + '}\noption y "Y" {\n' + step("y") + "}\n}\n"
    spec = SERVER.replace(step("a"), step("a") + way).replace('phase two "Two" {\n', 'phase two "Two" {\n' + PAUSE)
    w = paused(world, spec)
    assert w.run("resume", "--yes").code == 0
    assert w.log == ["a", "x", "b", "b"]
    assert w.events("intent").count("intent one.server") == 1


def test_a_part_that_did_not_come_up_does_not_live_on_beside_its_next_try(world: Make) -> None:
    spec = SERVER.replace("touch up", "[[ ! -e ready ]] || touch up").replace("for 10s", "for 1s")
    w = world(spec.replace("  background server", step("z") + "  background server"))
    child = w.terminal("--yes")
    child.expect("What next")
    assert len(processes(w, b"sleep\x00283")) == 1
    (w.folder / "ready").touch()
    child.sendline("t")
    assert finish(child) == 0
    assert not processes(w, b"sleep\x00283")


def test_what_a_kill_leaves_behind_ends_with_a_new_run_too(world: Make) -> None:
    w = world(SERVER.replace("echo a >>log", "[[ -e fast ]] || sleep 291\n    $ echo a >>log"))
    run = start(w, "--yes")
    until(lambda: bool(sleepers(w)))
    run.kill()
    run.wait()
    for pid in sleepers(w):
        os.kill(pid, signal.SIGKILL)
    old = processes(w, b"sleep\x00283")
    assert old
    (w.folder / "fast").touch()
    assert w.run("--yes", "--anew", "--why", "begun again").code == 0
    assert not processes(w, b"sleep\x00283")


def test_what_was_finished_and_does_not_hold_any_more_is_a_failure(world: Make) -> None:
    body = PAUSE + step("a", "touch good", settings="verify fine") + step("b", BROKEN)
    w = paused(world, HEAD + OK_PROBE + 'phase one "One" {\n' + body + "}\n")
    (w.folder / "good").unlink()
    assert w.run("resume", "--yes").code == 9
    assert w.log == ["a", "b"]
    child = w.terminal("resume", "--yes")
    assert finish(child) == 9, "the phase's own rule holds on a terminal too"


def test_without_the_runs_own_copy_nothing_is_guessed(world: Make) -> None:
    w = paused(world, HEAD + 'phase one "One" {\n' + PAUSE + step("a", BROKEN) + "}\n")
    (w.run_folder / "script.sh").unlink()
    for command in ("resume", "rollback", "status"):
        refused = w.run(command, *(() if command == "status" else ("--yes",)))
        assert refused.code == 7, command
        assert "the run's own copy" in refused.err
    assert w.log == ["a"]


def test_status_and_receipt_are_those_of_the_script_that_ran(world: Make) -> None:
    w = paused(world, HEAD + 'phase one "One" {\n' + PAUSE + step("a") + step("b", BROKEN) + "}\n")
    w.path.write_text(w.path.read_text().replace("'Step a'", "'Step renamed'").replace("'1.1'", "'1.9'"))
    for command in ("status", "receipt"):
        said = w.run(command).out
        assert "1.1 Step a" in said
        assert "renamed" not in said
    assert "renamed" in w.run("plan").out
