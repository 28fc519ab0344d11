"""Names: unknown, near, reserved; secrets and where they go."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from compiler.shell import analyse, check
from tests.shell.support import KNOWN, body, codes, findings


@pytest.mark.parametrize(
    "text",
    [
        'echo "$text" "$taken" "$path" "$REQUIRED" "$number" "$counted"',
        'echo "$HOME" "$USER" "$PATH" "$TMPDIR" "$PWD"',
        "here=1; echo $here",
        "for here in a b; do echo $here; done",
        "read -r here other <<< a; echo $here $other",
        "read -ra here <<< a; echo ${here[0]}",
        "read -r <<< a; echo $REPLY",
        "mapfile -t here < /dev/null; echo ${here[@]}",
        "mapfile < /dev/null; echo ${MAPFILE[@]}",
        "readarray -t -d x here < /dev/null; echo ${here[@]}",
        "printf -v here x; echo $here",
        "while getopts ab here; do echo $here $OPTARG $OPTIND; done",
        "[[ $text =~ (a) ]] || true; echo ${BASH_REMATCH[1]}",
        "declare here; here=1; echo $here",
        "export HERE=1; echo $HERE",
        "readonly here=1; echo $here",
        "(( here = 1 )); echo $here",
        "for (( here = 0; here < 1; here++ )); do echo $here; done",
        "echo ${here:=1}",
        "here+=(a); echo ${here[@]}",
        "f() { local a=$1; echo $a; }; f x",
        "true & pid=$!; wait $pid; echo $$ $? $- $_",
        "echo $RANDOM $SECONDS $UID $HOSTNAME ${PIPESTATUS[0]}",
        "cat <<'E'\n$unknown\nE",
        "echo '$unknown' \\$unknown",
        "here=1 there=$here; echo $there",
        "command read -r here <<< x; echo $here",
    ],
)
def test_names_that_have_a_value(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "underlined"),
    [
        ("echo $txt", "$txt"),
        ("echo äöü ${txt}", "${txt}"),
        ('echo "${txt:-a}"', "${txt:-a}"),
        ("echo ${#txt}", "${#txt}"),
        ("(( txt > 1 ))", "txt"),
        ("cat <<E\n$txt\nE", "$txt"),
        ("txt=1 true; echo $txt", "$txt"),
        ("export txt; echo $txt", "$txt"),
        ("echo `echo $txt`", "$txt"),
        ("echo $txt; echo $txt", "$txt"),
    ],
)
def test_unknown_names(text: str, underlined: str) -> None:
    assert findings(text) == [("RB401", underlined)]


def test_the_nearest_name_and_the_corrected_line_are_given() -> None:
    made = body('git -C "$txt/x" pull')
    (found,) = check(made, analyse(made), KNOWN)
    assert found.fix == "did you mean `text`?"
    assert found.corrected == '    git -C "$text/x" pull'


def test_the_fix_says_where_a_name_comes_from() -> None:
    made = body(". /etc/os-release\necho $VERSION_ID $leitstand.url")
    fixes = [d.fix or "" for d in check(made, analyse(made), KNOWN)]
    assert "VERSION_ID=''" in fixes[0]
    assert "${leitstand." in fixes[1]


@pytest.mark.parametrize(
    "text",
    [
        "rbc_x=1",
        "echo $RBC_STATE",
        "rbc_x() { true; }",
        "rbc_fail x",
        "read -r rbc_x",
        "printf -v RBC_A x",
        "unset rbc_x || true; echo ${rbc_x}",
    ],
)
def test_names_of_the_runtime(text: str) -> None:
    assert set(codes(text)) == {"RB420"}


def test_a_string_may_hold_a_name_of_the_runtime() -> None:
    assert codes("echo rbc_x 'RBC_' \"rbc\"") == []


@pytest.mark.parametrize(
    ("text", "underlined"),
    [
        ('curl -H "Authorization: $token" x', '"Authorization: $token"'),
        ("docker login -p $token", "$token"),
        ("docker login -p${token}", "-p${token}"),
        ('sudo -u root tool "$token"', '"$token"'),
        ("env tool $token", "$token"),
        ("xargs tool $token", "$token"),
        ("$text $token", "$token"),
        ("/bin/echo $token", "$token"),
        ("TOKEN=$token tool", "$token"),
        ("TOKEN=$token env", "$token"),
        ("export TOKEN=$token", "$token"),
        ("declare -x TOKEN=$token", "$token"),
        ("export token", "token"),
        ("copy=$token; tool $copy", "$copy"),
        ("copy=x$token; other=${copy%x}; tool $other", "$other"),
        ('copy=$(printf %s "$token" | base64); tool "$copy"', '"$copy"'),
        ('tool "$(printf %s "$token")"', '"$(printf %s "$token")"'),
        ("f() { tool $1; }; f $token", "$token"),
        ("for one in $token; do tool $one; done", "$one"),
        ("echo x > /tmp/$token", "/tmp/$token"),
        ("set -x; printf %s $token | cat", "set -x"),
        ("set -a; printf %s $token | cat", "set -a"),
        ("set -o xtrace; printf %s $token | cat", "set -o xtrace"),
    ],
)
def test_secrets_that_would_leave_the_shell(text: str, underlined: str) -> None:
    assert findings(text) == [("RB421", underlined)]


@pytest.mark.parametrize(
    "text",
    [
        "printf '%s' \"$token\" | docker login --password-stdin",
        "tool --file <(printf '%s' \"$token\")",
        'tool <<< "$token"',
        "tool <<E\n$token\nE",
        '[[ -n "$token" ]]',
        '[ -n "$token" ]',
        "echo ${#token}; tool ${#token}",
        'tool "$(curl -K - <<< "$token")"',
        "copy=$token; printf %s $copy > file",
        "case $token in x) true ;; esac",
        "command printf %s $token > file",
        "set -x; tool $text",
    ],
)
def test_secrets_in_builtins_and_redirections(text: str) -> None:
    assert codes(text) == []


def test_an_argument_is_there_for_all_to_read_and_a_builtin_is_not(tmp_path: Path) -> None:
    script = """
