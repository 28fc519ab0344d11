"""docs/reliability.md is about what `python -m tests.faults` runs."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from tests.faults import report
from tests.faults.families import FAMILIES


def test_the_page_is_what_its_command_writes() -> None:
    text = report.PAGE.read_text(encoding="utf-8")
    rows = report.rows(text)
    assert report.render(rows) == text
    assert list(rows) == [family.name for family in FAMILIES]
    assert all(row.cases > 0 and row.violations == 0 for row in rows.values())


@pytest.mark.parametrize("family", [family for family in FAMILIES if family.count], ids=lambda family: family.name)
def test_the_page_has_the_number_of_cases_that_there_are(family: Any) -> None:
    assert report.rows(report.PAGE.read_text(encoding="utf-8"))[family.name].cases == family.count()


def test_the_page_says_with_which_runtime_it_was_measured() -> None:
    """Another runtime since then is no failure: the sample above ran with it. It is said, so that somebody runs the whole."""
    old = [row.name for row in report.rows(report.PAGE.read_text(encoding="utf-8")).values() if row.runtime != report.runtime()]
    if old:
        warnings.warn(f"docs/reliability.md: measured with another runtime: {', '.join(old)}", stacklevel=1)
