"""What bash learnt after 4.4, as its NEWS lists it: a script that uses one of these needs a newer bash than it says.

What an older bash does not know it seldom refuses at once: an unknown variable is empty, an unknown option of a builtin is an
error in the middle of a run. So it is looked for in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

OLDEST = "4.4"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_OPTIONS = r"(?:\s+-[A-Za-z]+)*\s+-[A-Za-z]*"


@dataclass(frozen=True)
class Rule:
    """A feature, the version that brought it, how it looks in a line, a line that has it and one like it that has not."""

    since: str
    pattern: str
    bad: str
    good: str


def builtin(name: str, letters: str, bad: str, good: str, since: str) -> Rule:
    """An option of a builtin."""
    return Rule(since, rf"(?:^|[\s;&|({{`])(?:{name}){_OPTIONS}[{letters}]", bad, good)


def variable(name: str, since: str) -> Rule:
    """A variable that older versions leave empty."""
    return Rule(since, rf"\b{name}\b", f'echo "${{{name}}}"', f'echo "${{RBC_{name}}}"')


RULES: dict[str, Rule] = {
    "${v@U}, @u, @L, @K": Rule("5.1", rf"\$\{{!?{_NAME}(?:\[[^]]*\])?@[ULuK]\}}", 'echo "${name@U}"', 'echo "${name@Q}"'),
    "${v@k}": Rule("5.2", rf"\$\{{!?{_NAME}(?:\[[^]]*\])?@k\}}", 'echo "${map[@]@k}"', 'echo "${map[@]@A}"'),
    "${ command; }": Rule("5.3", r"\$\{[\s|]", "x=${ date; }", "x=$(date); { date; }"),
    "key and value pairs in an array": Rule(
        "5.1", rf"\s-[A-Za-z]*A[A-Za-z]*\s+{_NAME}=\(\s*[^\s)\[]", "declare -A map=(one 1)", "declare -rA map=([one]=1)"
    ),
    "wait -f": builtin("wait", "f", 'wait -f "${pid}"', 'wait -n "${pid}"', "5.0"),
    "wait -p": builtin("wait", "p", "wait -n -p done", "sudo -p x; wait -n", "5.1"),
    "declare -I": builtin("declare|local|typeset", "I", "local -I name", "local -i number", "5.1"),
    "ulimit -R": builtin("ulimit", "RPk", "ulimit -R 10", "ulimit -n 10", "5.0"),
    "read -E": builtin("read", "E", "read -E -r line", "read -r -e line", "5.3"),
    "source -p": builtin(r"source|\.", "p", "source -p /lib names", "source ./names -p", "5.3"),
    "trap -P": builtin("trap", "P", "trap -P INT", "trap -p INT", "5.2"),
    "compgen -V": builtin("compgen", "V", "compgen -V found -A file", "compgen -A file", "5.3"),
    "history -d with a range": Rule("5.0", r"\bhistory\s+-d\s+\d+-", "history -d 3-5", "history -d 3"),
    "printf %Q": Rule("5.2", r"\bprintf\b.*%[-0-9.*#+]*Q", "printf '%Q' x", "printf '%q' Q"),
    "shopt of 5.0 and newer": Rule(
        "5.0",
        r"\b(?:assoc_expand_once|localvar_inherit|localvar_unset|progcomp_alias|array_expand_once|varredir_close"
        r"|patsub_replacement|globskipdots|noexpand_translation|bash_source_fullpath|compat5\d)\b",
        "shopt -s assoc_expand_once",
        "shopt -s inherit_errexit",
    ),
    **{
        name: variable(name, since)
        for name, since in {
            "BASH_ARGV0": "5.0",
            "EPOCHSECONDS": "5.0",
            "EPOCHREALTIME": "5.0",
            "SRANDOM": "5.1",
            "PROMPT_COMMANDS": "5.1",
            "READLINE_ARGUMENT": "5.2",
            "BASH_MONOSECONDS": "5.3",
            "BASH_TRAPSIG": "5.3",
            "GLOBSORT": "5.3",
        }.items()
    },
}
# Where something newer stands and an older bash is provided for, as the line is written.
PROVIDED_FOR = {
    "EPOCHREALTIME": ('if [[ -n "${EPOCHREALTIME-}" ]]; then', "rbc_now=${EPOCHREALTIME/[!0-9]/}"),
}


def newer(text: str) -> Iterator[tuple[int, str, str]]:
    """Each use of something newer than OLDEST in a script: line, what it is, the line's text. Comments are no use."""
    for number, line in enumerate(text.splitlines(), 1):
        code = line.strip()
        if code.startswith("#"):
            continue
        for name, rule in RULES.items():
            if re.search(rule.pattern, code) and code not in PROVIDED_FOR.get(name, ()):
                yield number, f"{name} (bash {rule.since})", code
