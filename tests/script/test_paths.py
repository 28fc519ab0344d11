"""Parameters, choices, gates and refusals."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .specs import HEAD, OK_PROBE, step
from .worlds import World, finish

Make = Callable[[str], World]

CHOICE = (
    HEAD
    + 'param where path {\n  note "where to"\n  env WHERE\n}\n'
    + 'phase one "One" {\n  choose how "How" {\n    option fast "Fast" default {\n'
    + step("quick")
    + '    }\n    option slow "Slow" {\n'
    + step("careful", 'echo "$where" >>log')
    + "    }\n  }\n}\n"
)


def test_the_default_option_is_taken_without_a_terminal(world: Make) -> None:
    w = world(CHOICE)
    assert w.run("--yes").code == 0
    assert w.log == ["quick"]


def test_an_option_by_name_and_its_parameter(world: Make) -> None:
    w = world(CHOICE)
    assert w.run("--yes", "--how", "slow", "--where=/somewhere").code == 0
    assert w.log == ["careful", "/somewhere"]


def test_the_environment_comes_after_the_command_line(world: Make) -> None:
    w = world(CHOICE)
    assert w.run("--yes", "--how=slow", env={"WHERE": "/env"}).code == 0
    assert w.run("--yes", "--how=slow", "--where=/line", env={"WHERE": "/env"}).code == 0
    assert w.log == ["careful", "/env", "careful", "/line"]


def test_a_parameter_is_asked_for_only_where_the_path_needs_it(world: Make) -> None:
    w = world(CHOICE)
    missing = w.run("--yes", "--how=slow")
    assert missing.code == 2
    assert "--where" in missing.err
    assert w.run("--yes").code == 0


def test_a_person_is_asked_for_path_and_parameter(world: Make) -> None:
    w = world(CHOICE)
    child = w.terminal()
    child.expect("Which way")
    child.sendline("2")
    child.expect("where to")
    child.sendline("/typed")
    child.expect("Go on")
    child.sendline("y")
    assert finish(child) == 0
    assert w.log == ["careful", "/typed"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("int", "-12", "1x"),
        ("path", "/a b", "-rf"),
        ("url", "https://x.example/y", "x.example"),
        ("host", "db-1.example", "-oProxyCommand=x"),
        ("sha", "0a1b2c3d", "stage"),
        ("duration", "90s", "90"),
        ("choice red, green", "red", "blue"),
        ("string", "any thing $(id) `id`", "with\x1b[31m"),
    ],
)
def test_types_are_held(world: Make, kind: str, good: str, bad: str) -> None:
    w = world(HEAD + f'param p {kind} {{\n  note "p"\n}}\nphase one "One" {{\n' + step("a", 'printf "%s" "$p" >value') + "}\n")
    assert w.run("--yes", "--p", bad).code == 2
    assert w.log == []
    assert w.run("--yes", "--p", good).code == 0
    assert (w.folder / "value").read_text() == good


def test_a_value_is_never_executed(world: Make) -> None:
    w = world(HEAD + 'param p string {\n  note "p"\n}\nphase one "One" {\n' + step("a", 'printf "%s" "$p" >value') + "}\n")
    value = '\'; touch pwned; "$(touch pwned)" `touch pwned` \\'
    assert w.run("--yes", "--p", value).code == 0
    assert (w.folder / "value").read_text() == value
    assert not (w.folder / "pwned").exists()


GATE = HEAD + 'phase one "One" {\n' + step("a") + '  confirm sure "Sure?" {}\n' + step("b") + "}\n"


def test_yes_answers_no_gate(world: Make) -> None:
    w = world(GATE)
    result = w.run("--yes")
    assert result.code == 7
    assert "--accept sure" in result.err
    assert w.log == []


def test_a_gate_takes_its_own_accept(world: Make) -> None:
    w = world(GATE)
    assert w.run("--yes", "--accept", "sure").code == 0
    gate = next(r for r in w.records if r["event"] == "gate")
    assert (gate["step"], gate["by"]) == ("one.sure", "accept")


def test_an_unknown_gate_is_a_usage_error(world: Make) -> None:
    assert world(GATE).run("--yes", "--accept", "sur").code == 2


def test_a_declined_gate_after_a_change_fails_its_phase(world: Make) -> None:
    w = world(GATE.replace('"One" {\n', '"One" {\n  on failure rollback\n', 1))
    child = w.terminal("--yes")
    child.expect(r"Sure\? \[y/N\]")
    child.sendline("n")
    assert finish(child) == 5
    assert w.log == ["a", "undo-a"]


MANUAL = (
    HEAD
    + 'phase one "One" {\n'
    + step("a")
    + '  manual wire "Pull the wire" {\n    note "The red one."\n    undo "Put it back."\n  }\n'
    + step("b", "false")
    + "}\n"
)


def test_a_manual_task_is_shown_and_its_undo_is_a_task_too(world: Make) -> None:
    w = world(MANUAL)
    child = w.terminal("--yes")
    child.expect("The red one.")
    child.expect(r"done\? \[y/N\]")
    child.sendline("y")
    child.expect("What next")
    child.sendline("r")
    child.expect("Put it back.")
    child.expect(r"done\? \[y/N\]")
    child.sendline("y")
    assert finish(child) == 5
    assert w.log == ["a", "b", "undo-b", "undo-a"]


def test_the_undo_of_a_manual_task_is_left_and_listed_without_a_terminal(world: Make) -> None:
    w = world(MANUAL)
    result = w.run("--yes", "--accept", "wire")
    assert result.code == 6
    assert "Pull the wire" in result.out.split("Not in order")[1]
    assert w.log == ["a", "b", "undo-b", "undo-a"]


def test_a_manual_task_with_nothing_to_take_back_waits_for_nobody(world: Make) -> None:
    w = world(MANUAL.replace('undo "Put it back."', 'undo nothing "It may stay out."'))
    result = w.run("--yes", "--accept", "wire")
    assert result.code == 5
    assert "It may stay out." not in result.out
    assert w.log == ["a", "b", "undo-b", "undo-a"]


def test_a_wrong_host_is_refused_before_anything_ran(world: Make) -> None:
    spec = (
        HEAD + "host h {\n  guard path /nowhere/at/all\n}\n" + OK_PROBE + 'phase one "One" {\n  check fine\n' + step("a") + "}\n"
    )
    w = world(spec)
    result = w.run("--yes")
    assert result.code == 7
    assert "/nowhere/at/all" in result.err
    assert w.log == []


def test_needs_are_all_named_in_one_list(world: Make) -> None:
    spec = HEAD + 'host h {\n  needs nosuchtool, git >= 999, bash >= 4\n}\nphase one "One" {\n' + step("a") + "}\n"
    result = world(spec).run("--yes")
    assert result.code == 7
    assert "nosuchtool" in result.err
    assert ">= 999" in result.err
    assert "bash" not in result.err.replace("t.sh", "")


def test_captures_reach_later_steps_and_the_way_back(world: Make) -> None:
    body = (
        '  capture was "What was" $ cat version\n'
        + step("a", "echo new >version", back='undo $ printf "%s\\n" "$was" >version')
        + step("b", "false")
    )
    w = world(
        HEAD
        + 'probe old "Old" {\n  output matches \'^old$\' $ cat version\n}\nphase one "One" {\n'
        + body
        + '}\nrollback "Back" {\n  verify old\n}\n'
    )
    (w.folder / "version").write_text("old\n")
    assert w.run("--yes").code == 4
    assert (w.folder / "version").read_text() == "old\n"


@pytest.mark.parametrize(("capture", "prints"), [("int", "1a"), ("int", ""), ("", ""), ("", "\\n\\n")])
def test_a_capture_that_is_empty_or_no_number_fails_before_any_change(world: Make, capture: str, prints: str) -> None:
    w = world(HEAD + f'phase one "One" {{\n  capture v {capture} "V" $ printf \'{prints}\'\n' + step("a", 'echo "$v"') + "}\n")
    assert w.run("--yes").code == 1
    assert w.log == []


def test_plan_runs_nothing_that_changes(world: Make) -> None:
    w = world(CHOICE)
    result = w.run("plan")
    assert result.code == 0
    assert "echo quick >>log" in result.out
    assert w.log == []
    assert not (w.folder / "state").exists()


def test_check_runs_the_probes_alone(world: Make) -> None:
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n  check fine\n' + step("a") + "}\n")
    assert w.run("check").code == 1
    (w.folder / "good").touch()
    assert w.run("check").code == 0
    assert w.run("check", "fine").code == 0
    assert w.run("check", "nosuch").code == 2
    assert w.log == []


def test_plan_shows_commands_to_their_end_also_where_a_brace_stands_alone(world: Make) -> None:
    body = "    ```\n    cat >f <<'END'\n    {\n    first() {\n    }\n    END\n    echo last >>log\n    ```\n"
    w = world(HEAD + 'phase one "One" {\n  step a "A" {\n' + body + '    undo "nothing"\n  }\n' + step("b") + "}\n")
    shown = w.run("plan").out.splitlines()
    start = shown.index("        cat >f <<'END'")
    assert [line.strip() for line in shown[start : start + 7]] == [
        "cat >f <<'END'",
        "{",
        "first() {",
        "}",
        "END",
        "echo last >>log",
        "▸ 1.2 Step b                                                     would run",
    ]
    assert w.run("--yes").code == 0
    assert (w.folder / "f").read_text() == "{\nfirst() {\n}\n"
