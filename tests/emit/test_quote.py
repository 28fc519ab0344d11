"""The one place that quotes: exact in bash whatever the locale, and nothing for ShellCheck to say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compiler.emit.shell import double, quote, word
from compiler.plan.model import Lit, Value, Var

BASH = shutil.which("bash") or "/bin/bash"
LOCALES = {"big5": ("zh_TW", "BIG5"), "gbk": ("zh_CN", "GBK"), "sjis": ("ja_JP", "SHIFT_JIS"), "gb18030": ("zh_CN", "GB18030")}

TRAPS = (
    "019'\"\\$`!~/{}[]()<>|&;#*?=%^-+,. \t\n\r\x01\x1b\x7f\x85\xa0‘’‚“”„″‶\u200b\u202e\u2028\ufeff\uffff\U0001f600éあ表ソ丂一功"
)
text = st.text(st.one_of(st.sampled_from(TRAPS), st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=12)
shaped = st.one_of(
    text,
    st.builds(
        lambda head, tail: head + tail, st.sampled_from(["~/", "~", "-n", "#", "=", "a=", "$(touch x)", "%s", "あ", "“"]), text
    ),
    st.builds(lambda head, tail: head + tail, text, st.sampled_from(["\\", "\\\\", "あ\\", "é$", "}", "`", "!"])),
)
names = st.sampled_from(["HOME", "repo_root", "x"])
values = st.lists(st.one_of(shaped.map(Lit), names.map(Var)), min_size=1, max_size=5).map(lambda parts: Value(tuple(parts)))
many = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def through_bash(words: list[str], locale: dict[str, str], folder: Path) -> list[bytes]:
    script = folder / "words.sh"
    lines = ["HOME='/h o$m'", "repo_root='a\"b'", "x='\\'"] + [f"printf '%s\\0' {w}" for w in words]
    script.write_bytes("\n".join(lines).encode() + b"\n")
    run = subprocess.run([BASH, script], capture_output=True, env={"PATH": os.environ["PATH"], **locale}, check=True)
    assert run.stderr == b""
    return run.stdout.split(b"\0")[:-1]


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The plain locales, and those whose characters have bytes that mean something to a shell."""
    found = {"C": {"LC_ALL": "C"}, "C.UTF-8": {"LC_ALL": "C.UTF-8"}}
    localedef = shutil.which("localedef")
    folder = tmp_path_factory.mktemp("locales")
    for name, (language, charmap) in LOCALES.items() if localedef else ():
        subprocess.run([str(localedef), "-c", "-i", language, "-f", charmap, folder / name], capture_output=True)
        if (folder / name / "LC_CTYPE").exists():
            found[name] = {"LOCPATH": str(folder), "LC_ALL": name}
    return found


def test_at_least_one_locale_has_syntax_bytes_inside_of_characters(locales: dict[str, dict[str, str]], tmp_path: Path) -> None:
    """The rule about closing the string after a character outside of ASCII is there for a reason: without it this executes."""
    if len(locales) == 2:
        pytest.skip("no localedef with charmaps here")
    naive = b"printf '%s\\0' \"\xe8\xa1\xa8\\$HOME\"\n"
    (tmp_path / "naive.sh").write_bytes(naive)
    seen = {
        name: subprocess.run([BASH, tmp_path / "naive.sh"], capture_output=True, env={"HOME": "expanded", **locale}).stdout
        for name, locale in locales.items()
    }
    assert b"$HOME" in seen["C.UTF-8"]
    assert any(b"expanded" in out for out in seen.values()), seen


@many
@given(st.lists(shaped, min_size=20, max_size=60))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, locales: dict[str, dict[str, str]], texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("q")
    for locale in locales.values():
        assert through_bash([quote(t) for t in texts], locale, folder) == [t.encode() for t in texts]
        assert through_bash([word(t) for t in texts], locale, folder) == [t.encode() for t in texts]


