"""docs/rehearse.md: its example is executed, and its tables are what there is."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from compiler.cli import cli
from compiler.rehearse import invariants

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "rehearse.md").read_text(encoding="utf-8")


def fence(language: str) -> str:
    return PAGE.partition(f"\n```{language}\n")[2].partition("\n```\n")[0] + "\n"


def test_the_example_is_what_a_rehearsal_prints(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    (tmp_path / "specs").mkdir()
    spec = tmp_path / "specs" / "web.rb"
    spec.write_text(fence("rb"))
    done = CliRunner().invoke(cli, ["rehearse", str(spec)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == fence("text")


def test_every_rule_is_listed() -> None:
    listed = re.findall(r"^- (.+?)[;.]$", PAGE.partition("\n## What must hold\n")[2].partition("\n## ")[0], re.MULTILINE)
    assert listed == [invariants.name(rule) for rule in invariants.RULES]
