"""`$name` -> `${name}`: the same program, the same places; and lines that must not be indented."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compiler.plan.model import Origin
from compiler.shell import analyse, analyse_all, braced, to_body
from tests.shell.support import body, constants, declared, fence
from tests.shell.test_body import held


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo $a", "echo ${a}"),
        ('echo "$a/$b" $c$d', 'echo "${a}/${b}" ${c}${d}'),
        ("echo ${a} ${a:-$b} ${a[$i]} ${a:$i}", "echo ${a} ${a:-${b}} ${a[${i}]} ${a:${i}}"),
        ("echo $1 $? $@ $$ $! $# $- $* $0 $_", "echo $1 $? $@ $$ $! $# $- $* $0 ${_}"),
        ("echo '$a' \\$a \"\\$a\" $'$a'", "echo '$a' \\$a \"\\$a\" $'$a'"),
        ("cat <<E\n$a \\$b\nE", "cat <<E\n${a} \\$b\nE"),
        ("cat <<'E'\n$a\nE", "cat <<'E'\n$a\nE"),
        ("echo $(x $a) `y $b` <(z $c)", "echo $(x ${a}) `y ${b}` <(z ${c})"),
        ("echo $(( a + $b )) $[ $c ]", "echo $(( a + ${b} )) $[ ${c} ]"),
        ("(( a[i] > $b ))", "(( a[i] > ${b} ))"),
        ("[[ $a == $b && -n $c ]]", "[[ ${a} == ${b} && -n ${c} ]]"),
        ('[[ "$a" -eq $b ]]', '[[ "${a}" -eq ${b} ]]'),
        ("# $a\ntrue $b # $c", "# $a\ntrue ${b} # $c"),
        ("ä=1; echo $a€ $b", "ä=1; echo ${a}€ ${b}"),
        ("echo $a[1] $a.b $a-b", "echo ${a}[1] ${a}.b ${a}-b"),
        ("x=$a; y+=$b; z=($c [1]=$d)", "x=${a}; y+=${b}; z=(${c} [1]=${d})"),
        ("case $a in $b) echo $c ;; esac", "case ${a} in ${b}) echo ${c} ;; esac"),
        ("echo {$a,$b} > $c 2>&$d", "echo {${a},${b}} > ${c} 2>&${d}"),
        ("awk '{ print $x }' f", "awk '{ print $x }' f"),
        ("export A=$a; local b=$c", "export A=${a}; local b=${c}"),
        ('echo "$(echo "$a" \'$b\')"', 'echo "$(echo "${a}" \'$b\')"'),
        ("echo `echo \\`echo $a\\``", None),
        ("echo ${a/$b/$c} ${a%$d} ${a:?$e}", "echo ${a/${b}/${c}} ${a%${d}} ${a:?${e}}"),
        ('echo "$a"\n\necho $a', 'echo "${a}"\n\necho ${a}'),
        ("true", "true"),
    ],
)
def test_braces(text: str, expected: str | None) -> None:
    made = body(text)
    result = braced(made)
    held(result)
    if expected is not None:
        assert result.text == expected
    assert braced(result).text == result.text
    assert unbraced(declared(result.text)) == unbraced(declared(text))


def test_only_braces_are_inserted_and_each_is_anchored_at_its_name() -> None:
    made, _ = to_body(fence('curl "$base/x" ${v.url}$end'), constants({"v.url": "http://a"}))
    result = braced(made)
    assert [(p.text, p.span.text) for p in result.pieces if p.origin is Origin.INSERTED] == [
        ("{", "$"),
        ("}", "e"),
        ("{", "$"),
        ("}", "d"),
    ]
    assert "".join(p.text for p in result.pieces if p.origin is not Origin.INSERTED) == made.text


def test_names_in_the_words_of_a_constant_keep_their_place() -> None:
    made, _ = to_body(fence("docker compose ${s.args} up"), constants({"s.args": '--env-file "${HOME}/x"'}))
    assert braced(made) == made


def test_a_body_that_does_not_parse_stays_as_it_is() -> None:
    made = body("echo $a )")
    assert braced(made) == made


def test_shellcheck_has_nothing_left_to_say_about_braces() -> None:
    text = 'a=1; b=(1); i=0\necho "$a" "${b[$i]}" "$(echo "$a")" "$(( a + $i ))"\ncat <<E\n$a\nE\n[[ "$a" == "$i" ]]'
    text += '\nx="$a"; echo "${x:-$a}"'
    tool = shutil.which("shellcheck", path=sysconfig.get_path("scripts")) or "shellcheck"

    def found(script: str) -> list[int]:
        command = [tool, "--norc", "-s", "bash", "-o", "all", "-f", "json1", "-"]
        done = subprocess.run(command, input=script, text=True, capture_output=True, check=False)
        return [comment["code"] for comment in json.loads(done.stdout)["comments"] if comment["code"] == 2250]

    assert found(text)
    assert not found(braced(body(text)).text)


def unbraced(text: str | None) -> str | None:
    """Without the braces of plain names, for comparing what bash understood."""
    return None if text is None else re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", r"$\1", text)


# ── generated bash ────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = st.recursive(
    st.sampled_from(
        [
            "a",
            "$a",
            "${b}",
            '"$a"',
            "'$a'",
            "ä",
            "$1",
            '"x $a y"',
            "$'\\t'",
            "${a:-x}",
            "\\$a",
            "$?",
            "'x\n y'",
            '"x\n $a"',
            "${#a}",
            "a\\\nb",
        ]
    ),
    lambda inner: st.one_of(
        st.builds("$(echo {})".format, inner),
        st.builds('"$(echo {})"'.format, inner),
        st.builds("{}{}".format, inner, inner),
        st.builds("${{a:-{}}}".format, inner),
        st.builds("$(( {} + 1 ))".format, st.sampled_from(["a", "$a", "1", "a[$b]"])),
        st.builds("<(cat {})".format, inner),
    ),
    max_leaves=4,
)
SIMPLE = st.one_of(
    st.builds("echo {} {}".format, WORDS, WORDS),
    st.builds("x={}".format, WORDS),
    st.builds("cat <<E\n  $a {}\nE".format, st.sampled_from(["x", "${b}", "$(echo $a)", "'$a'", "ä"])),
    st.builds("cat <<'E'\n $a\n\tb\nE".format),
    st.builds("[[ {} == {} ]]".format, WORDS, WORDS),
    st.builds("echo {} > {}".format, WORDS, WORDS),
    st.just("# $a 'b"),
    st.just("echo a \\\n  $b"),
    st.just("cat <<E\nE"),
)
BODIES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("if true; then\n  {}\n  true\nelse\n  {}\n  :\nfi".format, inner, inner),
        st.builds("for i in $a; do\n{}\n:\ndone".format, inner),
        st.builds("{{\n{}\n:\n}}".format, inner),
        st.builds("(\n{}\n:\n)".format, inner),
        st.builds("case $a in\n  x)\n{}\n:\n;;\nesac".format, inner),
        st.builds("{}\n\n{}".format, inner, inner),
        st.builds("f() {{\n{}\n:\n}}".format, inner),
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=100)
@given(BODIES)
def test_braces_change_nothing_but_braces(text: str) -> None:
    before = declared(f"{text}\n:")
    assume(before is not None)
    made = body(f"{text}\n:")
    result = braced(made)
    held(result)
    assert unbraced(declared(result.text)) == unbraced(before)
    assert "".join(p.text for p in result.pieces if p.origin is not Origin.INSERTED or p.text == "\n") == made.text


@settings(deadline=None, max_examples=100)
@given(BODIES)
def test_lines_that_are_not_frozen_can_be_indented(text: str) -> None:
    before = declared(f"{text}\n:")
    assume(before is not None)
    facts = analyse(body(f"{text}\n:"))
    assert facts.error is None
    lines = f"{text}\n:".split("\n")
    indented = "\n".join(line if number in facts.frozen else "    " + line for number, line in enumerate(lines))
    assert declared(indented) == before


def test_frozen_lines() -> None:
    texts = [
        "a\nb",
        "cat <<E\nx\nE\ny",
        "echo 'a\nb'\nc",
        "cat <<E\nE\na",
        "a\\\nb",
        "if a; then\n  b\nfi",
        "echo $(\n  a\n)",
        "x=(\n  a\n)",
    ]
    assert [sorted(facts.frozen) for facts in analyse_all([body(text) for text in texts])] == [
        [],
        [1, 2],
        [1],
        [1],
        [1],
        [],
        [],
        [],
    ]
