"""The block that brings a script to a host through a terminal: whole, or nothing."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest
from click.testing import CliRunner

from compiler.cli import cli
from compiler.emit import locale, paste

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = b"#!/bin/bash\n\techo 'tab, $HOME, `id` and !! in a script' \\\n  '\xc3\xbc' \xff >ran\n" + b"# " + b"x" * 9000 + b"\n"
SHELLS = ["bash", "zsh", "dash", "busybox sh"]
Files = dict[str, bytes]


def block(replace: bool = False, script: bytes = SCRIPT) -> bytes:
    return paste.block("t.sh", script, locale.load("paste", "en"), replace).encode("ascii")


def shell(text: bytes, folder: Path, command: str = "bash") -> subprocess.CompletedProcess[bytes]:
    if shutil.which(command.split()[0]) is None:
        pytest.skip(f"{command} is not installed")
    return subprocess.run([*command.split(), "-s"], input=text, cwd=folder, capture_output=True, timeout=60, check=False)


def files(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_gateways_script_arrives_as_the_build_writes_it(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["paste", str(PROJECT / "specs/gateway.rb")])
    assert done.exit_code == 0, done.output
    built = CliRunner().invoke(cli, ["build", str(PROJECT / "specs/gateway.rb"), "-o", str(tmp_path / "out")])
    assert built.exit_code == 0, built.output
    (tmp_path / "host").mkdir()
    said = shell(done.stdout.encode(), tmp_path / "host")
    assert said.returncode == 0
    assert said.stdout.decode().startswith("Geschrieben, nicht gestartet: ")
    assert files(tmp_path / "host") == {"gateway.sh": (tmp_path / "out/gateway/gateway.sh").read_bytes()}


@pytest.mark.parametrize("options", ["", "-e", "-u", "-C"])
@pytest.mark.parametrize("command", SHELLS)
def test_it_is_written_checked_made_executable_and_not_run(tmp_path: Path, command: str, options: str) -> None:
    done = shell(block(), tmp_path, f"{command} {options}".strip())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"Written, not run: {tmp_path}/t.sh\n"
    assert files(tmp_path) == {"t.sh": SCRIPT}
    assert (tmp_path / "t.sh").stat().st_mode & 0o7777 == 0o755


def test_nothing_in_it_is_touched_by_a_terminal() -> None:
    for replace in (False, True):
        for lang in locale.LANGUAGES:
            text = paste.block("t.sh", SCRIPT, locale.load("paste", lang), replace)
            assert text.isascii() and text.replace("\n", "").isprintable()
            assert not set("!\t#@") & set(text), "history, completion, comments, something not filled in"
            first, *others, end, close, last = text.split("\n")
            assert len(first) < 4096
            assert first.startswith(" "), "it stays out of the history where that is wished"
            assert all(line.startswith(": ") and len(line) <= 2 + paste.WIDTH for line in others)
            assert (end, close, last) == (": /end", "}", "")


@pytest.mark.parametrize("command", SHELLS)
def test_what_is_already_there_is_left_alone_and_said(tmp_path: Path, command: str) -> None:
    place = tmp_path / "t.sh"
    place.write_bytes(SCRIPT)
    place.chmod(0o600)
    done = shell(block(), tmp_path, command)
    assert (done.returncode, done.stdout.split(b":")[0]) == (0, b"Nothing to do, this very script is already there")
    assert place.stat().st_mode & 0o7777 == 0o755
    place.write_bytes(b"mine")
    done = shell(block(), tmp_path, command)
    assert (done.returncode, done.stdout.split(b":")[0]) == (1, b"Nothing written, another file is already there")
    assert files(tmp_path) == {"t.sh": b"mine"}


@pytest.mark.parametrize("kind", ["folder", "link", "dangling link", "pipe"])
@pytest.mark.parametrize("replace", [False, True])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, kind: str, replace: bool) -> None:
    place = tmp_path / "t.sh"
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        if kind == "link":
            (tmp_path / "other").write_bytes(b"other")
        place.symlink_to("other")
    before = sorted(tmp_path.iterdir())
    done = shell(block(replace), tmp_path)
    assert (done.returncode, done.stdout.split(b":")[0]) == (1, b"Nothing written, another file is already there")
    assert sorted(tmp_path.iterdir()) == before
    assert kind != "link" or (tmp_path / "other").read_bytes() == b"other"


@pytest.mark.parametrize("command", SHELLS)
def test_replace_keeps_the_other_file_and_says_so(tmp_path: Path, command: str) -> None:
    (tmp_path / "t.sh").write_bytes(b"mine")
    kept = f"t.sh.{hashlib.sha256(b'mine').hexdigest()[:12]}"
    done = shell(block(replace=True), tmp_path, command)
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        f"The file that was there before is kept as: {tmp_path}/{kept}",
        f"Written, not run: {tmp_path}/t.sh",
    ]
    assert files(tmp_path) == {"t.sh": SCRIPT, kept: b"mine"}


def test_a_folder_that_cannot_be_written_is_said() -> None:
    done = shell(block(), Path("/proc/self"))
    assert (done.returncode, done.stdout.split(b":")[0]) == (1, b"Nothing written, this cannot be created here")


def test_no_cut_leaves_anything(tmp_path: Path) -> None:
    """Every cut within the last 40 bytes, and every 13th before; only the last newline may be missing."""
    text = block(script=b"#!/bin/bash\n")
    whole = len(text) - 1
    for end in sorted({*range(0, whole, 13), *range(whole - 40, whole)}):
        shell(text[:end], tmp_path)
        assert files(tmp_path) == {}, end
    shell(text[:whole], tmp_path)
    assert list(files(tmp_path)) == ["t.sh"]


def test_no_damaged_byte_leaves_a_part_or_a_stray(tmp_path: Path) -> None:
    """One bit of every fifth byte, of another fifth on each run of bits; `whole` where the damage changes nothing."""
    script = b"#!/bin/bash\necho\n"
    text = block(script=script)
    root = set(Path("/").iterdir())
    for at in range(0, len(text), 5):
        changed = text[:at] + bytes([text[at] ^ 1 << at % 8]) + text[at + 1 :]
        shell(changed, tmp_path)
        assert files(tmp_path) in ({}, {"t.sh": script}), (at, changed[max(0, at - 20) : at + 20])
        (tmp_path / "t.sh").unlink(missing_ok=True)
    assert set(Path("/").iterdir()) == root


@pytest.mark.parametrize("damage", ["a line is missing", "a line twice", "a byte", "lines swapped", "cut in the middle"])
def test_a_damaged_script_is_said_and_written_nowhere(tmp_path: Path, damage: str) -> None:
    text = block(script=os.urandom(3000))
    lines = text.split(b"\n")
    changed = {
        "a line is missing": [*lines[:9], *lines[10:]],
        "a line twice": [*lines[:9], lines[9], *lines[9:]],
        "a byte": [*lines[:9], lines[9].swapcase(), *lines[10:]],
        "lines swapped": [*lines[:9], lines[10], lines[9], *lines[11:]],
        "cut in the middle": [*lines[:9], *lines[-3:]],
    }[damage]
    done = shell(b"\n".join(changed), tmp_path)
    assert done.returncode == 1
    assert b"the paste did not arrive whole" in done.stdout
    assert files(tmp_path) == {}


def terminal(command: str, folder: Path) -> pexpect.spawn[bytes]:
    if shutil.which(command.split()[0]) is None:
        pytest.skip(f"{command} is not installed")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", "PS1": "ready> ", "ENV": ""}
    child = pexpect.spawn(command, cwd=str(folder), env=environment, timeout=60, dimensions=(24, 80))
    child.delaybeforesend = None
    child.sendline(b'printf "%s\\n" be"gun"')
    child.expect(b"begun\r")
    return child


INTERACTIVE = ["bash --norc --noprofile -i", "zsh -f -i", "dash -i"]


def typed(text: bytes) -> bytes:
    """A paste as terminals send it: Enter is a carriage return."""
    return text.replace(b"\n", b"\r")


def quiet(child: pexpect.spawn[bytes]) -> None:
    """Read until the shell says nothing for a moment: what is typed while it handles a signal is lost."""
    with contextlib.suppress(pexpect.TIMEOUT):
        while True:
            child.read_nonblocking(65536, timeout=0.3)


def interrupt(child: pexpect.spawn[bytes]) -> None:
    """Ctrl-C, and proof that the shell is still there."""
    quiet(child)
    child.sendintr()
    quiet(child)
    child.sendline(b'printf "%s\\n" al"ive"')
    child.expect(b"alive\r")
    child.close(force=True)


@pytest.mark.parametrize("command", INTERACTIVE)
def test_pasted_at_a_prompt(tmp_path: Path, command: str) -> None:
    child = terminal(command, tmp_path)
    child.send(typed(block()))
    child.expect(b"Written, not run: /")
    child.sendline(b'printf "%s\\n" al"ive"')
    child.expect(b"alive\r")
    child.close(force=True)
    assert (tmp_path / "t.sh").read_bytes() == SCRIPT
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("command", INTERACTIVE[:2])
def test_pasted_in_brackets_it_waits_for_enter(tmp_path: Path, command: str) -> None:
    child = terminal(command, tmp_path)
    child.send(b"\x1b[200~" + typed(block()) + b"\x1b[201~")
    child.expect(b": /end")
    with pytest.raises(pexpect.TIMEOUT):
        child.expect(b"Written", timeout=1)
    assert not (tmp_path / "t.sh").exists()
    child.send(b"\r")
    child.expect(b"Written, not run: /")
    child.close(force=True)
    assert (tmp_path / "t.sh").read_bytes() == SCRIPT


@pytest.mark.parametrize("settings", ["alias mv='mv -i' rm='rm -i' cat='cat -n' h=history d=dirs", "set -C", "set -H; set -o vi"])
def test_an_operators_settings_do_not_matter(tmp_path: Path, settings: str) -> None:
    child = terminal(INTERACTIVE[0], tmp_path)
    child.send(settings.encode() + b"\r" + typed(block()))
    child.expect(b"Written, not run: /")
    child.close(force=True)
    assert (tmp_path / "t.sh").read_bytes() == SCRIPT


def test_cut_off_at_a_prompt_it_waits_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    text = block(script=b"#!/bin/bash\n")
    for end in (5, 400, text.index(b"\n") - 3, text.index(b"\n") + 1, len(text) - 12, len(text) - 3):
        child = terminal(INTERACTIVE[0], tmp_path)
        child.send(typed(text[:end]))
        interrupt(child)
        assert not (tmp_path / "t.sh").exists(), end


def test_damaged_at_a_prompt_the_rest_of_it_does_nothing(tmp_path: Path) -> None:
    """A syntax error in the first line: an interactive shell goes on with the next ones."""
    script = b"#!/bin/bash\n" + os.urandom(500)
    text = block(script=script)
    first = text.index(b"\n")
    for at in [*range(1, 14, 2), *range(text.rindex(b"';", 0, first), first, 40)]:
        child = terminal(INTERACTIVE[0], tmp_path)
        child.send(typed(text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]))
        interrupt(child)
        left = {name: content for name, content in files(tmp_path).items() if name != ".bash_history"}
        assert left in ({}, {"t.sh": script}), (at, text[max(0, at - 20) : at + 20])
        (tmp_path / "t.sh").unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["", "-rf", ".hidden", "a b", "a/b", "a'b", "$(id)", "ü", "a\n", "x" * 82])
def test_only_plain_names(name: str) -> None:
    with pytest.raises(ValueError, match="not a plain file name"):
        paste.block(name, SCRIPT, locale.load("paste", "en"))


@pytest.mark.parametrize("text", ['a"b', "a$b", "a`b", "a'b", "a!b", "ä", "a\\b", "a\nb", "@name@"])
def test_only_plain_words(text: str) -> None:
    with pytest.raises(KeyError):
        paste.block("t.sh", SCRIPT, {**locale.load("paste", "en"), "written": text})


def test_a_library_and_a_wrong_spec_have_no_block(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    (tmp_path / "library.rb").write_text("values v {\n  key one\n}\n")
    done = CliRunner().invoke(cli, ["paste", str(tmp_path / "library.rb")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "RB609" in done.stderr
    (tmp_path / "wrong.rb").write_text("nonsense {}\n")
    done = CliRunner().invoke(cli, ["paste", str(tmp_path / "wrong.rb")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nonsense" in done.stderr
