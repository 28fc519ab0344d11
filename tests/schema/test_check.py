"""Statements against the table: places, blocks, repetitions, what is required; many mistakes in one run, none told twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics import Diagnostic, Refused
from compiler.resolve import resolve
from compiler.schema.check import check
from compiler.schema.reference import reference
from compiler.schema.row import ANY, Block
from compiler.schema.table import ROWS, below, keywords, rows
from compiler.source import Source, Span
from compiler.syntax.parser import parse
from tests.schema.support import checked, told

ROOT = Path(__file__).resolve().parents[2]

STEP = 'phase p "P" {{\n  step s "S" {{\n    $ true\n    {}\n  }}\n}}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('probe p "P" {\n  file /x\n  retrys 5\n}', ["3 RB201 unknown setting `retrys` in `probe`"]),
        ('probe p "P" {\n  file /x\n  undo "x"\n}', ["3 RB202 `undo` may not stand in `probe`"]),
        ("proeb x {\n  nothing inside is told\n}", ["1 RB201 unknown statement `proeb` at the top level"]),
        ('runbook r {\n  title "A"\n  title "B"\n}', ["3 RB203 `title` stands twice in `runbook`"]),
        ('runbook a {\n  title "A"\n}\nrunbook b {\n  title "B"\n}', ["4 RB203 `runbook` stands twice in a file"]),
        ("runbook r {\n  lang de\n}", ["1 RB204 `runbook` needs `title`"]),
        ('runbook r {\n  titel "A"\n}', ["2 RB201 unknown setting `titel` in `runbook`"]),
        ('probe p "P"', ["1 RB205 `probe` needs a block"]),
        ("use x.rb {}", ["1 RB205 `use` has no block"]),
        ('probe p "P" {\n  $ true\n}', ["2 RB206 no commands may stand directly in `probe`"]),
        ('section "A" "B" $ true', ["1 RB206 no commands may stand directly in `section`"]),
        (STEP.format('undo "x"\n    readonly'), ["5 RB212 `undo` and `readonly` contradict each other in one `step`"]),
        (STEP.format('note "x"'), ["2 RB204 this `step` does not say how the way back goes"]),
        (STEP.format("undo rolback"), ["4 RB209 `rolback` is not a text in quotes"]),
        (STEP.format('undo "x" $ true'), ["4 RB206 `undo` takes words or commands, not both"]),
        (STEP.format('undo "x" {\n      timeout 5s\n    }'), ["4 RB205 `undo` has a block only around commands"]),
        (
            'rollback "R" {\n  step s "S" {\n    $ true\n    undo $ true\n  }\n}',
            ["4 RB202 `undo` may not stand in a `step` of the rollback"],
        ),
        (STEP.format('undo "x"\n    verify a\n    verify b'), ["6 RB203 `verify` stands twice in `step`"]),
        ('rollback "R" {\n  verify a\n  verify\n}', ["3 RB207 `verify` needs the name of a probe"]),
        ('rollback "R" {\n  verify a\n  verify b every 5s\n}', ["3 RB207 `verify` needs `for`"]),
        ("window Sun 02:00-04:00", ["1 RB202 `window` may not stand at the top level"]),
        ('phase p "P" {\n  on failure explode\n}', ["2 RB207 `explode` is not one of `rollback`, `stop`, `pause`"]),
        ('phase p "P" {\n  hold h "H" {}\n}', ["2 RB204 `hold` needs `for`"]),
        ('phase p "P" {\n  frobnicate w\n}', ["2 RB201 unknown setting `frobnicate` in `phase`"]),
        (
            'phase p "P" {\n  guarded g "G" {\n    for 5m\n    check x\n  }\n}',
            ["2 RB204 `guarded` needs `step`", "4 RB202 `check` may not stand in `guarded`"],
        ),
        (STEP.format('undo "x"\n    when a\n    unless b'), ["6 RB212 `when` and `unless` contradict each other in one `step`"]),
        ('phase p "P" {\n  when a\n  unless b\n}', ["3 RB212 `when` and `unless` contradict each other in one `phase`"]),
        (
            'rollback "R" {\n  step s "S" {\n    $ true\n    interactive\n  }\n}',
            ["4 RB202 `interactive` may not stand in a `step` of the rollback"],
        ),
    ],
)
def test_one_mistake_gives_one_message(text: str, expected: list[str]) -> None:
    assert told(text + "\n") == expected


def test_a_repetition_points_at_the_first() -> None:
    found = checked('probe p "P" {\n  file /x\n  timeout 5s\n  timeout 6s\n}\n')[1]
    (note,) = found[0].notes
    assert (note.span.line, note.text) == (3, "it stands here first")


def test_the_nearest_keyword_of_this_place_is_named() -> None:
    found = checked(STEP.format("readonly\n    retries 3 every 5s"))[1]
    assert [d.fix for d in found] == ["did you mean `retry`?"]
    found = checked('probe p "P" {\n  file /x\n  budget 5m\n}\n')[1]
    assert [d.fix for d in found] == ["it stands in `phase`, `rollback` or `runbook`"]


def test_all_mistakes_of_a_file_are_told_in_one_run() -> None:
    text = 'runbook a-b {\n  lang fr\n}\nprobe p "P" {\n  timeout 90\n  flie /x\n}\nphase q Q {\n  check p p2\n}\nhots x {}\n'
    assert [line.split(" ", 2)[:2] for line in told(text)] == [
        ["1", "RB204"],
        ["1", "RB211"],
        ["2", "RB207"],
        ["5", "RB209"],
        ["6", "RB201"],
        ["8", "RB209"],
        ["9", "RB208"],
        ["11", "RB201"],
    ]


def test_on_and_on_failure_stand_beside_each_other() -> None:
    statements, found = checked('phase p "P" {\n  on web\n  on failure rollback\n}\n')
    assert not found
    assert [(c.keyword, c.args) for c in statements[0].children] == [
        ("on", {"target": "web"}),
        ("on failure", {"which": "rollback"}),
    ]


def test_shell_behind_the_words_and_in_a_block_is_the_same() -> None:
    behind, _ = checked('probe p "P" {\n  succeeds $ true\n}\n')
    inside, found = checked('probe p "P" {\n  succeeds {\n    $ true\n  }\n}\n')
    assert not found
    text = [[line.span.text for line in one[0].children[0].shells[0].lines] for one in (behind, inside)]
    assert text == [["true"], ["true"]]


def test_values_hold_any_key_once() -> None:
    statements, found = checked("values v {\n  alpha 1\n  on x\n  alpha 2\n}\n")
    assert [c.keyword for c in statements[0].children] == ["alpha", "on"]
    assert [d.code for d in found] == ["RB203"]


class Nothing:
    """A project without other files."""

    def load(self, name: str, importer: Source, span: Span) -> Source:
        raise Refused([Diagnostic("RB001", f"{name} is not there", span)])


# ── the table itself ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_asks_only_for_children_that_it_has() -> None:
    for row in ROWS:
        children = below(row.key)
        for wanted in (*row.required, *row.exclusive):
            for keyword in (wanted,) if isinstance(wanted, str) else wanted:
                assert keyword in children, f"{row.key}: {keyword}"


def test_every_row_can_be_reached_and_can_hold_what_it_should() -> None:
    known = {row.key for row in ROWS} | {""}
    for row in ROWS:
        assert set(row.parents) <= known, row.key
        assert row.doc.endswith("."), row.key
        if below(row.key):
            assert row.block is not Block.NO, row.key
        if row.declares is not None:
            assert dict(row.pattern.arguments())["name"].name == "name"
    assert len(known) == len({row.key for row in ROWS}) + 1
    assert set(rows()) <= known


def test_what_a_phase_says_for_all_need_not_be_said_again() -> None:
    inside = '  step s "S" $ true\n  manual m "M" {}\n  choose c "C" {\n    option o "O" {\n      step t "T" $ true\n    }\n  }\n'
    assert told(f'phase p "P" {{\n  irreversible "gone"\n{inside}}}\n') == []
    assert [line.split(" ")[1] for line in told(f'phase p "P" {{\n{inside}}}\n')] == ["RB204"] * 3
    both = told(f'phase p "P" {{\n  irreversible "gone"\n}}\nphase q "Q" {{\n{inside}}}\n')
    assert [line.split(" ")[1] for line in both] == ["RB204"] * 3


def test_the_authors_own_words_are_no_keyword() -> None:
    assert ANY not in keywords()


def test_the_committed_reference_is_the_tables() -> None:
    assert (ROOT / "docs" / "language.md").read_text(encoding="utf-8") == reference()


def test_every_spec_in_the_reference_is_right() -> None:
    specs = [part.split("```", 1)[0] for part in reference().split("```rb\n")[1:]]
    assert specs
    for spec in specs:
        document, errors = parse(Source("t.rb", spec))
        _, found = resolve(document, Nothing())
        assert not errors
        assert not found


# ── any tree at all ───────────────────────────────────────────────────────────────────────────────────────────────

WORDS = [
    "x",
    "a-b",
    '"t"',
    "'['",
    "5s",
    "90",
    "rollback",
    "is",
    "running",
    "https://x.example",
    "$x",
    "${a.b}",
    ">=",
    "status",
    "matches",
]
LINES = st.tuples(
    st.sampled_from(sorted({k.split()[0] for k in keywords()} | {"nonsense"})),
    st.lists(st.sampled_from(WORDS), max_size=5),
    st.sampled_from(["", ",", "$ true"]),
).map(lambda t: " ".join([t[0], (", " if t[2] == "," else " ").join(t[1]), t[2] if t[2] != "," else ""]).strip())


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        LINES,
        lambda inner: st.tuples(LINES, st.lists(inner, max_size=4)).map(
            lambda t: "\n".join([t[0].split("$ true")[0].rstrip() + " {", *t[1], "}"])
        ),
        max_leaves=12,
    )
)
def test_no_statement_is_too_odd_for_the_table(text: str) -> None:
    document, _ = parse(Source("t.rb", text + "\n"))
    _, found = check(document.statements, lambda word: word.text)
    for diagnostic in found:
        assert diagnostic.span is not None
        assert diagnostic.code.startswith("RB2")
        assert "\n" not in diagnostic.message
