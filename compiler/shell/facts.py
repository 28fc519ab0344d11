"""What is known about a body, as data. All offsets are code points of `body.text`; all spans are places in the spec."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from compiler.diagnostics import Diagnostic
from compiler.source import Span


@dataclass(frozen=True)
class Place:
    """`body.text[start:end]`, and where that stands in the spec."""

    start: int
    end: int
    span: Span


@dataclass(frozen=True)
class Read:
    """A variable's value is used: `$x`, `${x…}`, or a bare `x` in arithmetic."""

    name: str
    place: Place
    array: bool  # `${x[…]}`


@dataclass(frozen=True)
class Assign:
    """A variable gets a value.

    `sources` are the names whose values flow into it. `numeric` is True where it is a whole number if all of `sources` are.
    """

    name: str
    place: Place
    array: bool
    sources: tuple[str, ...]
    numeric: bool


@dataclass(frozen=True)
class Program:
    """One simple command. `words` are its literal words after the name (None: known only when run).

    `via` are the commands that start it, the outermost first: `sudo`, `env`, `timeout`, … A command behind `sudo` is a
    `Program` of its own, beside the one of `sudo`.
    """

    name: str
    place: Place
    words: tuple[str | None, ...]
    via: tuple[str, ...]
    builtin: bool


@dataclass(frozen=True)
class Function:
    """A function that the body defines."""

    name: str
    place: Place


@dataclass(frozen=True)
class Redirect:
    """`operator` as written (`>`, `<<<`, `<<-`); `target` is None where it is known only when run, and for here-documents."""

    operator: str
    target: str | None
    place: Place


class Hidden(Enum):
    """What bash cannot see fail, or what the compiler cannot see into."""

    AND_LIST = "a && b, not last"
    NEGATED = "! a, not last"
    SEQUENCE = "a; b in a condition"
    FOR_LIST = "for x in $(a)"
    CASE_WORD = "case $(a) in"
    TEST = "[[ $(a) ]]"
    ASSIGNMENTS = "x=$(a)$(b)"
    EXEC = "exec"
    EXIT = "exit 0"
    POSITIONAL = "$1"
    OPTION = "set +e, shopt -u, trap"
    BACKGROUND = "a &"
    OPAQUE = "eval, alias"
    EXTGLOB = "!(a)"
    LOUD = "set -x, set -a"


@dataclass(frozen=True)
class Refusal:
    """A place that bash or the compiler cannot see into; `text` is what stands there, short."""

    hidden: Hidden
    place: Place
    text: str


@dataclass(frozen=True)
class Number:
    """A place where bash evaluates a value as an expression. `name` is None where a command's output stands there."""

    name: str | None
    place: Place
    where: str


@dataclass(frozen=True)
class Guard:
    """`[[ $name =~ ^[0-9]+$ ]]`, or a pattern like it."""

    name: str
    place: Place


class Exposure(Enum):
    """How a value leaves the shell."""

    ARGUMENT = "argument"
    EXPORT = "export"
    ENVIRONMENT = "environment"  # S=$s cmd
    FILENAME = "file name"


@dataclass(frozen=True)
class Exposed:
    """Names whose values leave the shell here. `program` is what gets them."""

    names: tuple[str, ...]
    how: Exposure
    program: str
    place: Place


@dataclass(frozen=True)
class Facts:
    """Everything that was found in one body. With `error` set nothing else is known."""

    error: Diagnostic | None = None
    empty: bool = False  # no command at all
    statements: tuple[Place, ...] = ()  # those of the top level
    reads: tuple[Read, ...] = ()
    assigns: tuple[Assign, ...] = ()
    programs: tuple[Program, ...] = ()
    functions: tuple[Function, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    subshells: tuple[Place, ...] = ()
    comments: tuple[Place, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    numbers: tuple[Number, ...] = ()
    guards: tuple[Guard, ...] = ()
    exposed: tuple[Exposed, ...] = ()
    quoted: tuple[Place, ...] = ()  # everything between double quotes
    plain: tuple[Place, ...] = ()  # `$name` without braces
    frozen: frozenset[int] = frozenset()  # 0-based lines that begin inside a quote, a here-document or a word: never indent

    @property
    def read_names(self) -> frozenset[str]:
        """All names that are read, here assigned or not."""
        return frozenset(read.name for read in self.reads)

    @property
    def scalars(self) -> frozenset[str]:
        """Names that get a plain value."""
        return frozenset(a.name for a in self.assigns if not a.array)

    @property
    def arrays(self) -> frozenset[str]:
        """Names that get an array."""
        return frozenset(a.name for a in self.assigns if a.array)

    @property
    def external(self) -> tuple[Program, ...]:
        """Programs that the host must have: neither builtins nor functions of the body."""
        own = {function.name for function in self.functions}
        return tuple(p for p in self.programs if not p.builtin and p.name not in own)

    @property
    def cd(self) -> tuple[Place, ...]:
        """Where the body changes the folder."""
        return tuple(p.place for p in self.programs if p.name in {"cd", "pushd", "popd"} and p.builtin)

    @property
    def sudo(self) -> tuple[Place, ...]:
        """Where the body asks for another user's rights."""
        return tuple(p.place for p in self.programs if p.name in {"sudo", "doas"})
