"""The step runner: a failure is a failure wherever it happens, output is complete, nothing is left behind."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.emit.resources import read

from .specs import HEAD, THREE, step
from .test_interrupt import until
from .worlds import World

Make = Callable[[str], World]


def one(body: str, settings: str = "") -> str:
    lines = "\n".join(f"      {line}" for line in body.splitlines())
    return (
        HEAD
        + 'phase one "One" {\n  on failure stop\n  step a "A" {\n    ```\n'
        + lines
        + f'\n    ```\n    {settings}\n    undo "nothing"\n  }}\n}}\n'
    )


@pytest.mark.parametrize(
    ("body", "fails"),
    [
        ("false\necho after >>log", True),
        ('x=$(false)\necho "after ${x}" >>log', True),
        ("false | cat\necho after >>log", True),
        ("(\n  false\n  echo after >>log\n)", True),
        ("f() {\n  false\n  echo after >>log\n}\nf", True),
        ("cd /nowhere\necho after >>log", True),
        ("x=''\necho \"${x?empty}\"", False),
        ("kill -TERM $$", True),
        ("true", False),
        ("if false; then\n  echo no\nfi\necho after >>log", False),
    ],
)
def test_a_failure_inside_a_step_is_its_failure(world: Make, body: str, fails: bool) -> None:
    w = world(one(body))
    result = w.run("--yes")
    assert result.code == (3 if fails else 0), result
    assert w.log == ([] if fails or "log" not in body else ["after"])


def test_the_exit_code_of_the_failure_is_recorded_and_shown(world: Make) -> None:
    w = world(one("bash -c 'exit 42'"))
    result = w.run("--yes")
    assert "42" in result.out
    assert [r["exit"] for r in w.records if r["event"] == "result"] == [42]


def test_output_is_complete_and_in_order_in_log_and_terminal(world: Make) -> None:
    w = world(one('for ((i = 0; i < 3000; i++)); do\n  echo "out ${i}"\n  echo "err ${i}" >&2\ndone\nprintf \'no newline\''))
    result = w.run("--yes")
    expected = [f"{kind} {i}" for i in range(3000) for kind in ("out", "err")] + ["no newline"]
    assert (w.run_folder / "steps" / "one.a.log").read_text().splitlines() == expected
    assert [line.strip() for line in result.out.splitlines() if line.startswith("      ")] == expected


def test_control_characters_never_reach_terminal_or_log(world: Make) -> None:
    w = world(one(r"printf 'a\033[31mb\302\233c\342\200\256d\007e\n'"))
    result = w.run("--yes")
    log = (w.run_folder / "steps" / "one.a.log").read_bytes()
    assert rb"a\x1b[31mb\xc2\x9bc\xe2\x80\xaed\x07e" in log
    assert b"\x1b" not in log
    assert "\x1b" not in result.out


def test_a_log_is_as_long_as_its_record_says_whatever_the_step_printed(world: Make) -> None:
    """bash cannot hold a NUL: it is left out. What follows it is there."""
    w = world(HEAD + 'phase one "One" {\n' + step("a", r"printf 'x\0y\377z\n'; head -c 70000 /dev/zero | tr '\0' q") + "}\n")
    assert w.run("--yes").code == 0
    kept = (w.run_folder / "steps" / "one.a.log").read_bytes()
    (result,) = (r for r in w.records if r["event"] == "result")
    assert result["size"] == len(kept)
    assert result["output"] == hashlib.sha256(kept).hexdigest()
    assert b"\0" not in kept
    assert kept.startswith(b"xy\377z\n") and kept.count(b"q") == 70000


def test_a_long_line_is_whole_though_reading_it_takes_longer_than_the_step(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a", "head -c 60000 /dev/zero | tr '\\0' q") + "}\n")
    # A reader that gets little done in its half second, as on a busy host.
    text = w.path.read_text()
    slow = text.replace("read -r -t 0.5 part", "read -r -t 0.02 part")
    assert slow != text
    w.path.write_text(slow)
    assert w.run("--yes").code == 0
    assert (w.run_folder / "steps" / "one.a.log").read_bytes() == b"q" * 60000 + b"\n"


def test_a_long_line_is_whole_though_the_step_ends_in_the_middle_of_a_read(world: Make) -> None:
    """What a read had got before the step ended is not a part of what the pipe held then."""
    w = world(HEAD + 'phase one "One" {\n' + step("a", "head -c 200000 /dev/zero | tr '\\0' q") + "}\n")
    text = w.path.read_text()
    slow = text.replace("read -r -t 0.5 part", "read -r -t 0.05 part")
    assert slow != text
    w.path.write_text(slow)
    assert w.run("--yes").code == 0
    assert (w.run_folder / "steps" / "one.a.log").read_bytes() == b"q" * 200000 + b"\n"


def test_a_timeout_ends_the_whole_family(world: Make) -> None:
    w = world(one("bash -c 'trap \"\" TERM; sleep 300 & wait'", "timeout 1s"))
    result = w.run("--yes", timeout=40)
    assert result.code == 3
    assert "Time is up" in result.out
    assert not alive("sleep 300", w.folder)


def alive(command: str, folder: Path) -> bool:
    """Is there a process with this command line whose working directory is the world's folder?"""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if command in line and (process / "cwd").resolve() == folder:
                return True
        except OSError:
            continue
    return False


