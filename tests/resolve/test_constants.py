"""`${a.b}`, wherever it may stand."""

from __future__ import annotations

import pytest

from compiler.plan.model import Lit, Value, Var
from tests.resolve.support import RUNBOOK, model, resolved, told

GATEWAY = """
service gw {
  dir      /opt/gw
  compose  compose.yml, compose.local.yml
  env_file .env
  project  gateway
  url      https://gw.example
}
"""


def body(command: str, before: str = GATEWAY) -> str:
    made = model(before + f'probe p "P" {{\n  succeeds $ {command}\n}}\n')
    return made.declared["probe"]["p"].children[0].bodies[0].text


def test_a_constant_is_its_value_in_words_texts_and_commands() -> None:
    made = model(GATEWAY + 'probe p "At ${gw.url}" {\n  http ${gw.url}/health\n  note "In `${gw.dir}`, not $${gw.dir}"\n}\n')
    probe = made.declared["probe"]["p"]
    assert probe.args["title"] == "At https://gw.example"
    assert probe.children[0].args["url"] == Value((Lit("https://gw.example/health"),))
    assert probe.children[1].args["text"] == "In `/opt/gw`, not ${gw.dir}"
    assert body("ls ${gw.dir}/x $${gw.dir}") == "ls /opt/gw/x ${gw.dir}"


def test_constants_are_made_of_constants_in_any_order() -> None:
    text = "values v {\n  c ${v.b}/c\n  b ${v.a}/b\n  a ${gw.dir}\n}\n" + GATEWAY
    assert body("ls ${v.c}", text) == "ls /opt/gw/b/c"


def test_a_constant_may_hold_a_shell_name() -> None:
    text = 'service s {\n  dir $HOME/gw\n}\nprobe p "P" {\n  dir ${s.dir}/x\n}\n'
    assert model(text).declared["probe"]["p"].children[0].args["path"] == Value((Var("HOME"), Lit("/gw/x")))


def test_the_options_for_docker_compose() -> None:
    expected = "docker compose -f compose.yml -f compose.local.yml --env-file .env -p gateway ps"
    assert body("docker compose ${gw.args} ps") == expected
    quoted = "service gw {\n  compose 'my file.yml'\n  env_file $HOME/gw.env\n}\n"
    assert body("docker compose ${gw.args} ps", quoted) == 'docker compose -f "my file.yml" --env-file "${HOME}/gw.env" ps'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("values v {\n  a ${v.b}\n  b ${v.a}\n}", ["3 RB304"]),
        ("values v {\n  a ${v.a}\n}", ["2 RB304"]),
        ('section "S" "${wbe.url}"', ["1 RB302"]),
        ('service web {}\nsection "S" "${web.url}"', ["2 RB303"]),
        ('service web {\n  url https://x.example\n}\nsection "S" "${web.urll}"', ["4 RB303"]),
        ('service web {\n  note "x"\n}\nsection "S" "${web.note}"', ["4 RB303"]),
        ('service web {\n  compose a.yml, b.yml\n}\nsection "S" "${web.compose}"', ["4 RB303"]),
        ('values v {\n  a b\n}\nsection "S" "${v.a.b}"', ["4 RB303"]),
        ('service web {\n  compose a.yml\n}\nsection "S" "${web.args}"', ["4 RB306"]),
        ('service web {}\nprobe p "P" {\n  succeeds $ docker compose ${web.args} ps\n}', ["3 RB305"]),
        ('service web {\n  compose \'a"b.yml\'\n}\nprobe p "P" {\n  succeeds $ x ${web.args}\n}', ["5 RB305"]),
        ('values v {\n  a "two words"\n}\nprobe p "P" {\n  succeeds $ echo ${v.a}\n}', ["5 RB402"]),
        ('probe p "P" {\n  succeeds $ echo ${v.a}\n}', ["2 RB302"]),
        ("service web {\n  url ${v.x}/a\n  dir ${web.url}\n}\nvalues v {\n  y 1\n}", ["2 RB303"]),
    ],
)
def test_a_mistake_is_told_once_where_it_is(text: str, expected: list[str]) -> None:
    assert [f"{d.span.line if d.span else 0} {d.code}" for d in resolved(text + "\n")[1]] == expected


def test_the_nearest_name_is_shown_and_where_it_is_declared() -> None:
    (found,) = resolved('service web {\n  url https://x.example\n}\nsection "S" "${web.urll}"\n')[1]
    assert found.fix == "did you mean `url`?"
    assert [str(note.span) for note in found.notes] == ["main.rb:1"]
    (found,) = resolved('service web {\n  url https://x.example\n}\nsection "S" "${wbe.url}"\n')[1]
    assert found.fix == "did you mean `web`?"


def test_a_circle_shows_its_way() -> None:
    lines = told("values v {\n  a ${v.b}\n  b ${v.c}\n  c ${v.a}\n}\n")
    assert lines == ["main.rb:4 RB304 constants are made of each other in a circle: ${v.a} → ${v.b} → ${v.c} → ${v.a}"]


def test_a_small_spec_cannot_become_a_huge_one() -> None:
    lines = "".join(f"  a{n} ${{v.a{n - 1}}}${{v.a{n - 1}}}${{v.a{n - 1}}}${{v.a{n - 1}}}\n" for n in range(1, 40))
    assert {d.code for d in resolved(f"values v {{\n  a0 xxxxxxxx\n{lines}}}\n")[1]} == {"RB304"}


def test_a_long_chain_written_backwards_has_an_end() -> None:
    lines = "".join(f"  a{n} ${{v.a{n + 1}}}\n" for n in range(2000))
    codes = {d.code for d in resolved(f"values v {{\n{lines}  a2000 x\n}}\n")[1]}
    assert codes == {"RB304"}


def test_a_value_is_typed_after_its_constants_are_in_place() -> None:
    text = RUNBOOK + 'values v {\n  wait 5\n}\nprobe p "P" {\n  file /x\n  timeout ${v.wait}s\n}\n'
    made, found = resolved(text)
    assert not found
    assert made is not None
    assert made.declared["probe"]["p"].children[1].args["duration"] == 5
    assert [d.code for d in resolved(text.replace("}s", "}"))[1]] == ["RB209"]


def test_an_entry_of_values_may_be_explained_and_keeps_its_value() -> None:
    text = 'values limits {\n  disk 85% "left ${limits.what}"\n  what open\n}\n'
    assert body("echo ${limits.disk}", text) == "echo 85%"
    entry = model(text).declared["values"]["limits"].children[0]
    assert entry.args == {"value": "85%", "text": "left open"}


@pytest.mark.parametrize("entry", ["disk 85% left", 'disk 85% "a" "b"'])
def test_what_explains_an_entry_is_one_text_in_quotes(entry: str) -> None:
    assert told(RUNBOOK + f"values limits {{\n  {entry}\n}}\n") != []
