"""Holds, background parts, guards, conditions: what runs beside a run, and what it waits for."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .specs import HEAD, OK_PROBE, ROLLBACK, step
from .worlds import World, finish

Make = Callable[[str], World]


def start(w: World, *arguments: str) -> subprocess.Popen[str]:
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


def until(condition: Callable[[], bool], seconds: int = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def processes(w: World, word: bytes) -> list[int]:
    """Processes whose command line has the word and whose folder is the world's."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if word in (process / "cmdline").read_bytes() and (process / "cwd").resolve() == w.folder:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def hold(settings: str) -> str:
    return (
        HEAD
        + OK_PROBE
        + 'phase one "One" {\n  on failure rollback\n'
        + step("a")
        + f'  hold quiet "Quiet" {{\n    {settings}\n  }}\n'
        + step("b")
        + "}\n"
        + ROLLBACK
    )


def test_a_hold_watches_to_its_end(world: Make) -> None:
    w = world(hold("for 2s\n    watch fine every 1s"))
    (w.folder / "good").touch()
    result = w.run("--yes")
    assert result.code == 0, result
    assert "looks" in result.out
    assert [r["try"] for r in w.records if r.get("step") == "one.quiet"] == [3]


def test_a_hold_that_breaks_fails_its_phase(world: Make) -> None:
    w = world(hold("for 60s\n    watch fine every 1s"))
    (w.folder / "good").touch()
    run = start(w, "--yes")
    until(lambda: "a" in w.log)
    time.sleep(1.5)
    (w.folder / "good").unlink()
    until(lambda: "undo-a" in w.log)
    (w.folder / "good").touch()
    out, _ = run.communicate(timeout=30)
    assert run.returncode in (4, 6), out
    assert w.log == ["a", "undo-a"]


def test_a_hold_tolerates_so_many_failed_looks_in_a_row(world: Make) -> None:
    w = world(hold("for 4s\n    watch fine every 1s tolerate 2"))
    run = start(w, "--yes")
    until(lambda: "a" in w.log)
    time.sleep(1)
    (w.folder / "good").touch()
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 0, out


def test_a_hold_may_last_as_long_as_a_parameter_says(world: Make) -> None:
    w = world(hold("for $length\n    watch fine every 1s") + 'param length duration {\n  note "how long"\n}\n')
    (w.folder / "good").touch()
    assert w.run("--yes", "--length", "1s").code == 0


SERVER = (
    HEAD
    + OK_PROBE
    + 'probe up "Up" {\n  file up\n}\nphase one "One" {\n  background server "Server" {\n'
    + "    ```\n    touch up\n    echo serving\n    sleep 283\n    ```\n"
    + "    until up every 1s for 10s\n  }\n"
    + step("a")
    + '}\nphase two "Two" {\n'
    + step("b", "[[ ! -e broken ]]")
    + "}\n"
    + ROLLBACK
)


def test_a_background_part_runs_beside_its_phase_and_ends_with_it(world: Make) -> None:
    w = world(
        SERVER.replace("echo a >>log", "pgrep -f 'sleep 283' >/dev/null && echo a >>log").replace("&& echo a", "\n    $ echo a")
    )
    result = w.run("--yes")
    assert result.code == 0, result
    assert w.log == ["a", "b"]
    assert not processes(w, b"sleep\x00283")
    assert (w.run_folder / "steps" / "one.server.log").read_text() == "serving\n"


def test_a_background_part_ends_with_a_failure_too(world: Make) -> None:
    w = world(SERVER.replace("echo a >>log", "false"))
    (w.folder / "good").touch()
    assert w.run("--yes").code == 4
    assert not processes(w, b"sleep\x00283")


def test_a_background_part_that_never_comes_up_fails(world: Make) -> None:
    w = world(SERVER.replace("touch up", "echo cannot >&2").replace("for 10s", "for 2s"))
    result = w.run("--yes")
    assert result.code == 1, result
    assert "cannot" in result.out
    assert not processes(w, b"sleep\x00283")


def test_what_a_kill_leaves_behind_is_reaped_and_started_again(world: Make) -> None:
    w = world(SERVER.replace("echo a >>log", "[[ -e fast ]] || sleep 284\n    $ echo a >>log"))
    run = start(w, "--yes")
    until(lambda: bool(processes(w, b"sleep\x00284")))
    run.kill()
    run.wait()
    for pid in processes(w, b"sleep\x00284"):
        os.kill(pid, signal.SIGKILL)
    assert processes(w, b"sleep\x00283")
    (w.folder / "fast").touch()
    result = w.run("resume", "--yes")
    assert result.code == 0, result
    assert not processes(w, b"sleep\x00283")


