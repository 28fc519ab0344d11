"""The wheel, installed into a fresh environment, is the whole compiler."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, PROJECT], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_templates_pages_and_starter_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    shipped = {
        f"compiler/_templates/{path.relative_to(PROJECT / 'templates').as_posix()}"
        for path in (PROJECT / "templates").rglob("*")
        if path.is_file()
    }
    kept = {
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "compiler").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "_templates" not in path.parts
    }
    assert shipped | kept <= names
    assert all(name.startswith(("compiler/", "runbook_compiler-")) for name in names)


def test_installed_it_builds_the_gateway_as_the_checkout_does(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / "bin"
    subprocess.run([binaries / "pip", "--disable-pip-version-check", "install", "-q", wheel], check=True)
    project = tmp_path / "project"
    (project / "specs").mkdir(parents=True)
    (project / "rbc.toml").touch()
    (project / "specs" / "gateway.rb").write_bytes((PROJECT / "specs" / "gateway.rb").read_bytes())
    (project / "out" / "gateway").mkdir(parents=True)
    rehearsal = Path("out", "gateway", "rehearsal.json")
    (project / rehearsal).write_bytes((PROJECT / rehearsal).read_bytes())
    # Nothing but the environment's own: no checkout on the path, no tools beside it.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [binaries / "rbc", "build", "specs/gateway.rb"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "built out/gateway\n"), done.stderr
    for name in ("gateway.sh", "README.md"):
        assert (project / "out" / "gateway" / name).read_bytes() == (PROJECT / "out" / "gateway" / name).read_bytes()
    assert os.access(project / "out" / "gateway" / "gateway.sh", os.X_OK)
