"""Which names a body may read, define and must leave alone: RB401, RB420, RB423."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from compiler.diagnostics import Diagnostic, nearest
from compiler.shell.commands import BUILTINS
from compiler.shell.facts import Facts, Place, Read
from compiler.source import Span


class Kind(Enum):
    """What a name is that a body may read. Where a parameter, capture or requirement is `secret`, it is SECRET."""

    PARAM = "parameter"
    INT_PARAM = "whole-number parameter"
    CAPTURE = "capture"
    INT_CAPTURE = "whole-number capture"
    CHOICE = "choice"
    ENVIRONMENT = "env_file requirement"
    SECRET = "secret"
    CONSTANT = "holder of constants"  # a service, host or values: `${NAME.key}`, never `$NAME`

    @property
    def integer(self) -> bool:
        return self in {Kind.INT_PARAM, Kind.INT_CAPTURE}


# What a shell has of itself, and what values may hold.
HOST_NAMES = frozenset({"HOME", "USER", "PATH", "TMPDIR", "PWD"})
# bash sets these itself, in every version that a script may meet.
NUMERIC_BASH_NAMES = frozenset({"BASHPID", "EUID", "LINENO", "OPTIND", "PIPESTATUS", "PPID", "RANDOM", "SECONDS", "UID"})
BASH_NAMES = NUMERIC_BASH_NAMES | {"BASH_REMATCH", "BASH_VERSION", "FUNCNAME", "HOSTNAME", "IFS", "OLDPWD", "_"}


def unknown(facts: Facts, known: Mapping[str, Kind]) -> Iterator[Diagnostic]:
    """RB401 for each first read of a name that nobody gives a value."""
    assigned = facts.scalars | facts.arrays
    variables = {name for name, kind in known.items() if kind is not Kind.CONSTANT}
    readable = assigned | variables | HOST_NAMES | BASH_NAMES
    sourced = any(program.name in {".", "source"} for program in facts.programs)
    said: set[str] = set()
    for read in facts.reads:
        if read.name in readable or is_ours(read.name) or read.name in said:
            continue
        said.add(read.name)
        if known.get(read.name) is Kind.CONSTANT:
            yield _constant(read)
        else:
            yield _unknown(read, readable, sourced)


def _constant(read: Read) -> Diagnostic:
    span = read.place.span
    after = span.source.text[span.end : span.end + 1]
    message = f"`{read.name}` holds constants and has no value of its own"
    fix = f"name the constant: `${{{read.name}.KEY}}`, braces included; the compiler writes its value here"
    return Diagnostic("RB401", message, span, fix if after != "." else f"put it in braces: `${{{read.name}.…}}`")


def _unknown(read: Read, readable: frozenset[str] | set[str], sourced: bool) -> Diagnostic:
    name, span = read.name, read.place.span
    message = f"nothing gives `{name}` a value here"
    if sourced:
        fix = f"if the sourced file sets it, say so before: `{name}=''`"
    elif name.isupper():
        fix = f'declare it: `param {name.lower()} string {{ env {name} }}`, and write "${name.lower()}"'
    else:
        fix = f"declare `param {name} …` or `capture {name} …`, or assign it in this body; no other body's variables reach it"
    match = nearest(name, readable - BASH_NAMES)
    if match is None:
        return Diagnostic("RB401", message, span, fix)
    if match in HOST_NAMES:  # DB_USER is near USER, and meant is neither it nor a slip
        return Diagnostic("RB401", message, span, f"{fix}; or did you mean `{match}`?")
    corrected = replaced(span, span.text.replace(name, match, 1))
    return Diagnostic("RB401", message, span, f"did you mean `{match}`?", corrected=corrected)


def reserved(facts: Facts) -> Iterator[Diagnostic]:
    """RB420 for names of the runtime, RB423 for functions that hide a builtin."""
    places: list[tuple[str, Place]] = [(read.name, read.place) for read in facts.reads]
    places += [(assign.name, assign.place) for assign in facts.assigns]
    places += [(function.name, function.place) for function in facts.functions]
    places += [(program.name, program.place) for program in facts.programs]
    for name, place in places:
        if is_ours(name):
            message = f"`{name}`: names that begin with rbc_ or RBC_ belong to the generated script"
            yield Diagnostic("RB420", message, place.span, "choose another name")
    for function in facts.functions:
        if function.name in BUILTINS:
            message = f"the function `{function.name}` would replace the builtin that the script itself uses after this step"
            yield Diagnostic("RB423", message, function.place.span, "give it a name of its own")


def is_ours(name: str) -> bool:
    """Whether a name belongs to the runtime."""
    return name.startswith(("rbc_", "RBC_"))


def replaced(span: Span, text: str) -> str | None:
    """The whole line with `text` in the place of the span; None where the span is longer than a line."""
    if "\n" in span.text:
        return None
    line = span.source.line(span.line)
    start = span.column - 1
    return line[:start] + text + line[start + span.end - span.start :]
