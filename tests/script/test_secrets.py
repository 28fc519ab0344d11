"""A secret is found nowhere: not in argv or environment of what the script starts, not in any file, not on the terminal."""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .specs import HEAD, OK_PROBE, ROLLBACK, step
from .worlds import World

Make = Callable[[str], World]
CANARY = "c4n4ry-&'$(x)\\secret"
# The tests beside this one in other processes are seen in /proc too: what is given on a command line is another value.
GIVEN = "g1v3n-&'$(x)\\secret"
FORMS = [
    CANARY.encode(),
    base64.b64encode(CANARY.encode()),
    base64.b64encode(CANARY.encode() + b"\n"),
    subprocess.run(["bash", "-c", 'printf %q "$1"', "-", CANARY], capture_output=True, check=True).stdout,
]
PRINTS = (
    'printf "%s\\n" "$token"',
    'printf "%s" "$token" | base64',
    'printf "%s\\n" "$token" | base64 -w0',
    'printf "%q\\n" "$token"',
    "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null >>procs || true",
)
SPEC = (
    HEAD
    + OK_PROBE
    + 'param token string {\n  secret\n  env TOKEN\n  note "the token"\n}\nphase one "One" {\n  on failure rollback\n'
    + step(
        "a",
        "\n    $ ".join(PRINTS),
    )
    + step("b", "[[ ! -e broken ]]")
    + "}\n"
    + ROLLBACK
)

# Looks at every process below the run, again and again, until it is killed.
SPY = """
import os, sys
seen = set()
with open(sys.argv[1], "ab", buffering=0) as out:
    while True:
        for pid in os.listdir("/proc"):
            if pid.isdigit():
                for name in ("cmdline", "environ"):
                    try:
                        with open(f"/proc/{pid}/{name}", "rb") as file:
                            text = file.read()
                    except OSError:
                        continue
                    if text not in seen and b"t.sh" in text or b"rbc-child" in text:
                        seen.add(text)
                        out.write(text + b"\\n")
"""


def everywhere(w: World) -> list[tuple[str, bytes]]:
    """All that is left of runs in files."""
    found = [
        (str(path), path.read_bytes()) for path in w.folder.rglob("*") if path.is_file() and path.name not in ("t.sh", "spy.py")
    ]
    for place in ("/run", "/tmp", "/dev/shm"):
        for folder in Path(place).glob("rbc.*"):
            for parent, _, names in os.walk(folder):
                for path in (Path(parent, name) for name in names):
                    with contextlib.suppress(FileNotFoundError):  # another script's, and it has just ended
                        found += [(str(path), path.read_bytes())] if path.is_file() else []
    return found


def nowhere(w: World, outputs: list[str]) -> None:
    for form in FORMS:
        for output in outputs:
            assert form.decode() not in output
        for path, content in everywhere(w):
            assert form not in content, path


@pytest.mark.parametrize("broken", [False, True], ids=["good", "failing"])
@pytest.mark.parametrize("start", [(), ("bash", "-x")], ids=["plain", "traced"])
def test_a_secret_is_found_nowhere(world: Make, broken: bool, start: tuple[str, ...]) -> None:
    w = world(SPEC)
    (w.folder / "good").touch()
    if broken:
        (w.folder / "broken").touch()
    (w.folder / "spy.py").write_text(SPY)
    # The spy is started without the secret: only what the script starts is looked at, the script itself was given the value.
    spy = subprocess.Popen([sys.executable, str(w.folder / "spy.py"), str(w.folder / "spied")], cwd="/")
    try:
        outputs = []
        for command in (("--yes",), ("plan",), ("status",), ("receipt",), ("log",), ("check",)):
            result = w.run(*command, env={"TOKEN": CANARY}, start=start)
            outputs += [result.out, result.err]
    finally:
        spy.kill()
        spy.wait()
    assert "***" in outputs[0]
    spied = (w.folder / "spied").read_bytes()
    # The script's own process was started by the test with TOKEN in its environment.
    (w.folder / "spied").write_bytes(
        b"\n".join(line for line in spied.split(b"\n") if b"rbc-child" in line and b"TOKEN=" not in line)
    )
    children = [line for line in spied.split(b"\n") if b"rbc-child" in line]
    assert children
    (w.folder / "procs").write_bytes(
        b"\0".join(
            word for word in (w.folder / "procs").read_bytes().split(b"\0") if not word.startswith(b"TOKEN=" + CANARY.encode())
        )
    )
    nowhere(w, outputs)


def test_a_child_has_no_secret_in_its_environment(world: Make) -> None:
    spec = SPEC.replace(
        "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null >>procs || true",
        "tr '\\\\0' '\\\\n' </proc/self/environ >>procs",
    )
    w = world(spec)
    assert w.run("--yes", env={"TOKEN": CANARY}).code == 0
    assert "TOKEN" not in (w.folder / "procs").read_text()


def test_a_very_short_secret_is_refused(world: Make) -> None:
    w = world(SPEC)
    result = w.run("--yes", env={"TOKEN": "abc"})
    assert result.code == 7
    assert "too short" in result.err


def test_a_secret_given_on_the_command_line_is_not_recorded(world: Make) -> None:
    w = world(SPEC)
    assert w.run("--yes", "--token", GIVEN).code == 0
    assert "g1v3n" not in (w.run_folder / "audit.jsonl").read_text()


def test_typed_on_a_terminal_it_is_not_echoed(world: Make) -> None:
    w = world(SPEC)
    child = w.terminal("--yes")
    child.logfile_read = (w.folder / "terminal").open("w")
    child.expect("the token")
    child.sendline(CANARY)
    child.expect(r"DONE \(0\)")
    child.logfile_read.close()
    assert CANARY not in (w.folder / "terminal").read_text()
