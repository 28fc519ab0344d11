"""Every code has a page, and every example on a page is executed by the whole pipeline."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from compiler import pipeline
from compiler.commands.explain import PAGES, codes
from compiler.diagnostics import Refused
from compiler.project import Project

COMPILER = PAGES.parent
CODE = re.compile(r"RB\d{3}")
FENCE = re.compile(r"^(`{3,})rb (fails|passes)\n(.*?)^\1\n", re.MULTILINE | re.DOTALL)


def used_codes() -> set[str]:
    """Every string in the compiler's modules that is a code."""
    found = set()
    for path in sorted(COMPILER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    return found


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def examples(kind: str) -> list[object]:
    return [
        pytest.param(code, match[3], id=f"{code}-{number}")
        for code in codes()
        for number, match in enumerate(m for m in FENCE.finditer(page(code)) if m[2] == kind)
    ]


def found_in(text: str, folder: Path) -> list[str]:
    """The codes of what the pipeline finds in a spec, in order."""
    (folder / "rbc.toml").touch()
    spec = folder / "example.rb"
    spec.write_text(text, encoding="utf-8")
    project = Project(folder)
    try:
        return [diagnostic.code for diagnostic in pipeline.compile(project.read(spec), project).diagnostics]
    except Refused as refused:
        return [diagnostic.code for diagnostic in refused.diagnostics]


@pytest.fixture
def no_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example shows what is found in a spec; that the runtime is clean with any selection of pieces is shown elsewhere."""
    monkeypatch.setattr("compiler.emit.shellcheck.units", lambda own, runtime: [])


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert used_codes() == set(codes())


@pytest.mark.parametrize("code", codes())
def test_a_page_has_its_title_and_an_example_or_the_reason_for_none(code: str) -> None:
    text = page(code)
    first, _, rest = text.partition("\n")
    assert re.fullmatch(rf"# {code}: \S.*[^.]", first)
    kinds = [match[2] for match in FENCE.finditer(text)]
    if "No example: " in text:
        assert not kinds
        assert re.search(r"^No example: \S.*\.$", rest, re.MULTILINE | re.DOTALL)
    else:
        assert kinds.count("fails") >= 1
        assert kinds.count("passes") >= 1


@pytest.mark.usefixtures("no_runtime")
@pytest.mark.parametrize(("code", "text"), examples("fails"))
def test_what_fails_gives_exactly_this_code(code: str, text: str, tmp_path: Path) -> None:
    assert set(found_in(text, tmp_path)) == {code}


@pytest.mark.usefixtures("no_runtime")
@pytest.mark.parametrize(("code", "text"), examples("passes"))
def test_what_passes_gives_nothing(code: str, text: str, tmp_path: Path) -> None:
    assert found_in(text, tmp_path) == [], code
