"""Words: expansions, substitutions and arithmetic, on the way from a syntax tree to facts."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from compiler.plan.model import Body
from compiler.shell.body import Places
from compiler.shell.facts import (
    Assign,
    Exposed,
    Exposure,
    Function,
    Guard,
    Hidden,
    Number,
    Place,
    Program,
    Read,
    Redirect,
    Refusal,
)
from compiler.shell.shfmt import Json, Tree

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# In arithmetic `0x1f` and `16#ff` are numbers, `n` is a name whose value is an expression again.
_BARE_NAME = re.compile(r"(?<![A-Za-z0-9_#@$])[A-Za-z_][A-Za-z0-9_]*")
_NUMERIC_LITERAL = re.compile(r"[+-]?[0-9]+|\{[0-9]+\.\.[0-9]+(?:\.\.[0-9]+)?\}")
_NUMERIC_SPECIAL = frozenset("?#$!")
_ASSIGNING = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="})


@dataclass(frozen=True)
class Context:
    """Where a command stands. `ignored`: errexit does not look here. `tail`: what bash does look at has this command's status."""

    ignored: bool = False
    tail: bool = True
    subshell: bool = False
    function: bool = False


class Where(Enum):
    """What becomes of the exit status of a `$( )` in this word."""

    SEEN = "it is the status of the assignment"
    MASKED = "it is lost, and ShellCheck says so (SC2312, SC2155)"
    FOR = "lost in a for list"
    CASE = "lost in a case word"
    TEST = "lost in [[ ]]"
    SEVERAL = "lost behind a later one in the same assignment"


_SILENT = {
    Where.FOR: Hidden.FOR_LIST,
    Where.CASE: Hidden.CASE_WORD,
    Where.TEST: Hidden.TEST,
    Where.SEVERAL: Hidden.ASSIGNMENTS,
}


