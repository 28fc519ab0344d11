"""A script's verdict in two parts, each with a stand-in for the other.

ShellCheck needs about a millisecond for a line of runtime, and the runtime of all scripts with the same pieces is the same. So a
script is checked as its own part with a stand-in for the runtime, and the runtime with a stand-in for the own part. A stand-in
says of the other side what a check can depend on: which shared functions and variables exist, of which kind, which are read,
assigned and called, and the shell options. Both sides share names that begin with `rbc_` or `RBC_` only, and plain names that
happen to be used on both sides; the latter are declared in the stand-in as they are over there.

It reads text, not a syntax tree: the runtime and the scaffolding are ours, laid out by `shfmt`, with functions at column 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
_READ_INTO = re.compile(rf"\b(?:mapfile|readarray|read)\b[^\n|;&<]*? -a ({_NAME})|\b(?:mapfile|readarray)\b[^\n|;&<]* ({_NAME})")
_EXPANDED = re.compile(rf"\$\{{?[!#]?({_NAME})")
_POSITIONAL = re.compile(r"\$(?:[1-9@*#]|\{[1-9@*#])")

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

    @property
    def assigned(self) -> frozenset[str]:
        """Every variable that gets a value."""
        return self.arrays | self.maps | self.scalars

    @property
    def variables(self) -> frozenset[str]:
        """Every name that is certainly a variable's."""
        return self.assigned | self.expanded


def gate(own: str, runtime: str) -> str:
    """The runtime with a stand-in for the own part before it. It says nothing of operators' names: equal for equal machinery."""
    ours, theirs = side(own), side(runtime)
    lines = ["#!/bin/bash -p"]
    for name in sorted(_machine(ours.assigned) & theirs.words):
        lines.append(_empty(ours, name))
    for name in sorted(_machine(ours.functions) & theirs.words):
        lines.append(f"{name}() {{")
        lines += ["  printf '%s\\n' \"$@\""] * (name in ours.with_arguments)
        lines += [f"  {variable}=$(date)" for variable in _set_by(own, name, theirs)]
        lines += ["  return 127", "}"]
    inner = _options(ours, theirs)
    inner += [_read(theirs, name) for name in sorted(_machine(theirs.assigned - ours.assigned) & ours.words)]
    inner += [f'  {name} "$@"' if _called_with(own, name) else f"  {name}" for name in sorted(theirs.functions & ours.words)]
    return "\n".join([*lines, *_function(inner)]) + "\n" + runtime


def alone(own: str, runtime: str) -> str:
    """The own part with a stand-in for the runtime behind it; the own part's offsets stay."""
    ours, theirs = side(own), side(runtime)
    lines: list[str] = []
    for name in sorted((theirs.functions & ours.words) - ours.functions):
        takes = name in theirs.with_arguments and _called_with(own, name)
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


def _local(of: Side, name: str) -> str:
    if name in of.maps:
        return f"  local -A {name}=()"
    return f"  local -a {name}=()" if name in of.arrays else f"  local {name}=$1"


def _read(of: Side, name: str) -> str:
    return f"  printf '%s\\n' \"${{{name}{'[@]' if name in of.arrays | of.maps else ''}}}\""


def _set_by(own: str, function: str, theirs: Side) -> list[str]:
    """The runtime's variables that a function of the own part sets: `rbc_default` sets `rbc_text`."""
    return sorted({m[1] for m in _ASSIGNED.finditer(_text_of(own, function))} & _machine(theirs.words))


def _text_of(text: str, function: str) -> str:
    start = text.find(f"\n{function}() ")
    end = text.find("\n}", start)
    return text[start : end if end >= 0 else len(text)] if start >= 0 else ""


def _called_with(text: str, function: str) -> bool:
    return re.search(rf"(?<!\w){function} [^\s;&|)#]", text) is not None


@lru_cache(maxsize=64)
def side(text: str) -> Side:
    """Read what a part of a script shows to the other."""
    bare = _DATA.sub("", _COMMENT.sub("", text))
    arrays: set[str] = set()
    maps: set[str] = set()
    scalars = set(_LOOPED.findall(bare))
    for match in _DECLARED.finditer(bare):
        target = maps if "A" in match[1] else arrays if "a" in match[1] else scalars
        for word in match[2].split():
            name = word.split("=")[0].rstrip("+")
            (arrays if target is scalars and word.endswith("=()") else target).add(name)
    for match in _ASSIGNED.finditer(bare):
        (arrays if match[2] or match[3] else scalars).add(match[1])
    arrays.update(match[1] or match[2] for match in _READ_INTO.finditer(bare))
    arrays -= maps
    scalars -= arrays | maps
    functions = frozenset(_FUNCTION.findall(bare))
    options = {name for line in _OPTION_LINE.findall(bare) for name in _OPTIONS if name in line}
    options.update("errexit" for line in _OPTION_LINE.findall(bare) if re.match(r"-[a-z]*e", line))
    return Side(
        functions,
        frozenset(name for name in functions if _POSITIONAL.search(_text_of(bare, name))),
        frozenset(arrays),
        frozenset(maps),
        frozenset(scalars),
        frozenset(_EXPANDED.findall(bare)),
        frozenset(_TOKEN.findall(bare)),
        frozenset(options),
    )
