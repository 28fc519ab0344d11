"""PromQL and thresholds, as far as a spec can be checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.schema.promql import Limit, Query, limit, query
from compiler.schema.wrong import Wrong


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1000", "1000"),
        ("5%", "0.05"),
        ("100%", "1"),
        ("0.5%", "0.005"),
        ("500ms", "0.5"),
        ("7d", "604800"),
        ("15m", "900"),
        ("1.5h", "5400"),
        ("10GiB", "10737418240"),
        ("2TB", "2000000000000"),
        ("-3", "-3"),
        ("0", "0"),
    ],
)
def test_a_threshold_is_what_prometheus_compares_with(text: str, number: str) -> None:
    assert limit(text) == Limit(text, number)


@pytest.mark.parametrize("text", ["", "%", "5 %", "5w", "1e3", "five", "5%%", "0x10"])
def test_what_is_no_threshold_says_so(text: str) -> None:
    assert isinstance(limit(text), Wrong)


@pytest.mark.parametrize(
    ("text", "compares", "joins"),
    [
        ("queue_depth", False, False),
        ('sum(rate(a{status=~"5.."}[5m])) / sum(rate(a[5m]))', False, False),
        ("up == 0", True, False),
        ("up == 0 or absent(up)", True, True),
        ("sum(a > 5)", False, False),  # inside of brackets
        ('a{b="x > y # and ("}', False, False),  # inside of a string
        ("a{b='\\''} unless c", False, True),
        ("a{b=`\\`}", False, False),  # no escapes between backticks
        ("android", False, False),  # no `and` in it
    ],
)
def test_an_expression_is_read_as_far_as_needed(text: str, compares: bool, joins: bool) -> None:
    assert query(text) == Query(text, compares, joins)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "sum(a",
        "sum)a(",
        "a{b=[}]",
        'a{b="x}',
        "a{b='x}",
        "a{b=`x}",
        "a # b",
        "a >",
        "a and",
        "sum by",
        "a -",
        "rate(a[5m)]",
    ],
)
def test_a_broken_expression_is_refused(text: str) -> None:
    found = query(text)
    assert isinstance(found, Wrong)
    assert found.code == "RB560"


def test_an_expression_of_several_lines_becomes_one() -> None:
    found = query("  sum(\n    a\n  )\n")
    assert isinstance(found, Query)
    assert found.text == "sum( a )"


@given(st.text("ab(){}[]\"'`\\# <>=5m.,+", max_size=30))
def test_what_is_accepted_is_closed(text: str) -> None:
    """Put in brackets it stays one expression: nothing in it closes them or swallows what follows."""
    found = query(text)
    if isinstance(found, Query):
        assert isinstance(query(f"({found.text}) > 5"), Query)