def test_a_daemon_started_on_purpose_lives_on_and_holds_neither_run_nor_lock(world: Make) -> None:
    w = world(one("setsid --fork sleep 277"))
    began = time.monotonic()
    result = w.run("--yes")
    assert result.code == 0, result
    assert time.monotonic() - began < 20
    assert alive("sleep 277", w.folder)
    assert w.run("--yes").code == 0
    import subprocess

    subprocess.run(["pkill", "-f", "sleep 277"], check=False)


def test_what_a_daemon_says_later_does_not_end_it(world: Make) -> None:
    talk = "for i in 1 2 3 4 5 6; do sleep 0.3; echo talk; done; touch said"
    w = world(one(f"setsid --fork bash -c '{talk}'"))
    assert w.run("--yes").code == 0
    until(lambda: (w.folder / "said").exists())


def test_retry_means_further_tries(world: Make) -> None:
    w = world(one("echo x >>log\nmapfile -t tries <log\n[[ ${#tries[@]} == 3 ]]", "retry 3 every 1s"))
    result = w.run("--yes")
    assert result.code == 0, result
    assert w.log == ["x"] * 3


def test_an_optional_step_that_fails_is_undone_at_once_and_does_not_count(world: Make) -> None:
    body = step("a") + step("b", "false", settings='optional "only nice to have"') + step("c")
    w = world(HEAD + 'phase one "One" {\n' + body + "}\n")
    result = w.run("--yes")
    assert result.code == 0, result
    assert w.log == ["a", "b", "undo-b", "c"]
    assert "only nice to have" in result.out


def test_an_optional_step_that_was_undone_is_not_undone_again(world: Make) -> None:
    body = step("a") + step("b", "false", settings='optional "only nice to have"') + step("c", "false")
    w = world(HEAD + 'phase one "One" {\n' + body + "}\n")
    assert w.run("--yes").code == 5
    assert w.log == ["a", "b", "undo-b", "c", "undo-c", "undo-a"]


def test_verify_decides_whether_a_step_worked(world: Make) -> None:
    spec = (
        HEAD
        + 'probe there "There" {\n  file made\n}\nphase one "One" {\n  on failure stop\n'
        + step("a", settings="verify there")
        + "}\n"
    )
    w = world(spec)
    assert w.run("--yes").code == 3
    (w.folder / "made").touch()
    assert w.run("--yes").code == 0


