"""A spec with procedures: a script for each, one README, one manifest; commands of one script ask which."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from compiler.build.compiling import compile_spec
from compiler.build.inputs import collect
from compiler.cli import cli

SPEC = """runbook demo {
  title "Demo"
}
probe up "It answers" {
  http https://demo.example/health
}
phase look "Look" {
  check up
}
section "Before" "Words before."
procedure first "First job" {
  note "For the first job."
  phase look
}
procedure second "Second job" {
  phase look
}
checklist "Behind" {
  item "Done"
}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "rbc.toml").touch()
    path = tmp_path / "demo.rb"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_scripts_lie_beside_each_other_and_the_manifest_names_all(spec: Path) -> None:
    outcome = compile_spec(collect([spec]).specs[0])
    assert not outcome.diagnostics
    assert set(outcome.files) == {"first.sh", "second.sh", "README.md", "manifest.json"}
    assert set(json.loads(outcome.files["manifest.json"])["outputs"]) == {"first.sh", "second.sh", "README.md"}
    assert b"demo.second" in outcome.files["second.sh"]


def test_the_runbook_has_a_chapter_for_each_in_the_files_order(spec: Path) -> None:
    text = compile_spec(collect([spec]).specs[0]).files["README.md"].decode()
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [t for t in titles if t in ("Before", "First job", "Second job", "Outcomes", "Behind")] == [
        "Before",
        "First job",
        "Second job",
        "Outcomes",
        "Behind",
    ]
    assert text.count("### 1 Look") == 2
    assert text.count("## Outcomes") == 1
    assert "](#1-look-1)" in text.split("## Second job", 1)[1] or "#1-look-1" not in text
    assert "For the first job." in text


@pytest.mark.parametrize("command", [["plan", "--json"], ["paste"]])
def test_a_command_of_one_script_asks_which(spec: Path, command: list[str]) -> None:
    refused = CliRunner().invoke(cli, [*command, str(spec)])
    assert refused.exit_code == 1
    assert "RB610" in refused.output
    named = CliRunner().invoke(cli, [*command, str(spec), "--procedure", "second"])
    assert named.exit_code == 0
    assert "second.sh" in named.output
    assert "first.sh" not in named.output


def test_the_plan_of_all_is_shown(spec: Path) -> None:
    shown = CliRunner().invoke(cli, ["plan", str(spec)])
    assert shown.exit_code == 0
    assert "Demo: First job" in shown.output
    assert "Demo: Second job" in shown.output
