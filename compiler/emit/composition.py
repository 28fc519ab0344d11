"""A script's verdict in parts, each with a stand-in for all the others.

ShellCheck needs more than a millisecond for a line of runtime, the more the longer the text, and the runtime's functions are the
same in every script that has them. So a script is checked as its own part with a stand-in for the runtime, and each function of
the runtime with a stand-in for everything else. A stand-in says of the other side what a check can depend on: which shared
functions and variables exist, of which kind, which are read, assigned and called, and the shell options. The own part and the
runtime share names that begin with `rbc_` or `RBC_` only, and plain names that happen to be used on both sides; the latter are
declared in the stand-in as they are over there. Functions of the runtime also share plain names that one declares and another,
which it calls, uses.

It reads text, not a syntax tree: the runtime and the scaffolding are ours, laid out by `shfmt`, with functions at column 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_TOKEN = re.compile(_NAME)
_FUNCTION = re.compile(rf"^({_NAME})\(\) [{{(]$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_DATA = re.compile(r"^ +(?:\['[^'\n]*'\]=)?'[^'\n]*'(?: '[^'\n]*')*$", re.MULTILINE)  # rows of a table hold text only
_OPTION_LINE = re.compile(r"^[ \t]*(?:set|shopt) ([-+\w ]+)$", re.MULTILINE)
_DECLARED = re.compile(rf"\b(?:declare|local|readonly|export|typeset)\b((?: -\w+)*)((?: {_NAME}(?:\+?=(?:\(\)|[^\s();]*))?)+)")
_ASSIGNED = re.compile(rf"(?<![\w$\{{-])({_NAME})(\[[^\]\n]*\])?\+?=(\()?")
_LOOPED = re.compile(rf"\b(?:for|select) ({_NAME}) in\b")
_OPENED = re.compile(rf"\{{({_NAME})\}}[<>]")  # exec {fd}<file
_PRINTED = re.compile(rf"\bprintf -v ({_NAME})")
_READ_SCALARS = re.compile(rf"\bread -r((?: {_NAME})+)")
_READ_INTO = re.compile(rf"\b(?:mapfile|readarray|read)\b[^\n|;&<]*? -a ({_NAME})|\b(?:mapfile|readarray)\b[^\n|;&<]* ({_NAME})")
_EXPANDED = re.compile(rf"\$\{{?[!#]?({_NAME})")
_CALLED_WITH = re.compile(rf"(?<!\w)({_NAME})(?= [^\s;&|)#])")
_UNIT = re.compile(rf"^(?:# [^\n]*\n)*{_NAME}\(\) \{{\n.*?^\}}\n", re.MULTILINE | re.DOTALL)
_POSITIONAL = re.compile(r"\$(?:[1-9@*#]|\{(?:[1-9@*]|#\}))")

# The shell options that change what ShellCheck finds, and how a stand-in sets each.
_OPTIONS = {
    "errexit": "set -e",
    "pipefail": "set -o pipefail",
    "lastpipe": "shopt -s lastpipe",
    "inherit_errexit": "shopt -s inherit_errexit",
    "execfail": "shopt -s execfail",
}
_STAND_IN = "rbc_stand_in"


@dataclass(frozen=True)
class Side:
    """What one part of a script shows to the other. Comments are left out."""

    functions: frozenset[str]
    with_arguments: frozenset[str]  # functions that read `$1`, …
    arrays: frozenset[str]
    maps: frozenset[str]  # associative arrays
    scalars: frozenset[str]
    expanded: frozenset[str]  # names that are read as `$name` or `${name…}`
    words: frozenset[str]  # everything that looks like a name
    options: frozenset[str]
    free: frozenset[str]  # variables that are read and not declared here: perhaps those of who calls, bash's scopes are dynamic
    called_with: frozenset[str]  # names with something behind them, as of a function that is called with arguments
    sets: Mapping[str, frozenset[str]]  # for each function the shared variables that it assigns: `rbc_default` sets `rbc_text`

    @property
    def assigned(self) -> frozenset[str]:
        """Every variable that gets a value."""
        return self.arrays | self.maps | self.scalars

    @property
    def variables(self) -> frozenset[str]:
        """Every name that is certainly a variable's."""
        return self.assigned | self.expanded


