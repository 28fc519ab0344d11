"""`each`: written out when compiled, with names of its own for each word."""

from __future__ import annotations

import pytest

from compiler.plan.model import Origin, StepItem, walk
from tests.plan.compiling import HEAD, item, plan, step
from tests.resolve.support import told

STEP = '    step s "S" {\n      $ true\n      undo "nothing"\n    }\n'

TWO = (
    HEAD
    + """
service w1 {
  dir /srv/w1
  compose a.yml
  url https://w1.example
}
service w2 {
  dir /srv/w2
  compose b.yml
  url https://w2.example
}
probe ok "OK" {
  file /tmp
}
phase work "Work" {
  each one in w1, w2 {
    probe health "${one.word} answers" {
      http ${one.url}/health
    }
    capture before_${one.word} "Before ${one.word}" $ hostname
    step restart "Restart ${one.word}" {
      on ${one.word}
      $ docker compose ${one.args} restart "$before_${one.word}"
      undo rollback
      verify health
    }
  }
  check health, ok
}
rollback "Back" {
  each one in w1, w2 {
    step again "Start ${one.word}" {
      on ${one.word}
      $ docker compose ${one.args} up -d
    }
  }
  verify health
}
"""
)


def test_each_word_has_its_statements_in_order_with_ids_and_functions_of_its_own() -> None:
    found = plan(TWO)
    assert [i.id for i in walk(found.phases[0].items)] == [
        "work.before_w1",
        "work.restart_w1",
        "work.before_w2",
        "work.restart_w2",
        "work.health_w1",
        "work.health_w2",
        "work.ok",
    ]
    assert step(found, "work.restart_w2").symbol == "step_restart_w2"
    assert found.rollback is not None
    assert [i.id for i in (*found.rollback.items, *found.rollback.verify)] == [
        "rollback.again_w1",
        "rollback.again_w2",
        "rollback.verify.health_w1",
        "rollback.verify.health_w2",
    ]


def test_the_word_and_the_constants_of_its_service_stand_in_titles_folders_and_commands() -> None:
    found = step(plan(TWO), "work.restart_w2")
    assert found.title == "Restart w2"
    assert found.dir is not None
    assert found.dir.shown == "/srv/w2"
    assert found.body.text == 'docker compose -f b.yml restart "${before_w2}"'
    inlined = [p for p in found.body.pieces if p.origin is Origin.CONSTANT]
    assert [piece.span.text for piece in inlined] == ["${one.args}", "${one.word}"]


def test_inside_a_probe_is_the_one_of_the_word() -> None:
    found = plan(TWO)
    assert [use.probe for use in step(found, "work.restart_w2").verify] == ["health_w2"]
    titles = {probe.name: probe.title for probe in found.probes}
    assert (titles["health_w1"], titles["health_w2"]) == ("w1 answers", "w2 answers")


def test_one_inside_another_has_both_words_and_capitals_become_small() -> None:
    text = HEAD + 'phase p "P" {\n  each a in Vault, AI {\n    each b in x, y-z {\n'
    text += '      step s "${a.word} ${b.word}" {\n        $ echo ${a.word} ${b.word}\n        undo "nothing"\n      }\n'
    steps = [i for i in walk(plan(text + "    }\n  }\n}\n").phases[0].items) if isinstance(i, StepItem)]
    assert [s.name for s in steps] == ["s_vault_x", "s_vault_y_z", "s_ai_x", "s_ai_y_z"]
    assert [s.body.text for s in steps] == ["echo Vault x", "echo Vault y-z", "echo AI x", "echo AI y-z"]


def test_a_choice_repeated_by_an_each_is_one_decision() -> None:
    choice = '    choose way "Way" {\n      option a "A" default {\n  ' + STEP.replace("\n", "\n  ") + "    }\n    }\n"
    found = plan(HEAD + f'phase p "P" {{\n  each w in x, y {{\n{choice}  }}\n}}\n')
    assert item(found, "p.way.a.s_y").path == item(found, "p.way.a.s_x").path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("each w in a, A {\n" + STEP + "  }", ["RB307 `A` and `a` would both be called `a` in this `each`"]),
        ("each w in a, a {\n" + STEP + "  }", ["RB307 `a` stands twice in this `each`"]),
        ('each w in a, "-" {\n' + STEP + "  }", ["RB211 `-` cannot be a part of a name: it has neither letters nor digits"]),
        ("each w {\n" + STEP + "  }", ["RB207 `each` needs `in`"]),
        ('each w in a {\n    note "n"\n  }', ["RB202 `note` may not stand in `each`"]),
        ("each w in a {\n    $ true\n  }", ["RB206 no commands may stand directly in `each`"]),
        ("each w in a", ["RB205 `each` needs a block"]),
        ('each w in a, b {\n    capture x "X" $ hostname\n  }', ["RB307 the capture `x` would be `$x` for each word"]),
        ("each w in a {\n    check ${w.url}\n  }", ["RB302 `${a.url}`: nothing that has constants is called `a`"]),
        (
            'each w in a {\n    probe q "Q" {\n      file /${w.word}\n    }\n    check q\n  }\n  when q',
            ["RB301 there is no probe called `q`"],
        ),
    ],
)
def test_a_mistake_gives_its_message_once(text: str, expected: list[str]) -> None:
    found = [line.split(" ", 1)[1] for line in told(HEAD + f'phase p "P" {{\n  {text}\n}}\n')]
    assert found == expected


def test_what_it_writes_out_is_bounded() -> None:
    words = ", ".join(f"w{number}" for number in range(100))
    inner = f"  each a in {words} {{\n  each b in {words} {{\n{STEP}  }}\n  }}\n"
    found = told(HEAD + f'phase work "Work" {{\n{inner}{STEP}}}\n')
    assert [line.split(" ", 1)[1] for line in found] == ["RB213 `each` would write out more than 5000 statements"]
