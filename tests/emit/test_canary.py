"""No value of a spec becomes code: hostile text in every place of every template, the result run, parsed and compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import jinja2
import jinja2.nodes
import pytest
from hostile import SPEC, plain, with_bodies, with_text
from markdown_it import MarkdownIt
from markdown_it.token import Token

from compiler.emit import bash, markdown, render, resources, shellcheck_process, watch
from compiler.emit.composition import alone
from compiler.emit.leaves import Code, Comment, Expanded, Word
from compiler.emit.render import Rendered
from compiler.emit.shell import quote
from compiler.plan.model import Plan

BASH = shutil.which("bash") or "/bin/bash"


# CANARY stands for a command that leaves a file behind.
SHELL = [
    "$(CANARY)",
    "`CANARY`",
    "'; CANARY; '",
    '"; CANARY; "',
    "\nCANARY\n",
    "\r\nCANARY\r\n",
    "a\n$(CANARY)",
    "' \"$(CANARY)\" '",
    "\\",
    "\\'; CANARY #",
    "a[$(CANARY)]",
    "}\nCANARY\nf() {",
    ")\nCANARY\nx=(",
    "]=$(CANARY)",
    ";; *) CANARY ;;",
    "EOF\nCANARY\nEOF",
    "${x:-$(CANARY)}",
    "!CANARY",
    "%s%n\\n{script}{time}",
    "{{ CANARY }}{% CANARY %}{// CANARY //}",
    "-n",
    "~/x",
    "*",
    "",
    "表\\$(CANARY)",
    "shellcheck disable=all\nCANARY",
    "\x1b]0;CANARY\x07\u202eCANARY",
]
MARKUP = [
    "</td></table><script>x</script>",
    "<img src=x onerror=y>",
    "a | b | c",
    "a\n\n# Heading\n\nb",
    "# a",
    "- a",
    "1. a",
    "> a",
    "```\na",
    "`a",
    "a``",
    "*a **b __c ~~d",
    "[a](b) ![c](d) [e]: f",
    "[e]: f",
    "<!-- a",
    "a\n===",
    "---",
    "    a",
    "&lt;script&gt;",
    "<https://x.example>",
    "\\",
    "a\\",
    "a  \nb",
    "$x$ :tada: @a #1",
    "| a |\n|---|\n| b |",
    "+ a",
    "= a",
    "~~~\na",
    "2) a",
    "<a\nb>",
    "\tx",
]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plain()


@pytest.fixture(scope="module", autouse=True)
def loaded() -> Iterator[set[str]]:
    """The templates that the tests of this module have used."""
    render.environment.cache_clear()
    seen: set[str] = set()
    real = resources.read

    def read(name: str) -> resources.File:
        seen.add(name)
        return real(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "read", read)
        yield seen
    render.environment.cache_clear()


def command(text: str) -> str:
    """What every body is here: it prints hostile text, so that it is captured, logged and shown, too."""
    return f"printf '%s' {quote('x' + text)}\"${{before}}${{where}}\""


def script(plan: Plan, text: str) -> Rendered:
    return bash.emit(with_bodies(with_text(plan, lambda old: text, lambda old: text), command(text))).rendered


def test_every_template_has_its_canary(plan: Plan, loaded: set[str]) -> None:
    """A template that the Plan here does not reach would go unwatched: add what uses it to `hostile.SPEC`."""
    bash.emit(plan)
    watch.emit(plan)
    markdown.emit(plan)
    assert sorted(loaded & {*resources.names("bash"), *resources.names("markdown")}) == [
        *resources.names("bash", ".j2"),
        *resources.names("markdown", ".j2"),
    ]


def test_templates_print_and_decide_nothing() -> None:
    banned = (jinja2.nodes.Macro, jinja2.nodes.CallBlock, jinja2.nodes.FilterBlock, jinja2.nodes.AssignBlock, jinja2.nodes.Filter)
    for name in [*resources.names("bash", ".j2"), *resources.names("markdown", ".j2")]:
        tree = render.environment(name.split("/")[0]).parse(resources.read(name).text)
        assert [type(node).__name__ for node in tree.find_all(banned)] == [], name


# ── bash ──────────────────────────────────────────────────────────────────────


def run(folder: Path, text: str, *commands: list[str]) -> list[int]:
    """Write a script, run it with each command line; the statuses. It may complain, but never about its own syntax."""
    path, home = folder / "canary.sh", folder / "home"
    path.write_text(text, encoding="utf-8", newline="\n")
    path.chmod(0o755)
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "RBC_STATE_DIR": str(folder / "state"), "LANG": "C.UTF-8"}
    codes = []
    for arguments in commands:
        done = subprocess.run(
            [path, *arguments],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            start_new_session=True,
        )
        assert b"syntax error" not in done.stderr and b"command not found" not in done.stderr, done.stderr
        codes.append(done.returncode)
    assert list(home.iterdir()) == []
    return codes


@pytest.mark.parametrize("hostile", SHELL)
def test_nothing_hostile_runs(hostile: str, tmp_path: Path) -> None:
    """With hostile paths too, everything is refused early; with plain ones the run goes all the way."""
    mark, env_file = tmp_path / "mark", tmp_path / "env"
    env_file.write_text("TOKEN_NAME=abc\n")
    text = hostile.replace("CANARY", f"touch {mark}")
    plan = with_bodies(plain(SPEC.replace("/tmp/env", str(env_file))), command(text))
    for value in (None, str):
        made = bash.emit(with_text(plan, lambda old: text, lambda old: text, value)).text
        codes = run(
            tmp_path,
            made,
            ["--help"],
            ["plan"],
            ["check"],
            ["--yes", "--accept", "gate", "--accept", "hand"],
            ["rollback", "--yes"],
        )
        assert not mark.exists()
        assert all(0 <= code <= 9 for code in codes)
        if value is not None:
            assert (tmp_path / "state").exists() and codes[0] == 0 and codes[3] not in (1, 2, 7), codes


def test_shellcheck_has_nothing_to_say_about_hostile_text(plan: Plan) -> None:
    """Each hostile script's own part with a stand-in for the runtime; as many as there are, in one go."""
    halves = []
    for hostile in SHELL:
        made = bash.emit(
            with_bodies(with_text(plan, lambda old, new=hostile: new, lambda old, new=hostile: new), command(hostile))
        )
        own = made.rendered.part(0, made.machinery_start)
        halves.append(alone(own.text, made.text[made.machinery_start :]))
    found = shellcheck_process.run(halves, 2)
    assert [(f.code, text.split("\n")[f.line - 1]) for text, findings in zip(halves, found, strict=True) for f in findings] == []