def units(own: str, runtime: str) -> list[str]:
    """Each function of the runtime, and what is left of it, with a stand-in for everything else before it.

    They say nothing of operators' names, and of the rest only what the function can notice: equal for the same function in most
    scripts.
    """
    texts = [m[0] for m in _UNIT.finditer(runtime)]
    texts.append(_UNIT.sub("", runtime))
    sides = [side(text) for text in texts]
    everything = _Counted((_shared(side(own)), *sides))
    return [gate(everything.without(of), of) + text for text, of in zip(texts, sides, strict=True)]


def _shared(of: Side) -> Side:
    """What the own part shares with the runtime: no plain name, those are the operators'."""
    return replace(of, free=frozenset(), arrays=_machine(of.arrays), maps=_machine(of.maps), scalars=_machine(of.scalars))


class _Counted:
    """How many sides say what of a name: what all but one of them say follows from it."""

    def __init__(self, sides: tuple[Side, ...]) -> None:
        self._count = {field: Counter(name for s in sides for name in getattr(s, field)) for field in _FIELDS}
        self._sets: dict[str, frozenset[str]] = {}
        for s in sides:
            self._sets.update(s.sets)

    def without(self, one: Side) -> Side:
        """What the others say of the names that `one` mentions."""
        said: dict[str, frozenset[str]] = {}
        for field, count in self._count.items():
            own = getattr(one, field)
            asked = count if field == "options" else one.words
            said[field] = frozenset(name for name in asked if count[name] > (name in own))
        said["arrays"] -= said["maps"] | one.maps
        said["scalars"] -= said["arrays"] | said["maps"]
        return Side(**said, sets=self._sets)


def gate(ours: Side, theirs: Side) -> str:
    """The stand-in before a part of the runtime, `theirs`, for everything else, `ours`."""
    lines = ["#!/bin/bash -p"]
    known = ours.assigned & (_machine(theirs.words) | theirs.free)
    lines += [_empty(ours, name) for name in sorted(known)]
    functions = sorted(_machine(ours.functions) & theirs.words)
    for name in functions:
        lines.append(f"{name}() {{")
        lines += ["  printf '%s\\n' \"$@\""] * (name in ours.with_arguments)
        lines += [f"  {_set(ours, variable)}" for variable in sorted(ours.sets[name] & theirs.words - ours.maps)]
        lines += ["  return 127", "}"]
    inner = _options(ours, theirs)
    for name in sorted(known | theirs.assigned & (_machine(ours.words) | ours.free)):
        inner.append(_read(ours if name in ours.assigned else theirs, name))
    called = [name for name in functions if name in ours.with_arguments & ours.called_with]
    for name in sorted({*called, *(theirs.functions & ours.words)}):
        inner.append(f'  {name} "$@"' if name in ours.called_with else f"  {name}")
    return "\n".join([*lines, *_function(inner)]) + "\n"


def alone(own: str, runtime: str) -> str:
    """The own part with a stand-in for the runtime behind it; the own part's offsets stay."""
    ours, theirs = side(own), side(runtime)
    lines: list[str] = []
    for name in sorted((theirs.functions & ours.words) - ours.functions):
        takes = name in theirs.with_arguments and name in ours.called_with
        lines += [f"{name}() {{", "  printf '%s\\n' \"$@\"" if takes else "  :", "}"]
    inner = _options(theirs, ours)
    for name in sorted(theirs.assigned & ours.variables - _machine(theirs.assigned)):
        inner += [_local(theirs, name), _read(theirs, name)]
    for name in sorted(_machine(theirs.assigned - ours.assigned) & ours.words):
        inner += [f"  {_empty(theirs, name)}", _read(theirs, name)]
    inner += [_read(ours, name) for name in sorted(_machine(ours.assigned) & theirs.words)]
    inner += [f'  {name} "$@"' if name in ours.with_arguments else f"  {name}" for name in sorted(ours.functions & theirs.words)]
    return own + "\n".join([*lines, *_function(inner)]) + "\n"


