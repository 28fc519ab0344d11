"""Syntax errors: which, where, how many, and that no text at all gives a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from compiler import report
from compiler.diagnostics import Diagnostic
from compiler.source import Source
from compiler.syntax import grammar
from compiler.syntax.build import Builder
from compiler.syntax.parser import MOST, parse
from compiler.syntax.tree import Document

SAMPLE = (Path(__file__).parent / "sample.rb").read_text(encoding="utf-8")
PAGES = Path(report.__file__).parent / "pages"


def errors(text: str) -> tuple[Diagnostic, ...]:
    return parse(Source("spec.rb", text))[1]


def codes(text: str) -> list[str]:
    return [d.code for d in errors(text)]


def places(text: str) -> list[tuple[str, int, int]]:
    found = []
    for diagnostic in errors(text):
        assert diagnostic.span is not None
        found.append((diagnostic.code, diagnostic.span.line, diagnostic.span.column))
    return found


CASES = {
    "fence": "s {\n  ```bash\n  ls\n}\n\nt {\n  $ x\n}\n",
    "fence_of_fewer": "s {\n  ````\n  ls\n  ```\n}\n",
    "fence_closed_by_the_next": "s {\n  ```\n  ls\n}\n\nt {\n  ```\n  x\n  ```\n}\n",
    "fence_of_sh": "s {\n  ```sh\n  } ls {\n  ```\n  $ x\n}\n",
    "fence_after_words": "s ```\n ls\n```\n",
    "text": 's {\n  note """\n    one\n}\nt {\n}\n',
    "text_runs_on": 'a """x"""y\n',
    "string": "a \"x\nb 'y\nc z\n",
    "block": "phase u {\n  step a {\n    $ x\n\n  step b {\n    $ y\n  }\n}\nc d\n",
    "block_at_the_end": "a {\n  b {\n  }\n",
    "stray": "a {\n}\n}\nb c\n",
    "escape": 'a "\\d \\$x \\\'"\n',
    "backtick": "a {\n  b `ls -l`\n}\n",
    "brace_alone": "a b\n{\n  c\n}\n",
    "one_line_block": "a { b c }\n",
    "braces_in_a_word": "a x{y}z\n",
    "closing_after_words": "a {\n  b }\nc d\n",
    "words_after_closing": "a {\n} b\n",
    "white_space": 'a "b"c\na b{\n}\na don\'t\n',
    "comma": "a ,b\na b,,c\na b,\n\nc d\n",
    "comma_before_closing": "a {\n  b c,\n}\n",
    "keyword": "Host web {\n}\na {\n  title: x\n  // y\n  2 z\n}\n",
    "command_at_the_top": "$ ls\na b\n",
    "empty_command": "a {\n  $\n  ```\n\n  ```\n}\n",
    "command_cut": "a {\n  $ ls \\\n",
    "no_break_space": "a\u00a0b\n",
    "reference": 'a ${B.c} "${d-e.f} $${d-e.f} ${g}"\n',
    "depth": "a {\n" * 33 + "}\n" * 33,
    "flat": "a {\nb {\nc {\n}\n}\nd `x`\ne `y`\n}\n",
    "several": 'a {\n  b "x\n  c `y`\n}\nd {\n  e\nf {\n  g } h\n}\n',
}


@pytest.mark.parametrize("name", CASES)
def test_messages(name: str, snapshot: SnapshotAssertion) -> None:
    text = CASES[name]
    if name == "depth":
        text = "…\n"
    assert f"{text}\n{'─' * 60}\n{report.text(errors(CASES[name]), color=False)}" == snapshot


def test_an_error_hides_no_other_statement() -> None:
    document, found = parse(Source("spec.rb", 'a {\n  b "x\n}\nc {\n  d\n}\ne `f`\ng h # i\n'))
    assert [d.code for d in found] == ["RB103", "RB107"]
    assert [s.keyword for s in document.statements] == ["c", "g"]
    assert document.statements[0].span.text == "c {\n  d\n}"
    assert [c.span.text for c in document.comments] == ["# i"]


