"""`--help`, word for word, and that it names every option that the script takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from .specs import HEAD, THREE, step
from .worlds import World

Make = Callable[[str], World]
RICH = (
    HEAD.replace("}\n", "  window daily 00:00-24:00 Europe/Berlin\n}\n")
    + 'param where path {\n  note "Where to, in so many words that no single line has room for all of them."\n  default /srv\n}\n'
    + 'phase one "One" {\n  confirm sure "Sure?" {}\n  choose how "How" {\n    option fast "Fast" default {\n'
    + step("quick", 'echo "$where"')
    + '    }\n    option slow "Slow" {\n'
    + step("careful")
    + "    }\n  }\n}\n"
)


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("spec", [THREE, RICH], ids=["small", "rich"])
def test_help_word_for_word(world: Make, spec: str, lang: str, snapshot: SnapshotAssertion) -> None:
    done = world(spec.replace("lang en", f"lang {lang}")).run("--help")
    assert done.code == 0
    assert [line for line in done.out.splitlines() if len(line) > 80] == []
    assert done.out == snapshot


def test_help_names_every_option_that_is_taken(world: Make) -> None:
    w = world(RICH)
    text = w.path.read_text()
    (body,) = re.findall(r"^rbc_parse\(\) \{\n(.*?)^\}\n", text, re.MULTILINE | re.DOTALL)
    taken = set(re.findall(r"(?<![\w-])--[a-z-]+(?=[ |)])", body)) - {"--"}
    assert {"--yes", "--skip", "--head", "--outside-window"} <= taken
    said = w.run("--help").out
    assert {option for option in taken if option not in said} == set()


def test_what_is_against_a_rule_needs_its_reason(world: Make) -> None:
    w = world(RICH)
    for option in ("--anew", "--outside-window"):
        refused = w.run("--yes", option)
        assert refused.code == 2
        assert f"{option} needs a reason" in refused.err
    assert not Path(w.folder / "state").exists()


@pytest.mark.parametrize("number", ["0", "-1", "many", "a[$(echo evil >>log)]"])
def test_how_many_runs_are_kept_is_a_number_before_it_is_counted_with(world: Make, number: str) -> None:
    w = world(THREE)
    refused = w.run("--yes", f"--keep={number}")
    assert refused.code == 2
    assert "--keep" in refused.err
    assert w.log == []


@pytest.mark.parametrize("spec", [THREE, RICH], ids=["small", "rich"])
def test_a_script_has_no_text_that_it_does_not_say(world: Make, spec: str) -> None:
    text = world(spec).path.read_text()
    (table,) = re.findall(r"^declare -rA RBC_TEXT=\(\n(.*?)^\)\n", text, re.MULTILINE | re.DOTALL)
    code = re.sub(r"(?m)^ *#.*", "", text.partition(table)[2])
    keys = re.findall(r"(?m)^  \['(\w+)'\]=", table)
    assert len(keys) > 50
    begun = set(re.findall(r"\b((?:[a-z]+_)+)\$", code))
    (commands,) = re.findall(r"^readonly RBC_COMMANDS='(.*)'$", text, re.MULTILINE)
    assert {key for key in keys if key.startswith("help_")} - {"help_usage", "help_options", "help_parameters"} == {
        f"help_{name}" for name in commands.split()
    }
    assert [key for key in keys if not re.search(rf"\b{key}\b", code) and not any(key.startswith(b) for b in begun)] == []
