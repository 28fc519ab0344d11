"""What people and programs see of a diagnostic."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.columns import cells, visible
from compiler.diagnostics import Diagnostic, Note
from compiler.report import EXCERPT, as_json, text
from compiler.source import Source


def one(line: str, start: int, end: int, **more: str) -> list[str]:
    """The lines of the report of one error in a one-line file."""
    return text([Diagnostic("RB200", "wrong", Source("a.rb", line).span(start, end), **more)], color=False).split("\n")


def test_nothing_found_is_no_text() -> None:
    assert text([], color=True) == ""


@pytest.mark.parametrize(
    ("line", "start", "end", "shown", "marks"),
    [
        ("  retrys 3", 2, 8, "  retrys 3", "  ^^^^^^"),
        ("\tretrys", 1, 7, "    retrys", "    ^^^^^^"),
        ("ab\tx", 3, 4, "ab  x", "    ^"),
        ("日本 x", 3, 4, "日本 x", "     ^"),
        ("日本", 0, 1, "日本", "^^"),
        ("e\u0301e\u0301 x", 5, 6, "e\u0301e\u0301 x", "   ^"),
        ("a\x1bb", 2, 3, "a␛b", "  ^"),
        ("\u202eb", 1, 2, "<U+202E>b", "        ^"),
        ("ab", 2, 2, "ab", "  ^"),
        ("", 0, 0, "", "^"),
    ],
)
def test_the_place_is_underlined(line: str, start: int, end: int, shown: str, marks: str) -> None:
    lines = one(line, start, end)
    assert lines[3] == f"1 | {shown}".rstrip()
    assert lines[4] == f"  | {marks}"


def test_place_and_count() -> None:
    lines = one("abc", 1, 2, fix="write d")
    assert lines[0] == "error[RB200]: wrong"
    assert lines[1] == " --> a.rb:1:2"
    assert lines[-2] == "1 error (`rbc explain RB200` says more)"


def test_of_several_lines_the_first_is_shown() -> None:
    source = Source("a.rb", "x {\n  y\n}\n")
    report = text([Diagnostic("RB200", "wrong", source.span(0, 9))], color=False)
    assert " --> a.rb:1:1 to line 3\n" in report
    assert "1 | x {\n  | ^^^\n" in report


def test_notes_correction_and_warning() -> None:
    source = Source("a.rb", "b\n" * 9 + "retrys 3\n")
    found = Diagnostic(
        "SC2086",
        "wrong",
        source.span(18, 24),
        fix="did you mean `retries`?",
        notes=(Note(source.span(0, 1), "said here"),),
        warning=True,
        corrected="retries 3",
    )
    report = text([found], color=False)
    assert report.startswith("warning[SC2086]: wrong\n")
    assert "10 | retrys 3\n" in report and "10 + retries 3\n" in report
    assert "note: said here\n  --> a.rb:1:1\n" in report and " 1 | b\n" in report
    assert report.endswith("fix: did you mean `retries`?\n\n1 warning\n")


def test_order_is_stable_and_repetitions_go() -> None:
    a, b = Source("a.rb", "x\ny\n"), Source("b.rb", "x\n")
    found = [
        Diagnostic("RB2", "third", b.span(0, 1)),
        Diagnostic("RB2", "second", a.span(2, 3)),
        Diagnostic("RB1", "first", a.span(0, 1)),
        Diagnostic("RB0", "without a place"),
        Diagnostic("RB1", "first", a.span(0, 1)),
    ]
    report = text(found, color=False)
    assert re.findall(r"^error\[.*?\]: (.*)", report, re.MULTILINE) == ["without a place", "first", "second", "third"]
    assert text(reversed(found), color=False) == report
    assert "4 errors" in report


def test_colour_only_when_asked() -> None:
    found = [Diagnostic("RB200", "wrong", Source("a.rb", "x").span(0, 1), fix="f", corrected="y")]
    assert "\x1b" not in text(found, color=False)
    assert re.sub(r"\x1b\[[\d;]*m", "", text(found, color=True)) == text(found, color=False)


def test_nothing_that_acts_on_a_terminal_gets_through() -> None:
    hostile = "\x1b]0;x\x07\u202e\r\x9b\x7f\udcff\u2028"
    found = Diagnostic("RB200", hostile, Source("a\x1b.rb", hostile).span(0, 2), fix=hostile, corrected=hostile)
    report = text([found], color=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028\ud800-\udfff]", report)
    report.encode("utf-8")


@given(st.text(alphabet="ab\t日\u0301 ", max_size=400), st.data())
def test_long_lines_are_cut_around_the_place(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    shown, marks = one(line, start, end)[3:5]
    width = cells(shown.removeprefix("1 | ")).starts[-1]
    assert width <= EXCERPT
    assert marks.count("^") >= 1
    assert len(marks) - 4 <= EXCERPT + 1


@given(st.text(max_size=60))
def test_visible_text_is_one_line_that_can_be_written(raw: str) -> None:
    shown = visible(raw)
    assert "\n" not in shown and "\x1b" not in shown
    shown.encode("utf-8")


def test_json_has_every_key() -> None:
    source = Source("specs/ä.rb", "x\n  y z\n")
    found = [
        Diagnostic("RB200", "ä", source.span(4, 7), fix="f", notes=(Note(source.span(0, 1), "n"),), corrected="  y"),
        Diagnostic("RB001", "missing", warning=True),
    ]
    document = json.loads(as_json(found))
    nowhere = dict.fromkeys(["file", "line", "column", "end_line", "end_column"])
    missing = {"code": "RB001", "severity": "warning", "message": "missing", "fix": None, "corrected": None, "notes": []}
    here = {"code": "RB200", "severity": "error", "message": "ä", "fix": "f", "corrected": "  y"}
    place = {"file": "specs/ä.rb", "line": 2, "column": 3, "end_line": 2, "end_column": 6}
    note = {"message": "n", "file": "specs/ä.rb", "line": 1, "column": 1, "end_line": 1, "end_column": 2}
    assert document == {
        "version": 1,
        "errors": 1,
        "warnings": 1,
        "diagnostics": [{**missing, **nowhere}, {**here, **place, "notes": [note]}],
    }
    assert as_json(found).isascii()


def test_json_of_nothing() -> None:
    assert json.loads(as_json([])) == {"version": 1, "errors": 0, "warnings": 0, "diagnostics": []}
