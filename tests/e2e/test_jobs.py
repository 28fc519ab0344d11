"""A job whose way back is taken while its task still runs, against the same server as the scripts of ralf."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .world.semaphore import PROJECT, TOKEN, Going, Semaphore

sys.path.insert(0, str(Path(__file__).parents[1] / "script"))

import audited
from worlds import Result, World, compile_text

SPEC = f"""runbook demo {{
  title "Demo"
}}
automation ci semaphore {{
  url      $address
  project  {PROJECT}
  token    key
  insecure "the test's own certificate"
  every    1s for 2s
}}
param address url {{
  env ADDRESS
}}
param key string {{
  env    KEY
  secret
}}
probe there "What was there is there" {{
  file log
}}
phase deploy "Deploy" {{
  on failure rollback
  step before "Before" {{
    $ echo before >>log
    undo "nothing stays"
  }}
  job "Apply" {{
    timeout 2s
    undo    $ echo undone >>log
  }}
}}
rollback "Back" {{
  verify there
}}
"""


@pytest.fixture(scope="module")
def script() -> str:
    return compile_text(SPEC).text


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Semaphore]:
    with Semaphore(tmp_path, ("Apply",)) as server:
        yield server
    assert server.wrong == []
    audited.hold(sorted(tmp_path.glob("state/**/audit.jsonl")))


def run(script: str, server: Semaphore) -> tuple[World, Result]:
    path = server.folder / "t.sh"
    path.write_text(script)
    path.chmod(0o755)
    world = World(server.folder, path)
    return world, world.run("--yes", env={"KEY": TOKEN, "ADDRESS": server.url + "/"})


def test_a_task_whose_time_is_up_is_stopped_before_it_is_taken_back(script: str, server: Semaphore) -> None:
    server.will["Apply"] = Going(("running",))
    world, done = run(script, server)
    assert done.code == 4, done.out
    assert server.stopped == [100]
    assert world.log == ["before", "undone"]
    assert "Task 100 may go on on the server" in done.out
    assert [r["why"] for r in world.records if r["event"] == "task"] == ["after 0", "started 100", "ended 100 stopped"]


def test_what_cannot_be_stopped_is_not_taken_back(script: str, server: Semaphore) -> None:
    server.will["Apply"] = Going(("running",))
    server.stop_works = False
    world, done = run(script, server)
    assert done.code == 6, done.out
    assert world.log == ["before"]
    assert "Task 100 could not be stopped" in done.out


def test_a_task_that_has_ended_is_taken_back_at_once(script: str, server: Semaphore) -> None:
    server.will["Apply"] = Going(("error",), ("it broke",))
    world, done = run(script, server)
    assert done.code == 4, done.out
    assert (server.stopped, world.log) == ([], ["before", "undone"])
    assert "it broke" in done.out
