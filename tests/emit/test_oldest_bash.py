"""Scripts say that bash 4.4 is enough, so nothing in them is newer."""

from __future__ import annotations

from pathlib import Path

import pytest
from newer import OLDEST, PROVIDED_FOR, RULES, newer

ROOT = Path(__file__).resolve().parents[2]
PIECES = sorted((ROOT / "templates").glob("runtime/*.sh")) + sorted((ROOT / "templates").glob("bash/*.j2"))
BUILT = sorted((ROOT / "out").glob("**/*.sh"))


@pytest.mark.parametrize("name", RULES)
def test_each_rule_finds_what_it_is_for_and_not_what_looks_like_it(name: str) -> None:
    rule = RULES[name]
    assert [what for _, what, _ in newer(f"# {rule.bad}\n{rule.good}\n{rule.bad}\n")] == [f"{name} (bash {rule.since})"]
    assert [number for number, _, _ in newer(f"# {rule.bad}\n{rule.good}\n{rule.bad}\n")] == [3]


def test_what_is_provided_for_is_only_that_line() -> None:
    for name, lines in PROVIDED_FOR.items():
        for line in lines:
            assert list(newer(f"  {line}\n")) == []
            assert [what for _, what, _ in newer(f"{line} :\n")] == [f"{name} (bash {RULES[name].since})"]


@pytest.mark.parametrize("path", PIECES + BUILT, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_newer_than_the_script_says(path: Path) -> None:
    assert list(newer(path.read_text(encoding="utf-8"))) == []


def test_the_scripts_refuse_exactly_what_is_older() -> None:
    header = (ROOT / "templates" / "bash" / "header.sh.j2").read_text(encoding="utf-8")
    major, minor = OLDEST.split(".")
    assert f"'' | [0-{int(major) - 1}].* | {major}.[0-{int(minor) - 1}].*)" in header
    assert len(PIECES) > 40 and BUILT
