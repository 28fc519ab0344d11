"""Made-up values are those that a script accepts."""

from __future__ import annotations

import re

import pytest

from compiler.rehearse import sample


@pytest.mark.parametrize("pattern", ["^[A-Za-z0-9+/]+=*$", "^whsec_", "^(a|b)c?[0-9]{4}$", "^postgresql://"])
def test_a_text_matches_its_pattern(pattern: str) -> None:
    assert re.search(pattern, sample.matching(pattern))
    assert re.search(pattern, sample.secret(pattern))


@pytest.mark.parametrize("pattern", ["^[A-Za-z0-9+/]+=*$", "^whsec_", "^sk_test_[a-z]*$", None])
def test_a_secret_is_long_enough_to_be_redacted(pattern: str | None) -> None:
    assert len(sample.secret(pattern)) >= 8
