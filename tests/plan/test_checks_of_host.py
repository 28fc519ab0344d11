"""Every check's command that looks at the host, and what goes around an operator's own, executed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from compiler.plan import checks
from compiler.plan.model import Lit, Value, Var
from compiler.plan.words import literal as lit
from plan.commands import fails, fake, holds, run, var, wrapped


def test_unit(tmp_path: Path) -> None:
    good = fake(tmp_path, "systemctl", "[[ $1 == is-active && $2 == caddy.service ]] && echo active")
    holds(checks.unit_active(lit("caddy.service")), path=good)
    bad = fake(tmp_path, "systemctl", '[[ $1 == is-active ]] && { echo failed; exit 3; }\necho "Main process exited"; exit 3')
    fails(checks.unit_active(lit("caddy.service")), "Main process exited", path=bad)


def test_file_and_dir(tmp_path: Path) -> None:
    (tmp_path / "a b").write_text("")
    holds(checks.file_exists(lit(f"{tmp_path}/a b")))
    holds(checks.file_exists(Value((Var("base"), Lit("/a b")))), base=str(tmp_path))
    fails(checks.file_exists(lit(str(tmp_path))), f"no file {tmp_path}")
    holds(checks.dir_exists(lit(str(tmp_path))))
    fails(checks.dir_exists(lit(f"{tmp_path}/a b")), "no directory")


def test_git_clean(tmp_path: Path) -> None:
    fails(checks.git_clean(lit(str(tmp_path))), "not a git repository")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    holds(checks.git_clean(lit(str(tmp_path))))
    (tmp_path / "new").write_text("")
    fails(checks.git_clean(lit(str(tmp_path))), "?? new")


def test_disk() -> None:
    holds(checks.disk_free(lit("/"), ">=", 1, "1B"))
    fails(checks.disk_free(lit("/"), ">=", 2**60, "1EiB"), "expected >= 1EiB")
    fails(checks.disk_free(lit("/no/such"), ">=", 1, "1B"), "No such file")
    holds(checks.disk_used(lit("/"), "<=", 100))
    free = shutil.disk_usage("/").free
    assert str(free)[:2] in run(checks.disk_free(lit("/"), ">=", 2**60, "1EiB")).stderr


@pytest.mark.parametrize(("answer", "good"), [("Use%\n 13%", True), ("Use%\n 99%", False), ("Use%\n   -", False)])
def test_disk_used(tmp_path: Path, answer: str, good: bool) -> None:
    path = fake(tmp_path, "df", f"echo '{answer}'")
    assert (run(checks.disk_used(lit("/"), "<=", 85), path=path).returncode == 0) is good


def test_journal(tmp_path: Path) -> None:
    path = fake(tmp_path, "journalctl", 'echo "$*" >>"${0}.log"; echo \'{"PRIORITY":"3"}\'; echo \'{"PRIORITY":"3"}\'')
    holds(checks.journal_errors(2, "<=", 900, 5), path=path)
    fails(checks.journal_errors(1, "<=", 900, 5), "2 errors in the journal, expected <= 1", path=path)
    assert "--since=-900s" in (tmp_path / "journalctl.log").read_text()
    holds(checks.journal_errors(2, "<=", None, 5), path=path, rbc_begun="1700000000")
    assert "--since=@1700000000" in (tmp_path / "journalctl.log").read_text()
    fails(checks.journal_errors(2, "<=", None, 5), "seconds since 1970", path=path)
    none = fake(tmp_path, "journalctl", "exit 1")
    assert run(checks.journal_errors(2, "<=", 900, 5), path=none).returncode != 0


@pytest.mark.parametrize(
    ("says", "op", "version", "good"),
    [
        ("Docker version 24.0.7, build afdd53b", ">=", "24", True),
        ("Docker version 24.0.7, build afdd53b", ">=", "24.0.10", False),
        ("Docker version 24.0.7, build afdd53b", "=", "24.0", True),
        ("Docker version 24.0.7, build afdd53b", "=", "24.1", False),
        ("Docker version 24.0.7, build afdd53b", "=", "2", False),
        ("Docker version 9.1", ">=", "24", False),
        ("tool 7", ">", "6", True),
        ("tool 7", ">", "7", False),
        ("tool 7", "<", "8", True),
        ("ss utility, iproute2-6.1.0, libbpf 1.1", ">=", "6", True),
        ("no number", ">=", "1", False),
    ],
)
def test_tool(tmp_path: Path, says: str, op: str, version: str, good: bool) -> None:
    path = fake(tmp_path, "thing", f"echo '{says}'")
    assert (run(checks.tool_version("thing", op, version), path=path).returncode == 0) is good


def test_tools_of_this_machine() -> None:
    for tool in ("bash", "git", "curl", "openssl", "ss"):
        holds(checks.tool_version(tool, ">=", "1"))
        fails(checks.tool_version(tool, ">=", "9999"), f"{tool} is ")


# ── what goes around an operator's command ────────────────────────────────────────────────────────────────────────


BODIES = [
    "echo 5",
    "echo 5 # five",
    "echo 4 >&2; echo 5",
    "(echo 5)",
    "cat <<'X'\n5\nX",
    'x=5\necho "${x}"',
    "case a in a) echo 5 ;; esac",
]


@pytest.mark.parametrize("body", BODIES)
def test_number_of_any_shape_of_body(body: str) -> None:
    holds(wrapped(checks.number_compares("=", lit("5")), body))
    fails(wrapped(checks.number_compares(">", lit("5")), body), "5, expected > 5")


@pytest.mark.parametrize("body", ["false; echo 5", "false\necho 5", "echo 5\nfalse", "false | echo 5", "echo 5 | false"])
def test_a_failure_in_the_command_fails_the_check(body: str) -> None:
    assert run(wrapped(checks.number_compares("=", lit("5")), body)).returncode != 0


@pytest.mark.parametrize(("text", "op", "value"), [("08", "=", "8"), ("-3", "<", "0"), ("  7", ">=", "7"), ("000", "=", "0")])
def test_numbers(text: str, op: str, value: str) -> None:
    holds(wrapped(checks.number_compares(op, lit(value)), f"printf '%s' '{text}'"))


@pytest.mark.parametrize("text", ["", "1.5", "5x", "0x10", "1e3", "9999999999999999999999", "1\n2"])
def test_not_whole_numbers(text: str) -> None:
    fails(wrapped(checks.number_compares("<", lit("5")), f"printf '%s' '{text}'"), "not a whole number")


def test_arithmetic_is_not_executed(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    evil = f"a[$(touch {canary})0]"
    run(wrapped(checks.number_compares("=", var("limit")), f"printf '%s' '{evil}'"), limit="1")
    fails(wrapped(checks.number_compares("=", var("limit")), "echo 1"), "not a whole number", limit=evil)
    assert not canary.exists()
    holds(wrapped(checks.number_compares("=", var("limit")), "echo 9"), limit="09")


def test_output_matches() -> None:
    holds(wrapped(checks.output_matches("^a'b *c$"), 'echo "a\'b  c"'))
    fails(wrapped(checks.output_matches("^x"), "echo why"), "why")
