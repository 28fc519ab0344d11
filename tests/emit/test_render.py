"""Templates print leaves only, and every printed character knows where it came from."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.emit import render, resources
from compiler.emit.layout import frozen_lines
from compiler.emit.leaves import Bare, Code, Comment, Expanded, Raw, Word, visible
from compiler.emit.markdown_leaves import Fence
from compiler.emit.render import Rendered, environment, join
from compiler.emit.resources import File
from compiler.plan.model import Body, Lit, Origin, Piece, Value, Var
from compiler.source import Source

BASH = shutil.which("bash") or "/bin/bash"


def bash(template: str, /, **context: object) -> Rendered:
    return render._render(environment("bash").from_string(template), context)


def markdown(template: str, /, **context: object) -> Rendered:
    return render._render(environment("markdown").from_string(template), context)


def body(text: str) -> Body:
    """A body whose lines stand in a spec below a title, indented by four, with every `X` an inserted `${x}`."""
    source = Source("specs/a.rb", "# title ä\n" + "".join(f"    {line}\n" for line in text.split("\n")))
    pieces = []
    for number, line in enumerate(text.split("\n")):
        at = source.line_starts[number + 1] + 4
        if number:
            pieces.append(Piece("\n", source.span(at - 5, at - 4), Origin.INSERTED))
        for part in line.replace("X", "\0X\0").split("\0"):
            span = source.span(at, at + len(part))
            at += len(part)
            if part == "X":
                pieces.append(Piece("${x}", span, Origin.CONSTANT))
            elif part:
                pieces.append(Piece(part, span, Origin.SOURCE))
    return Body(tuple(pieces))


# ── leaves only ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "template",
    [
        "x={{ text }}\n",
        "x={{ 'constant' }}\n",
        "x={{ word ~ '' }}\n",
        "x={{ [word, word]|join }}\n",
        "x={{ text|safe }}\n",
        "x={{ word|string }}\n",
        "x={{ 1 }}\n",
        "x={{ none }}\n",
        "{% set a %}{{ word }}{% endset %}x={{ a }}\n",
        "{% macro m() %}{{ word }}{% endmacro %}x={{ m() }}\n",
        "x={{ fence }}\n",
        "x={{ '%s' % word }}\n",
    ],
)
def test_what_is_no_leaf_is_refused(template: str) -> None:
    with pytest.raises(TypeError, match="prints leaves only"):
        bash(template, text="$(id)", word=Word("a"), fence=Fence("x"))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(jinja2.UndefinedError, match="nobody"):
        bash("x={{ nobody }}\n")
    with pytest.raises(jinja2.UndefinedError, match="nothing"):
        bash("x={{ word.nothing }}\n", word=Word("a"))


@pytest.mark.parametrize(
    "template",
    [
        'echo "{{ word }}"\n',
        "echo '{{ word }}'\n",
        "echo a{{ word }}\n",
        "echo {{ word }}b\n",
        "echo {{ word }}{{ word }}\n",
        "echo ${x:-{{ word }}}\n",
        "echo \\{{ word }}\n",
        "# {{ word }}{{ comment }}\n",
        "a{{ comment }}\n",
        "{{ comment }}; b\n",
        "  {{ code }}\n",
        "{{ code }}; }\n",
        " {{ raw }}\n",
    ],
)
def test_a_leaf_stands_where_it_is_whole(template: str) -> None:
    with pytest.raises(ValueError, match="must not stand"):
        bash(template, word=Word("a"), comment=Comment("c"), code=Code(body("ls")), raw=Raw(File("runtime/a.sh", "b\n")))


@pytest.mark.parametrize("bad", ["", "a b", "1a", "a-b", "$x", "a\n", "--1", True])
def test_bare_is_a_name_or_a_number(bad: str) -> None:
    with pytest.raises(ValueError, match="neither a name nor a number"):
        Bare(bad)


def test_everything_together() -> None:
    template = """\
{// a comment of the template's own //}
{{ comment }}
{% for name in names %}
{{ name }}=${#list[@]} # {# stays #}
{% endfor %}
f() {
{{ code }}
}
list=({{ word }} {{ expanded }})
{{ raw }}
"""
    rendered = bash(
        template,
        comment=Comment("shellcheck disable=SC2086\n id"),
        names=[Bare("a"), Bare(12)],
        code=Code(body("if true; then\n  ls X\n\nfi"), 2),
        word=Word("it's"),
        expanded=Expanded(Value((Var("HOME"), Lit("/$x")))),
        raw=Raw(File("runtime/a.sh", "rbc_a() { :; }\n")),
    )
    assert (
        rendered.text
        == """\
# (shellcheck disable=SC2086 id)
a=${#list[@]} # {# stays #}
12=${#list[@]} # {# stays #}
f() {
  if true; then
    ls ${x}

  fi
}
list=("it's" "${HOME}/\\$x")
rbc_a() { :; }
"""
    )


@given(st.text())
def test_a_comment_is_one_visible_line(text: str) -> None:
    written = bash("{{ c }}\n", c=Comment(text)).text
    assert written.count("\n") == 1 and written.startswith("#")
    assert not written.lstrip("# ").startswith("shellcheck")
    assert all(c == "\n" or c >= " " for c in written) and "\u202e" not in written and "\x7f" not in written


def test_visible_keeps_what_people_write() -> None:
    assert visible("Größe 10 GiB → „ok“ 😀") == "Größe 10 GiB → „ok“ 😀"
    assert visible("a\x1b[0m\tb\u202e") == "a\\u{1b}[0m b\\u{202e}"


# ── where every character came from ───────────────────────────────────────────

lines = st.lists(st.text(st.sampled_from("abX \tä$(){}'\"\\`<#"), max_size=10), min_size=1, max_size=6)
bodies = lines.map(lambda some: body("\n".join(some)))


@settings(deadline=None)
@given(st.lists(bodies, min_size=1, max_size=4), st.integers(0, 4))
def test_every_character_maps_to_its_origin(some: list[Body], indent: int) -> None:
    script = bash(
        "{% for b in some %}\nf() {\n{{ b }}\n}\nx={{ w }}\n{% endfor %}\n", some=[Code(b, indent) for b in some], w=Word("f\n")
    )
    runbook = markdown("{% for b in some %}\n1. f\n\n   {{ b }}\n\n{% endfor %}\n", some=[Fence(b) for b in some])
    for rendered in (script, runbook, join([script, runbook]), join([script, runbook]).part(3, len(script.text) + 9)):
        seen: dict[int, str] = {}
        for at, char in enumerate(rendered.text):
            mark, place = rendered.mark(at), rendered.place(at)
            line = rendered.text.count("\n", 0, at) + 1
            assert rendered.offset(line, at - rendered.line_starts[line - 1] + 1) == at
            if mark is None:
                assert rendered.origin(at) is None and place is None
            else:
                assert place is not None and mark.piece.text[mark.skip + at - mark.start] == char
                seen[id(mark.piece)] = seen.get(id(mark.piece), "") + char
                if mark.piece.origin is Origin.SOURCE:
                    assert place.text == char
                else:
                    assert place == mark.piece.span

    printed = "".join(p.text for b in some for p in b.pieces).replace("\n", "")
    for rendered in (script, runbook):
        kept = "".join(rendered.text[m.start : m.end] for m in rendered.marks).replace("\n", "")
        assert kept == printed


def test_a_place_is_the_operators_own_column() -> None:
    rendered = bash("f() {\n{{ b }}\n}\n", b=Code(body("true\ncp X ä\tb"), 2))
    line, column = 3, rendered.text.split("\n")[2].index("b") + 1
    place = rendered.place(rendered.offset(line, column))
    assert place is not None and (place.line, place.column, place.text) == (3, 4 + len("cp X ä\t") + 1, "b")
    reference = rendered.place(rendered.offset(3, 6))
    assert reference is not None and reference.text == "X"
    assert rendered.place(rendered.offset(3, 1)) is None


# ── layout ────────────────────────────────────────────────────────────────────

shell_lines = st.sampled_from(
    [
        "echo a",
        "  echo 'a b' \"c ${x} $(id -u)\" # it's",
        "for i in 1 2; do",
        "done",
        "if true; then",
        "fi",
        "echo 'open",
        "close'",
        'echo "open',
        'close"',
        "echo \"$(echo 'a",
        "b')\"",
        "# don't",
        "cat <<E",
        "  text",
        "E",
        "cat <<<'x'",
        "echo a \\",
        "echo a\\",
        "b",
        "  c",
        "echo $'it\\'s'",
        "echo $'open",
        'echo "${x:-"a b"}"',
        "x=${x# }",
        "echo ${x:-a #'}",
        "echo `id`",
        "y=$((1 << 2))",
        'z="$(printf \'"\')"',
        'echo "it\'s"',
        "",
        "a() { echo \\'; }",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(shell_lines, min_size=1, max_size=5), min_size=20, max_size=40))
def test_indentation_changes_no_meaning(tmp_path_factory: pytest.TempPathFactory, some: list[list[str]]) -> None:
    """`declare -f` of the body as written and as indented is the same, wherever bash can parse the body at all."""
    folder = tmp_path_factory.mktemp("layout")
    calls = []
    for number, parts in enumerate(some):
        for kind, indent in (("plain", 0), ("indented", 3)):
            (folder / f"{number}.{kind}").write_text(bash("f() {\n{{ b }}\n}\n", b=Code(body("\n".join(parts)), indent)).text)
        calls.append(f"p=$( . ./{number}.plain && declare -f f) && i=$( . ./{number}.indented; declare -f f)")
        calls.append(f'[ $? -ne 0 ] || [ "$p" = "$i" ] || echo {number}')
    run = subprocess.run([BASH, "-c", "\n".join(calls)], cwd=folder, capture_output=True, text=True)
    assert [some[int(n)] for n in run.stdout.split()] == []


@pytest.mark.parametrize(
    ("text", "frozen"),
    [
        ("a\nb", set()),
        ("echo 'it is' \"${x}\" # don't\nb", set()),
        ('v="$(docker inspect "${x}")"\nb', set()),
        ("echo 'a\nb'\nc", {1, 2}),
        ("cat <<E\nb\nE", {1, 2}),
        ("cp a \\\n  b", set()),
        ("cp a\\\nb\nc", {1}),
        ("echo a\\\n# don't\nb\nc' d", {1, 2, 3}),
        ("echo `id`\nb", {1}),
    ],
)
def test_frozen_lines(text: str, frozen: set[int]) -> None:
    assert frozen_lines(text) == frozen


# ── resources ─────────────────────────────────────────────────────────────────


def test_resources_are_files_below_the_template_folder() -> None:
    name = resources.names("runtime", ".sh")[0]
    assert resources.read(name).text == (resources.folder() / name).read_text(encoding="utf-8")
    for bad in ("runtime/nothing.sh", "../pyproject.toml", "runtime"):
        with pytest.raises(FileNotFoundError, match="no such file"):
            resources.read(bad)


def test_a_wheel_brings_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_templates").mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)
    resources.folder.cache_clear()
    try:
        assert resources.folder() == tmp_path / "_templates"
    finally:
        resources.folder.cache_clear()


def test_a_template_is_compiled_once() -> None:
    names = resources.names("bash", ".j2") + resources.names("markdown", ".j2")
    for name in names:
        kind = name.split("/")[0]
        assert environment(kind).get_template(name) is environment(kind).get_template(name)
