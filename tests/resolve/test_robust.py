"""The gateway's spec, damaged in every way: always diagnostics, never an exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse
from tests.resolve.support import Texts, resolved

GATEWAY = (Path(__file__).resolve().parents[2] / "specs" / "gateway.rb").read_text(encoding="utf-8")
LINES = GATEWAY.split("\n")
TOKENS = sorted(set(GATEWAY.split()))


def test_the_gateway_is_right() -> None:
    made, found = resolved(GATEWAY)
    assert found == ()
    assert made is not None
    assert list(made.declared["phase"]) == ["preflight", "update", "postflight"]


@settings(max_examples=150, deadline=None)
@given(
    st.sets(st.integers(0, len(LINES) - 1), max_size=4),
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, 5), st.sampled_from([*TOKENS, ""])), max_size=4),
)
def test_a_damaged_spec_gives_diagnostics(dropped: set[int], replaced: list[tuple[int, int, str]]) -> None:
    lines = list(LINES)
    for line, word, token in replaced:
        words = lines[line].split(" ")
        words[word % len(words)] = token
        lines[line] = " ".join(words)
    text = "\n".join(line for number, line in enumerate(lines) if number not in dropped)
    document, _ = parse(Source("main.rb", text))
    made, found = resolve(document, Texts({}))
    errors = [d for d in found if not d.warning]
    assert made is None or not errors
    for diagnostic in found:
        assert diagnostic.span is not None
        assert diagnostic.message
        assert "\n" not in diagnostic.message
