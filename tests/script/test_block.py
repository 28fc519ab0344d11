"""What only the rollback block reads: asked for where that block may run, and not when a run begins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .specs import HEAD, OK_PROBE, step
from .worlds import World, finish

Make = Callable[[str], World]

PARAM = 'param bad sha {\n  note "the bad one"\n  env BAD\n}\n'
BLOCK = (
    'rollback "Back" {\n  choose extent "Extent" {\n'
    '    option whole "All of it" default {\n      step revert "Revert" $ echo "revert-$bad" >>log\n    }\n'
    '    option part "A part" {\n      step one "Only one" $ echo one >>log\n    }\n  }\n  verify fine\n}\n'
)


def spec(back: str | None = None, failure: str = "") -> str:
    """One change, then a step that fails where `broken` is."""
    steps = step("a", back=back) + step("b", "[[ ! -e broken ]]", 'readonly "the log"')
    return HEAD + OK_PROBE + PARAM + f'phase one "One" {{\n{failure}{steps}}}\n' + BLOCK


APART = spec()  # its own undo leads back: no run comes to the block
OVER = spec("undo rollback", "  on failure rollback\n")


@pytest.fixture
def apart(world: Make) -> World:
    w = world(APART)
    (w.folder / "good").touch()
    return w


@pytest.fixture
def over(world: Make) -> World:
    w = world(OVER)
    (w.folder / "good").touch()
    return w


def test_a_run_that_cannot_come_to_the_block_asks_for_nothing_of_it(apart: World) -> None:
    child = apart.terminal()
    child.expect("Go on")
    assert "the bad one" not in (child.before or "") and "All of it" not in (child.before or "")
    child.sendline("y")
    assert finish(child) == 0
    assert apart.run("rollback", "--yes").code == 0
    assert apart.log == ["a", "b", "undo-a"]


def test_the_block_by_itself_asks_for_both(apart: World) -> None:
    assert apart.run("--yes").code == 0
    child = apart.terminal("rollback", "--fresh")
    child.expect("A part")
    child.sendline("1")
    child.expect("the bad one")
    child.sendline("abc1234")
    child.expect(r"back\?")
    child.sendline("y")
    assert finish(child) == 0
    assert apart.log == ["a", "b", "revert-abc1234"]


def test_without_a_terminal_the_block_says_what_it_lacks(apart: World) -> None:
    assert apart.run("--yes").code == 0
    missing = apart.run("rollback", "--fresh", "--yes")
    assert (missing.code, "--bad" in missing.err) == (2, True)
    assert apart.run("rollback", "--fresh", "--yes", "--extent", "part").code == 0
    assert apart.run("rollback", "--fresh", "--yes", env={"BAD": "abc1234"}).code == 0
    assert apart.log == ["a", "b", "one", "revert-abc1234"]


def test_what_was_given_to_the_run_holds_until_the_way_back_says_otherwise(apart: World) -> None:
    assert apart.run("--yes", "--bad", "abc1234").code == 0
    assert apart.run("rollback", "--fresh", "--yes").code == 0
    assert apart.run("rollback", "--fresh", "--yes", "--bad", "def5678").code == 0
    assert apart.log == ["a", "b", "revert-abc1234", "revert-def5678"]


def test_what_was_chosen_for_the_run_is_what_is_usual(apart: World) -> None:
    assert apart.run("--yes", "--extent", "part").code == 0
    child = apart.terminal("rollback", "--fresh")
    child.expect(r"\[A part\]")
    child.sendline("")
    child.expect(r"back\?")
    child.sendline("y")
    assert finish(child) == 0
    assert apart.log == ["a", "b", "one"]


@pytest.mark.parametrize(("option", "value"), [("--bad", "stage"), ("--extent", "half")])
def test_a_wrong_value_is_refused_at_the_start_all_the_same(apart: World, option: str, value: str) -> None:
    assert apart.run("--yes", option, value).code == 2
    assert apart.log == []


def test_a_run_that_may_come_to_the_block_has_what_it_needs_before_it_changes_anything(over: World) -> None:
    missing = over.run("--yes")
    assert (missing.code, "--bad" in missing.err, over.log) == (2, True, [])


def test_nothing_in_the_middle_of_a_run_waits_for_an_answer(over: World) -> None:
    (over.folder / "broken").touch()
    child = over.terminal("--yes")
    child.expect("the bad one")
    child.sendline("abc1234")
    assert finish(child) == 4
    assert "A part" not in (child.before or "")
    assert over.log == ["a", "b", "revert-abc1234"]


def test_a_look_needs_nothing_of_the_block(over: World) -> None:
    assert over.run("check").code == 0
    assert over.run("plan").code == 0


def test_a_rollback_after_the_run_may_take_another_way(over: World) -> None:
    assert over.run("--yes", "--bad", "abc1234").code == 0
    assert over.run("rollback", "--yes", "--extent", "part").code == 0
    assert over.log == ["a", "b", "one"]