@pytest.mark.tampered
def test_a_start_that_is_refused_touches_nothing_of_the_run_under_way(world: Make) -> None:
    """Neither what runs beside it nor its log, not even where its last line looks torn at that moment."""
    w = world(SERVER.replace("echo a >>log", "sleep 284"))
    run = start(w, "--yes")
    until(lambda: bool(processes(w, b"sleep\x00284")))
    log = w.run_folder / "audit.jsonl"
    log.write_text(log.read_text() + '{"v":1,"seq"')
    before = log.read_text()
    for command in ("resume", "rollback", "run"):
        assert w.run(command, "--yes").code == 7
    assert log.read_text() == before
    assert processes(w, b"sleep\x00283")
    run.kill()
    run.wait()
    for pid in processes(w, b"sleep\x00284") + processes(w, b"sleep\x00283"):
        os.kill(pid, signal.SIGKILL)


GUARD = (
    HEAD
    + OK_PROBE
    + 'phase one "One" {\n  on failure rollback\n'
    + step("a")
    + '  guarded door "Door" {\n    for 4s\n'
    + step("g1")
    + step("g2", "[[ ! -e slow ]] || sleep 285")
    + "  }\n"
    + step("z")
    + "}\n"
    + ROLLBACK
)


def test_a_guard_confirmed_from_a_new_login_stays(world: Make) -> None:
    w = world(GUARD.replace("for 4s", "for 30s"))
    run = start(w, "--yes")
    until(lambda: "g2" in w.log and bool(list((w.folder / "state" / "t").glob("*/waiting.door"))))
    answer = w.run("accept", "door")
    assert answer.code == 0, answer
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 0, out
    assert w.log == ["a", "g1", "g2", "z"]
    until(lambda: not processes(w, b"rbc-guard"))


def test_a_guard_that_nobody_confirms_takes_itself_back(world: Make) -> None:
    w = world(GUARD)
    (w.folder / "good").touch()
    result = w.run("--yes")
    assert result.code == 4, result
    assert w.log == ["a", "g1", "g2", "undo-g2", "undo-g1", "undo-a"]


def test_running_out_ends_the_step_in_flight(world: Make) -> None:
    w = world(GUARD)
    (w.folder / "good").touch()
    (w.folder / "slow").touch()
    result = w.run("--yes")
    assert result.code == 4, result
    assert w.log == ["a", "g1", "g2", "undo-g2", "undo-g1", "undo-a"]
    assert not processes(w, b"sleep\x00285")


def test_a_guard_accepted_at_the_start_says_so(world: Make) -> None:
    w = world(GUARD)
    assert w.run("--yes", "--accept", "door").code == 0
    assert next(r["by"] for r in w.records if r["event"] == "gate" and r["step"] == "one.door") == "accept at the start"


def test_the_dead_mans_switch_fires_when_the_driver_is_gone(world: Make) -> None:
    w = world(GUARD.replace("for 4s", "for 6s"))
    (w.folder / "good").touch()
    (w.folder / "slow").touch()
    run = start(w, "--yes")
    until(lambda: bool(processes(w, b"sleep\x00285")))
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    until(lambda: "undo-a" in w.log, seconds=60)
    assert w.log == ["a", "g1", "g2", "undo-g2", "undo-g1", "undo-a"]
    until(lambda: w.records[-1]["event"] == "end")
    assert w.records[-1]["exit"] == 4
    assert w.run("log", "--verify").code == 0
    assert not processes(w, b"sleep\x00285")


def test_the_waiting_login_cannot_confirm_itself(world: Make) -> None:
    w = world(GUARD.replace("for 4s", "for 8s"))
    (w.folder / "good").touch()
    wait = "for i in $(seq 100); do ls state/t/*/waiting.door >/dev/null 2>&1 && break; sleep 0.1; done"
    script = f"./t.sh --yes >out 2>&1 & {wait}; ./t.sh accept door; echo $?; wait"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=w.folder,
        env=w.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert done.stdout.split()[-1] == "7", done
    assert w.log[-1] == "undo-a"


def test_unless_leaves_a_step_out_and_records_it(world: Make) -> None:
    w = world(
        HEAD + OK_PROBE + 'phase one "One" {\n' + step("a", settings="unless fine") + step("b", settings="when fine") + "}\n"
    )
    assert w.run("--yes").code == 0
    assert w.log == ["a"]
    (w.folder / "good").touch()
    assert w.run("--yes").code == 0
    assert w.log == ["a", "b"]
    assert w.events("skip") == ["skip one.a"]


