"""How scripts reach hosts: each way works or is refused in one clear line before anything ran."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .specs import HEAD, THREE, step
from .worlds import World

Make = Callable[[str], World]
SHELLS = [["dash"], ["zsh"], ["busybox", "sh"]]


@pytest.mark.parametrize("shell", SHELLS, ids=lambda s: s[0])
def test_another_shell_is_refused_in_one_line(world: Make, shell: list[str]) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    w = world(THREE)
    result = w.run("--yes", start=tuple(shell))
    assert result.code == 7
    assert len(result.err.splitlines()) == 1
    assert "bash" in result.err
    assert w.log == []


def test_windows_line_endings_are_refused_in_one_line(world: Make) -> None:
    w = world(THREE)
    w.path.write_bytes(w.path.read_bytes().replace(b"\n", b"\r\n"))
    for shell in ("bash", "dash"):
        result = w.run("--yes", start=(shell,))
        assert result.code == 7
        assert len(result.err.splitlines()) == 1
        assert "CRLF" in result.err
    assert w.log == []


def test_a_pipe_is_refused_in_one_line(world: Make) -> None:
    w = world(THREE)
    done = subprocess.run(
        ["bash"], stdin=w.path.open(), cwd=w.folder, env=w.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("version", "works"), [("", False), ("3.2.57(1)-release", False), ("4.3.48", False), ("4.4.0", True), ("10.1", True)]
)
def test_an_old_bash_is_refused_in_one_line(world: Make, version: str, works: bool) -> None:
    """What a script asks is put into its mouth; the runtime of bash 5.1 runs the whole suite elsewhere."""
    w = world(THREE)
    w.path.write_text(w.path.read_text().replace("${BASH_VERSION-}", version, 1))
    result = w.run("--yes")
    assert result.code == (0 if works else 7)
    assert w.log == (["a", "b", "c"] if works else [])
    if not works:
        assert len(result.err.splitlines()) == 1
        assert "bash 4.4" in result.err


def test_sourcing_is_refused_and_the_shell_lives_on(world: Make) -> None:
    w = world(THREE)
    done = subprocess.run(
        ["bash", "-c", ". ./t.sh --yes; echo alive $?"],
        cwd=w.folder,
        env=w.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "alive 7\n"
    assert w.log == []


def test_started_with_bash_by_name_it_works(world: Make) -> None:
    w = world(THREE)
    assert w.run("--yes", start=("bash",)).code == 0


def test_no_prefix_of_a_script_has_a_side_effect(world: Make) -> None:
    """Every line end, and every byte of the last line and of the header."""
    w = world(THREE)
    text = w.path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(text) if byte == 10]
    cuts = sorted({*ends[::25], *range(ends[12]), *range(len(text) - 40, len(text) - 1)})
    script = (
        "for n in $(cat cuts); do head -c $n t.sh >cut.sh; timeout 20 bash cut.sh --yes </dev/null >/dev/null 2>&1; done; ls -A"
    )
    (w.folder / "cuts").write_text(" ".join(map(str, cuts)))
    done = subprocess.run(["bash", "-c", script], cwd=w.folder, env=w.environment, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split()) == ["cut.sh", "cuts", "t.sh"]


HOSTILE = {
    "BASH_ENV": {"BASH_ENV": "./evil.sh"},
    "ENV": {"ENV": "./evil.sh", "POSIXLY_CORRECT": "1"},
    "SHELLOPTS": {"SHELLOPTS": "noexec"},
    "a function": {"BASH_FUNC_cd%%": "() { echo evil >>log; }", "BASH_FUNC_printf%%": "() { echo evil >>log; }"},
    "IFS": {"IFS": "abc"},
    "PATH": {"PATH": ".::/usr/bin:/bin"},
    "an empty PATH": {"PATH": ""},
    "locale": {"LC_ALL": "nowhere.UTF-8"},
    "CDPATH": {"CDPATH": "/tmp"},
    "GLOBIGNORE": {"GLOBIGNORE": "*"},
    "TMOUT": {"TMOUT": "1"},
    "BASH_COMPAT": {"BASH_COMPAT": "3.1"},
    "FUNCNEST": {"FUNCNEST": "2"},
    "EXECIGNORE": {"EXECIGNORE": "*"},
    "a prompt": {"PS4": "$(echo evil >>log)", "PROMPT_COMMAND": "echo evil >>log", "PS1": "$(echo evil >>log)"},
}


@pytest.mark.parametrize("env", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_environment_changes_nothing(world: Make, env: dict[str, str]) -> None:
    w = world(THREE)
    (w.folder / "evil.sh").write_text("echo evil >>log\n")
    (w.folder / "sha256sum").write_text("#!/bin/sh\necho evil >>log\n")
    (w.folder / "sha256sum").chmod(0o755)
    result = w.run("--yes", env=env)
    assert result.code == 0, result
    assert w.log == ["a", "b", "c"]


@pytest.mark.parametrize(
    "env", [HOSTILE[name] for name in ("BASH_ENV", "ENV", "SHELLOPTS", "a function")], ids=lambda e: next(iter(e))
)
def test_nor_does_it_where_bash_is_named(world: Make, env: dict[str, str]) -> None:
    """What BASH_ENV names has run by then: bash reads it before the script's first line. The steps are not touched by it."""
    w = world(THREE)
    (w.folder / "evil.sh").write_text("export PATH=/nowhere BASH_ENV; cd() { echo evil >>log; }; export -f cd\n")
    result = w.run("--yes", env=env, start=("/bin/bash",))
    if "SHELLOPTS" in env:
        assert result.code == 0
        assert w.log == []  # bash itself was told to execute nothing
    else:
        assert result.code == 0, result
        assert w.log == ["a", "b", "c"]


