"""The mutation check: what the whole check came to is on record, and a few mutants are tried here and now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mutation import record
from tests.mutation.survivors import REASONS
from tests.mutation.trial import Trial, impatient

SAMPLE = (
    ("subject.rb", "leaves `undo` out", "RB204"),
    ("rollback.sh", "takes back in the order of start", ""),
    ("step.sh", "loses a record", ""),
)


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with impatient():
        yield Trial()


def test_the_record_is_of_these_operators(trial: Trial) -> None:
    known = {row.key for row in record.read()}
    now = [mutant.key for mutant in trial.mutants()]
    missing = [key for key in now if key not in known]
    assert len(missing) * 10 <= len(now), f"run `python -m tests.mutation`: not on record are {missing}"


def test_at_least_sixty_mutants_and_nineteen_of_twenty_are_caught() -> None:
    rows = record.entered(record.read())
    assert len(rows) >= 60
    assert sum(1 for row in rows if row.by) * 20 >= len(rows) * 19


def test_every_survivor_has_its_reason() -> None:
    assert {row.key for row in record.entered(record.read()) if not row.by} == set(REASONS)


def test_the_page_is_made_of_the_record() -> None:
    assert record.PAGE.read_text(encoding="utf-8") == record.page(record.read())


@pytest.mark.parametrize(("file", "operator", "code"), SAMPLE)
def test_a_mutant_is_caught(trial: Trial, file: str, operator: str, code: str) -> None:
    mutant = next(m for m in trial.mutants() if m.operator == operator and m.file == file)
    by = trial.verdict(mutant).by
    assert by == code if code else by
