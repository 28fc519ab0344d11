"""Command blocks as people write them in documents: nothing crashes, meaning stays, and what is refused is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from compiler.shell import analyse, analyse_all, braced, check
from tests.shell.support import body, declared
from tests.shell.test_body import held
from tests.shell.test_braces import unbraced

BLOCKS = (Path(__file__).parent / "corpus" / "commands.txt").read_text(encoding="utf-8").rstrip("\n").split("\n%%\n")


@pytest.mark.parametrize("text", BLOCKS, ids=[f"{n}: {text.splitlines()[0][:30]}" for n, text in enumerate(BLOCKS)])
def test_braces_and_places(text: str) -> None:
    made = body(text)
    held(made)
    result = braced(made)
    held(result)
    assert unbraced(declared(result.text)) == unbraced(declared(text))


def test_bash_and_the_parser_agree_about_what_is_bash() -> None:
    for text, facts in zip(BLOCKS, analyse_all([body(text) for text in BLOCKS]), strict=True):
        assert (facts.error is None and not facts.empty) == (declared(text) is not None), text


def test_findings(snapshot: SnapshotAssertion) -> None:
    shown = []
    for text in BLOCKS:
        made = body(text)
        for found in check(made, analyse(made), {}):
            assert found.span is not None
            shown.append(f"{found.span.source.line(found.span.line).strip()}\n  {found.code} {found.message}\n  {found.fix}")
    assert "\n".join(shown) == snapshot
