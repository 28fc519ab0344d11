"""From a spec's lines to a body: dedent, constants, pieces and their places."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.plan.model import Body, Origin
from compiler.shell import analyse, check, join, to_body
from compiler.shell.body import Places, joints
from compiler.source import Source
from compiler.syntax.tree import Shell, ShellLine
from tests.shell.support import KNOWN, body, command, constants, declared, fence

VALUES = {
    "leitstand.url": "https://leitstand.example",
    "leitstand.dir": "/opt/gw",
    "leitstand.args": "-f a.yml -p gw",
    "v.n": "5",
}


def held(made: Body) -> None:
    """The promises about pieces."""
    for piece in made.pieces:
        if piece.origin is Origin.SOURCE:
            assert piece.text == piece.span.text
            assert "\n" not in piece.text
        if piece.origin is Origin.CONSTANT:
            assert piece.span.text.startswith("${")
    line_starts = [0, *[n + 1 for n, character in enumerate(made.text) if character == "\n"]]
    piece_starts, offset = set(), 0
    for piece in made.pieces:
        piece_starts.add(offset)
        offset += len(piece.text)
    assert set(line_starts) <= piece_starts | {offset}


def test_the_common_indentation_goes_and_nothing_else() -> None:
    made = body("if x; then\n\ty\n    z  \nfi")
    assert made.text == "if x; then\n\ty\n    z  \nfi"
    held(made)


def test_a_shallow_here_document_keeps_all_lines_where_they_are() -> None:
    made, _ = to_body(fence("    cat <<E\nhello\nE", indent=""), constants({}))
    assert made.text == "    cat <<E\nhello\nE"


def test_a_here_document_that_is_indented_like_the_commands_ends_where_it_should() -> None:
    assert body("cat <<E\n  hello\nE").text == "cat <<E\n  hello\nE"
    assert analyse(body("cat <<E\n  hello\nE")).error is None


def test_tabs_and_spaces_are_not_mixed_up() -> None:
    made, _ = to_body(fence("\ta\n    b", indent=""), constants({}))
    assert made.text == "\ta\n    b"


def test_blank_lines_at_both_ends_go_and_those_between_stay() -> None:
    made, _ = to_body(fence("\n\na\n\n  \nb\n\n"), constants({}))
    assert made.text == "a\n\n\nb" or made.text == "a\n\n  \nb"
    held(made)


def test_a_continued_command_loses_the_indentation_of_its_first_line() -> None:
    made, _ = to_body(command("docker compose \\\n    up \\\n  -d"), constants({}))
    assert made.text == "docker compose \\\n  up \\\n-d"
    held(made)


def test_what_the_parser_has_dedented_stays_as_it_is() -> None:
    source = Source("t.rb", "    $ a \\\n        b\n")
    shell = Shell((ShellLine(source.span(6, 9)), ShellLine(source.span(14, 19))), source.span(4, 19), fence=False)
    assert to_body(shell, constants({}))[0].text == "a \\\n    b"


def test_constants_are_inlined_with_the_place_of_their_reference() -> None:
    made, found = to_body(fence("curl ${leitstand.url}/health ${v.n}"), constants(VALUES))
    assert not found
    assert made.text == "curl https://leitstand.example/health 5"
    assert [(p.text, p.span.text) for p in made.pieces if p.origin is Origin.CONSTANT] == [
        ("https://leitstand.example", "${leitstand.url}"),
        ("5", "${v.n}"),
    ]
    held(made)


@pytest.mark.parametrize(
    "text",
    [
        "echo ${oauth2-proxy.url}",
        "echo ${a:-b.c}",
        "echo $a.b",
        "echo ${a}.b",
        "echo ${A.b}",
        "echo ${a.}",
        "echo ${.a}",
        "echo ${#a.b}",
        "echo ${a.b-c}",
    ],
)
def test_everything_else_belongs_to_the_shell(text: str) -> None:
    made, found = to_body(fence(text), constants({}))
    assert made.text == text
    assert not found


def test_two_dollars_write_one() -> None:
    made, found = to_body(fence("echo '$${a.b}' $$ '$$${c.d}' $${x}"), constants({}))
    assert made.text == "echo '${a.b}' $$ '$${c.d}' $${x}"
    assert not found
    held(made)


@pytest.mark.parametrize(
    "value", ["two words", "a;b", "a'b", "$(x)", "a*b", "~", "ä", "a\nb", "", "a\\b", "{a,b}", "a#b", "<x>", "a&b", "!x"]
)
def test_a_constant_that_is_not_a_plain_word_is_refused(value: str) -> None:
    made, (found,) = to_body(fence("echo ${v.x} b"), constants({"v.x": value}))
    assert found.code == "RB402"
    assert found.span is not None
    assert found.span.text == "${v.x}"
    assert "param v_x string" in (found.fix or "")
    assert analyse(made).error is None


@pytest.mark.parametrize("value", ["a", "/opt/gw", "a@b:c=d,e%f+g-h._i", "5", "-x"])
def test_plain_words_are_not(value: str) -> None:
    assert to_body(fence("echo ${v.x}"), constants({"v.x": value}))[0].text == f"echo {value}"


@pytest.mark.parametrize("value", ["-f a.yml --env-file .env", '--env-file "${HOME}/x y"', '-f "a b.yml"', "", 'x"${a}"y -p b'])
def test_args_may_be_several_words(value: str) -> None:
    made, found = to_body(fence("docker compose ${s.args} up"), constants({"s.args": value}))
    assert not found
    assert made.text == f"docker compose {value} up"


@pytest.mark.parametrize("value", ["a; b", 'a "$(x)"', "a  b", 'a "b', "a 'b c'", " a"])
def test_args_may_not_be_just_anything(value: str) -> None:
    assert [d.code for d in to_body(fence("docker compose ${s.args} up"), constants({"s.args": value}))[1]] == ["RB402"]


def test_args_in_quotes_are_one_word_and_that_is_refused() -> None:
    made, _ = to_body(fence('docker compose ${leitstand.args} up\ndocker "x ${leitstand.args}"'), constants(VALUES))
    (found,) = check(made, analyse(made), KNOWN)
    assert (found.code, found.span and found.span.line) == ("RB424", 4)


def test_what_the_resolver_says_is_passed_on() -> None:
    _, (found,) = to_body(fence("echo ${no.such}"), constants({}))
    assert found.code == "RB300"


def test_bodies_of_one_statement_share_a_shell() -> None:
    made = join([body("a"), body("b\nc"), body("d")])
    assert made.text == "a\nb\nc\nd"
    assert joints(made) == [1, 5]
    held(made)


@pytest.mark.parametrize(
    ("first", "second"),
    [('echo "a', 'b"'), ("cat <<E", "x\nE"), ("if true; then", "true; fi"), ("true &&", "true"), ("f() {", "true; }")],
)
def test_each_command_is_a_text_by_itself(first: str, second: str) -> None:
    made = join([body(first), body(second)])
    assert [d.code for d in check(made, analyse(made), KNOWN)] == ["RB403"]
    together = body(f"{first}\n{second}")
    assert not check(together, analyse(together), KNOWN)


def test_commands_that_end_are_fine_together() -> None:
    made = join([body("cat <<E\nx\nE"), body('echo "a\nb"'), body("true; "), body("x=1 # c"), body("echo $x")])
    assert not check(made, analyse(made), KNOWN)


# ── properties ────────────────────────────────────────────────────────────────────────────────────────────────────────

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "echo ",
            "$a",
            "${leitstand.url}",
            "$${a.b}",
            "${v.n}",
            "\n",
            "\n  ",
            "\t",
            "ä",
            "€",
            "🙂",
            '"',
            "'",
            "$$",
            "\\",
            " ",
            "#",
            "x",
        ]
    ),
    max_size=25,
).map("".join)


@given(FRAGMENTS, st.sampled_from(["", "  ", "\t", "    "]))
def test_every_character_has_a_place(text: str, indent: str) -> None:
    made, _ = to_body(fence(text, indent), constants(VALUES))
    held(made)
    places = Places(made)
    offset = 0
    for piece in made.pieces:
        for index, character in enumerate(piece.text):
            span = places.span(offset + index, offset + index + 1)
            if piece.origin is Origin.SOURCE:
                assert span.text == character
            else:
                assert span == piece.span
        offset += len(piece.text)


@given(FRAGMENTS, st.sampled_from(["  ", "\t", "      "]))
def test_indentation_of_the_fence_changes_nothing(text: str, indent: str) -> None:
    deep, _ = to_body(fence(text, indent), constants(VALUES))
    flat, _ = to_body(fence(re.sub(r"\$\{(\w+\.\w+)\}", r"$${\1}", deep.text), ""), constants({}))
    assert flat.text == deep.text


@pytest.mark.parametrize(
    "text", ["cat <<E\n  a\nE", "echo 'a\n  b'", "if true; then\n  echo 'x\n\ty'\nfi", "cat <<-E\n\t\ta\n\tE", "echo a \\\n  b"]
)
def test_the_meaning_survives_the_fence(text: str) -> None:
    """`declare -f` is the judge: the same text without a spec around it."""
    assert declared(body(text).text) == declared(text) is not None
