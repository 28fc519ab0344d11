"""Statements: where errexit looks and where it does not.

bash ignores a failure in a condition, left of `&&` and `||`, and after `!`. A compound command that fails *because* a failure was
ignored does not end the shell either, unless it is a subshell or a function. So a status that was ignored is seen only in tail
position: at the end of the body, of a subshell, of a function.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.shell.commands import Commands
from compiler.shell.facts import Exposure, Function, Guard, Hidden, Redirect
from compiler.shell.shfmt import Json
from compiler.shell.words import NAME, Context, Where, has_substitution, literal, numeric_pattern

_CANNOT_FAIL = frozenset({"echo", "printf", ":", "true", "return", "exit", "break", "continue"})
_COMPARISONS = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})


class Walk(Commands):
    """Walks statements; after `sequence` the lists are filled."""

    def sequence(self, statements: list[Json], context: Context) -> None:
        for number, statement in enumerate(statements):
            last = number == len(statements) - 1
            if not last and context.ignored and can_fail(statement):
                self.refuse(Hidden.SEQUENCE, statement["Cmd"] if statement.get("Cmd") else statement)
            self.statement(statement, replace(context, tail=context.tail and last))

    def statement(self, node: Json, context: Context) -> None:
        command = node.get("Cmd")
        for redirect in node.get("Redirs") or ():
            self.redirect(redirect, context)
        if node.get("Background") or node.get("Coprocess"):
            self.refuse(Hidden.BACKGROUND, node)
            context = replace(context, tail=True, subshell=True)
        if node.get("Negated"):
            if not context.ignored and not context.tail:
                self.refuse(Hidden.NEGATED, node)
            context = replace(context, ignored=True)
        if command:
            self.command(command, context)

    def redirect(self, node: Json, context: Context) -> None:
        word, here = node.get("Word") or {}, node.get("Hdoc")
        operator = str(node["Op"])
        target = None if here or operator.startswith("<<") else literal(word)
        self.redirects.append(Redirect(operator, target, self.place(node)))
        if here:
            # From its first line to the one that ends it, which shfmt counts to nothing.
            start, end = self.at(here["Pos"]["Offset"]), self.at(here["End"]["Offset"])
            first = self.text.count("\n", 0, start)
            self.frozen.update(range(first, first + self.text.count("\n", start, end) + 1))
            self.word(here, context)
        elif operator in {"<<", "<<-"}:
            self.empty_document(node, literal(word))
        else:
            self.word(word, context)
            if operator not in {"<<<", "<&", ">&"}:
                self.expose(word, Exposure.FILENAME, operator)

    def empty_document(self, node: Json, delimiter: str | None) -> None:
        """`<<E` with nothing in it has no node of its own: the line that ends it is known by its text."""
        first = self.text.count("\n", 0, self.at(node["End"]["Offset"])) + 1
        lines = self.text.split("\n")
        self.frozen.update(n for n in range(first, len(lines)) if lines[n].lstrip("\t") == delimiter)

    def command(self, node: Json, context: Context) -> None:
        kind = node["Type"]
        if kind == "CallExpr":
            self.call(node, context)
        elif kind == "BinaryCmd":
            self.binary(node, context)
        elif kind == "Block":
            self.sequence(node.get("Stmts") or [], context)
        elif kind == "Subshell":
            self.subshells.append(self.place(node))
            self.sequence(node.get("Stmts") or [], replace(context, tail=True, subshell=True))
        elif kind == "IfClause":
            self.conditional(node, context)
        elif kind == "WhileClause":
            self.sequence(node.get("Cond") or [], replace(context, ignored=True))
            self.sequence(node.get("Do") or [], replace(context, tail=False))
        elif kind == "ForClause":
            self.loop(node, context)
        elif kind == "CaseClause":
            self.case(node, context)
        elif kind == "FuncDecl":
            self.functions.append(Function(node["Name"]["Value"], self.place(node["Name"])))
            self.statement(node["Body"], Context(function=True))
        elif kind == "TestClause":
            self.test(node["X"], context)
        else:
            self.other(node, context)

    def other(self, node: Json, context: Context) -> None:
        kind = node["Type"]
        if kind == "DeclClause":
            self.declaration(node, context)
        elif kind == "ArithmCmd":
            self.arithmetic(node["X"], context, "(( ))")
        elif kind == "LetClause":
            self.refuse(Hidden.OPAQUE, node, "let")
        elif kind == "TimeClause":
            if node.get("Stmt"):
                self.statement(node["Stmt"], context)
        elif kind == "CoprocClause":
            self.refuse(Hidden.BACKGROUND, node)
            self.statement(node["Stmt"], replace(context, tail=True, subshell=True))

    def binary(self, node: Json, context: Context) -> None:
        operator = node["Op"]
        if operator in {"|", "|&"}:
            side = replace(context, tail=True, subshell=True)
            self.statement(node["X"], side)
            self.statement(node["Y"], side)
            return
        if operator == "&&" and not context.ignored and not context.tail:
            self.refuse(Hidden.AND_LIST, node)
        self.statement(node["X"], replace(context, ignored=True))
        self.statement(node["Y"], context)

    def conditional(self, node: Json | None, context: Context) -> None:
        while node:
            self.sequence(node.get("Cond") or [], replace(context, ignored=True))
            self.sequence(node.get("Then") or [], context)
            node = node.get("Else")

    def loop(self, node: Json, context: Context) -> None:
        head = node["Loop"]
        if head["Type"] == "WordIter":
            items = head.get("Items") or []
            for word in items:
                self.word(word, context, Where.FOR)
            numeric = bool(items) and all(self.numeric(word) for word in items)
            self.assign(head["Name"]["Value"], head["Name"], self.names(items), numeric=numeric)
        else:
            for part in ("Init", "Cond", "Post"):
                if head.get(part):
                    self.arithmetic(head[part], context, "(( ))")
        self.sequence(node.get("Do") or [], replace(context, tail=False))

    def case(self, node: Json, context: Context) -> None:
        self.word(node["Word"], context, Where.CASE)
        for item in node.get("Items") or ():
            for pattern in item.get("Patterns") or ():
                self.word(pattern, context, Where.CASE)
            self.sequence(item.get("Stmts") or [], context)

    # ── [[ ]] ───────────────────────────────────────────────────────────────────────────────────────────────────

    def test(self, node: Json, context: Context) -> None:
        kind = node["Type"]
        if kind == "BinaryTest":
            self.comparison(node, context)
        elif kind == "UnaryTest":
            if node["Op"] == "-v":
                self.variable(node["X"])
            self.test(node["X"], context)
        elif kind == "ParenTest":
            self.test(node["X"], context)
        else:
            self.word(node, context, Where.TEST)

    def comparison(self, node: Json, context: Context) -> None:
        operator, left, right = node["Op"], node["X"], node["Y"]
        if operator in _COMPARISONS:
            for side in (left, right):
                self.test(side, context)
                before = len(self.reads)
                self.operand(_without_substitutions(side), context, f"[[ {operator} ]]")
                # The words were read once already; only bare names are new.
                self.reads[before:] = [read for read in self.reads[before:] if not self.text.startswith("$", read.place.start)]
            return
        self.test(left, context)
        self.test(right, context)
        if operator == "=~":
            name = plain_name(left)
            if name and numeric_pattern(self.source(right)):
                self.guards.append(Guard(name, self.place(node)))
            self.assign("BASH_REMATCH", node, (), numeric=False, array=True)

    def variable(self, word: Json) -> None:
        """`[[ -v x ]]`: an index in the name is evaluated."""
        if literal(word) is None:
            for name in self.names(word):
                self.number(name, word, "[[ -v ]]")


def can_fail(statement: Json) -> bool:
    """Whether it matters that nobody looks at this statement's status."""
    command = statement.get("Cmd")
    if not command or statement.get("Background"):
        return False
    kind = command["Type"]
    if kind == "CallExpr":
        args = command.get("Args") or []
        return has_substitution(command) if not args else literal(args[0]) not in _CANNOT_FAIL
    if kind == "BinaryCmd" and command["Op"] == "||":
        return can_fail(command["Y"])
    if kind in {"DeclClause", "FuncDecl"}:
        return has_substitution(command) and kind == "DeclClause"
    if kind == "IfClause":
        branch: Json | None = command
        statements: list[Json] = []
        while branch:
            statements += branch.get("Then") or []
            branch = branch.get("Else")
        return any(can_fail(one) for one in statements)
    if kind in {"WhileClause", "ForClause"}:
        return any(can_fail(one) for one in command.get("Do") or ())
    if kind == "CaseClause":
        return any(can_fail(one) for item in command.get("Items") or () for one in item.get("Stmts") or ())
    if kind == "Block":
        return any(can_fail(one) for one in command.get("Stmts") or ())
    return True


def plain_name(word: Json) -> str | None:
    """`x` for `$x`, `"$x"`, `${x}`; else None."""
    parts = word.get("Parts") or []
    if len(parts) != 1:
        return None
    part = parts[0]
    if part["Type"] == "DblQuoted":
        return plain_name(part)
    if part["Type"] != "ParamExp" or any(part.get(key) for key in ("Exp", "Repl", "Slice", "Index", "Excl", "Length")):
        return None
    name = str(part["Param"]["Value"])
    return name if NAME.fullmatch(name) else None


def _without_substitutions(word: Json) -> Json:
    """A `$( )` in `[[ ]]` is refused already, whatever it is compared with."""
    kept = {"Lit", "SglQuoted", "ParamExp", "DblQuoted"}
    return {**word, "Parts": [part for part in word.get("Parts") or () if part["Type"] in kept]}
