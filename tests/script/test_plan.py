"""`plan` is truthful: what only reads is run, what a run would leave out is said with its reason, and nothing else happens."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .specs import HEAD, OK_PROBE, step, two_phases
from .worlds import Result, World

Make = Callable[[str], World]
LOOK = step("look", "ls", back="readonly")


def labels(said: Result) -> dict[str, str]:
    """What stands behind each row's number and title."""
    rows = re.findall(r"^  \S (\d\S*) (.*?)(?: {2,}(.*))?$", said.out, re.MULTILINE)
    return {number: right for number, _, right in rows}


def test_a_step_that_only_reads_is_run(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + LOOK + step("a") + LOOK.replace("look", "later") + "}\n")
    said = w.run("plan")
    assert said.code == 0, said
    assert w.log == ["look"]
    assert (labels(said)["1.2"], labels(said)["1.3"]) == ("would run", "unknown until 1.2")
    assert not Path(w.folder / "state").exists()


def test_one_that_only_reads_and_fails_is_where_a_run_would_end(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + LOOK.replace("$ ls", "$ ls nowhere") + step("a") + "}\n")
    said = w.run("plan")
    assert said.code == 1
    assert "nowhere" in said.out


WAITS = (
    HEAD
    + OK_PROBE
    + 'phase one "One" {\n'
    + '  manual look "Look" {\n    note "at it"\n    readonly\n  }\n'
    + '  hold calm "Calm" {\n    for 20s\n    watch fine every 1s\n  }\n'
    + '  background server "Server" {\n    $ touch served && sleep 9\n  }\n  check fine\n'
    + '  guarded door "Door" {\n    for 60s\n'
    + step("g")
    + "  }\n}\n"
)


def test_nothing_is_waited_for_asked_started_or_armed(world: Make) -> None:
    w = world(WAITS)
    (w.folder / "good").touch()
    began = time.monotonic()
    said = w.run("plan")
    assert said.code == 0, said
    assert time.monotonic() - began < 15
    assert sorted(path.name for path in w.folder.iterdir()) == ["good", "t.sh"]
    found = labels(said)
    assert (found["1.1"], found["1.2"], found["1.3"]) == ("would ask", "would run", "would run")
    # The check may look at what would run beside it.
    assert found["1.4"] == "unknown until 1.3"
    assert found["1.5"] == "would ask"
    assert "touch served" in said.out


def test_a_condition_is_asked_before_the_first_change_and_open_after_it(world: Make) -> None:
    body = step("a", settings="unless fine") + step("b", settings="when fine") + step("c") + step("d", settings="unless fine")
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n' + body + "}\n")
    (w.folder / "good").touch()
    said = w.run("plan")
    found = labels(said)
    assert (found["1.1"], found["1.2"]) == ("would skip", "would run")
    assert (found["1.3"], found["1.4"]) == ("would run", "unknown until 1.2")
    assert 'Not needed: "All fine" holds already.' in said.out
    (w.folder / "good").unlink()
    found = labels(w.run("plan"))
    assert (found["1.1"], found["1.2"], found["1.4"]) == ("would run", "unknown until 1.1", "unknown until 1.1")


def test_a_phase_that_is_left_out_is_left_out_with_all_in_it(world: Make) -> None:
    w = world(two_phases("  unless fine\n" + step("a"), step("b"), OK_PROBE))
    (w.folder / "good").touch()
    assert labels(w.run("plan")) == {"1": "would skip", "1.1": "would skip", "2.1": "would run"}
    (w.folder / "good").unlink()
    assert labels(w.run("plan")) == {"1.1": "would run", "2.1": "would run"}
    w = world(two_phases(step("a"), "  unless fine\n" + step("b"), OK_PROBE))
    assert labels(w.run("plan"))["2.1"] == "unknown until 1.1"


@pytest.mark.parametrize(
    ("options", "skipped"),
    [(("--from", "b"), "1.1"), (("--only", "one"), "2.1"), (("--skip", "c", "--why", "done by hand"), "2.1")],
    ids=lambda o: o[0],
)
def test_what_the_options_leave_out_would_be_skipped(world: Make, options: tuple[str, ...], skipped: str) -> None:
    w = world(two_phases(step("a") + step("b"), step("c")))
    said = w.run("plan", *options)
    assert said.code == 0, said
    assert [number for number, right in labels(said).items() if right == "would skip"] == [skipped]
    assert options[0] in said.out
    assert ("done by hand" in said.out) == ("--why" in options)
    assert w.run("plan", "--from", "nowhere").code == 2


def test_the_other_path_is_named_as_such(world: Make) -> None:
    option = '    option {0} "{0}"{1} {{\n{2}    }}\n'
    body = '  choose way "Way" {\n' + option.format("x", " default", step("a")) + option.format("y", "", step("b")) + "  }\n"
    said = world(HEAD + 'phase one "One" {\n' + body + "}\n").run("plan", "--way", "y")
    assert labels(said) == {"1.1a.1": "would skip: other path", "1.1b.1": "would run"}
