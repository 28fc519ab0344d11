"""A sample of `python -m tests.faults`: each kind of fault at least once."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.faults import everywhere, journal, matrix, operators, people, prefixes, subject, tamper, undoing

traced = pytest.mark.skipif(shutil.which("strace") is None, reason="faults in system calls need strace")
# One case of each kind of fault, spread over the statements and the ways on.
KINDS = ["half", "hang", "driver", "tree", "TERM", "HUP", "closed", "daemon", "exit0"]


def holds(cases: Sequence[Any], violations: Callable[[Any, Path], list[str]], folder: Path) -> None:
    assert [f"{case}: {text}" for n, case in enumerate(cases) for text in violations(case, folder / str(n))] == []


@pytest.mark.parametrize("number", range(len(KINDS)), ids=KINDS)
def test_a_fault(number: int, tmp_path: Path) -> None:
    those = [fault for fault in matrix.faults() if fault.kind == KINDS[number] and fault.then != "back"]
    holds([those[number * len(those) // len(KINDS)]], matrix.violations, tmp_path)


def test_a_fault_in_a_way_back(tmp_path: Path) -> None:
    those = [fault for fault in matrix.faults() if fault.then == "back"]
    holds([those[5], those[26]], matrix.violations, tmp_path)


def test_a_fault_where_a_person_is_needed(tmp_path: Path) -> None:
    holds(list(people.faults())[3::17], people.violations, tmp_path)


@traced
def test_a_killed_driver(tmp_path: Path) -> None:
    chosen = list(everywhere.places(everywhere.counted(tmp_path / "count")))
    holds(chosen[30::80], everywhere.violations, tmp_path)


@traced
def test_errors_where_the_log_is_written(tmp_path: Path) -> None:
    holds(list(journal.errors())[2::19], journal.violations, tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_is_full_somewhere_in_the_log(tmp_path: Path) -> None:
    holds([journal.Full(0, 360), journal.Full(1, 80), journal.Full(2, 720)], journal.violations, tmp_path)


def test_a_sync_that_fails(tmp_path: Path) -> None:
    holds([journal.Unsynced("run", 2), journal.Unsynced("rollback", 3)], journal.violations, tmp_path)


def test_failing_undos(tmp_path: Path) -> None:
    holds(list(undoing.subsets())[3::25], undoing.violations, tmp_path)


@pytest.mark.parametrize("number", [1, 3, 4])
def test_twenty_operators(number: int, tmp_path: Path) -> None:
    operators.waiting()
    holds([operators.Round(number)], operators.violations, tmp_path)


def test_prefixes(tmp_path: Path) -> None:
    length = len(subject.small().text.encode())
    # Behind the first byte, around the first lines, the last line byte for byte.
    lengths = [*range(length - 2, length - 24, -1), *range(length - 24, 4000, -3001), *range(2200, 0, -61), 1, 0]
    holds([prefixes.Lengths(lengths)], prefixes.violations, tmp_path)


@pytest.mark.parametrize("every", [1, 10, 61])
def test_however_many_prefixes_are_tried_they_are_started_in_each_way(every: int) -> None:
    parts = prefixes.parts(every)
    tried = [n for part in parts for n in part.lengths]
    assert len(tried) == len(set(tried)) == -(-(len(subject.small().text.encode()) - 1) // every)
    for part in parts:
        assert {s for n in range(len(part.lengths)) for s in prefixes.starts(n, False)} == {"", "bash", "sh"}
        assert all({"", "bash"} & set(prefixes.starts(n, False)) for n in range(len(part.lengths)))


CUT = re.compile(rb'(?m)^if \[\[ "\$\{1-\}" != rbc-child && "\$\(<.*\n(?:  .*\n)*fi\n')


@pytest.mark.parametrize(
    ("place", "cut", "found"),
    [
        (b"\n# \xe2\x94\x80\xe2\x94\x80\xe2\x94\x80 ", True, []),
        (b"\n# \xe2\x94\x80\xe2\x94\x80\xe2\x94\x80 ", False, ["ended 0", "left ['evil']"]),
        (b"\nrbc_eol=", True, ["left ['evil']"]),
    ],
    ids=["behind the look at the end", "without that look", "before it"],
)
def test_a_prefix_with_a_side_effect_is_found(tmp_path: Path, place: bytes, cut: bool, found: list[str]) -> None:
    text = subject.small().text.encode()
    assert len(CUT.findall(text)) == 1
    text = (text if cut else CUT.sub(b"", text)).replace(place, b"\n: >evil" + place, 1)
    behind = text.index(b": >evil") + len(b": >evil\n") + 40
    said = prefixes.of(text, prefixes.Lengths([behind + 20, behind, text.index(b": >evil")]), tmp_path / "x")
    assert [text for text in said if not any(text.endswith(end) for end in found)] == []
    assert {end for end in found if any(text.endswith(end) for text in said)} == set(found)


def test_the_kept_log_is_one_and_every_kind_of_change_is_counted() -> None:
    assert not tamper.chain.verify(tamper.chain.lines(tamper.LOG.open("rb")), tamper.head_of(tamper.LOG.read_bytes())).findings
    assert all(alone < number or alone == number > 0 for number, alone in tamper.counts().values())