s=hidden-value
printf %s $s > f
tail -f /dev/null --pid=$$ -- $s 2> /dev/null &
pid=$!
sleep 0.2
cat /proc/$$/cmdline /proc/$pid/cmdline || true
kill $pid
"""
    shown = subprocess.run(["bash", "-p"], input=script, text=True, capture_output=True, cwd=tmp_path, check=False).stdout
    assert shown.count("hidden-value") == 1


def test_facts_for_the_other_stages() -> None:
    made = body("cd /x\nsudo -u bob docker compose up -d\nf() { ls; }\nf\n( true )\ncat <<E > $HOME/o\nE\nsudo -v\n")
    facts = analyse(made)
    assert [(p.name, p.words, p.via) for p in facts.external] == [
        ("sudo", ("-u", "bob", "docker", "compose", "up", "-d"), ()),
        ("docker", ("compose", "up", "-d"), ("sudo",)),
        ("ls", (), ()),
        ("cat", (), ()),
        ("sudo", ("-v",), ()),
    ]
    assert [place.span.text for place in facts.cd] == ["cd"]
    assert [place.span.line for place in facts.sudo] == [4, 10]
    assert [place.span.text for place in facts.subshells] == ["( true )"]
    assert [function.name for function in facts.functions] == ["f"]
    assert [(r.operator, r.target) for r in facts.redirects] == [("<<", None), (">", None)]


def test_scalars_and_arrays_are_told_apart() -> None:
    facts = analyse(
        body("a=1; b=(1); c[1]=2; declare -a d; declare -A e; read -ra f; mapfile -t g; read -r h; for i in 1; do :; done")
    )
    assert facts.scalars == {"a", "h", "i"}
    assert facts.arrays == {"b", "c", "d", "e", "f", "g"}


@pytest.mark.parametrize("text", ["eval x", "alias x=y", "unalias x"])
def test_what_hides_commands_is_refused(text: str) -> None:
    assert codes(text) == ["RB422"]


@pytest.mark.parametrize(
    "text", ['echo "$1"', "echo $@", "echo $*", "echo $#", "echo ${1:-x}", "shift", "echo $0", "f() { echo $0; }; f"]
)
def test_a_body_has_no_arguments(text: str) -> None:
    assert codes(text) == ["RB415"]


@pytest.mark.parametrize(
    "text",
    [
        "# shellcheck disable=SC2086\nls",
        "ls # shellcheck disable=all",
        "ls\n  #shellcheck source=x",
        "if true; then\n  # shellcheck disable=SC1\n  ls\nfi",
    ],
)
def test_a_comment_to_shellcheck_is_refused(text: str) -> None:
    assert codes(text) == ["RB419"]


@pytest.mark.parametrize(
    "text",
    ["# about shellcheck\nls", "cat <<E\n# shellcheck disable=SC1\nE", "echo '\n# shellcheck disable=SC1\n'", "shellcheck x"],
)
def test_other_words_about_shellcheck_are_not(text: str) -> None:
    assert codes(text) == []
