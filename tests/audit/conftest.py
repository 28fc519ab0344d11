"""A real log: a small script is compiled and run once; tests change copies of what it wrote."""

from __future__ import annotations

import pytest
from runs import SPEC, Run

from compiler import pipeline
from compiler.project import Project


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("audit")
    (folder / "rbc.toml").touch()
    (folder / "good").write_text("kept\n")
    (folder / "broken").touch()
    spec = folder / "t.rb"
    spec.write_text(SPEC)
    project = Project(folder)
    compiled = pipeline.compile(project.read(spec), project)
    assert compiled.script is not None, compiled.diagnostics
    script = folder / "t.sh"
    script.write_text(compiled.script.text)
    script.chmod(0o755)
    run = Run(script, folder / "state", b"")
    done = run.asked("--yes", "--where", 'ä "quoted" \\ and more')
    assert done.returncode == 4, done
    return Run(script, folder / "state", run.path.read_bytes())
