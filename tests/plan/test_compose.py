"""The text of the compose commands; what they do on a real engine is in `tests/e2e/test_compose.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from compiler.plan import compose

ARGS = ("-f", "compose.gateway.yml", "-p", "gateway")
PARTS = {"all": (), "one": ("web",), "two": ("web", "db")}
BIN = Path(sys.executable).parent

TEXTS = {
    f"{name}-{parts}": text
    for parts, given in PARTS.items()
    for name, text in {
        "record": compose.record(ARGS, given),
        "pull": compose.pull(ARGS, given, build=False),
        "build": compose.pull(ARGS, given, build=True),
        "up": compose.up(ARGS, given),
        "undo_pull": compose.undo_pull("before_update"),
        "undo_up": compose.undo_up(ARGS, given, "before_update"),
        "wait": compose.wait(ARGS, given, "before_update"),
        "running": compose.look(ARGS, given, healthy=False),
        "healthy": compose.look(ARGS, given, healthy=True),
    }.items()
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_shellcheck_and_shfmt_have_nothing_to_say(text: str) -> None:
    script = f"#!/bin/bash\nset -euo pipefail\nshopt -s inherit_errexit\ndeclare -x before_update\n{text}\n"
    found = subprocess.run([BIN / "shellcheck", "--norc", "-o", "all", "-"], input=script, text=True, capture_output=True)
    assert found.returncode == 0, found.stdout
    formatted = subprocess.run([BIN / "shfmt", "-i", "2", "-ci"], input=script, text=True, capture_output=True, check=True)
    assert formatted.stdout == script


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_docker_compose_has_the_settings_of_its_service(text: str) -> None:
    for line in text.splitlines():
        if "docker compose" in line:
            assert f"docker compose {' '.join(ARGS)} " in line


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_lines_fit_a_screen_and_none_ends_the_readers_own_shell(text: str) -> None:
    assert max(len(line) for line in text.splitlines()) <= 140
    assert not any(line.split()[:1] in (["exit"], ["exec"], ["set"]) for line in text.splitlines())


def test_parts_keep_to_themselves() -> None:
    assert compose.up(("-f", "a.yml"), ("web",)) == "docker compose -f a.yml up -d --no-deps web"
    assert compose.up(("-f", "a.yml"), ()) == "docker compose -f a.yml up -d"
    assert compose.pull(("-f", "a.yml"), ("web", "db"), build=True) == "docker compose -f a.yml build --pull web db"


def test_a_way_back_needs_the_files_by_name() -> None:
    with pytest.raises(ValueError, match="compose files by name"):
        compose.undo_up(("-p", "gateway"), (), "before_update")
