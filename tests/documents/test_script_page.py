"""docs/script.md: the tests that it names exist, and its tables are what scripts have."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from compiler.emit import locale
from compiler.emit.bash import COMMANDS

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "script.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 60
    for file, test in named:
        functions = {
            node.name
            for node in ast.parse((PROJECT / file).read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        assert not test or test in functions, f"{file}::{test}"


def test_every_part_names_its_tests() -> None:
    parts = PAGE.split("\n## ")[1:]
    assert all("Shown by" in part for part in parts), [part.splitlines()[0] for part in parts if "Shown by" not in part]


def test_the_commands_are_those_of_a_script() -> None:
    listed = re.findall(r"^\| `(\w+)", section("Commands"), re.MULTILINE)
    assert set(listed) == {*COMMANDS, "accept"}


def test_the_outcomes_are_in_the_words_of_a_script() -> None:
    words = locale.load("outcome", "en")
    rows = re.findall(r"^\| (\d) \| (.+?) \| (.+?) \|$", section("Outcomes"), re.MULTILINE)
    assert rows == [(str(n), words[f"outcome.{n}"], words[f"outcome.{n}.text"]) for n in range(10)]


def test_every_option_that_a_script_takes_is_listed() -> None:
    main = (PROJECT / "templates" / "runtime" / "main.sh").read_text(encoding="utf-8")
    parse = main[main.index("rbc_parse() {") : main.index("rbc_help() {")]
    taken = set(re.findall(r"(--[a-z][a-z-]+)(?= ?[|)])", parse))
    listed = set(re.findall(r"--[a-z][a-z-]+", section("Options") + section("Commands")))
    assert taken >= {"--yes", "--from", "--skip", "--head", "--state-dir"}
    assert taken - {"--help"} <= listed
