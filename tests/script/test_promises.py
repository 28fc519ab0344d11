"""What docs/script.md promises and no other test here executes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .specs import HEAD, OK_PROBE, ROLLBACK, THREE, step
from .test_interrupt import sleepers, start, until
from .worlds import World, finish

Make = Callable[[str], World]


def killed(world: Make, settings: str = "", back: str | None = None, head: str = HEAD) -> World:
    """A run whose driver and step were killed within step `b`."""
    body = step("a") + step("b", "[[ -e fast ]] || sleep 291", back=back, settings=settings) + step("c")
    w = world(head + OK_PROBE + 'phase one "One" {\n' + body + "}\n" + ROLLBACK)
    (w.folder / "good").touch()
    kill_again(w, "--yes")
    return w


def kill_again(w: World, *arguments: str) -> None:
    run = start(w, *arguments)
    until(lambda: bool(sleepers(w)))
    os.killpg(run.pid, signal.SIGKILL)
    for pid in sleepers(w):
        os.kill(pid, signal.SIGKILL)
    run.wait()
    until(lambda: not sleepers(w))


def test_a_step_with_an_unknown_end_counts_where_its_verify_holds(world: Make) -> None:
    w = killed(world, settings="verify fine")
    assert w.run("resume", "--yes").code == 0
    assert w.log == ["a", "b", "c"]
    assert [r["by"] for r in w.records if r["event"] == "result" and r["step"] == "one.b"] == ["verify"]


def test_an_irreversible_step_with_an_unknown_end_keeps_an_unattended_run_paused(world: Make) -> None:
    w = killed(world, back='irreversible "gone"')
    (w.folder / "fast").touch()
    assert w.run("resume", "--yes").code == 9
    assert w.log == ["a", "b"]


def test_on_a_terminal_the_operator_decides_about_an_unknown_end(world: Make) -> None:
    w = killed(world)
    child = w.terminal("resume", "--yes")
    child.expect("outcome unknown")
    child.sendline("d")
    assert finish(child) == 0
    assert w.log == ["a", "b", "c"]


def test_a_step_that_is_killed_again_and_again_is_not_started_any_more(world: Make) -> None:
    w = killed(world)
    for _ in range(4):
        kill_again(w, "resume", "--yes")
    capped = w.run("resume", "--yes")
    assert capped.code == 7
    assert "5 times" in capped.err
    assert w.run("rollback", "--yes").code == 0


def test_ctrl_c_on_the_way_back_asks_before_it_abandons_it(world: Make) -> None:
    body = step("a") + step("b", "false", back="undo $ echo undo-b >>log; [[ -e fast ]] || sleep 291")
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n  on failure rollback\n' + body + "}\n" + ROLLBACK)
    (w.folder / "good").touch()
    child = w.terminal("--yes")
    until(lambda: bool(sleepers(w)))
    child.sendintr()
    child.expect("Abandon the way back")
    child.sendline("n")
    assert finish(child) == 6
    assert w.log == ["a", "b", "undo-b", "undo-a"]


def test_a_resume_is_bound_to_its_parameters(world: Make) -> None:
    head = HEAD + 'param p string {\n  note "p"\n}\n'
    body = step("a", 'printf "%s" "$p" >value') + step("b", "[[ ! -e broken ]]")
    w = world(head + 'phase one "One" {\n  on failure pause\n' + body + "}\n")
    (w.folder / "broken").touch()
    assert w.run("--yes", "--p", "first").code == 9
    (w.folder / "broken").unlink()
    refused = w.run("resume", "--yes", "--p", "second")
    assert refused.code == 7
    assert "first" in refused.err
    assert w.run("resume", "--yes").code == 0


def paused(world: Make) -> World:
    w = world(HEAD + 'phase one "One" {\n  on failure pause\n' + step("a") + step("b", "[[ ! -e broken ]]") + "}\n")
    (w.folder / "broken").touch()
    assert w.run("--yes").code == 9
    return w


def test_a_resume_is_bound_to_its_host(world: Make) -> None:
    if os.geteuid() != 0:
        pytest.skip("another host name needs root")
    w = paused(world)
    done = subprocess.run(
        ["unshare", "--uts", "bash", "-c", "hostname elsewhere && exec ./t.sh resume --yes"],
        cwd=w.folder,
        env=w.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 7, done
    assert "goes on only there" in done.stderr


def test_after_a_pause_a_new_run_needs_anew(world: Make) -> None:
    w = paused(world)
    assert w.run("--yes").code == 7
    (w.folder / "broken").unlink()
    assert w.run("--yes", "--anew", "--why", "the old one is of no use").code == 0


def test_after_a_failed_way_back_a_new_run_needs_a_rollback_or_anew(world: Make) -> None:
    w = world(THREE)
    (w.folder / "broken").touch()
    assert w.run("--yes").code == 6
    (w.folder / "broken").unlink()
    assert w.run("--yes").code == 7
    (w.folder / "good").touch()
    assert w.run("rollback", "--yes").code == 0
    assert w.run("--yes").code == 0


def test_after_a_rollback_status_has_the_runs_outcome(world: Make) -> None:
    w = world(THREE)
    assert w.run("--yes").code == 0
    (w.folder / "good").touch()
    assert w.run("rollback", "--yes").code == 0
    assert "ROLLED BACK, VERIFIED (4)" in w.run("status").out


def test_state_is_for_its_owner_only_and_old_runs_go_by_number(world: Make) -> None:
    w = world(THREE)
    for _ in range(4):
        assert w.run("--yes", "--keep", "2").code == 0
    runs = sorted((w.folder / "state" / "t").glob("[0-9]*"))
    assert len(runs) == 2
    assert (w.folder / "state" / "t").stat().st_mode & 0o777 == 0o700
    assert {"audit.jsonl", "script.sh", "steps", "values"} <= {path.name for path in runs[-1].iterdir()}
    assert (runs[-1] / "script.sh").read_bytes() == w.path.read_bytes()


def test_a_run_never_sorts_before_an_older_one(world: Make) -> None:
    w = world(THREE)
    state = w.folder / "state" / "t"
    assert w.run("--yes").code == 0
    (first,) = state.glob("[0-9]*")
    first.rename(state / "20991231T235959Z-009")
    assert w.run("--yes").code == 0
    assert [path.name for path in sorted(state.glob("[0-9]*"))] == ["20991231T235959Z-009", "20991231T235959Z-010"]


def test_looking_needs_no_lock_and_changes_nothing(world: Make) -> None:
    body = step("a") + step("b", "[[ -e fast ]] || sleep 291")
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n  check fine\n' + body + "}\n")
    (w.folder / "good").touch()
    run = start(w, "--yes")
    until(lambda: bool(sleepers(w)))
    before = (w.run_folder / "audit.jsonl").read_bytes()
    for command in ("status", "log", "receipt", "plan", "check"):
        assert w.run(command).code == 0, command
    assert w.run("log", "--verify").code == 0
    assert (w.run_folder / "audit.jsonl").read_bytes() == before
    assert w.log == ["a", "b"]
    run.terminate()
    run.wait(timeout=30)


def test_the_last_line_names_the_head_and_syslog_gets_it(world: Make) -> None:
    w = world(THREE)
    tools = w.folder / "tools"
    tools.mkdir()
    (tools / "logger").write_text('#!/bin/bash\nprintf "%s\\n" "$*" >>syslog\n')
    (tools / "logger").chmod(0o755)
    done = w.run("--yes", env={"PATH": f"{tools}:{w.environment['PATH']}"})
    head = str(w.records[-1]["hash"])
    assert done.out.rstrip().endswith(head[:16])
    assert (w.folder / "syslog").read_text() == f"-t rbc -- t {w.run_folder.name} 0 {head}\n"
    assert w.run("log", "--verify", "--head", head[:16]).code == 0


def test_every_command_has_help(world: Make) -> None:
    w = world(THREE)
    for command in ("run", "plan", "check", "rollback", "resume", "status", "log", "receipt"):
        done = w.run(command, "--help")
        assert done.code == 0, command
        assert "--yes" in done.out
    assert not Path(w.folder / "state").exists()


def test_quiet_names_the_phases_and_the_outcome_and_no_step_that_is_good(world: Make) -> None:
    w = world(THREE)
    out = w.run("--yes", "--quiet").out
    assert "Step a" not in out
    assert "DONE (0)" in out
    (w.folder / "broken").touch()
    assert "1.3 Step c" in w.run("--yes", "--quiet").out


def test_nothing_needs_a_colour(world: Make) -> None:
    w = world(THREE)
    assert "\x1b" not in w.run("--yes").out
    for arguments, environment in ((("--no-color",), {}), ((), {"NO_COLOR": "1"})):
        command = ["script", "-qec", " ".join([str(w.path), "--yes", *arguments]), "/dev/null"]
        done = subprocess.run(
            command,
            cwd=w.folder,
            env={**w.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert b"\x1b[3" not in done.stdout
        assert b"DONE" in done.stdout