def test_places() -> None:
    assert places("a {\n  b\nc {\n}\n") == [("RB104", 1, 3)]
    assert places("a {\n}\n\n  }\n") == [("RB105", 4, 3)]
    assert places("s {\n\tx\n  ```\n") == [("RB101", 3, 3)]
    assert places('a "ä\\q"\n') == [("RB106", 1, 5)]


def test_corrected_line() -> None:
    assert [d.corrected for d in errors('a "\\d"\nb{\n}\n')] == ['a "\\\\d"', "b {"]


def test_a_fence_that_holds_a_statement_at_the_margin_is_only_suspected_after_an_error() -> None:
    text = "s {\n  ```\n  cat <<E\nhost web {\n}\nE\n  ```\n}\n"
    assert codes(text) == []


def test_errors_are_capped() -> None:
    found = errors("a `b`\n" * 1000)
    assert len(found) == MOST + 1
    assert [d.code for d in found if d.code != "RB107"] == ["RB120"]


@pytest.mark.parametrize(
    "text", ["a {\n" * 100_000, "}\n" * 100_000, "```\n" * 33_333 + "x", '"""\n' * 33_333, "`" * 300_000, "a,\n" * 100_000]
)
def test_large_nonsense_ends_soon(text: str) -> None:
    assert errors(text)


TOKENS = [
    "a", "probe", " ", " ", "\n", "\n", "\n  ", "{", "}", " {\n", "\n}\n", ",", '"', "'", '"""', "```", "\n```\n", "$ x", "$",
    "\\", "#", "`", "${a.b}", "$${a.b}", "${A.b}", "é", "\u00a0", "\t", "B", "\n```bash\n", "````", "{}", '"x"', "'y'", "\x00",
    "\r", "\u2028",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
@example('a """x""""')
@example("a,#\nb {")
@example("a $ \\")
def test_the_grammar_decides_and_every_refusal_is_explained(text: str) -> None:
    builder = Builder()
    builder.begin(Source("spec.rb", text), 0)
    refused = False
    try:
        grammar.construct(transformer=builder).parse(text + "\n", start=grammar.START) if text else None
    except grammar.lark.UnexpectedInput:
        refused = True
    document, found = parse(Source("spec.rb", text))
    assert isinstance(document, Document)
    assert bool(found) >= refused
    assert all(d.code != "RB100" for d in found)
    for diagnostic in found:
        assert diagnostic.span is not None
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        assert (PAGES / f"{diagnostic.code}.md").exists()
    assert report.text(found, color=True).count("\x1b[") % 2 == 0


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_document(text: str) -> None:
    document, found = parse(Source("spec.rb", text))
    assert document.statements or found or not re.sub(r"(?m)^\s*#.*|\s", "", text)


@settings(max_examples=150, deadline=None)
@example(765, "{")
@given(st.integers(0, len(SAMPLE) - 1), st.sampled_from(['"', "{", "}", "`", ",", "\n", "'", '"""', "$ ", "\\", ""]))
def test_one_change_in_a_real_spec(at: int, inserted: str) -> None:
    text = SAMPLE[:at] + inserted + SAMPLE[at + (not inserted) :]
    document, found = parse(Source("spec.rb", text))
    assert len(found) <= 6, "one mistake is not told many times"
    assert len(document.statements) >= 9, "what stands elsewhere is still there"


@pytest.mark.parametrize("page", sorted(PAGES.glob("RB[01]*.md")), ids=lambda p: p.stem)
def test_examples_of_the_pages(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.stem}: ")
    examples = dict(re.findall(r"^(?:`{3,4})rb (fails|passes)\n(.*?)^`{3,4}$\n?(?=\n|\Z)", text, re.MULTILINE | re.DOTALL))
    if "No example: " in text:
        assert not examples
        return
    assert set(codes(examples["fails"])) == {page.stem}
    assert codes(examples["passes"]) == []
