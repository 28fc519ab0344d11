"""Files that use files."""

from __future__ import annotations

from compiler.plan.model import Lit, Value
from tests.resolve.support import RUNBOOK, model, resolved, told

LIBRARY = """
host web1 {
  address web1.example
}
service web on web1 {
  url https://${web1.address}
}
probe health "Health" {
  http ${web.url}/health
}
values paths {
  root /srv
}
param where path
trouble down "Down" {
  fix "Start it."
}
"""


def test_a_library_brings_what_is_shared() -> None:
    made = model("use lib.rb\nservice own {}\n", lib_rb=LIBRARY)
    kinds = {kind: list(names) for kind, names in made.declared.items()}
    assert kinds == {
        "runbook": ["main"],
        "host": ["web1"],
        "service": ["web", "own"],
        "probe": ["health"],
        "values": ["paths"],
        "param": ["where"],
        "trouble": ["down"],
    }
    assert [s.name for s in made.uses] == ["lib.rb"]
    assert [n.keyword for n in made.statements] == ["runbook", "use", "service"]
    (check,) = made.declared["probe"]["health"].all("http")
    assert check.args["url"] == Value((Lit("https://web1.example/health"),))


def test_a_used_runbook_keeps_its_own_way() -> None:
    other = (
        'runbook other {\n  title "Other"\n}\nvalues v {\n  a b\n}\nphase p "P" {\n  check nothing\n}\n'
        'rollback "R" {\n  verify nothing\n}\nchecklist "C" {\n  item "x"\n}\nsection "S" "text"\n'
    )
    made = model("use other.rb\n", other_rb=other)
    assert {kind: list(names) for kind, names in made.declared.items()} == {"runbook": ["main"], "values": ["v"]}


def test_a_library_alone_is_right_and_builds_nothing() -> None:
    assert resolved(LIBRARY) == (None, ())


def test_a_file_is_taken_once() -> None:
    made = model("use a.rb\nuse b.rb\n", a_rb="use lib.rb\n", b_rb="use lib.rb\n", lib_rb=LIBRARY)
    assert [s.name for s in made.uses] == ["a.rb", "lib.rb", "b.rb"]


def test_a_path_is_seen_from_the_file_that_names_it() -> None:
    found, diagnostics = resolved(RUNBOOK + "use lib/a.rb\n", **{"lib/a_rb": "use b.rb\n", "lib/b_rb": "values v {}\n"})
    assert not diagnostics
    assert found is not None
    assert [s.name for s in found.uses] == ["lib/a.rb", "lib/b.rb"]


def test_a_circle_is_named_once_with_its_places() -> None:
    found = resolved(RUNBOOK + "use a.rb\n", a_rb="use b.rb\n", b_rb="use a.rb\n")[1]
    assert [(d.code, d.message) for d in found] == [("RB308", "the files use each other in a circle: a.rb → b.rb → a.rb")]
    assert [str(n.span) for n in found[0].notes] == ["a.rb:1"]
    assert told("use main.rb\n") == ["main.rb:1 RB308 the files use each other in a circle: main.rb → main.rb"]


def test_a_long_chain_has_an_end() -> None:
    chain = {f"f{n}_rb": f"use f{n + 1}.rb\n" for n in range(300)}
    found = resolved("use f0.rb\n", **chain)[1]
    assert [d.code for d in found] == ["RB308"]


def test_what_use_does_not_take() -> None:
    assert told("use a.txt\n") == ["main.rb:1 RB309 `use` takes a spec (`.rb`) or an inventory (`.yml`, `.yaml`), not `a.txt`"]
    assert told("use ${v.file}\nvalues v {\n  file a.rb\n}\n") == ["main.rb:1 RB309 a `use` names its file without constants"]
    assert told("use missing.rb\n") == ["main.rb:1 RB001 `missing.rb` does not exist"]
    assert [line.split()[1] for line in told("use\n")] == ["RB207"]


def test_names_that_may_come_from_a_file_that_is_missing_are_not_told() -> None:
    text = RUNBOOK + 'use missing.rb\nprobe p "P" {\n  http ${web.url}/x\n  trouble down\n  dir $root\n}\n'
    assert told(text) == ["main.rb:4 RB001 `missing.rb` does not exist"]


def test_mistakes_of_a_used_file_are_told_there() -> None:
    lines = told("use lib.rb\n", lib_rb='probe p "P" {\n  timeout 90\n  file /x\n}\nprobe q "unclosed {\n}\nnonsense\n')
    codes = [line.split()[:2] for line in lines]
    assert ["lib.rb:2", "RB209"] in codes
    assert ["lib.rb:7", "RB201"] in codes
    assert any(place == "lib.rb:5" and code.startswith("RB1") for place, code in codes)
    assert all(place.startswith("lib.rb:") for place, _ in codes)
