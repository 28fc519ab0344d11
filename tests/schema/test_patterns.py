"""Patterns: our verdict is bash's."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.schema import ere
from compiler.schema.ere_search import search

PIECES = [
    *'abz09()[]{}|*+?^$.\\-,:=/ "é&',
    *("[:alpha:]", "[[:digit:]]", "[[:nope:]]", "[.a.]", "[[=b=]]", "[.-.]", "[.", ".]", "[a-z]", "[z-a]", "[^", "[]", "---"),
    *("{2}", "{1,3}", "{3,1}", "{,2}", "{,}", "{x}", "\\1", "\\2", "\\<", "\\b", "\\w", "(a)", "(a|b)"),
]
PATTERNS = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
ASK = 'while IFS= read -r -d "" p; do [[ ab =~ $p ]]; printf "%s " "$?"; done 2>/dev/null'


def bash_takes(patterns: list[str]) -> list[bool]:
    asked = "".join(f"{pattern}\0" for pattern in patterns)
    answer = subprocess.run(
        ["bash", "-c", ASK], input=asked, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"}
    )
    codes = answer.stdout.split()
    assert len(codes) == len(patterns)
    return [code != "2" for code in codes]


@settings(max_examples=60, deadline=None)
@given(st.lists(PATTERNS, min_size=40, max_size=40))
def test_a_pattern_is_refused_exactly_where_bash_refuses_it(patterns: list[str]) -> None:
    for pattern, takes in zip(patterns, bash_takes(patterns), strict=True):
        assert (ere.refuse(pattern) is None) == takes, repr(pattern)


SEARCH = 'while IFS= read -r -d "" p && IFS= read -r -d "" t; do [[ $t =~ $p ]]; printf "%s " "$?"; done'
TEXTS = st.text("ab019z-./: ", max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PATTERNS, TEXTS), min_size=40, max_size=40))
def test_a_search_finds_exactly_what_bash_finds(asked: list[tuple[str, str]]) -> None:
    known = [
        (pattern, text, found) for pattern, text in asked if ere.refuse(pattern) is None for found in [search(pattern, text)]
    ]
    fed = "".join(f"{pattern}\0{text}\0" for pattern, text, _ in known)
    answer = subprocess.run(
        ["bash", "-c", SEARCH], input=fed, capture_output=True, text=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    for (pattern, text, found), code in zip(known, answer.stdout.split(), strict=True):
        assert found in (None, code == "0"), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^[[:alnum:]./-]+@sha256:[0-9a-f]{4}$", "registry/web@sha256:12ab", True),
        ("^[[:alnum:]./-]+@sha256:[0-9a-f]{4}$", "registry/web:latest", False),
        ("b|^$|c", "xbx", True),
        ("(a|b|cd){2}$", "xcdb", True),
        ("(a+)+$", "a" * 5000 + "!", False),
        ("(a*)*b", "a" * 5000, False),
        ("((a{200}){200}){200}", "a", None),
        ("(a)\\1", "aa", None),
        ("\\bweb", "web", None),
        ("web", "wéb", None),
        ("a" * 10_000, "a" * 10_000, None),
    ],
)
def test_a_search_ends_soon_and_says_where_only_bash_can_tell(pattern: str, text: str, found: bool | None) -> None:
    assert search(pattern, text) is found


@settings(max_examples=200)
@given(st.text())
def test_any_text_gets_a_verdict(text: str) -> None:
    error = ere.refuse(text)
    assert error is None or 0 <= error.at <= len(text)
    ere.trap(text)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "a `(` is not closed"),
        ("a[b", "a `[` is not closed"),
        ("*a", "nothing stands before `*` that could be repeated"),
        ("^*", "nothing stands before `*` that could be repeated"),
        ("a{2,1}", "`{2,1}` counts downwards"),
        ("a{x}", "`{x}` is not a repetition such as `{2}` or `{1,3}`; a brace itself is `\\{`"),
        ("a{256}", "`{256}` repeats more than 255 times, which is not portable"),
        ("[[:alhpa:]]", "`[:alhpa:]` is no class"),
        ("[z-a]", "the range `z-a` goes backwards"),
        ("(a)\\2", "`\\2` means a group that is not there"),
        ("a\\", "a `\\` stands at the end"),
        ("(?:a)", "`(?…)` is not known in POSIX patterns; `(…)` groups"),
        ("(" * 300 + ")" * 300, "the groups are nested too deeply"),
    ],
)
def test_the_reason_is_named(pattern: str, why: str) -> None:
    error = ere.refuse(pattern)
    assert error is not None
    assert error.message == why


@pytest.mark.parametrize("pattern", [r"\d+", r"a\t", r"[[:alpha:]]\D", r"[]]\n"])
def test_what_other_languages_write_is_a_trap(pattern: str) -> None:
    assert ere.refuse(pattern) is None
    assert ere.trap(pattern)


@pytest.mark.parametrize(
    "pattern", [r"^v[0-9]+\.[0-9]+$", r"[\d]", r"\.\*\\", "^(ok|up)$", r"\w+\b", "[]x(?]", r"[[:alpha:]\d]", r"[^]\d]"]
)
def test_what_means_what_it_says_is_no_trap(pattern: str) -> None:
    assert ere.trap(pattern) is None
