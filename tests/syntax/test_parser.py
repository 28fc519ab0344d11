"""Text to tree: what stands where, and that every character keeps its place."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from compiler.source import Source
from compiler.syntax.parser import parse
from compiler.syntax.tree import Document, Literal, Quote, Reference, Shell, Statement

SAMPLE = (Path(__file__).parent / "sample.rb").read_text(encoding="utf-8")


def parsed(text: str) -> Document:
    document, found = parse(Source("spec.rb", text))
    assert found == ()
    return document


def one(text: str) -> Statement:
    (statement,) = parsed(text).statements
    return statement


def words(text: str) -> list[str]:
    return [word.text for word in one(text).words]


def body(text: str) -> list[str]:
    block = one(text).block
    assert block is not None
    (shell,) = block
    assert isinstance(shell, Shell)
    return [line.span.text for line in shell.lines]


def test_the_spec_of_the_language_document_parses() -> None:
    document = parsed(SAMPLE)
    assert [s.keyword for s in document.statements] == [
        "runbook", "host", "service", "param", "probe", "probe", "probe", "probe", "phase", "phase", "phase", "rollback",
        "trouble",
    ]  # fmt: skip
    assert document.comments[0].text == "# specs/gateway.rb: updates of the Leitstand gateway on the home server"
    assert document.comments[1].text == "# refuse to run anywhere else"


@pytest.mark.parametrize("text", ["", "\n", "\n\n  \n", "# only a comment", "# a\n# b\n", "   ", "\t"])
def test_nothing_to_parse(text: str) -> None:
    assert parsed(text).statements == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("check a, b,c , d\n", ["a", "b", "c", "d"]),
        ("needs docker >= 24, 'x y'\n", ["docker", ">=", "24", "x y"]),
        ("url https://x.example/health?a=b#part\n", ["https://x.example/health?a=b#part"]),
        ("default $HOME/repos/a\n", ["$HOME/repos/a"]),
        ("http ${leitstand.url}/health status 200\n", ["${leitstand.url}/health", "status", "200"]),
        ("a b#c # comment\n", ["b#c"]),
        ("a b,#c\n", ["b", "#c"]),
        ("check a,\n      b, # why\n      # and\n  c\n", ["a", "b", "c"]),
        ("a ${HOME:-/opt}/x\n", ["${HOME:-/opt}/x"]),
        ("a \"\" ''\n", ["", ""]),
        ("a b\\d\n", ["b\\d"]),
        ("title Grüße😀\n", ["Grüße😀"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_last_line_without_newline() -> None:
    assert words("a b") == ["b"]
    assert one("a {\n}").block == ()
    assert parsed("a b # c").comments[0].text == "# c"


def test_quotes_are_told_apart() -> None:
    assert [w.quote for w in one("a b \"c\" 'd' \"\"\"e\"\"\" /f\n").words] == [
        Quote.BARE, Quote.STRING, Quote.RAW, Quote.TEXT, Quote.BARE,
    ]  # fmt: skip


def test_commas_are_kept() -> None:
    assert [w.comma for w in one("a b, c d\n").words] == [True, False, False]


def test_string_escapes_and_references() -> None:
    (word,) = one(r'a "x\n\"\\\t${h.url}$${h.url} $x ${y}"' + "\n").words
    first, reference, last = word.parts
    assert isinstance(first, Literal) and first.text == 'x\n"\\\t'
    assert isinstance(reference, Reference) and reference.path == ("h", "url")
    assert reference.span.text == "${h.url}"
    assert isinstance(last, Literal) and last.text == "${h.url} $x ${y}"
    assert last.span.text == "$${h.url} $x ${y}"


def test_raw_knows_nothing() -> None:
    (word,) = one("a '\\d ${h.url} \"'\n").words
    assert word.parts == (Literal('\\d ${h.url} "', word.parts[0].span),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a """x"""\n', "x"),
        ('a """\n  x\n    y\n\n  z\n  """\n', "x\n  y\n\nz"),
        ('a """first\n     second\n     """\n', "first\nsecond"),
        ('a """say "hi" and ""\n   \\n"""\n', 'say "hi" and ""\n\\n'),
        ('a """"""\n', ""),
        ('a """\n  two  \n  spaces\n"""\n', "two  \nspaces"),
    ],
)
def test_texts_are_dedented(text: str, expected: str) -> None:
    assert words(text) == [expected]


def test_reference_in_a_text_keeps_its_place() -> None:
    text = 'a """\n    one ${s.url}\n    two\n    """\n'
    (word,) = one(text).words
    before, reference, after = word.parts
    assert isinstance(before, Literal) and before.text == "one "
    assert (reference.span.line, reference.span.column, reference.span.text) == (2, 9, "${s.url}")
    assert isinstance(after, Literal) and after.text == "\ntwo"


def test_command_takes_the_rest_of_the_line() -> None:
    statement = one('succeeds $ echo "} # not a comment" { }\n')
    assert statement.shell is not None and not statement.shell.fence
    assert [line.span.text for line in statement.shell.lines] == ['echo "} # not a comment" { }']
    assert statement.block is None
    assert statement.head.text == "succeeds"
    assert statement.span.text == 'succeeds $ echo "} # not a comment" { }'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s {\n  $ a \\\n      b \\\n  c\n}\n", ["a \\", "    b \\", "c"]),
        ("s {\n  $ a \\\\\n}\n", ["a \\\\"]),
        ("s {\n  $ a \\\\\\\n  b\n}\n", ["a \\\\\\", "b"]),
        ("s {\n\t$\ta\n}\n", ["a"]),
        ("s {\n  $ a   \n}\n", ["a"]),
        ("s {\n  $ a \\ \n}\n", ["a \\ "]),
        ("s {\n  ```\n  a\n    b\n\n  c\n  ```\n}\n", ["a", "  b", "", "c"]),
        ("s {\n  ```bash\n  cat <<E\nx\nE\n  ```\n}\n", ["  cat <<E", "x", "E"]),
        ("s {\n  ````\n  ```\n  }\n  ```\n  ````\n}\n", ["```", "}", "```"]),
        ('s {\n```\n"""\n```\n}\n', ['"""']),
    ],
)
def test_bodies(text: str, expected: list[str]) -> None:
    assert body(text) == expected


def test_blocks_of_shell_and_statements_keep_their_order() -> None:
    block = one("step x {\n  $ a\n  undo {\n    $ b\n  }\n  ```\n  c\n  ```\n  note n\n}\n").block
    assert block is not None
    assert [item.keyword if isinstance(item, Statement) else "shell" for item in block] == ["shell", "undo", "shell", "note"]


@pytest.mark.parametrize("braces", ["{}", "{ }", "{\n}", "{ # c\n # d\n}"])
def test_empty_blocks(braces: str) -> None:
    statement = one(f"a b {braces}\n")
    assert statement.block == ()
    assert statement.span.text == f"a b {braces}"
    assert statement.head.text == "a b"


def test_spans_of_words_are_their_source() -> None:
    statement = one("probe dns \"DNS löst auf\" 'x',\n  y {\n}\n")
    assert [w.span.text for w in statement.words] == ["dns", '"DNS löst auf"', "'x'", "y"]
    assert (statement.keyword_span.text, statement.words[3].span.line) == ("probe", 2)


def test_depth_of_32_is_allowed() -> None:
    text = "a {\n" * 32 + "}\n" * 32
    assert one(text).block


def test_the_collector_is_as_before() -> None:
    assert gc.isenabled()
    parsed("a b\n")
    assert gc.isenabled()
    gc.disable()
    try:
        parsed("a b\n")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_collector_frozen_by_others_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        parsed("a b\n")
        assert 0 < gc.get_freeze_count() <= frozen
    finally:
        gc.unfreeze()
