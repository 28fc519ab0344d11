"""What a spec takes for granted, in the runbook."""

from __future__ import annotations

import pytest

from compiler.emit import markdown
from tests.plan.compiling import UP, plan

SPEC = (
    'runbook demo {{\n  title "Demo"\n  lang {lang}\n}}\n'
    'values limits {{\n  disk 85% "Left open | by *us*."\n  plain 5\n  pattern \'^a|b$\' "Why."\n}}\n'
    + UP.replace("{", "{{").replace("}", "}}")
    + 'phase look "Look" {{\n  check up\n}}\n'
)


@pytest.mark.parametrize(("lang", "title"), [("en", "### Assumptions"), ("de", "### Annahmen")])
def test_explained_values_stand_in_a_table(lang: str, title: str) -> None:
    text = markdown.emit(plan(SPEC.format(lang=lang)))
    table = text.split(f"{title}\n")[1].split("\n#")[0]
    assert "| `limits.disk` | `85%` | Left open \\| by *us*. |" in table
    assert "| `limits.pattern` | `^a\\|b$` | Why. |" in table
    assert "plain" not in text


def test_without_explanations_there_is_no_table() -> None:
    bare = SPEC.format(lang="en").replace(' "Left open | by *us*."', "").replace(' "Why."', "")
    assert "Assumptions" not in markdown.emit(plan(bare))
