"""From `rbc rehearse` to the runbook: kept beside the script, told where it matches, survived by builds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import SMALL

PROJECT = Path(__file__).resolve().parents[2]
Rbc = Callable[..., "subprocess.CompletedProcess[str]"]
TITLE = "## What happens when …"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "rbc.toml").touch()
    (folder / "specs").mkdir()
    small = SMALL.replace("  trouble  odd\n", "  trouble odd\n")
    (folder / "specs" / "t.rb").write_text(small)
    return folder


@pytest.fixture(scope="module")
def rbc(project: Path, cache: Path) -> Rbc:
    def run(*arguments: str, check: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-c", "from compiler.cli import main; main()", *arguments],
            cwd=project,
            env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == check, done.stdout + done.stderr
        return done

    return run


def test_from_rehearsal_to_runbook(project: Path, rbc: Rbc) -> None:
    out = project / "out" / "t"
    spec = project / "specs" / "t.rb"
    rbc("build", "specs")
    readme = out / "README.md"
    assert TITLE in readme.read_text()
    assert "Not rehearsed" in readme.read_text()
    assert "rbc rehearse specs/t.rb" in readme.read_text()

    said = rbc("rehearse", "specs/t.rb")
    assert "ROLLED BACK, VERIFIED (4)" in said.stdout
    kept = (out / "rehearsal.json").read_bytes()
    assert [script["held"] for script in json.loads(kept)["scripts"]] == [True]
    assert str(project) not in kept.decode()

    assert rbc("build", "specs").stdout == "built out/t\n"
    table = readme.read_text().partition(TITLE)[2].partition("\n## ")[0]
    row = next(line for line in table.splitlines() if "| 1.3 to 2.2 |" in line).replace("\\", "")
    wanted = ("1.3 to 2.2", "as far as it had come", "what had begun", "held", "ROLLED BACK, VERIFIED (4); as before")
    assert row == f"| {' | '.join(wanted)} |"
    assert (out / "rehearsal.json").read_bytes() == kept, "a build keeps it as it is"
    assert set(json.loads((out / "manifest.json").read_text())["outputs"]) == {"README.md", "rehearsal.json", "t.sh"}
    assert rbc("build", "specs").stdout == "nothing to do\n"
    assert rbc("build", "--check", "specs").stdout == "nothing to do\n"

    spec.write_text("# a comment\n" + spec.read_text())
    rbc("build", "specs")
    assert "Not rehearsed" not in readme.read_text(), "a comment changes neither driver nor Plan"

    spec.write_text(spec.read_text().replace("timeout 1m", "timeout 2m"))
    assert "warning[RB625]" in rbc("build", "specs").stderr
    assert "warning[RB625]" in rbc("build", "--check", "specs").stderr
    assert "Not rehearsed" in readme.read_text()
    assert (out / "rehearsal.json").read_bytes() == kept

    (out / "rehearsal.json").write_text("{}")
    assert "RB605" in rbc("build", "specs", check=1).stderr, "not one of ours: it is not thrown away silently"


def test_a_library_has_nothing_to_rehearse(project: Path, rbc: Rbc) -> None:
    (project / "specs" / "library.rb").write_text("values v {\n  key one\n}\n")
    assert "RB609" in rbc("rehearse", "specs/library.rb", check=1).stderr
