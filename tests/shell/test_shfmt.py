"""The parser: one process for many bodies is the same as one for each; places are code points; mistakes are at their place."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics import Refused
from compiler.shell import analyse, analyse_all, check, shfmt
from tests.shell.support import KNOWN, body, codes, findings

TEXTS = [
    "true",
    "echo ä | cat # €",
    "cat <<E\nx\nE",
    "x='\n'",
    "# only a comment",
    "f() { g; }",
    "a && b",
    "# shellcheck disable=SC1\nls\n# shellcheck disable=SC2",
    # each of these would swallow what follows, were it not for the separator's place
    "echo 'open",
    "cat <<NEVER",
    "cat <<rbc_cut_1",
    "f()",
    "true &&",
    "true |",
    "if true; then",
    "echo $(",
    "case x in",
    "time",
    "!",
    "for x in a",
    "function f",
    "echo }",
    "}",
    "done",
]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(TEXTS), min_size=2, max_size=8))
def test_together_is_the_same_as_alone(texts: list[str]) -> None:
    bodies = [body(text) for text in texts]
    assert analyse_all(bodies) == [analyse(one) for one in bodies]


def test_many_bodies_cost_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = subprocess.Popen
    calls = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(shfmt.subprocess, "Popen", counted)
    assert len(analyse_all([body(f"echo {n}\nls") for n in range(200)])) == 200
    assert len(calls) == 1
    assert analyse_all([]) == []


@pytest.mark.parametrize(
    ("text", "line", "underlined"),
    [
        ('true\necho "ä', 2, '"'),
        ("ä ö )", 1, ")"),
        ("true\nif x; then y", 2, "i"),
        ("}", 1, "}"),
        ("ls\n}\nevil() {\n  true", 2, "}"),
        ("docker compose logs <service>", 1, ">"),
        ("x=(", 1, "("),
        ("true ;; false", 1, ";"),
    ],
)
def test_a_mistake_is_named_at_its_place(text: str, line: int, underlined: str) -> None:
    made = body(text)
    (found,) = check(made, analyse(made), KNOWN)
    assert found.code == "RB403"
    assert found.span is not None
    assert (found.span.line - 2, found.span.text) == (line, underlined)


def test_a_placeholder_of_an_old_runbook_is_explained() -> None:
    made = body("docker compose logs --tail=200 <service_name>")
    (found,) = check(made, analyse(made), KNOWN)
    assert "param service_name string" in (found.fix or "")
    assert '"$service_name"' in (found.fix or "")


@pytest.mark.parametrize("text", ["echo a \\", "echo \\\\\\", "", "# x", "  \n"])
def test_nothing_to_run_or_half_a_command(text: str) -> None:
    assert codes(text) == ["RB405"]


def test_two_backslashes_at_the_end_are_a_character() -> None:
    assert codes("echo \\\\") == []


@pytest.mark.parametrize("character", ["\0", "\r", "\x1b", "\x07", "\x7f"])
def test_control_characters_are_refused_where_they_stand(character: str) -> None:
    assert findings(f"echo a{character}b") == [("RB406", character)]


def test_places_are_code_points_and_not_bytes() -> None:
    assert findings('echo "äöü€🙂" $txt # ä') == [("RB401", "$txt")]
    assert findings("# 🙂🙂\necho 🙂\necho 🙂 $txt") == [("RB401", "$txt")]


@pytest.mark.parametrize(
    "text",
    [
        "$(" * 3000 + ")" * 3000,
        "( " * 3000,
        "{ " * 500 + "true" + "; }" * 500,
        "{ " * 32000,
        "a|" * 900 + "a",
        '"$(' * 500,
        "((" * 2000,
        "${a:-" * 2000,
    ],
)
def test_deep_nesting_is_a_diagnostic(text: str) -> None:
    assert codes(text)[0].startswith("RB4")


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.sampled_from(list("$(){}[]`'\"\\ \n;&|<>#!=*?@a1-+:/%~^,.ä\t")), max_size=40))
def test_any_text_gives_facts_or_a_diagnostic(text: str) -> None:
    made = body(re.sub(r"\$\{[a-z][a-z0-9_]*\.", "", text))
    for found in check(made, analyse(made), KNOWN):
        assert re.fullmatch(r"RB4\d\d", found.code)
        assert found.fix
        assert found.span is not None
        assert 0 <= found.span.start <= found.span.end <= len(found.span.source.text)


def test_without_shfmt_the_build_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shfmt.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(shfmt.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    shfmt.tool.cache_clear()
    try:
        with pytest.raises(Refused) as caught:
            analyse(body("true"))
    finally:
        shfmt.tool.cache_clear()
    assert [d.code for d in caught.value.diagnostics] == ["RB404"]


@pytest.mark.parametrize("script", ["#!/bin/sh\necho kaputt >&2\nexit 3\n", "#!/bin/sh\nexit 1\n", "#!/no/such/interpreter\n"])
def test_a_shfmt_that_fails_fails_the_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    broken = tmp_path / "shfmt"
    broken.write_text(script)
    broken.chmod(0o755)
    monkeypatch.setattr(shfmt, "tool", lambda: str(broken))
    with pytest.raises(Refused) as caught:
        analyse(body("true"))
    assert [d.code for d in caught.value.diagnostics] == ["RB404"]
