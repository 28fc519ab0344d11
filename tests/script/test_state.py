"""The state folder: runs that never began, disks that are full, state of other users."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable

import pytest

from .specs import HEAD, THREE, step
from .test_interrupt import until
from .worlds import World

Make = Callable[[str], World]
NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting and another user need root")


def alone(w: World, script: str, **more: str) -> str:
    """What a script says in which folders of its own may be mounted."""
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script],
        cwd=w.folder,
        env={**w.environment, **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("log", ["", '{"v":1,"seq":1,"time":"2026'])
def test_a_run_that_was_killed_before_its_first_record_is_none(world: Make, log: str) -> None:
    w = world(THREE)
    folder = w.folder / "state" / "t" / "20990101T000000Z"
    folder.mkdir(parents=True)
    (folder / "audit.jsonl").write_text(log)
    assert "No run yet" in w.run("status").out
    for command in ("resume", "rollback"):
        assert "There is no run" in w.run(command, "--yes").err
    assert w.run("--yes").code == 0
    assert w.log == ["a", "b", "c"]
    assert w.run_folder.name == "20990101T000000Z-002"


def test_where_the_last_run_stands_is_asked_with_the_lock(world: Make) -> None:
    """A new run looked before the other one had paused; it had the lock afterwards, and knows."""
    w = world(THREE.replace('"One" {\n', '"One" {\n  on failure pause\n'))
    (w.folder / "broken").touch()
    late = w.folder / "late"
    late.mkdir()
    (late / "flock").write_text('#!/bin/bash\n: >at\nwhile [[ ! -e go ]]; do sleep 0.05; done\nexec /usr/bin/flock "$@"\n')
    (late / "flock").chmod(0o755)
    second = subprocess.Popen(
        [str(w.path), "--yes"],
        cwd=w.folder,
        env={**w.environment, "PATH": f"{late}:{w.environment['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    until(lambda: (w.folder / "at").exists())
    assert w.run("--yes").code == 9
    (w.folder / "go").touch()
    out, _ = second.communicate(timeout=30)
    assert second.returncode == 7, out
    assert "has not ended" in out
    assert w.log == ["a", "b", "c"]


@root
def test_a_full_disk_stops_a_new_run_and_no_way_back(world: Make) -> None:
    w = world(THREE)
    (w.folder / "good").touch()
    said = alone(
        w,
        "mkdir state kept; mount -t tmpfs -o size=800k none state; ./t.sh --yes >/dev/null; echo $?; "
        "dd if=/dev/zero of=state/fill bs=1k count=1000 status=none; ./t.sh --yes; echo $?; "
        "./t.sh rollback --yes >/dev/null; echo $?; cp -a state/. kept",
    )
    numbers = [line for line in said.splitlines() if line.isdigit()]
    assert numbers == ["0", "7", "0"], said
    assert "no room for the log" in said
    assert w.log == ["a", "b", "c", "undo-c", "undo-b", "undo-a"]


@root
def test_a_refusal_names_the_state_of_another_user(world: Make) -> None:
    w = world(THREE)
    nobody, mine = " ".join(NOBODY), "env -u RBC_STATE_DIR HOME=/mnt/home"
    begin = "mount -t tmpfs -o mode=777 none /mnt; cp t.sh /mnt; cd /mnt; "
    said = alone(
        w,
        f"{begin} mount -t tmpfs none /var/lib; mount -t tmpfs -o mode=1777 none /run/lock; {mine} ./t.sh --yes >/dev/null; "
        f"mkdir -m 777 home; for command in resume rollback status; do {mine} {nobody} ./t.sh $command; done",
    )
    assert said.count("/var/lib/rbc belongs to root") == 3, said
    said = alone(w, f"{begin} mkdir -p state/t; chmod -R 777 state; RBC_STATE_DIR=/mnt/state {nobody} ./t.sh --yes")
    assert "/mnt/state/t belongs to root" in said
    games = "/usr/games/.local/state/rbc/t"
    theirs = f"mount -t tmpfs none /var/lib; mount -t tmpfs none /usr/games; mkdir -p {games}; chown games {games}"
    said = alone(w, f"{theirs}; {mine} SUDO_USER=games ./t.sh resume")
    assert f"{games} belongs to games" in said


WAITS = 'probe fine "All fine" {\n  file good\n}\n'


@pytest.mark.parametrize("row", ["check fine every 1s for 60s", 'confirm go "Go on?"'], ids=["probe", "question"])
def test_a_good_result_is_written_before_anything_is_waited_for(world: Make, row: str) -> None:
    w = world(HEAD + WAITS + 'phase one "One" {\n' + step("a") + step("b") + f"  {row}\n" + step("c") + "}\n")
    child = w.terminal("--yes")
    until(lambda: w.events("result") == ["result one.a", "result one.b"] if (w.folder / "log").exists() else False)
    child.kill(signal.SIGKILL)
    child.close()
    assert w.log == ["a", "b"]
    (w.folder / "good").touch()
    accept = ("--accept", "go") if "confirm" in row else ()
    assert w.run("resume", "--yes", *accept).code == 0
    assert w.log == ["a", "b", "c"]


def test_an_intent_stands_behind_the_result_before_it(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a") + step("b", "cp state/t/*/audit.jsonl seen") + step("c") + "}\n")
    assert w.run("--yes").code == 0
    seen = [json.loads(line) for line in (w.folder / "seen").read_text().splitlines()]
    assert [(r["event"], r.get("step")) for r in seen][-3:] == [("intent", "one.a"), ("result", "one.a"), ("intent", "one.b")]


def test_a_step_whose_intent_cannot_be_written_is_not_begun(world: Make) -> None:
    """The folder of the state has room for nothing more: the process that was started for the step does nothing."""
    spec = HEAD + 'phase one "One" {\n' + step("a", "chattr +i state/t/*/audit.jsonl", "undo $ true") + step("b") + "}\n"
    w = world(spec)
    if subprocess.run(["chattr", "+i", "--", w.path], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs root and a file system with attributes")
    subprocess.run(["chattr", "-i", "--", w.path], check=True)
    try:
        done = w.run("--yes")
    finally:
        subprocess.run(["chattr", "-i", "--", w.run_folder / "audit.jsonl"], check=True)
    assert w.log == ["a"]
    assert done.code != 0


@root
@pytest.mark.parametrize("mode", ["1777", "755"], ids=["everybody writes", "root alone writes"])
def test_root_and_users_exclude_each_other_wherever_locks_lie(world: Make, mode: str) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a", "touch began; while [[ ! -e go ]]; do sleep 0.1; done") + "}\n")
    nobody, mine = " ".join(NOBODY), "env -u RBC_STATE_DIR HOME=/mnt/home"
    said = alone(
        w,
        "mount -t tmpfs -o mode=777 none /mnt; cp t.sh /mnt; cd /mnt; mkdir -m 777 home; mount -t tmpfs none /var/lib; "
        "mount -t tmpfs -o mode=1777 none /tmp; "
        f"mount -t tmpfs -o mode={mode} none /run/lock; {mine} ./t.sh --yes >/dev/null & cd /mnt; "
        f"for n in $(seq 200); do [[ -e began ]] && break; sleep 0.1; done; {mine} {nobody} ./t.sh --yes; "
        "echo code $?; touch go; wait",
    )
    assert "A run is under way: t, root, PID" in said, said
    assert "code 7" in said
