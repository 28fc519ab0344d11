"""Signals, kills, locks: one run at a time, nothing doubled, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from .specs import HEAD, OK_PROBE, ROLLBACK, step
from .worlds import World, finish

Make = Callable[[str], World]
SLOW = (
    HEAD + OK_PROBE + 'phase one "One" {\n' + step("a") + step("b", "[[ -e fast ]] || sleep 291") + step("c") + "}\n" + ROLLBACK
)


def start(w: World, *arguments: str) -> subprocess.Popen[str]:
    """A run without a terminal, in the background."""
    return subprocess.Popen(
        [str(w.path), *arguments],
        cwd=w.folder,
        env=w.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def until(condition: Callable[[], bool]) -> None:
    for _ in range(300):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 15 s")


def sleepers(w: World) -> list[int]:
    """The `sleep 291` of this world."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"sleep\x00291" in (process / "cmdline").read_bytes() and (process / "cwd").resolve() == w.folder:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_term_ends_the_step_and_goes_back(world: Make) -> None:
    w = world(SLOW)
    (w.folder / "good").touch()
    run = start(w, "--yes")
    until(lambda: bool(sleepers(w)))
    run.send_signal(signal.SIGTERM)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 4, out
    assert w.log == ["a", "b", "undo-b", "undo-a"]
    assert not sleepers(w)


def test_hangup_lets_the_step_finish_and_pauses(world: Make) -> None:
    w = world(SLOW.replace("sleep 291", "sleep 2"))
    run = start(w, "--yes")
    until(lambda: "b" in w.log)
    run.send_signal(signal.SIGHUP)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 9, out
    assert w.log == ["a", "b"]
    assert w.run("resume", "--yes").code == 0
    assert w.log == ["a", "b", "c"]


def test_interrupt_on_a_terminal_asks(world: Make) -> None:
    w = world(SLOW)
    (w.folder / "good").touch()
    child = w.terminal("--yes")
    until(lambda: bool(sleepers(w)))
    child.sendintr()
    child.expect("What next")
    child.sendline("r")
    assert finish(child) == 4
    assert w.log == ["a", "b", "undo-b", "undo-a"]
    assert not sleepers(w)


def test_interrupt_then_try_again(world: Make) -> None:
    w = world(SLOW)
    child = w.terminal("--yes")
    until(lambda: bool(sleepers(w)))
    (w.folder / "fast").touch()
    child.sendintr()
    child.expect("What next")
    child.sendline("t")
    assert finish(child) == 0
    assert w.log == ["a", "b", "b", "c"]


def test_a_closed_terminal_pauses_after_the_step(world: Make) -> None:
    w = world(SLOW.replace("sleep 291", "sleep 2"))
    child = w.terminal("--yes")
    until(lambda: "b" in w.log)
    os.close(child.fileno())
    until(lambda: w.records[-1]["event"] == "pause")
    assert w.records[-1]["exit"] == 9
    assert w.log == ["a", "b"]


def test_a_second_start_is_told_who_and_since_when(world: Make) -> None:
    w = world(SLOW)
    run = start(w, "--yes")
    until(lambda: bool(sleepers(w)))
    second = w.run("--yes")
    assert second.code == 7
    assert f"PID {run.pid}" in second.err
    assert "Step b" in second.err
    assert w.log == ["a", "b"]
    assert "A run is under way" in w.run("status").out
    run.kill()
    run.wait()
    for pid in sleepers(w):
        os.kill(pid, signal.SIGKILL)


def test_a_killed_driver_frees_the_lock_but_its_living_step_is_not_doubled(world: Make) -> None:
    w = world(SLOW)
    run = start(w, "--yes")
    until(lambda: bool(sleepers(w)))
    run.kill()
    run.wait()
    refused = w.run("resume", "--yes")
    assert refused.code == 7
    assert "still alive" in refused.err
    assert w.run("--yes", "--anew", "--why", "it hangs").code == 7
    for pid in sleepers(w):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not sleepers(w))
    (w.folder / "fast").touch()
    result = w.run("resume", "--yes")
    assert result.code == 0, result
    assert w.log == ["a", "b", "undo-b", "b", "c"]


def test_after_everything_was_killed_rollback_takes_back_what_started(world: Make) -> None:
    w = world(SLOW)
    (w.folder / "good").touch()
    run = start(w, "--yes")
    until(lambda: bool(sleepers(w)))
    os.killpg(run.pid, signal.SIGKILL)
    for pid in sleepers(w):
        os.kill(pid, signal.SIGKILL)
    run.wait()
    until(lambda: not sleepers(w))
    result = w.run("rollback", "--yes")
    assert result.code == 0, result
    assert w.log == ["a", "b", "undo-b", "undo-a"]
    again = w.run("rollback", "--yes")
    assert again.code == 0
    assert w.log == ["a", "b", "undo-b", "undo-a"]


def test_a_newer_script_hands_the_way_back_to_the_runs_own_copy(world: Make) -> None:
    w = world(SLOW.replace("sleep 291", "false"))
    (w.folder / "good").touch()
    w.path.write_text(w.path.read_text().replace("one.b' '1.2'", "one.b' '1.2'"))
    assert w.run("--yes").code == 4
    w.path.write_text(w.path.read_text().replace("echo undo-a", "echo newer"))
    (w.folder / "log").unlink()
    assert w.run("rollback", "--yes").code == 0
    assert "newer" not in w.log


def test_an_edit_of_the_script_under_way_changes_nothing(world: Make) -> None:
    w = world(SLOW.replace("sleep 291", "sleep 2"))
    run = start(w, "--yes")
    until(lambda: "b" in w.log)
    w.path.write_text("#!/bin/bash\necho edited >>log\n")
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 0, out
    assert w.log == ["a", "b", "c"]


def test_twenty_operators_at_once_one_wins(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a", "sleep 3") + "}\n")
    runs = [start(w, "--yes") for _ in range(20)]
    ends = [(run.communicate(timeout=60)[0], run.returncode) for run in runs]
    assert sorted(code for _, code in ends) == [0] + [7] * 19
    assert w.log == ["a"]
    assert all("A run is under way" in out for out, code in ends if code == 7)


def test_a_run_that_went_on_while_another_start_waited_is_not_done_twice(world: Make) -> None:
    """A second resume read the log, and before it had the lock the first one finished the run."""
    w = world(HEAD + 'phase one "One" {\n  on failure pause\n' + step("a") + step("b", "[[ ! -e broken ]]") + "}\n")
    (w.folder / "broken").touch()
    assert w.run("--yes").code == 9
    (w.folder / "broken").unlink()
    late = w.folder / "late"
    late.mkdir()
    (late / "flock").write_text('#!/bin/bash\n: >at\nwhile [[ ! -e go ]]; do sleep 0.05; done\nexec /usr/bin/flock "$@"\n')
    (late / "flock").chmod(0o755)
    second = subprocess.Popen(
        [str(w.path), "resume", "--yes"],
        cwd=w.folder,
        env={**w.environment, "PATH": f"{late}:{w.environment['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    until(lambda: (w.folder / "at").exists())
    assert w.run("resume", "--yes").code == 0
    (w.folder / "go").touch()
    out, _ = second.communicate(timeout=30)
    assert second.returncode == 7, out
    assert "went on meanwhile" in out
    assert w.log == ["a", "b", "b"]
