"""Values that bash would evaluate: each refused place runs a command out of a value, each cure does not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.shell.support import codes, findings, run

EVIL = "HOME[$(>HIT)0]"  # HOME is set, so that -u is content; no blank, so that no word is split

# `text` is a parameter, its value comes from outside.
EVALUATED = [
    "(( text > 5 ))",
    "(( $text > 5 ))",
    '(( "$text" > 5 ))',
    "(( ${text} > 5 ))",
    "(( ${text:-1} > 5 ))",
    "(( n = text ))",
    "(( text++ ))",
    "(( text += 1 ))",
    "(( 1 + (2 * text) ))",
    "echo $(( text + 1 ))",
    "echo $(( $text ))",
    'echo "$(( ${text%x} ))"',
    "echo $[ text ]",
    "[[ $text -eq 1 ]]",
    '[[ 1 -lt "$text" ]]',
    "[[ text -eq 1 ]]",
    "[[ -n a && ! $text -eq 1 ]]",
    "a=(1 2); echo ${a[$text]}",
    "a=(1 2); echo ${a[text]}",
    "a[$text]=1",
    "a=([$text]=1)",
    "s=abc; echo ${s:$text}",
    "s=abc; echo ${s:0:$text}",
    "for (( i = 0; i < text; i++ )); do break; done",
    "for (( i = text; i < 1; i++ )); do break; done",
    "declare -i n=$text",
    "declare -i n; n=$text",
    "declare -i n; read -r n <<< $text",
    'printf -v "$text" x',
    'read -r "$text" <<< x',
    "[[ -v $text ]]",
    'test -v "$text"',
    '[ -v "$text" ]',
    'echo "${!text}"',
    'unset "$text"',
    "copy=$text; (( copy > 1 ))",
    "copy=$text; other=$copy; (( other > 1 ))",
    "read -r n <<< $text; (( n > 1 ))",
    "while read -r n; do (( n > 1 )); done <<< $text",
    "mapfile -t n <<< $text; (( n[0] > 1 ))",
    "n=$(echo $text); (( n > 1 ))",
    "(( $(echo $text) > 1 ))",
    "for n in $text; do (( n > 1 )); done",
    "n=1; n=$text; (( n > 1 ))",
    "[[ $text =~ [0-9] ]] || true; (( text > 1 ))",
    "re=x; [[ $text =~ ^$re ]] || true; (( text > 1 ))",
    "n=1; [[ $n =~ ^[0-9]+$ ]]; n=$text; (( n > 1 ))",
]

SAFE = [
    "(( number > 5 )) || true",
    "echo $(( counted + 1 ))",
    "[[ $number -eq 1 ]] || true",
    "[[ $text =~ ^[0-9]+$ ]] || return 0\n(( text > 1 ))",
    "[[ $text =~ ^-?[0-9]{1,9}$ ]] || return 0\n(( text > 1 ))",
    '[[ "${text}" =~ ^[1-9][0-9]*$ ]] || return 0\necho ${a[$text]}\na=1',
    "read -r n <<< $text\n[[ $n =~ ^[[:digit:]]+$ ]] || return 0\n(( n > 1 ))",
    "while read -r n; do [[ $n =~ ^[0-9]+$ ]] || continue; (( n > 1 )); done <<< $text",
    "n=0\nwhile (( n < 3 )); do n=$(( n + 1 )); done",
    "for n in 1 2 3; do (( n > 0 )); done",
    "for n in {1..3}; do (( n > 0 )); done",
    "(( ${#text} > 1 ))",
    "n=${#text}; (( n > 1 ))",
    "declare -A m; m[$text]=1; echo ${m[$text]}",
    "declare -A m=([$text]=1); echo ${m[$text]}",
    "a=(1 2); for i in ${!a[@]}; do echo $i; done; echo ${#a[@]} ${a[@]} ${a[0]} ${a[-1]}",
    "s=abc; echo ${s:1:2} ${s: -1} ${text#a} ${text/x/y}",
    "(( SECONDS > -1 ))",
    "echo $(( $? + 1 ))",
    "start=$SECONDS; echo $(( SECONDS - start ))",
    "[ $text -eq 1 ] || true",
    "[[ $text == 1 || $text < 2 ]] || true",
    "[[ -v text ]]",
    "printf -v copy %s $text; echo $copy",
    "read -r a b <<< $text; echo $a $b",
    "n=0x1f; (( 16#ff > 0x1f ))",
    "n=5; m=$n; (( m > 1 ))",
]


@pytest.mark.parametrize("text", EVALUATED)
def test_what_is_refused_runs_a_command_out_of_a_value(text: str, tmp_path: Path) -> None:
    assert "RB416" in codes(text)
    run(text, tmp_path, before=f"text='{EVIL}'")
    assert (tmp_path / "HIT").exists(), "bash does not evaluate this; it need not be refused"


@pytest.mark.parametrize("text", SAFE)
def test_what_is_accepted_runs_nothing(text: str, tmp_path: Path) -> None:
    assert codes(text) == []
    run(text, tmp_path, before=f"text='{EVIL}' number=7 counted=8")
    assert not (tmp_path / "HIT").exists()


def test_the_name_is_underlined_where_it_stands() -> None:
    assert findings("ä=1\nx=ä; (( 1 + text )) # ö")[-1:] == [("RB416", "text")]
    assert findings('[[ "$taken" -ge "$counted" ]]') == [("RB416", "$taken")]


@pytest.mark.parametrize("text", ["(( m[$text]++ ))", "(( m[$text] = 1 ))", "(( m[$text] > 1 ))", "echo $(( m[$text] + 1 ))"])
def test_an_associative_index_in_arithmetic_is_refused_for_the_sake_of_older_versions(text: str) -> None:
    """bash 4.4 to 5.1 expand it twice; 5.2, which may run this test, does not."""
    assert codes(f"declare -A m\n{text}") == ["RB416"]
    assert codes(f"declare -A m\n{text.replace('$text', '$number')}") == []


def test_the_facts_example(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("counted[$(>HIT)0]\n")
    text = 'read -r now < f || true\n[[ "$now" -ge "$counted" ]]'
    assert codes(text) == ["RB416"]
    assert run(text, tmp_path, before="counted=0")
    assert (tmp_path / "HIT").exists()


@pytest.mark.parametrize("text", ["let n=1", "let 'n = text'"])
def test_let_is_refused_whatever_it_computes(text: str) -> None:
    assert "RB422" in codes(text)


def test_a_prompt_expansion_runs_a_command_out_of_a_value(tmp_path: Path) -> None:
    assert codes('echo "${text@P}"') == ["RB422"]
    subprocess.run(["bash", "-pc", "text='$(touch HIT)'; echo \"${text@P}\""], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "HIT").exists()
    assert codes('echo "${text@Q}"') == []
