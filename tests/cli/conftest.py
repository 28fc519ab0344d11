from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
Rbc = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "rbc.toml").touch()
    return folder


@pytest.fixture
def rbc(project: Path, cache: Path) -> Rbc:
    """Run `rbc` as a process of its own in the project."""

    def run(*arguments: str | Path, check: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "_RBC_COMPLETE")}
        done = subprocess.run(
            [sys.executable, "-c", "from compiler.cli import main; main()", *map(str, arguments)],
            cwd=project,
            env=inherited | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(PROJECT)} | environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert check is None or done.returncode == check, done.stdout + done.stderr
        return done

    return run


SPEC = """
runbook {name} {{
  title "{name}"
  lang  en
}}

{extra}

probe here "Here" {{
  file /etc/hostname
}}

phase look "Look" {{
  check here
}}
"""


@pytest.fixture
def write(project: Path) -> Callable[..., Path]:
    """Write a small spec that builds; `extra` is added to its text."""

    def spec(name: str, extra: str = "") -> Path:
        path = project / "specs" / f"{name}.rb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SPEC.format(name=path.stem, extra=extra))
        return path

    return spec
