"""Which bash executes the scripts, and what an older one lacks. CI runs this folder a second time with .ci/bash."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

from .specs import HEAD, THREE
from .worlds import World

Make = Callable[[str], World]
TELL = HEAD + 'phase one "One" {\n  step a "A" {\n    $ echo "$BASH_VERSION" >>log\n    undo "nothing"\n  }\n}\n'


def test_steps_are_executed_by_the_bash_that_is_tested(world: Make) -> None:
    w = world(TELL)
    assert w.run("--yes").code == 0
    (version,) = w.log
    assert re.match(r"(4\.[4-9]|[5-9]\.)", version)
    if "RBC_TEST_BASH" in os.environ:
        assert version.startswith(os.environ["RBC_TEST_BASH"] + ".")


@pytest.mark.parametrize("lacking", ["EPOCHREALTIME"])
def test_without_the_clock_of_bash_5_that_of_the_host_is_read(world: Make, lacking: str) -> None:
    w = world(THREE)
    (w.folder / "good").touch()
    (w.folder / "broken").touch()
    first, rest = w.path.read_text().split("\n", 1)
    w.path.write_text(f"{first}\nunset -v {lacking}\n{rest}")
    assert w.run("--yes").code == 4
    assert w.log == ["a", "b", "c", "undo-c", "undo-b", "undo-a"]
    times = [str(record["time"]) for record in w.records]
    assert times == sorted(times) and len(set(times)) == len(times)
    assert w.run("log", "--verify").code == 0
