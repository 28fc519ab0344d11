import re

from hypothesis import given
from hypothesis import strategies as st
from small_plans import check, choose, confirm, manual, option, phase, plan, probe, step

from compiler.emit.leaves import visible
from compiler.emit.locale import load
from compiler.emit.mermaid import flow, label
from compiler.plan.model import Way, WayBack

WORDS = {**load("runbook", "en"), **load("outcome", "en")}


def test_words_stay_readable() -> None:
    assert label("2.1a Image-based Deploy (empfohlen)") == '"2.1a Image-based Deploy (empfohlen)"'


def test_what_mermaid_would_read_is_written_as_a_number() -> None:
    assert label('a"] --> b[#quot;`x`') == '"a#34;#93; #45;#45;#62; b#91;#35;quot#59;#96;x#96;"'
    assert label("1. erst") == '"1#46; erst"'
    assert label("- Punkt") == '"#45; Punkt"'


@given(st.text())
def test_a_label_holds_nothing_of_mermaid(text: str) -> None:
    inside = label(text)[1:-1]
    rest = re.sub(r"#\d+;", "", inside)
    assert not set(rest) & set('"[]{}<>|`#;&*_\\:$\n')
    if text.isascii():
        assert re.sub(r"#(\d+);", lambda m: chr(int(m[1])), inside) == visible(text)


def test_failures_lead_where_the_plan_says() -> None:
    p = plan(
        phase("1", "Look", check("1.1", "Up", "up")),
        phase("2", "Ask", confirm("2.1", "Sure?", "sure"), step("2.2", "Do", "true")),
        phase("3", "Rest", step("3.1", "More", "true"), on_failure="stop"),
        phase("4", "Wait", manual("4.1", "Phone", "phone", WayBack(Way.READONLY)), on_failure="pause"),
        probes=(probe("up", "Up"),),
    )
    picture = flow(p, WORDS)
    edges = _edges(picture)
    assert ("1 Look", "fails", "STOPPED, NOTHING CHANGED (1)") in edges
    assert ("2.1 Sure?", "no", "DECLINED (8)") in edges
    assert ("2 Ask", "fails, asks", "Way back") in edges
    assert ("3 Rest", "fails", "FAILED, CHANGES LEFT IN PLACE (3)") in edges
    assert ("4 Wait", "fails", "PAUSED (9)") in edges
    assert ("4.1 Phone", None, "DONE (0)") in edges
    assert ("Way back", "not whole or not proven", "ROLLED BACK, NOT WHOLE OR NOT PROVEN (5)") in edges
    assert not [e for e in edges if e[2].startswith("ROLLED BACK, VERIFIED")]  # nothing verifies


def test_paths_part_and_meet() -> None:
    p = plan(
        phase(
            "1",
            "Go",
            choose(
                "1.1", "How?", "how", option("a", "a", "One", step("1.1a.1", "A", "true"), default=True), option("b", "b", "Two")
            ),
            step("1.2", "Then", "true"),
        )
    )
    edges = _edges(flow(p, WORDS))
    assert ("1.1 How?", "default", "1.1a One") in edges
    assert ("1.1 How?", None, "1.1b Two") in edges
    assert ("1.1a One", None, "1.2 Then") in edges
    assert ("1.1b Two", None, "1.2 Then") in edges


def _edges(picture: str) -> set[tuple[str, str | None, str]]:
    """(from, what stands at the arrow, to), nodes by their labels."""
    names = {m[1]: m[2] for m in re.finditer(r'^\s*(?:subgraph )?(\w+)[ \[({/]+"([^"]*)"', picture, re.M)}
    edges = set()
    for line in re.findall(r"^  (?=\w+ (?:&|-))(.*)$", picture, re.M):  # `a & b -->|"x"| c --> d`
        parts = re.split(r' (?:-->|-\.->)((?:\|"[^"]*"\|)?) ', line)
        for at in range(0, len(parts) - 2, 2):
            label = parts[at + 1][2:-2] or None
            edges |= {(names[source], label, names[parts[at + 2]]) for source in parts[at].split(" & ")}
    return edges