class Words(ABC):
    """Collects what words hold; the walker of statements knows their `sequence`."""

    def __init__(self, body: Body, tree: Tree) -> None:
        self.text = body.text
        self.places = Places(body)
        self.at = tree.at
        self.associative: frozenset[str] = frozenset()
        self.reads: list[Read] = []
        self.assigns: list[Assign] = []
        self.programs: list[Program] = []
        self.functions: list[Function] = []
        self.redirects: list[Redirect] = []
        self.subshells: list[Place] = []
        self.refusals: list[Refusal] = []
        self.numbers: list[Number] = []
        self.guards: list[Guard] = []
        self.exposed: list[Exposed] = []
        self.quoted: list[Place] = []
        self.plain: list[Place] = []
        self.frozen: set[int] = set()

    @abstractmethod
    def sequence(self, statements: list[Json], context: Context) -> None:
        """Statements, one after the other."""

    # ── places ──────────────────────────────────────────────────────────────────────────────────────────────────

    def place(self, node: Json) -> Place:
        return self.range(self.at(node["Pos"]["Offset"]), self.at(node["End"]["Offset"]))

    def range(self, start: int, end: int) -> Place:
        return Place(start, end, self.places.span(start, end))

    def source(self, node: Json) -> str:
        """The node's own text."""
        return self.text[self.at(node["Pos"]["Offset"]) : self.at(node["End"]["Offset"])]

    def refuse(self, hidden: Hidden, node: Json, text: str | None = None) -> None:
        shown = self.source(node) if text is None else text
        self.refusals.append(Refusal(hidden, self.place(node), shown.split("\n", 1)[0]))

    def freeze(self, node: Json) -> None:
        """The lines that begin inside of this node mean something else when they are indented."""
        start, end = self.at(node["Pos"]["Offset"]), self.at(node["End"]["Offset"])
        newlines = self.text.count("\n", start, end)
        if newlines:
            line = self.text.count("\n", 0, start)
            self.frozen.update(range(line + 1, line + 1 + newlines))

    # ── words ───────────────────────────────────────────────────────────────────────────────────────────────────

    def word(self, node: Json, context: Context, where: Where = Where.MASKED) -> None:
        for part in node.get("Parts") or ():
            self.part(part, context, where)

    def part(self, part: Json, context: Context, where: Where) -> None:
        kind = part["Type"]
        if kind in {"Lit", "SglQuoted", "DblQuoted", "ParamExp", "ExtGlob"}:
            self.freeze(part)
        if kind == "DblQuoted":
            self.quoted.append(self.place(part))
            self.word(part, context, where)
        elif kind == "ParamExp":
            self.expansion(part, context, where)
        elif kind == "CmdSubst":
            if where in _SILENT:
                self.refuse(_SILENT[where], part)
            self.sequence(part.get("Stmts") or [], replace(context, tail=True, subshell=True))
        elif kind == "ProcSubst":
            self.sequence(part.get("Stmts") or [], replace(context, tail=True, subshell=True))
        elif kind == "ArithmExp":
            self.arithmetic(part["X"], context, "$(( ))")
        elif kind == "ExtGlob":
            if where is not Where.TEST:
                self.refuse(Hidden.EXTGLOB, part)
        elif kind == "BraceExp":
            for element in part.get("Elems") or ():
                self.word(element, context, where)

    def expansion(self, node: Json, context: Context, where: Where) -> None:
        name = node["Param"]["Value"] if node.get("Param") else ""
        self.positional(node, name, context)
        if NAME.fullmatch(name):
            index = node.get("Index")
            if not node.get("Names"):
                self.reads.append(Read(name, self.place(node), index is not None))
            self.short(node, name)
            operator = (node.get("Exp") or {}).get("Op", "")
            if operator in {"=", ":="}:
                self.assign(name, node["Param"], (), numeric=False)
            keys = index is not None and self.source(index) in {"@", "*"}
            if node.get("Excl") and not node.get("Names") and not keys:
                self.number(name, node, "${!…}")
            if operator == "@" and self.source(node["Exp"]["Word"]) == "P":
                self.refuse(Hidden.OPAQUE, node)
        self.inside(node, name, context, where)

    def inside(self, node: Json, name: str, context: Context, where: Where) -> None:
        """Index, slice and operands of an expansion."""
        self.index(node, name, context)
        for bound in (node.get("Slice") or {}).values():
            if isinstance(bound, dict) and "Type" in bound:
                self.arithmetic(bound, context, "${…:…}")
        operand = (node.get("Exp") or {}).get("Word")
        replacement = node.get("Repl") or {}
        for word in (operand, replacement.get("Orig"), replacement.get("With")):
            if word:
                self.word(word, context, where)

    def index(self, node: Json, name: str, context: Context) -> None:
        index = node.get("Index")
        if index is None or self.source(index) in {"@", "*"}:
            return
        if name in self.associative:
            self.word(index, context)
        else:
            self.arithmetic(index, context, "an array index")

    def positional(self, node: Json, name: str, context: Context) -> None:
        if (name in {"@", "*", "#"} or name.isdigit()) and (name == "0" or not context.function):
            self.refuse(Hidden.POSITIONAL, node)

    def short(self, node: Json, name: str) -> None:
        """Remembers `$name`; not the bare `a[1]` of arithmetic, which shfmt also calls short."""
        start = self.at(node["Pos"]["Offset"])
        if node.get("Short") and self.text.startswith("$" + name, start):
            self.plain.append(self.range(start, start + 1 + len(name)))

    # ── arithmetic ──────────────────────────────────────────────────────────────────────────────────────────────

    def arithmetic(self, node: Json, context: Context, where: str) -> None:
        """An expression: each name in it is evaluated, and its value too."""
        kind = node.get("Type")
        if kind in {"BinaryArithm", "UnaryArithm"}:
            self.operation(node, context, where)
        elif kind in {"ParenArithm", "FlagsArithm"}:
            self.arithmetic(node["X"], context, where)
        else:
            self.operand(node, context, where)

    def operation(self, node: Json, context: Context, where: str) -> None:
        operator = node["Op"]
        changed = operator in _ASSIGNING or operator in {"++", "--"}
        target = self.target(node["X"]) if changed else None
        if target is None:
            self.arithmetic(node["X"], context, where)
        else:
            name, place = target
            array = any(part["Type"] == "ParamExp" for part in node["X"].get("Parts") or ())
            for part in node["X"].get("Parts") or ():
                if part["Type"] == "ParamExp":
                    self.index(part, name, context)
                    self.expanded_again(part, name, where)
            if operator != "=":
                self.reads.append(Read(name, place, array))
                self.numbers.append(Number(name, place, where))
            self.assigns.append(Assign(name, place, array, (), numeric=True))
        if node.get("Y"):
            self.arithmetic(node["Y"], context, where)

    def target(self, node: Json) -> tuple[str, Place] | None:
        parts = node.get("Parts") or []
        if len(parts) != 1:
            return None
        part = parts[0]
        if part["Type"] == "Lit" and NAME.fullmatch(part["Value"]):
            return part["Value"], self.place(part)
        if part["Type"] == "ParamExp" and not self.source(part).startswith("$"):
            return part["Param"]["Value"], self.place(part["Param"])
        return None

    def operand(self, node: Json, context: Context, where: str) -> None:
        for part in node.get("Parts") or ():
            kind = part["Type"]
            if kind in {"Lit", "SglQuoted"}:
                self.freeze(part)
                self.bare(part, where)
            elif kind == "DblQuoted":
                self.quoted.append(self.place(part))
                self.operand(part, context, where)
            elif kind == "ParamExp":
                self.evaluated(part, context, where)
            elif kind == "CmdSubst":
                self.number(None, part, where)
                self.part(part, context, Where.MASKED)
            else:
                self.part(part, context, Where.MASKED)

    def bare(self, part: Json, where: str) -> None:
        start = self.at(part["Pos"]["Offset"])
        for match in _BARE_NAME.finditer(self.source(part)):
            place = self.range(start + match.start(), start + match.end())
            self.reads.append(Read(match.group(), place, array=False))
            self.numbers.append(Number(match.group(), place, where))

    def evaluated(self, part: Json, context: Context, where: str) -> None:
        name = part["Param"]["Value"]
        if (NAME.fullmatch(name) and not part.get("Length")) or name in {"@", "*"} or name.isdigit():
            self.number(name, part, where)
        self.expansion(part, context, Where.MASKED)
        self.expanded_again(part, name, where)
        operand = (part.get("Exp") or {}).get("Word")
        for inner in (operand or {}).get("Parts") or ():
            if inner["Type"] == "CmdSubst":
                self.number(None, inner, where)
            elif inner["Type"] == "ParamExp":
                self.number(inner["Param"]["Value"], inner, where)

    def expanded_again(self, part: Json, name: str, where: str) -> None:
        """`(( m[$k] ))`: before bash 5.2 the text of `$k` is expanded once more, also where `m` is associative."""
        if name in self.associative and part.get("Index") and not self.source(part).startswith("$"):
            for key in self.names(part["Index"]):
                self.number(key, part["Index"], where)

    def number(self, name: str | None, node: Json, where: str) -> None:
        self.numbers.append(Number(name, self.place(node), where))

    # ── assignments ─────────────────────────────────────────────────────────────────────────────────────────────

    def assign(self, name: str, at: Json, sources: tuple[str, ...], *, numeric: bool, array: bool = False) -> None:
        self.assigns.append(Assign(name, self.place(at), array, sources, numeric))

    def numeric(self, word: Json | None) -> bool:
        """Whether a word is a whole number if all names in it hold one."""
        parts = (word or {}).get("Parts") or []
        return bool(parts) and all(self._numeric_part(part) for part in parts)

    def _numeric_part(self, part: Json) -> bool:
        kind = part["Type"]
        if kind in {"Lit", "SglQuoted"}:
            return bool(_NUMERIC_LITERAL.fullmatch(part.get("Value", "")))
        if kind == "DblQuoted":
            return self.numeric(part)
        if kind == "ParamExp":
            changed = part.get("Exp") or part.get("Repl") or part.get("Slice") or part.get("Excl")
            name = part["Param"]["Value"]
            return bool(part.get("Length")) or (not changed and (bool(NAME.fullmatch(name)) or name in _NUMERIC_SPECIAL))
        return bool(kind == "ArithmExp")

    def names(self, node: object) -> tuple[str, ...]:
        """Names whose values are part of what a word becomes: not those in a `<( )` or in a redirection inside of it."""
        return tuple(dict.fromkeys(_names(node)))

    def expose(self, word: Json, how: Exposure, program: str) -> None:
        names = self.names(word)
        if names:
            self.exposed.append(Exposed(names, how, program, self.place(word)))


