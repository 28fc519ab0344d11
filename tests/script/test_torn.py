"""Logs that a crash or a full disk tore, and what `log --verify` must not overlook."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

from .specs import HEAD, OK_PROBE, ROLLBACK, THREE, step
from .worlds import World

Make = Callable[[str], World]


@pytest.fixture
def done(world: Make) -> World:
    w = world(THREE)
    assert w.run("--yes").code == 0
    return w


def lines(w: World) -> list[str]:
    return (w.run_folder / "audit.jsonl").read_text().splitlines(keepends=True)


def put(w: World, changed: list[str]) -> int:
    (w.run_folder / "audit.jsonl").write_text("".join(changed))
    return w.run("log", "--verify").code


def test_a_record_that_lacks_only_its_newline_counts(done: World) -> None:
    whole = lines(done)
    (done.run_folder / "audit.jsonl").write_text("".join(whole)[:-1])
    assert "not written to its end" in done.run("log", "--verify").out
    (done.folder / "good").touch()
    assert done.run("rollback", "--yes").code == 0
    assert lines(done)[: len(whole)] == whole
    assert done.records[len(whole)]["event"] == "resume"
    assert done.run("log", "--verify").code == 0


@pytest.mark.parametrize("cut", [1, 2, 50, -2])
def test_a_record_torn_anywhere_is_closed_and_the_way_back_goes_on(done: World, cut: int) -> None:
    whole = lines(done)
    (done.run_folder / "audit.jsonl").write_text("".join(whole[:-1]) + whole[-1][:cut])
    (done.folder / "good").touch()
    assert done.run("rollback", "--yes").code == 0
    assert done.run("log", "--verify").code == 0
    assert done.log[-3:] == ["undo-c", "undo-b", "undo-a"]


@pytest.mark.tampered
def test_an_empty_line_a_nul_and_an_empty_head_are_not_overlooked(done: World) -> None:
    whole = lines(done)
    assert put(done, [*whole[:2], "\n", *whole[2:]]) == 1
    assert put(done, [*whole[:2], "\0" + whole[2], *whole[3:]]) == 1
    assert put(done, whole) == 0
    assert done.run("log", "--verify", "--head", "").code == 1


@pytest.mark.tampered
def test_what_follows_a_missing_record_is_not_called_broken(done: World) -> None:
    whole = lines(done)
    put(done, [*whole[:2], *whole[3:]])
    assert done.run("log", "--verify").out.count("Line ") == 1


def test_a_disk_that_fills_up_within_a_record_leaves_a_whole_chain(world: Make) -> None:
    """A part of a record is written, the run goes back, and the log says both. The fixture checks the chain."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    fill = step("fill", "dd if=/dev/zero of=state/fill bs=1k count=1000 status=none || true", back="undo $ rm -f state/fill")
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n' + fill + "".join(step(f"s{n}") for n in range(12)) + "}\n" + ROLLBACK)
    (w.folder / "good").touch()
    script = (
        "mkdir state kept; mount -t tmpfs -o size=600k none state; "
        "./t.sh --yes; echo $?; ./t.sh log --verify; echo $?; cp -a state/. kept"
    )
    run = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script],
        cwd=w.folder,
        env=w.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    log = next((w.folder / "kept").glob("t/*/audit.jsonl")).read_text()
    assert sum(not line.endswith('"}') for line in log.splitlines()) == 1, (run, log)
    assert log.count('"event":"recover"') == 1
    assert run.stdout.splitlines()[-1] == "0", run
    assert "(4)" in run.stdout, run
