"""Markdown text: plain text is plain in every place, an author's Markdown cannot leave its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from compiler.emit import render
from compiler.emit.leaves import visible
from compiler.emit.markdown_leaves import Cell, Fence, Flow, Inline, MarkdownLeaf, Number, Prose, Sentence, Slug, Text, Url
from compiler.emit.markdown_text import visible_keeping_blanks
from compiler.emit.render import environment

SHARP = "\\`*_{}[]()#+-.!|<>&~$:=\"'/^%@, \n\tabz019ä\u200b\u202e\x00\x1b"
sharp = st.text(st.sampled_from(SHARP), max_size=16)
plain = st.one_of(
    sharp,
    st.text(max_size=12),
    st.lists(
        st.sampled_from(
            [
                "```",
                "`",
                "<b>",
                "<!--",
                "-->",
                "https://x.example",
                "&amp;",
                "- ",
                "1. ",
                "> ",
                "# ",
                "===",
                "---",
                "| a |",
                "[a](b)",
                "[a]: b",
                "\n",
                "\n\n",
                "    ",
                "~~~",
                "*",
                "**",
                "_",
                "\\",
                "text",
                " ",
                "<https://x.example>",
                "<script>",
                "$x$",
                ":tada:",
                "  \n",
                "`` ` ``",
                "![a](b)",
                "</td>",
            ]
        ),
        max_size=8,
    ).map("".join),
)
many = settings(max_examples=300, deadline=None)

PLACES = [
    "{}",
    "# {}",
    "### x {}",
    "- {}",
    "1. {}",
    "- x: {} y",
    "> {}",
    "| a | {} |\n|---|---|\n| b | c |",
    "| a | b |\n|---|---|\n| {} | c |",
    "[{}](#x)",
    "**x:** {}",
    "- [ ] {}",
    "x {} y",
]


def parse(text: str) -> list[Token]:
    flat: list[Token] = []
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).disable("linkify").parse(text):
        flat.append(token)
        flat += token.children or []
    return flat


def page(template: str, leaf: MarkdownLeaf, wrap: str = "{}") -> str:
    text = "before\n\n" + template.replace("{}", wrap.replace("{}", "{{ leaf }}")) + "\n\nafter\n"
    return render._render(environment("markdown").from_string(text), {"leaf": leaf}).text


def shape(text: str) -> list[tuple[str, str]]:
    return [(t.type, t.tag) for t in parse(text) if t.type not in ("text", "text_special", "softbreak")]


def said(text: str) -> str:
    return "".join(t.content for t in parse(text) if t.type in ("text", "text_special", "code_inline"))


@many
@given(plain, st.sampled_from(PLACES))
@example("a\\", PLACES[7])
@example("|", PLACES[8])
@example("\\|", PLACES[8])
@example("# a #", "# {}")
def test_text_is_text_everywhere(text: str, place: str) -> None:
    shown = visible(text).strip()
    leaf = Cell(text) if place.startswith("|") else Text(text)
    written = page(place, leaf)
    if shown:
        assert shape(written) == shape(page(place, Text("word")))
        assert said(written) == said(page(place, Text("WORD"))).replace("WORD", shown)


@many
@given(plain, st.sampled_from(PLACES))
def test_code_is_code_everywhere(code: str, place: str) -> None:
    code = code.replace("]:", "] :") if place.startswith("[") else code
    leaf = Cell(Inline(code)) if place.startswith("|") else Inline(code)
    written = page(place, leaf)
    assert shape(written) == shape(page(place, Inline("word")))
    found = [t.content for t in parse(written) if t.type == "code_inline"]
    assert [f.strip() for f in found] == [visible(code).strip()]


@many
@given(plain, st.sampled_from(["{}", "- x\n\n  {}", "1. x\n\n   {}", "> {}", "- {}"]))
def test_a_fence_holds_anything(code: str, place: str) -> None:
    code = code.replace("\t", "").rstrip("\n")
    written = page(place, Fence(code))
    assert shape(written) == shape(page(place, Fence("word")))
    if place != "> {}":
        assert [t.content for t in parse(written) if t.type == "fence"] == [
            "\n".join(visible_keeping_blanks(line) for line in code.split("\n")) + "\n"
        ]


@many
@given(plain, st.sampled_from([*PLACES, "- x\n\n  {}"]))
@example("- a\n\n  ```\nb <i>", "{}")
@example("a\n    ```\n    <b>", "{}")
@example("[a]: b\n[c]: d", "{}")
@example("``` a\n<b>\n```` \n<i>", "- {}")
@example("x\\", "{}")
@example("```", "- x\n\n  {}")
def test_prose_stays_where_it_is(text: str, place: str) -> None:
    leaf = Cell(Prose(text)) if place.startswith("|") else Prose(text)
    written = page(place, leaf)
    found = parse(written)
    assert [t.content for t in found if t.type.startswith("html")] == []
    paragraphs = [t.content for t in found if t.type == "inline"]
    assert paragraphs[0] == "before" and paragraphs[-1] == "after"
    assert found[-2].content == "after" and found[-3].type == "inline"
    assert all(t.level == 0 for t in found if t.type == "paragraph_open" and t.map and t.map[0] == written.count("\n") - 1)
    if place.startswith("|"):
        benign = [
            t.type
            for t in parse(page(place, Cell("word")))
            if t.level < 5 and t.type != "inline" and not t.type.startswith(("text", "soft"))
        ]
        outer = [t.type for t in found if re.match("table|t[hrd]|thead|tbody|paragraph", t.type)]
        assert outer == [kind for kind in benign if re.match("table|t[hrd]|thead|tbody|paragraph", kind)]


@many
@given(plain)
def test_prose_without_a_trap_is_kept(text: str) -> None:
    written = page(
        "{}",
        Prose(
            "Use **bold**, `code <b>` and [links](https://x.example), see <https://y.example>.\n\n- one\n- two\n\n```\n<raw>\n```"
        ),
    )
    kinds = [t.type for t in parse(written)]
    for kind in ("strong_open", "code_inline", "link_open", "bullet_list_open", "fence"):
        assert kind in kinds
    assert [t.content for t in parse(written) if t.type == "code_inline"] == ["code <b>"]
    assert [t.content for t in parse(written) if t.type == "fence"] == ["<raw>\n"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Neue Images holen", "Neue Images holen"),
        ("leitstand_gateway: 80 und 443", "leitstand_gateway: 80 und 443"),
        ("Health != 200", "Health != 200"),
        ("a * b", "a \\* b"),
        ("_x_", "\\_x\\_"),
        ("1. Schritt", "1\\. Schritt"),
        ("- x", "\\- x"),
        ("#1", "\\#1"),
        ("C#", "C#"),
        ("Q&A", "Q\\&A"),
        ("a | b", "a \\| b"),
        ("<x>", "\\<x>"),
        ("zwei\nZeilen", "zwei Zeilen"),
        ("https://a.example/health antwortet", "https\\://a.example/health antwortet"),
    ],
)
def test_text_reads_well_in_the_source(text: str, written: str) -> None:
    assert page("{}", Text(text)) == f"before\n\n{written}\n\nafter\n"


def test_code_that_would_end_a_label_is_text() -> None:
    assert [t.type for t in parse(page("[{}](#x)", Inline("a]: b")))].count("link_open") == 1


def test_leaves_in_leaves() -> None:
    sentence = Sentence(
        "Then **run** {script} {times} times, {where}.", {"script": Inline("a|b"), "times": Number(3), "where": Text("a*b")}
    )
    assert page("x {}", sentence) == "before\n\nx Then **run** `a|b` 3 times, a\\*b.\n\nafter\n"
    assert page("| {} |", Cell(Flow((Text("a|"), Inline("b|c"))))) == "before\n\n| a\\|`b\\|c` |\n\nafter\n"
    assert page("[x](#{})", Slug("größe-1")) == "before\n\n[x](#größe-1)\n\nafter\n"
    assert page("[x]({})", Url("https://x.example/a b)<")) == "before\n\n[x](https://x.example/a%20b%29%3C)\n\nafter\n"


def test_what_does_not_fit_is_refused() -> None:
    for make in (lambda: Slug("a b"), lambda: Slug(""), lambda: Fence("x", "sh;")):
        with pytest.raises(ValueError, match="not a"):
            make()
    with pytest.raises(ValueError, match="lines of its own"):
        page("x {}", Fence("a"))
    with pytest.raises(ValueError, match="must not stand"):
        page("|{}|", Cell("a"))
    with pytest.raises(ValueError, match="must not stand"):
        page("`{}", Inline("a"))
    with pytest.raises(TypeError, match="is a block"):
        page("| {} |", Cell(Fence("a")))
    with pytest.raises(KeyError):
        page("{}", Sentence("{nobody}", {}))