def _names(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _names(item)
    elif isinstance(node, dict):
        kind = node.get("Type")
        if kind == "ProcSubst":
            return
        if kind == "ParamExp" and node.get("Param") and not node.get("Length"):
            yield node["Param"]["Value"]
        for key, value in node.items():
            if isinstance(value, dict | list) and key not in {"Redirs", "Pos", "End"}:
                yield from _names(value)


def literal(word: Json) -> str | None:
    """The text of a word that is known when compiled, quotes removed; else None."""
    result = ""
    for part in word.get("Parts") or ():
        kind = part["Type"]
        if kind == "Lit":
            result += part.get("Value", "").replace("\\\n", "").replace("\\", "")
        elif kind == "SglQuoted" and not part.get("Dollar"):
            result += part.get("Value", "")
        elif kind == "DblQuoted" and all(inner["Type"] == "Lit" for inner in part.get("Parts") or ()):
            result += "".join(inner.get("Value", "") for inner in part.get("Parts") or ())
        else:
            return None
    return result


# `^[0-9]+$` and its like: what matches is a number and nothing else.
_NUMBER_PATTERN = re.compile(
    r"\^\(?(?:\[\+-\]\??|\[-\+\]\??|-\??)?(?:(?:\[(?:[0-9]-[0-9]|[0-9]|\[:digit:\])+\]|[0-9])(?:[+*?]|\{[0-9]+(?:,[0-9]*)?\})?)+\)?\$"
)


def numeric_pattern(text: str) -> bool:
    """Whether everything that matches this regular expression is a whole number."""
    return bool(_NUMBER_PATTERN.fullmatch(text))


def has_substitution(node: object) -> bool:
    """Whether a command runs inside of this word or assignment."""
    if isinstance(node, list):
        return any(has_substitution(item) for item in node)
    if isinstance(node, dict):
        if node.get("Type") == "CmdSubst":
            return True
        return any(has_substitution(value) for value in node.values() if isinstance(value, dict | list))
    return False
