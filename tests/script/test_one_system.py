"""The scripts of one runbook work on one system: at most one of them runs on a host."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.emit import bash
from compiler.plan.procedures import lower_everywhere
from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse

from .specs import HEAD, step
from .worlds import NoFiles, World

WAITS = "while [[ ! -e go ]]; do sleep 0.05; done"
SPEC = (
    HEAD
    + f'procedure first "First" {{\n  phase one "One" {{\n{step("a", WAITS)}  }}\n}}\n'
    + f'procedure second "Second" {{\n  phase one "One" {{\n{step("b")}  }}\n}}\n'
)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[World, World]:
    """Both scripts of one runbook, in one folder."""
    document, _ = parse(Source("specs/t.rb", SPEC))
    model, found = resolve(document, NoFiles())
    assert model is not None, found
    made = []
    for plan in lower_everywhere((model,))[0]:
        path = tmp_path / plan.script
        path.write_text(bash.emit(plan).text)
        path.chmod(0o755)
        made.append(World(tmp_path, path))
    return made[0], made[1]


def start(w: World) -> subprocess.Popen[bytes]:
    """Start its run and wait until its step is under way."""
    quiet = subprocess.DEVNULL
    run = subprocess.Popen(
        [w.path, "--yes"], cwd=w.folder, env=w.environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    until(lambda: w.log == ["a"])
    return run


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_two_procedures_of_one_runbook_never_run_at_once(pair: tuple[World, World]) -> None:
    first, second = pair
    run = start(first)
    refused = second.run("--yes")
    assert refused.code == 7
    assert "t.first" in refused.err
    assert "1.1" in refused.err
    assert second.run("plan").code == 0
    (first.folder / "go").touch()
    assert run.wait(20) == 0
    assert second.run("--yes").code == 0
    assert first.log == ["a", "b"]


def test_a_step_that_a_killed_driver_left_alive_holds_back_the_others(pair: tuple[World, World]) -> None:
    first, second = pair
    run = start(first)
    run.send_signal(signal.SIGKILL)
    run.wait()
    refused = second.run("--yes")
    assert refused.code == 7
    assert "still alive" in refused.err
    (live,) = first.folder.glob("state/t.first/*/live")
    os.killpg(int(live.read_text().split()[0]), signal.SIGKILL)
    until(lambda: second.run("--yes").code == 0)
    assert first.log == ["a", "b"]
