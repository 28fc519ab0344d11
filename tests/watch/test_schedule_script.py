"""The script of a schedule, started as a timer starts it; and the runbook's commands that bring it to a host and away again."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from compiler import pipeline
from compiler.emit import markdown, shellcheck, watch
from compiler.project import Project

SPEC = """runbook demo {
  title "Demo"
}
probe up "It is up" {
  file     WORLD/up
  diagnose $ echo looking around
}
probe nice "Nice to have" {
  file     WORLD/nice
  optional "only informs"
}
probe slow "It answers in time" {
  succeeds $ sleep "$(<WORLD/seconds)"
  timeout  1s
}
phase look "Look" {
  check up, nice, slow
}
schedule "With cure" {
  every 5m
  check nice
  check up every 1s for 2s
  check slow
  otherwise {
    $ cat WORLD/cure >/dev/null
    $ echo cured >>WORLD/log
    timeout 2s
  }
}
schedule "Without cure" {
  every 5m
  check up
}
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs, with WORLD as a folder that each test gives its own place."""
    folder = tmp_path_factory.mktemp("schedule")
    (folder / "rbc.toml").touch()
    (folder / "demo.rb").write_text(SPEC.replace("WORLD", "/WORLD"), encoding="utf-8")
    project = Project(folder)
    plans, found = pipeline.plans(project.read(folder / "demo.rb"), project)
    assert not found
    made = watch.emit(plans[0])
    assert not [finding for script in made.scripts for finding in shellcheck.lint_alone(script)]
    return {"README.md": markdown.emit_all(plans), **made.files}


@pytest.fixture
def world(template: dict[str, str], tmp_path: Path) -> Path:
    for name, text in template.items():
        path = tmp_path / name
        path.write_text(text.replace("/WORLD", str(tmp_path)), encoding="utf-8")
        path.chmod(0o755 if name.endswith(".sh") else 0o644)
    (tmp_path / "seconds").write_text("0", encoding="utf-8")
    for name in ("up", "cure"):
        (tmp_path / name).touch()
    return tmp_path


def started(world: Path, which: str = "with_cure") -> subprocess.CompletedProcess[str]:
    """As systemd starts it: in `/`, with next to no environment."""
    return subprocess.run(
        [world / f"demo-{which}.sh"],
        cwd="/",
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_all_well_is_one_line_a_probe_and_nothing_done(world: Path) -> None:
    (world / "nice").touch()
    ended = started(world)
    assert ended.returncode == 0
    assert ended.stdout.splitlines() == ["✓ Nice to have", "✓ It is up", "✓ It answers in time"]
    assert not (world / "log").exists()


def test_an_optional_probe_does_not_count(world: Path) -> None:
    ended = started(world)
    assert ended.returncode == 0
    assert "✗ Nice to have" in ended.stderr
    assert not (world / "log").exists()


def test_a_failing_probe_is_looked_into_and_what_is_said_otherwise_is_done_once(world: Path) -> None:
    (world / "up").unlink()
    ended = started(world)
    assert ended.returncode == 0
    assert "✗ It is up" in ended.stderr
    assert "looking around" in ended.stdout
    assert "✓ It answers in time" in ended.stdout
    assert (world / "log").read_text(encoding="utf-8") == "cured\n"


def test_what_comes_back_within_the_patience_is_no_failure(world: Path) -> None:
    (world / "up").unlink()
    (world / "demo-with_cure.sh").write_text(
        (world / "demo-with_cure.sh").read_text(encoding="utf-8").replace("  sleep ", f"  touch {world}/up; sleep "),
        encoding="utf-8",
    )
    ended = started(world)
    assert ended.returncode == 0
    assert "✓ It is up" in ended.stdout
    assert not (world / "log").exists()


def test_a_probe_that_hangs_is_ended_and_counts_as_failed(world: Path) -> None:
    (world / "seconds").write_text("50", encoding="utf-8")
    ended = started(world)
    assert ended.returncode == 0
    assert "✗ It answers in time" in ended.stderr
    assert (world / "log").exists()


def test_where_that_fails_too_the_unit_fails_and_errexit_holds(world: Path) -> None:
    (world / "up").unlink()
    (world / "cure").unlink()
    ended = started(world)
    assert ended.returncode == 1
    assert "That failed, too." in ended.stderr
    assert not (world / "log").exists()


def test_without_a_cure_the_unit_fails(world: Path) -> None:
    assert started(world, "without_cure").returncode == 0
    (world / "up").unlink()
    assert started(world, "without_cure").returncode == 1


def test_the_runbooks_commands_install_and_remove_it(world: Path, template: dict[str, str]) -> None:
    """Every block of the schedule's chapter, in its order, on a host whose folders lie in the world."""
    chapter = template["README.md"].split("\n## With cure\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```bash\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    setup, _, away, cron, no_more_cron = blocks[-5:]
    places = {"/usr/local/sbin": "sbin", "/etc/systemd/system": "units", "/etc/cron.d": "cron"}
    tools = world / "tools"
    tools.mkdir()
    for tool, does in (("sudo", '"$@"'), ("systemctl", f'echo "$*" >>{world}/systemctl')):
        (tools / tool).write_text(f"#!/bin/bash\n{does}\n", encoding="utf-8")
        (tools / tool).chmod(0o755)

    def run(block: str) -> set[str]:
        for place, here in places.items():
            (world / here).mkdir(exist_ok=True)
            block = block.replace(place, str(world / here))
        path = f"{tools}:{os.environ['PATH']}"
        subprocess.run(["bash", "-euc", block], cwd=world, check=True, env={"PATH": path}, stdout=subprocess.DEVNULL)
        return {f"{here}/{path.name}" for here in places.values() for path in (world / here).iterdir()}

    assert run(setup) == {"sbin/demo-with_cure.sh", "units/demo-with_cure.service", "units/demo-with_cure.timer"}
    assert os.access(world / "sbin" / "demo-with_cure.sh", os.X_OK)
    assert run(away) == set()
    assert run(cron) == {"sbin/demo-with_cure.sh", "cron/demo-with_cure"}
    path, line = (world / "cron" / "demo-with_cure").read_text(encoding="utf-8").splitlines()
    assert path.endswith(":/usr/bin:/sbin:/bin")
    assert line.startswith("*/5 * * * * root flock -n ")
    assert run(no_more_cron) == set()
    asked = (world / "systemctl").read_text(encoding="utf-8").splitlines()
    assert asked == [
        "daemon-reload",
        "enable --now demo-with_cure.timer",
        "disable --now demo-with_cure.timer",
        "daemon-reload",
    ]
