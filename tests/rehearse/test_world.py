"""A rehearsal's script is the production script with another world: the driver's bytes are the same."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
from support import SMALL, script_of

from compiler import pipeline
from compiler.emit import bash, rehearsal
from compiler.emit.resources import names, read
from compiler.project import Project

PROJECT = Path(__file__).resolve().parents[2]
SHFMT = Path(sysconfig.get_path("scripts")) / "shfmt"


@pytest.fixture(scope="module", params=["small", "gateway"])
def script(request: pytest.FixtureRequest) -> bash.Script:
    if request.param == "small":
        return script_of(SMALL)[1]
    project = Project(PROJECT)
    plan, _ = pipeline.plan(project.read(PROJECT / "specs/gateway.rb"), project)
    assert plan is not None
    return bash.emit(plan)


def dispatched(text: str) -> list[str]:
    """The functions that the dispatcher knows."""
    (world,) = re.findall(r"^rbc_world\(\) \{\n  case \"\$1\" in\n(.*?)^  esac\n\}", text, re.MULTILINE | re.DOTALL)[-1:]
    return re.findall(r"^    (\w+)\) \1 ;;$", world, re.MULTILINE)


def test_the_drivers_bytes_are_those_of_production(script: bash.Script) -> None:
    """From the dispatcher to the last line: all the same, but for the pieces that are the world's own."""
    production = script.text[script.text.rindex("\nrbc_world() {") :]
    for real, own in rehearsal.world_pieces().items():
        production = production.replace(read(real).text.removesuffix("\n"), read(own).text.removesuffix("\n"))
    assert rehearsal.stage(script).endswith(production)
    assert script.text[script.machinery_start : script.machinery_end] in script.text[script.text.rindex("\nrbc_world() {") :]


def test_the_header_is_that_of_production(script: bash.Script) -> None:
    head = script.text[: script.text.index("() {\n", script.text.index("\n# ───"))]
    assert rehearsal.stage(script).startswith(head)


def test_the_functions_are_those_of_production(script: bash.Script) -> None:
    staged = rehearsal.stage(script)
    assert dispatched(staged) == dispatched(script.text) == list(rehearsal.functions(script))
    for name in rehearsal.functions(script):
        assert f"\n{name}() {{\n  rbc_stand_in {name}\n}}\n" in staged


def test_nothing_of_the_operators_commands_is_left(script: bash.Script) -> None:
    staged = rehearsal.stage(script)
    world = staged[: staged.index("\nrbc_world() {")]
    assert "touch" not in world
    assert "docker compose -f" not in world
    bodies = re.findall(r"^\w+\(\) \{\n(.*?)^\}", world, re.MULTILINE | re.DOTALL)
    assert len(bodies) == len(rehearsal.functions(script))
    assert all(re.fullmatch(r"  rbc_stand_in \w+\n", body) for body in bodies)


def test_only_the_worlds_own_pieces_are_replaced() -> None:
    assert set(rehearsal.world_pieces()) == {
        "runtime/clock.sh", "runtime/envfile.sh", "runtime/sudo.sh", "runtime/tools.sh",
    }  # fmt: skip
    assert all(real in names("runtime", ".sh") for real in rehearsal.world_pieces())
    for real, own in rehearsal.world_pieces().items():
        defined = set(re.findall(r"^(\w+)\(\)", read(real).text, re.MULTILINE))
        called = {name for name in defined if any(name in read(n).text for n in names("runtime", ".sh") if n != real)}
        called |= {name for name in defined if name in read("bash/glue.sh.j2").text}
        assert called <= set(re.findall(r"^(\w+)\(\)", read(own).text, re.MULTILINE)), real


def test_the_pieces_are_formatted_and_clean() -> None:
    folder = PROJECT / "templates/rehearsal"
    pieces = sorted(map(str, folder.glob("*.sh")))
    assert subprocess.run([SHFMT, "-i", "2", "-ci", "-d", *pieces], check=False).returncode == 0


def test_the_production_script_knows_nothing_of_rehearsals(script: bash.Script) -> None:
    for word in ("RBC_REHEARSAL", "rbc_stand_in", "rbc_fault"):
        assert word not in script.text
