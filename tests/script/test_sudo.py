"""Commands that use sudo: the password is asked for once, before the first probe, and what it gave is kept alive."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from .specs import HEAD, OK_PROBE, step
from .worlds import World, finish

Make = Callable[[str], World]
NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
SPEC = (
    HEAD
    + OK_PROBE
    + 'phase one "One" {\n  check fine\n'
    + '  hold calm "Calm" {\n    for 2s\n    watch fine every 1s\n  }\n'
    + step("a", "sudo touch made")
    + "}\n"
)
# Who asks, and with what: `-v` asks for the password, `-n` never does.
SUDO = r"""#!/bin/bash
printf '%s\n' "$*" >>sudo.log
[[ ! -e no-rights ]] || exit 1
case "$*" in
  -v) read -r -s -p 'Password: ' word </dev/tty; [[ "${word}" == right ]] ;;
  '-n -v') ;;
  *) "$@" ;;
esac
"""
root = pytest.mark.skipif(os.geteuid() != 0, reason="another user needs root")


@pytest.fixture
def asking(world: Make) -> World:
    """A world of somebody who is not root, with a sudo of its own; its ticket is renewed often."""
    w = world(SPEC)
    w.path.write_text(w.path.read_text().replace("read -r -t 50 -u", "read -r -t 0.3 -u"))
    (w.folder / "bin").mkdir()
    (w.folder / "bin/sudo").write_text(SUDO)
    (w.folder / "bin/sudo").chmod(0o755)
    (w.folder / "good").touch()
    for folder in (w.folder, *w.folder.parents):
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    w.folder.chmod(0o777)
    return w


def env(w: World) -> dict[str, str]:
    return {"PATH": f"{w.folder}/bin:{os.environ['PATH']}"}


def asked(w: World) -> list[str]:
    path = w.folder / "sudo.log"
    return path.read_text().splitlines() if path.exists() else []


@root
def test_without_a_terminal_nothing_is_asked_and_the_ticket_is_kept_through_a_hold(asking: World) -> None:
    done = asking.run("--yes", env=env(asking), start=NOBODY)
    assert done.code == 0, done
    words = asked(asking)
    assert words[0] == "-n -v"
    assert words.count("-n -v") > 4, "it was renewed while the hold watched"
    assert "touch made" in words
    time.sleep(1)
    assert len(asked(asking)) == len(words), "nobody renews it after the run"


@root
def test_no_rights_are_a_refusal_before_the_first_probe(asking: World) -> None:
    (asking.folder / "no-rights").touch()
    refused = asking.run("--yes", env=env(asking), start=NOBODY)
    assert refused.code == 7
    assert "sudo" in refused.err
    assert asking.log == []


@root
def test_on_a_terminal_the_password_is_asked_for_once_and_first(asking: World) -> None:
    child = pexpect.spawn(
        NOBODY[0],
        [*NOBODY[1:], str(asking.path), "--yes"],
        cwd=str(asking.folder),
        env={**asking.environment, **env(asking)},
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 80),
    )
    child.expect("Password: ")
    assert "safer" in (child.before or "")
    assert "All fine" not in (child.before or "")
    child.sendline("right")
    assert finish(child) == 0
    assert asked(asking).count("-v") == 1


@root
def test_nobody_types_a_password_for_what_does_not_begin_anyway(asking: World) -> None:
    asking.path.write_text(
        asking.path.read_text().replace("RBC_NEEDS=(\n", "RBC_NEEDS=(\n  'nosuchtool' '' '' '' 'needed=always'\n")
    )
    child = pexpect.spawn(
        NOBODY[0],
        [*NOBODY[1:], str(asking.path), "--yes"],
        cwd=str(asking.folder),
        env={**asking.environment, **env(asking)},
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 80),
    )
    assert finish(child) == 7
    assert asked(asking) == []


def test_root_is_asked_for_nothing(asking: World) -> None:
    if os.geteuid() == 0:
        assert asking.run("--yes", env=env(asking)).code == 0
        assert asked(asking) == ["touch made"]
