"""Each refusal is owed: bash does swallow it. Each acceptance is earned: the body fails when its command does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell.support import codes, run

# (code, body): something in it fails, or it must not be counted as done, and bash says otherwise.
SWALLOWED = [
    ("RB410", "false && true\ntrue"),
    ("RB410", "cd /nope && ls\ntrue"),
    ("RB410", "if true; then\n  false && true\nfi\ntrue"),
    ("RB410", "{ false && true; }\ntrue"),
    ("RB410", "case x in *) false && true ;; esac\ntrue"),
    ("RB410", "for i in 1 2; do false && echo $i; done\ntrue"),
    ("RB410", "for i in 1 2; do test $i = 2 && true; done"),
    ("RB410", "i=0\nwhile (( i < 2 )); do i=$(( i + 1 )); false && true; done\ntrue"),
    ("RB410", "true || false && true\nfalse || { false && true; }\ntrue"),
    ("RB410", "false | cat && true\ntrue"),
    ("RB410", "! true\ntrue"),
    ("RB410", "time false && true\ntrue"),
    ("RB411", "for i in $(false); do echo $i; done"),
    ("RB411", "for i in a $(ls /nope); do echo $i; done"),
    ("RB411", "for i in `false`; do echo $i; done"),
    ("RB411", "select i in $(false); do echo $i; done; true"),
    ("RB411", "[[ -z $(false) ]]"),
    ("RB411", "[[ -n $(false) ]] || true"),
    ("RB411", '[[ "$(false)" == "" ]]'),
    ("RB411", "case $(false) in *) true ;; esac"),
    ("RB411", 'x="$(false)$(true)"\necho "$x"'),
    ("RB411", 'x=$(false) y=$(true)\necho "$x$y"'),
    ("RB411", 'x=("$(false)" "$(true)")\necho "${x[@]}"'),
    ("RB412", "{ false; true; } || echo no"),
    ("RB412", "( false; true ) || echo no"),
    ("RB412", "if { false; true; }; then true; fi"),
    ("RB412", "if false; true; then true; fi"),
    ("RB412", "if x=$(false; echo a); then echo $x; fi"),
    ("RB412", "while false; read -r line; do echo $line; done < /etc/hostname; true"),
    ("RB412", "! { false; false; }"),
    ("RB412", "{ for i in 1 2; do false; true; done; } || true"),
    ("RB417", "set +e\nfalse\ntrue"),
    ("RB417", "set +o errexit\nfalse\ntrue"),
    ("RB417", "set +o pipefail\nfalse | true"),
    ("RB417", "set +euo pipefail\nfalse\ntrue"),
    ("RB417", "shopt -u inherit_errexit\nx=$(false; true)\necho $x"),
    ("RB417", "shopt -uo errexit\nfalse\ntrue"),
    ("RB417", "command set +e\nfalse\ntrue"),
    ("RB418", "false &"),
    ("RB418", "false &\nwait"),
    ("RB418", "coproc false\ntrue"),
]

# Cures, and all that an operator writes every day: none is refused, and none ends well, since a command in it fails.
SEEN = [
    "false",
    "false\ntrue",
    "cd /nope\nls",
    "true\nfalse && true",
    "[[ a == b ]] && true",
    "if true; then\n  false && true\nfi",
    "if true; then false; fi\ntrue",
    "( false && true )\ntrue",
    "f() { false && true; }\nf\ntrue",
    "f() { false; true; }\nf\ntrue",
    "x=$(false)\necho $x",
    "x=$(false && true)\necho $x",
    "x=$(false; true)\necho $x",
    "x=( $(false) )\necho ${x[@]}",
    "x=1 false\ntrue",
    "for i in 1 2; do false; done\ntrue",
    "i=0\nwhile (( i < 1 )); do i=1; false; done\ntrue",
    "case x in *) false ;; esac\ntrue",
    "false | true",
    "true | false | true",
    "! true",
    "{ false; true; }\ntrue",
    "( false; true )\ntrue",
    "( exit 3 )\ntrue",
    "exit 1",
    "return 1",
    "false &\npid=$!\nwait $pid\ntrue",
    "[[ -d /nope ]] || { echo Missing >&2; exit 1; }\ntrue",
    "false || false\ntrue",
    "true && false || false\ntrue",
    "list=$(ls /nope)\nfor i in $list; do echo $i; done",
    "value=$(false)\n[[ -n $value ]]",
    "if ! true; then echo no; fi\nfalse\ntrue",
    "set -euo pipefail\nfalse\ntrue",
    "cat < /nope\ntrue",
    "cat <<E\nx\nE\nfalse\ntrue",
    "time false\ntrue",
    "echo $(( 1 / 0 ))\ntrue",
    "(( 0 ))\ntrue",
    "[[ a == b ]]\ntrue",
    "if false; then true; else false; fi\ntrue",
]

# What is meant to go well does, and is not refused.
FINE = [
    "true",
    "false || true",
    "if false; then echo no; fi",
    "if [[ -d /etc ]] && [[ -d /usr ]]; then true; fi",
    "true && true",
    "true && true || false\ntrue",
    "while false; do true; done",
    "if ! false; then true; fi",
    "i=0\nuntil (( i == 2 )); do i=$(( i + 1 )); done",
    "return\nfalse",
    "return 0\nfalse",
    "true &\npid=$!\nwait $pid",
    "x=$(exit 0)\necho $x",
    "f() { echo $1 $# $*; }\nf a b",
    "set -euo pipefail\ntrue",
    "while IFS= read -r line; do echo $line; done <<< a",
    "{ echo a; echo b; } || true",
    "cat <<'E'\n$1 $(x)\nE",
]


@pytest.mark.parametrize(("code", "text"), SWALLOWED)
def test_what_is_refused_is_swallowed(code: str, text: str, tmp_path: Path) -> None:
    assert code in codes(text)
    assert run(text, tmp_path), "bash does see this; it need not be refused"


@pytest.mark.parametrize("text", SEEN)
def test_what_is_accepted_fails_where_it_should(text: str, tmp_path: Path) -> None:
    assert codes(text) == []
    assert not run(text, tmp_path)


@pytest.mark.parametrize("text", FINE)
def test_what_should_go_well_does(text: str, tmp_path: Path) -> None:
    assert codes(text) == []
    assert run(text, tmp_path)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("RB413", "exec true"),
        ("RB413", "command exec true"),
        ("RB413", "exec > /dev/null 3>&1"),
        ("RB414", "exit 0"),
        ("RB414", "exit ²"),
        ("RB414", f"exit {'9' * 5000}"),
        ("RB414", "exit"),
        ("RB414", "exit 256"),
        ("RB414", "code=0; exit $code"),
        ("RB414", "f() { exit 0; }\nf"),
        ("RB414", "if true; then exit 0; fi"),
        ("RB417", "trap 'exit 0' EXIT\nfalse"),
    ],
)
def test_these_end_well_and_never_reach_the_mark_of_success(code: str, text: str, tmp_path: Path) -> None:
    assert code in codes(text)
    assert not run(text, tmp_path)


@pytest.mark.parametrize(
    "text", ["set -n", "set -t", "set -m", "set -o posix", "set -k", "set -- a b", "set +p", "set +u", "set $text"]
)
def test_options_that_change_how_the_shell_works_are_refused(text: str) -> None:
    assert codes(f"{text}\ntrue") == ["RB417"]


@pytest.mark.parametrize(
    "text", ["set -e", "set -euo pipefail", "set -eu -o errexit", "set -f; set +f", "set -x", "set -a; set +a", "set -C"]
)
def test_options_that_do_no_harm_are_not(text: str) -> None:
    assert codes(f"{text}\ntrue") == []


def test_exit_in_a_subshell_leaves_only_that(tmp_path: Path) -> None:
    text = "( exit 0 )\nx=$(exit 0)\necho a | { cat; exit 0; }\necho $x"
    assert codes(text) == []
    assert run(text, tmp_path)


def test_a_function_that_replaces_a_builtin_reaches_the_script_itself(tmp_path: Path) -> None:
    assert codes("echo() { return 0; }\ntrue") == ["RB423"]
    assert not run("echo() { return 0; }\ntrue", tmp_path)


def test_an_extended_pattern_does_not_parse_in_a_step(tmp_path: Path) -> None:
    assert codes("echo !(a)") == ["RB425"]
    assert not run("echo !(a)", tmp_path)
    assert codes("[[ b == !(a) ]]") == []
    assert run("[[ b == !(a) ]]", tmp_path)