def test_a_resume_keeps_the_answer_to_a_condition(world: Make) -> None:
    body = step("a", settings="unless fine") + step("b", "[[ ! -e broken ]]")
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n  on failure pause\n' + body + "}\n")
    for name in ("good", "broken"):
        (w.folder / name).touch()
    assert w.run("--yes").code == 9
    for name in ("good", "broken"):
        (w.folder / name).unlink()
    assert w.run("resume", "--yes").code == 0
    assert w.log == ["b", "b"]


OTHER = HEAD + 'phase one "One" {\n' + step("a") + '  confirm both "Both agree?" {\n    by other\n  }\n' + step("b") + "}\n"


def test_a_second_person_is_waited_for_and_without_a_terminal_the_run_pauses(world: Make) -> None:
    w = world(OTHER)
    assert w.run("--yes").code == 9
    child = w.terminal("accept", "both")
    child.expect("Name:")
    child.sendline("Kim")
    assert finish(child) == 0
    assert w.run("resume", "--yes").code == 0
    gate = next(r for r in w.records if r["event"] == "gate" and r["step"] == "one.both")
    assert (gate["by"], gate["why"]) == ("Kim", "unproven")
    assert w.log == ["a", "b"]


def test_another_user_is_known_by_the_host_and_the_same_one_is_not_another(world: Make) -> None:
    """Who became root with sudo is who they were before."""
    w = world(OTHER)
    assert w.run("--yes", env={"SUDO_USER": "kim"}).code == 9
    assert w.run("accept", "both", env={"SUDO_USER": "kim"}).code == 7, "without a terminal nobody can be asked for a name"
    assert w.run("accept", "both", env={"SUDO_USER": "lee"}).code == 0
    assert w.run("resume", "--yes", env={"SUDO_USER": "kim"}).code == 0
    gate = next(r for r in w.records if r["event"] == "gate" and r["step"] == "one.both" and r["exit"] == 0)
    assert (gate["by"], gate["why"]) == ("lee", "proven")
    assert "lee" in w.run("receipt").out


def test_nobody_waits_so_accept_is_refused(world: Make) -> None:
    assert world(OTHER).run("accept", "both").code == 7


INTERACTIVE = (
    HEAD
    + """
phase one "One" {
  step a "Step a" {
    interactive
    ```
    read -r -p 'Say: ' word
    echo "$word" >>log
    ```
    undo "nothing"
  }
}
"""
)


def test_an_interactive_step_talks_to_the_terminal_and_is_not_logged(world: Make) -> None:
    w = world(INTERACTIVE)
    child = w.terminal("--yes")
    child.expect("Say: ")
    child.sendline("hello")
    assert finish(child) == 0
    assert w.log == ["hello"]
    assert not (w.run_folder / "steps" / "one.a.log").read_text()
    refused = w.run("--yes")
    assert refused.code == 7
    assert "needs a terminal" in refused.err


def test_running_out_ends_an_interactive_step_with_all_it_started(world: Make) -> None:
    body = INTERACTIVE.partition("  step a")[2].partition("    undo")[0].replace('echo "$word" >>log', "sleep 286")
    w = world(
        HEAD
        + OK_PROBE
        + 'phase one "One" {\n  on failure rollback\n  guarded door "Door" {\n    for 5s\n  step a'
        + body
        + "    undo $ echo undo-a >>log\n  }\n  }\n}\n"
        + ROLLBACK
    )
    (w.folder / "good").touch()
    child = w.terminal("--yes")
    child.expect("Say: ")
    child.sendline("hello")
    until(lambda: bool(processes(w, b"sleep\x00286")))
    assert finish(child) == 4
    assert w.log == ["undo-a"]
    assert not processes(w, b"sleep\x00286")


def test_what_an_interactive_step_leaves_alive_holds_back_the_next_start(world: Make) -> None:
    w = world(INTERACTIVE.replace('echo "$word" >>log', "nohup sleep 286 >/dev/null 2>&1"))
    child = w.terminal("--yes")
    child.expect("Say: ")
    child.sendline("hello")
    until(lambda: bool(processes(w, b"sleep\x00286")))
    os.kill(child.pid, signal.SIGKILL)
    child.close(force=True)
    again = w.terminal("resume", "--yes")
    again.expect("still alive")
    assert finish(again) == 7
    for pid in processes(w, b"sleep\x00286"):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not processes(w, b"sleep\x00286"))
    again = w.terminal("rollback", "--yes")
    assert finish(again) == 5
