"""`rbc audit`: what it prints, its exit codes, and that no file makes it stumble."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import Run

from compiler.cli import cli
from compiler.emit import locale


def rbc(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(cli, ["audit", *map(str, arguments)], prog_name="rbc")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture
def file(tmp_path: Path, run: Run) -> Path:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(run.log)
    return path


def test_a_whole_log_with_and_without_its_head(file: Path, run: Run) -> None:
    head = json.loads(run.log.splitlines()[-1])["hash"]
    without = rbc("verify", file)
    assert without.exit_code == 0
    assert f"head {head}\n" in without.stdout
    assert "can only be told with --head" in without.stdout
    for given_head in (head, head[:16]):
        done = rbc("verify", file, "--head", given_head)
        assert (done.exit_code, done.stdout.count("\n")) == (0, 1)


def test_a_changed_log_is_named_by_line(file: Path, run: Run) -> None:
    file.write_bytes(run.log.replace(b'"exit":1', b'"exit":0'))
    done = rbc("verify", file)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == "The chain is not whole."
    assert "this record was changed after it was written" in done.stdout


def test_a_cut_log_and_another_head(file: Path, run: Run) -> None:
    head = json.loads(run.log.splitlines()[-1])["hash"]
    file.write_bytes(run.log[:-200])
    assert rbc("verify", file).exit_code == 0
    assert "not written to its end" in rbc("verify", file).stdout
    done = rbc("verify", file, "--head", head)
    assert done.exit_code == 1
    assert "the end is missing or another one" in done.stdout


def test_an_empty_log_proves_nothing_and_says_so(file: Path) -> None:
    file.write_bytes(b"")
    done = rbc("verify", file)
    assert done.exit_code == 0
    assert "holds no record" in done.stdout
    assert rbc("verify", file, "--head", "0" * 16).exit_code == 1


@pytest.mark.parametrize("head", ["", "abc", "G" * 16, "a" * 65, "a" * 15])
def test_what_is_no_head_is_a_mistake_of_the_command_line(file: Path, head: str) -> None:
    assert rbc("verify", file, "--head", head).exit_code == 2


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for command in ("verify", "show"):
        assert rbc(command, tmp_path / "none").exit_code == 1
        assert rbc(command, tmp_path).exit_code == 1
        assert rbc(command).exit_code == 2


@pytest.mark.parametrize("lang", ["en", "de"])
def test_show_has_a_row_for_every_record(file: Path, run: Run, lang: str) -> None:
    shown = rbc("show", file, "--lang", lang)
    assert shown.exit_code == 0
    rows = shown.stdout.splitlines()
    assert len(rows) == 2 + len(run.log.splitlines())
    words = {**locale.load("audit", lang), **locale.load("outcome", lang)}
    for column in ("time", "who", "event", "step", "outcome", "duration", "by", "why"):
        assert words[f"column.{column}"] in rows[1]
    assert f"{words['outcome.4']} (4)" in rows[-1]
    failed = next(row for row in rows if words["outcome.bad"].format(exit=1) in row)
    assert "one.b" in failed
    starts = [row.index("one.") for row in rows if "one." in row]
    assert len(set(starts)) == 1, "columns stand below each other"


def test_every_event_of_the_schema_has_a_word() -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs/audit-record.schema.json").read_text())
    for lang in locale.LANGUAGES:
        assert {f"event.{event}" for event in schema["properties"]["event"]["enum"]} <= set(locale.load("audit", lang))


@pytest.mark.parametrize("odd", ["\x1b[31m", "\x07", "\x7f", "\x9b", "\u202e", "\r", "\ud8ff", "\udc80", "\u2028"], ids=ascii)
def test_show_lets_nothing_through_to_the_terminal(file: Path, run: Run, odd: str) -> None:
    record = json.loads(run.log.splitlines()[0]) | {"why": f"a{odd}b", "user": f"u{odd}", "event": f"e{odd}", "exit": odd}
    file.write_text(json.dumps(record) + "\n" + f"no record {odd}\n".encode("utf-8", "replace").decode())
    done = rbc("show", file)
    assert done.exit_code == 1
    assert "the chain of this log is not whole (line 1" in done.stderr
    assert odd not in done.stdout
    assert all(line.isprintable() for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        b"{}\n[]\n1\n",
        b'{"event":null}\n{"event":["x"],"user":{"a":1},"duration":"x","exit":[],"time":5}\n',
        b'{"event":"end","exit":12345678901234567890,"duration":-1}\n',
        b"[" * 100_000 + b"\n",
        b'{"event":' + b"9" * 5000 + b"}\n",
        b"\xff\xfe{\x00}\x00\n",
        os.urandom(100_000),
        b"x" * 3_000_000,
    ],
    ids=["other JSON", "other types", "odd numbers", "deep", "big number", "UTF-16", "random", "one long line"],
)
def test_no_file_makes_it_stumble(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    for command in ("verify", "show"):
        assert rbc(command, file).exit_code in (0, 1)
    assert len(rbc("show", file).stdout) < 10 * len(text) + 1000


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80), st.recursive(st.none() | st.text() | st.floats(), st.lists).map(json.dumps).map(str.encode)
        )
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines_are_shown(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "any"
    path.write_bytes(b"\n".join(lines))
    rbc("verify", path)
    rbc("show", path)