def words(text: str) -> tuple[set[tuple[int, int]], set[tuple[int, int]], set[tuple[int, int]]]:
    """Where shfmt's parser sees words, comments and statements: ranges of bytes."""
    shfmt = shutil.which("shfmt", path=f"{Path(sys.executable).parent}:{sysconfig.get_path('scripts')}") or "shfmt"
    tree = json.loads(
        subprocess.run([shfmt, "-ln=bash", "--to-json"], input=text.encode(), capture_output=True, check=True).stdout
    )
    found: tuple[set[tuple[int, int]], ...] = (set(), set(), set())

    def visit(node: object) -> None:
        if isinstance(node, list):
            for item in node:
                visit(item)
        elif isinstance(node, dict):
            if "Pos" in node and "End" in node:
                place = (node["Pos"]["Offset"], node["End"]["Offset"])
                kind = 1 if "Hash" in node else 2 if "Cmd" in node or "Position" in node else 0 if "Parts" in node else None
                if kind is not None:
                    found[kind].add(place)
            for item in node.values():
                visit(item)

    visit(tree)
    return found[0], found[1], found[2]


@pytest.mark.parametrize("hostile", SHELL)
def test_each_leaf_is_what_the_parser_sees(plan: Plan, hostile: str) -> None:
    """A word is one word of the syntax tree, a comment one comment, and a body begins and ends with a statement."""
    rendered = script(plan, hostile)
    byte = [0]
    for char in rendered.text:
        byte.append(byte[-1] + len(char.encode()))
    seen_words, comments, statements = words(rendered.text)
    for placed in rendered.leaves:
        place = (byte[placed.start], byte[placed.end])
        if isinstance(placed.leaf, Word | Expanded):
            assert place in seen_words, placed
        elif isinstance(placed.leaf, Comment):
            assert place in comments, placed
        elif isinstance(placed.leaf, Code):
            start = byte[
                placed.start
                + len(rendered.text[placed.start : placed.end])
                - len(rendered.text[placed.start : placed.end].lstrip())
            ]
            assert start in {s[0] for s in statements} and place[1] in {s[1] for s in statements}, placed


# ── markdown ──────────────────────────────────────────────────────────────────


def tokens(text: str) -> list[Token]:
    flat: list[Token] = []
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).disable("linkify").parse(text):
        flat.append(token)
        flat += token.children or []
    return flat


def shape(text: str) -> list[tuple[str, str, int]]:
    """The document without its words: what nests in what."""
    return [(t.type, t.tag, t.nesting) for t in tokens(text) if t.type not in ("text", "text_special", "softbreak")]


@pytest.mark.parametrize("hostile", [*MARKUP, *SHELL])
def test_titles_do_not_change_the_shape_of_a_runbook(plan: Plan, hostile: str) -> None:
    same = shape(markdown.emit(with_text(plan, lambda old: "Word", lambda old: old)))
    assert shape(markdown.emit(with_text(plan, lambda old: f"Word{hostile}", lambda old: old))) == same
    assert shape(markdown.emit(with_text(plan, lambda old: f"{hostile} Word", lambda old: old))) == same


@pytest.mark.parametrize("hostile", [*MARKUP, *SHELL])
def test_prose_stays_in_its_place(plan: Plan, hostile: str) -> None:
    """An author's Markdown may hold what it likes; every heading of ours stays, no HTML passes, no fence stays open."""
    benign = tokens(markdown.emit(plan))
    written = markdown.emit(with_text(plan, lambda old: old, lambda old: f"Word {hostile}"))
    found = tokens(written)
    ours = [t.content for t, before in zip(benign[1:], benign, strict=False) if before.type == "heading_open"]
    theirs = [t.content for t, before in zip(found[1:], found, strict=False) if before.type == "heading_open"]
    assert [h for h in theirs if h in ours] == ours
    assert [t.content for t in found if t.type.startswith("html")] == [t.content for t in benign if t.type.startswith("html")]
    fences = [t.content for t in benign if t.type == "fence"]
    assert [t.content for t in found if t.type == "fence" and t.content in fences] == fences