def test_an_intent_is_on_record_before_a_step_starts_and_its_result_before_the_next(world: Make) -> None:
    spy = 'grep -c . "${RBC_STATE_DIR-}"/*/2*/audit.jsonl >>counts || true'
    w = world(one('ls -d "$PWD"/state/*/2*/audit.jsonl >seen\ngrep -c \'"event":"intent"\' "$(cat seen)" >>counts'))
    assert spy
    assert w.run("--yes").code == 0
    assert (w.folder / "counts").read_text().strip() == "1"


def test_a_step_never_sees_the_lock_or_the_machinerys_files(world: Make) -> None:
    w = world(one("ls -l /proc/self/fd >fds"))
    assert w.run("--yes").code == 0
    fds = (w.folder / "fds").read_text()
    assert ".lock" not in fds
    assert "silence" not in fds


def test_nothing_is_left_in_temporary_places(world: Make) -> None:
    before = set(Path("/run").glob("rbc.*")) | set(Path("/tmp").glob("rbc.*")) | set(Path("/dev/shm").glob("rbc.*"))
    w = world(THREE)
    (w.folder / "broken").touch()
    w.run("--yes")
    after = set(Path("/run").glob("rbc.*")) | set(Path("/tmp").glob("rbc.*")) | set(Path("/dev/shm").glob("rbc.*"))
    assert not [path for path in after - before if path.stat().st_mtime >= w.path.stat().st_mtime and not list(path.iterdir())]


@pytest.mark.parametrize("name", ["name", "value", "function", "marker", "live", "stat", "boot", "nonce"])
def test_a_parameter_may_have_any_name(world: Make, name: str) -> None:
    w = world(
        HEAD + f'param {name} string {{\n  note "p"\n}}\nphase one "One" {{\n' + step("a", f'printf "%s" "${name}" >kept') + "}\n"
    )
    assert w.run("--yes", f"--{name}", "what was given").code == 0
    assert (w.folder / "kept").read_text() == "what was given"


def test_many_and_long_values_reach_the_step(world: Make) -> None:
    value = "x" * 100_000
    w = world(HEAD + 'param long string {\n  note "p"\n}\nphase one "One" {\n' + step("a", 'printf "%s" "$long" >kept') + "}\n")
    assert w.run("--yes", "--long", value).code == 0
    assert (w.folder / "kept").read_text() == value


def test_a_step_whose_driver_is_gone_is_not_begun(world: Make) -> None:
    """Killed between the intent and the step's own start: whoever goes on found no living step and must be right."""
    w = world(HEAD + 'phase one "One" {\n' + step("a") + "}\n")
    values = ("rbc_umask", "0022", "rbc_begun", "1", "rbc_driver", f"{2**22 - 1} 1", "rbc_sent", "yes", "")
    (w.folder / "values").write_text("\0".join(values))
    script = "./t.sh rbc-child step_a marker n live 3<values"
    done = subprocess.run(["bash", "-c", script], cwd=w.folder, env=w.environment, check=False)
    assert done.returncode == 126
    assert w.log == []


def test_a_step_that_was_not_given_all_values_is_not_begun(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a") + "}\n")
    (w.folder / "values").write_text("rbc_umask\x000022\x00")
    done = subprocess.run(
        ["bash", "-c", "./t.sh rbc-child step_a marker n '' 3<values"], cwd=w.folder, env=w.environment, check=False
    )
    assert done.returncode == 126
    assert w.log == []


@pytest.mark.parametrize(
    ("status", "marked", "seen"), [(0, True, 0), (0, False, 125), (3, False, 3), (3, True, 3), (-1, True, 0), (-1, False, 255)]
)
def test_a_status_that_bash_has_lost_is_read_from_the_marker(tmp_path: Path, status: int, marked: bool, seen: int) -> None:
    (tmp_path / "marker").write_text("n" if marked else "")
    (tmp_path / "exec.sh").write_text(read("runtime/exec.sh").text)
    ask = f"source ./exec.sh; rbc_tmp=. rbc_nonce=n rbc_rc={status}; rbc_marked; echo $rbc_rc"
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"{seen}\n"
