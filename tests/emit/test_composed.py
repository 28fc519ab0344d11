"""A verdict in parts is the verdict on the whole, or stricter; what a stand-in says is never the last word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from two_parts import OWN, RUNTIME

from compiler.emit import shellcheck, shellcheck_process
from compiler.emit.render import Rendered
from compiler.emit.shellcheck import Cache, InternalFinding, lint_composed

SEEDS = [
    ("#1", "  ls ${x}"),
    ("#1", "  if helper; then true; fi"),
    ("#1", "  entries='a'\n  echo \"${entries}\""),
    ("#1", "  known='a'\n  echo \"${known}\""),
    ("#1", '  status=(a b)\n  echo "${status[@]}"'),
    ("#1", '  echo "$(helper)"'),
    ("#1", "  status=1"),
    ("#2", '  undefined_name="${nowhere}"'),
    ("#2", "  exit 1\n  ls"),
    ("#2", "  name='b'\n  ( name='c' )\n  echo \"${name}\""),
    ("#3", '  rbc_say "${rbc_missing}"'),
    ("#3", "  rbc_nothing"),
    ("#3", "  rbc_say ${rbc_rc}"),
    ("#3", "  if rbc_say a; then true; fi"),
    ("#4", "unused() {\n  true\n}"),
    ("#4", "readonly RBC_UNUSED='x'"),
    ("#4", "readonly -a RBC_EMPTY=()"),
    ("#5", "  ls ${rbc_kind}"),
    ("#5", '  echo "${RBC_MISSING}"'),
    ("#5", "  rbc_unread=1"),
    ("#6", "  if rbc_say b; then true; fi"),
    ("#6", '  echo "${RBC_PLAN}"'),
    ("#6", "  rbc_never() { true; }"),
    ("#7", "  RBC_TITLE=(a b)"),
    ("#7", "  echo $RBC_TITLE"),
    ("#7", "  if rbc_world a; then true; fi"),
]


# The stand-in is stricter than the real thing here; the whole script then has the last word.
CAUTIOUS = {'  status=(a b)\n  echo "${status[@]}"', "  rbc_never() { true; }"}


def seeded(seeds: list[tuple[str, str]]) -> tuple[str, str]:
    own, runtime = OWN, RUNTIME
    for place, text in seeds:
        own, runtime = own.replace(f"{place}\n", f"{text}\n{place}\n"), runtime.replace(f"{place}\n", f"{text}\n{place}\n")
    return own, runtime


def verdicts(own: str, runtime: str) -> tuple[bool, bool]:
    """Whether the composed and the whole verdict are clean."""
    *parts, whole = shellcheck_process.run([*shellcheck._parts(Rendered(own), runtime), own + runtime], 2)
    return not any(parts), not whole


def test_composed_is_whole_without_a_finding() -> None:
    assert verdicts(OWN, RUNTIME) == (True, True)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: " ".join(seed[1].split()))
def test_composed_is_whole_with_a_seeded_finding(seed: tuple[str, str]) -> None:
    composed, whole = verdicts(*seeded([seed]))
    assert composed == whole or (whole and seed[1] in CAUTIOUS)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(SEEDS), max_size=3, unique=True))
def test_composed_never_calls_clean_what_is_not(seeds: list[tuple[str, str]]) -> None:
    composed, whole = verdicts(*seeded(seeds))
    assert not composed or whole


def test_the_whole_script_has_the_last_word(tmp_path: Path) -> None:
    own, runtime = seeded([("#1", "  ls ${x}")])
    with pytest.raises(InternalFinding, match="SC2086"):
        lint_composed(Rendered(own), runtime, Cache(tmp_path))
    assert lint_composed(Rendered(OWN), RUNTIME, Cache(tmp_path)) == ()