def _machine(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in names if name.startswith(("rbc_", "RBC_")))


def _function(inner: list[str]) -> list[str]:
    return [f"{_STAND_IN}() {{", *inner, "  printf '%s\\n' \"$@\"", "}", f'{{ {_STAND_IN} "$@"; }}']


def _options(of: Side, other: Side) -> list[str]:
    return [f"  {_OPTIONS[name]}" for name in sorted(of.options - other.options)]


def _empty(of: Side, name: str) -> str:
    """An assignment of the name's kind whose value no check can know."""
    if name in of.maps:
        return f"declare -gA {name}=(['']=\"$1\")"
    return f'declare -ga {name}=("$1")' if name in of.arrays else f"{name}=$1"


def _set(of: Side, name: str) -> str:
    """An assignment in a function whose value no check can know."""
    return f'{name}=("$(date)")' if name in of.arrays else f"{name}=$(date)"


def _local(of: Side, name: str) -> str:
    if name in of.maps:
        return f"  local -A {name}=()"
    return f"  local -a {name}=()" if name in of.arrays else f"  local {name}=$1"


def _read(of: Side, name: str) -> str:
    return f"  printf '%s\\n' \"${{{name}{'[@]' if name in of.arrays | of.maps else ''}}}\""


def _text_of(text: str, function: str) -> str:
    start = re.search(rf"^{function}\(\) ", text, re.MULTILINE)
    if start is None:
        return ""
    end = text.find("\n}", start.start())
    return text[start.start() : end if end >= 0 else len(text)]


@lru_cache(maxsize=1024)
def side(text: str) -> Side:
    """Read what a part of a script shows to the other."""
    bare = _DATA.sub("", _COMMENT.sub("", text))
    arrays: set[str] = set()
    maps: set[str] = set()
    scalars = {*_LOOPED.findall(bare), *_OPENED.findall(bare), *_PRINTED.findall(bare)}
    scalars.update(name for names in _READ_SCALARS.findall(bare) for name in names.split())
    declared: set[str] = set()
    for match in _DECLARED.finditer(bare):
        target = maps if "A" in match[1] else arrays if "a" in match[1] else scalars
        for word in match[2].split():
            name = word.split("=")[0].rstrip("+")
            declared.add(name)
            (arrays if target is scalars and word.endswith("=()") else target).add(name)
    for match in _ASSIGNED.finditer(bare):
        (arrays if match[2] or match[3] else scalars).add(match[1])
    arrays.update(match[1] or match[2] for match in _READ_INTO.finditer(bare))
    arrays -= maps
    scalars -= arrays | maps
    expanded = set(_EXPANDED.findall(bare))
    functions = frozenset(_FUNCTION.findall(bare))
    options = {name for line in _OPTION_LINE.findall(bare) for name in _OPTIONS if name in line}
    options.update("errexit" for line in _OPTION_LINE.findall(bare) if re.match(r"-[a-z]*e", line))
    return Side(
        functions,
        frozenset(name for name in functions if _POSITIONAL.search(_text_of(bare, name))),
        frozenset(arrays),
        frozenset(maps),
        frozenset(scalars),
        frozenset(expanded),
        frozenset(_TOKEN.findall(bare)),
        frozenset(options),
        frozenset(expanded - declared),
        frozenset(_CALLED_WITH.findall(bare)),
        {name: _machine(frozenset(m[1] for m in _ASSIGNED.finditer(_text_of(bare, name)))) for name in functions},
    )


_FIELDS = tuple(field.name for field in fields(Side) if field.name != "sets")
