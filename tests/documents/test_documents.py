"""What documents say is what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

import reference
from excerpts import MARK, PROJECT, renewed

DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")])
LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)\)")
SETUP = re.compile(r"^(python3 -m venv .*)$", re.MULTILINE)


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.name)
def document(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_excerpts_are_what_the_files_say(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert len(MARK.findall(text)) == text.count("<!-- excerpt ")
    assert renewed(text) == text, "python tests/documents/excerpts.py writes them anew"


def test_readme_shows_spec_script_and_runbook() -> None:
    shown = {match["file"] for match in MARK.finditer((PROJECT / "README.md").read_text(encoding="utf-8"))}
    assert shown == {"specs/gateway.rb", "out/gateway/gateway.sh", "out/gateway/README.md"}


def test_links_lead_to_files_of_the_project(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if not target.startswith(("https://", "#")):
            assert (document.parent / target.split("#")[0]).exists(), target


def test_paths_of_the_project_that_are_named_exist(document: Path) -> None:
    if document.name in ("CHANGELOG.md", "layout.md"):  # these speak of specs that are only examples
        return
    for name in re.findall(
        r"`((?:compiler|templates|tests|docs|benchmarks|out|\.ci)/[\w./-]*)`", document.read_text(encoding="utf-8")
    ):
        assert (PROJECT / name).exists() or "nnn" in name, name


def test_the_page_of_the_command_line_is_its_help() -> None:
    assert (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8") == reference.text()


def test_the_layout_page_has_every_example_right() -> None:
    from compiler.build import layout

    rows = re.findall(
        r"^\| `(\S+\.rb)` \| `out/(\S+)/` \|$", (PROJECT / "docs" / "layout.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) == 4
    assert all(layout.folder(name).as_posix() == folder for name, folder in rows)


def test_both_set_up_commands_are_what_ci_runs() -> None:
    commands = SETUP.findall((PROJECT / "README.md").read_text(encoding="utf-8"))
    assert len(commands) == 2
    ci = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    for command in commands:
        assert command in ci, "the README's commands, as printed, are what .ci/run runs"


def test_documents_are_clean_markdown() -> None:
    scan = [sys.executable, "-m", "pymarkdown", "--disable-rules", "md013,md024,md033,md041", "scan", *map(str, DOCUMENTS)]
    done = subprocess.run(scan, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
