"""`verify` said twice in a rollback: both are asked at the end of every way back, in their order, also after one that failed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .specs import HEAD, step
from .worlds import World, compile_text


def probe(name: str) -> str:
    """A probe that notes its name and holds where there is a file of that name."""
    return f'probe {name} "Probe {name}" {{\n  succeeds $ echo {name} >>log; test -e {name}.good\n}}\n'


SPEC = (
    HEAD
    + probe("first")
    + probe("second")
    + 'phase one "One" {\n  on failure rollback\n'
    + step("a")
    + step("b", "test -e b.good")
    + '}\nrollback "Back" {\n  verify first\n  verify second, first every 1s for 2s\n}\n'
)
BACK = ["undo-b", "undo-a"]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proof") / "t.sh"
    path.write_text(compile_text(SPEC).text)
    path.chmod(0o755)
    return path


@pytest.fixture
def proof(compiled: Path, tmp_path: Path) -> World:
    shutil.copy(compiled, tmp_path)
    return World(tmp_path, tmp_path / "t.sh")


def good(w: World, *names: str) -> None:
    for name in names:
        (w.folder / f"{name}.good").touch()


def test_both_hold_in_their_order(proof: World) -> None:
    good(proof, "first", "second")
    assert proof.run("--yes").code == 4
    assert proof.log == ["a", "b", *BACK, "first", "second", "first"]
    ids = ["rollback.verify.first", "rollback.verify.second", "rollback.verify.first_2"]
    assert proof.events("check") == [f"check {name}" for name in ids]


@pytest.mark.parametrize(("broken", "asked"), [("first", ["first", "second"]), ("second", ["first", "second", "second"])])
def test_one_that_fails_keeps_none_from_being_asked(proof: World, broken: str, asked: list[str]) -> None:
    good(proof, *({"first", "second"} - {broken}))
    ended = proof.run("--yes")
    assert ended.code == 6, ended
    seen = proof.log[4:]
    assert seen[: len(asked)] == asked
    assert seen[-1] == "first"
    assert f"Not in order: Probe {broken}" in ended.out
    assert "Not in order: Probe " + ("second" if broken == "first" else "first") not in ended.out
    failed = {r["step"] for r in proof.records if r["event"] == "check" and r["exit"] != 0}
    assert failed == {"rollback.verify.first", "rollback.verify.first_2"} if broken == "first" else {"rollback.verify.second"}


def test_only_the_one_with_patience_is_asked_again(proof: World) -> None:
    good(proof, "first")
    assert proof.run("--yes").code == 6
    assert proof.log[4] == "first"
    assert proof.log[4:].count("first") == 2
    assert proof.log[4:].count("second") >= 2


def test_after_a_good_run_a_rollback_asks_both_too(proof: World) -> None:
    good(proof, "b", "first", "second")
    assert proof.run("--yes").code == 0
    assert proof.log == ["a", "b"]
    assert proof.run("rollback", "--yes").code == 0
    assert proof.log[2:] == [*BACK, "first", "second", "first"]


@pytest.mark.parametrize(("names", "code"), [(("first", "second"), 0), (("first",), 1), (("second",), 1)])
def test_check_asks_each_probe_of_both_once(proof: World, names: tuple[str, ...], code: int) -> None:
    good(proof, *names)
    assert proof.run("check").code == code
    assert proof.log == ["first", "second"]