def test_a_step_waits_for_its_input_as_long_as_it_likes(world: Make) -> None:
    """Many servers set TMOUT for all logins; `read` then gives up on its own."""
    w = world(HEAD + 'phase one "One" {\n' + step("a", '(sleep 1.5; echo late) | { read -r word; echo "$word" >>log; }') + "}\n")
    assert w.run("--yes", env={"TMOUT": "1"}).code == 0
    assert w.log == ["a", "late"]


def test_a_guard_asks_the_host_and_not_the_environment(world: Make) -> None:
    """lxc-attach, docker exec and ssh may bring along the name of the host that they come from."""
    here = Path("/proc/sys/kernel/hostname").read_text().strip()
    wrong, right = (f'host h {{\n  guard hostname "{name}"\n}}\n' for name in ("elsewhere", here))
    w = world(THREE + wrong)
    assert w.run("--yes", env={"HOSTNAME": "elsewhere"}).code == 7
    assert w.log == []
    w = world(THREE + right)
    assert w.run("--yes", env={"HOSTNAME": "elsewhere"}).code == 0
    assert w.records[0]["host"] == here


@pytest.mark.parametrize("name", ["de_DE", "tr_TR"])
def test_in_another_language_numbers_and_letters_are_the_same(world: Make, name: str, tmp_path: Path) -> None:
    """A comma in numbers; an I whose small letter is no i."""
    made = subprocess.run(
        ["localedef", "-i", name, "-f", "UTF-8", str(tmp_path / f"{name}.UTF-8")], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("no sources of locales on this host")
    w = world(THREE)
    env = {"LOCPATH": str(tmp_path), "LC_ALL": f"{name}.UTF-8", "LANG": f"{name}.UTF-8"}
    done = w.run("--yes", env=env)
    assert done.code == 0, done
    assert "warning" not in done.err
    assert all(isinstance(r["duration"], int) for r in w.records if "duration" in r)
    assert w.run("log", "--verify", env=env).code == 0


@pytest.mark.parametrize("mask", ["0000", "0077", "0777"])
def test_an_odd_umask_neither_opens_the_state_nor_stops_the_run(world: Make, mask: str) -> None:
    w = world(THREE)
    script = f"touch log; chmod 666 log; umask {mask}; exec ./t.sh --yes"
    done = subprocess.run(["bash", "-c", script], cwd=w.folder, env=w.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 7 or "--yes" not in done.stderr
    assert w.log == ["a", "b", "c"], done
    for path in (w.folder / "state").rglob("*"):
        if path.suffix != ".lock":
            assert path.stat().st_mode & 0o077 == 0, path


def test_traced_with_x_it_still_works(world: Make) -> None:
    w = world(THREE)
    assert w.run("--yes", start=("bash", "-x")).code == 0
