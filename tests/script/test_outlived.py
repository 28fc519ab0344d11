"""A step that outlives its killed driver: nothing begins as long as it lives, however often somebody tries."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

import pytest

from .specs import HEAD, step
from .test_interrupt import until
from .worlds import World

Make = Callable[[str], World]

SPEC = HEAD + "host h {\n  guard path /\n}\n" + 'phase one "One" {\n' + step("a", "until [[ -e go ]]; do sleep 0.1; done") + "}\n"


@pytest.mark.parametrize(("command", "code"), [("resume", 0), ("rollback", 5)])
def test_a_try_that_was_refused_does_not_open_the_way_for_the_next(world: Make, command: str, code: int) -> None:
    w = world(SPEC)
    with subprocess.Popen(
        [w.path, "--yes"],
        cwd=w.folder,
        env=w.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as driver:
        until(lambda: w.log == ["a"])
        os.kill(driver.pid, signal.SIGKILL)
    for _ in range(3):
        assert w.run(command, "--yes").code == 7
    assert w.log == ["a"]
    (w.folder / "go").touch()
    until(lambda: w.run(command, "--yes").code == code)
    assert w.log == (["a", "undo-a", "a"] if command == "resume" else ["a", "undo-a"])