@many
@given(st.lists(values, min_size=20, max_size=60))
def test_double_expands_names_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, locales: dict[str, dict[str, str]], parts: list[Value]
) -> None:
    held = {"HOME": "/h o$m", "repo_root": 'a"b', "x": "\\"}
    expected = [b"".join((held[p.name] if isinstance(p, Var) else p.text).encode() for p in v.parts) for v in parts]
    folder = tmp_path_factory.mktemp("d")
    for locale in locales.values():
        assert through_bash([double(v) for v in parts], locale, folder) == expected


@many
@example([""], [Value((Lit("~/!"), Var("HOME"))), Value((Lit("~"), Lit("/a"), Var("HOME")))])
@given(st.lists(shaped, min_size=30, max_size=80), st.lists(values, min_size=10, max_size=40))
def test_shellcheck_has_nothing_to_say(
    shellcheck: str, tmp_path_factory: pytest.TempPathFactory, texts: list[str], parts: list[Value]
) -> None:
    folder = tmp_path_factory.mktemp("s")
    words = [quote(t) for t in texts] + [double(v) for v in parts]
    lines = ["#!/bin/bash", "set -e", 'declare -x repo_root="$1"', 'declare -x x="$2"']
    lines += [f"printf '%s\\n' {w} x {w}" for w in words]
    lines += [f"readonly -a list{i}=({w} {w})\nprintf '%s\\n' \"${{list{i}[@]}}\"" for i, w in enumerate(words)]
    lines += [f'one{i}={w}\n[[ "${{one{i}}}" == {w} ]]' for i, w in enumerate(words)]
    lines += [f"printf '%s\\n' {word(t)}" for t in texts]
    (folder / "s.sh").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    run = subprocess.run([shellcheck, "--norc", "-f", "json1", "-o", "all", "-s", "bash", folder / "s.sh"], capture_output=True)
    found = [
        (c["code"], c["message"], lines[c["line"] - 1]) for c in json.loads(run.stdout)["comments"] if c["line"] <= len(lines)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("", "''"),
        ("Neue Images holen", "'Neue Images holen'"),
        ("Größe > 10 GiB; a|b && c", "'Größe > 10 GiB; a|b && c'"),
        ("it's", '"it\'s"'),
        ("$HOME und `id`", '"\\$HOME und \\`id\\`"'),
        ("C:\\", '"C:\\\\"'),
        ("a\\b", "'a\\b'"),
        ("~/repos", "'~''/repos'"),
        ("a!b", "'a!b'"),
        ("it's so!", "\"it's so\"'!'"),
        ("Zeile 1\nZeile 2", "$'Zeile 1\\nZeile 2'"),
        ("„so“ geht’s", "$'„so“ geht’s'"),
        ("zero\u200bwidth", "$'zero\\xe2\\x80\\x8bwidth'"),
        ("表$x", '"表""\\$x"'),
        ("a=é5", "'a=é''5'"),
        ("é5 Stück", "'é5 Stück'"),
    ],
)
def test_reads_naturally(plain: str, written: str) -> None:
    assert quote(plain) == written


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("/opt/heimgewebe/gateway", "/opt/heimgewebe/gateway"),
        ("--tail=100", "--tail=100"),
        ("https://x.example/health", "https://x.example/health"),
        ("-", "-"),
        ("done", "'done'"),
        ("A=b", "'A=b'"),
        ("80,443", "'80,443'"),
        ("~", "'~'"),
        ("a*", "'a*'"),
    ],
)
def test_word_leaves_plain_words_bare(plain: str, written: str) -> None:
    assert word(plain) == written


def test_double_reads_naturally() -> None:
    assert double(Value((Var("HOME"), Lit("/repos/x")))) == '"${HOME}/repos/x"'
    assert double(Value((Lit("/opt/gw"),))) == "'/opt/gw'"
    assert double(Value((Lit("a!"), Var("x")))) == "'a!'\"${x}\""


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "ok\udfff"])
def test_what_no_word_can_hold_is_refused(bad: str) -> None:
    for use in (quote, word, lambda t: double(Value((Lit(t), Var("x"))))):
        with pytest.raises(ValueError, match="cannot hold"):
            use(bad)


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a variable's name"):
        double(Value((Var("x}$(id)"),)))
