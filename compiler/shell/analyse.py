"""Bodies -> `Facts`, by their syntax trees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Body
from compiler.shell.body import Places
from compiler.shell.facts import Facts, Place
from compiler.shell.shfmt import Failure, Tree, parse
from compiler.shell.walk import Walk
from compiler.shell.words import Context

_DIRECTIVE = re.compile(r"#\s*shellcheck\b")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PLACEHOLDER = re.compile(r"<[A-Za-z][A-Za-z0-9_ -]*>")
_DOTTED = re.compile(r"\$\{[A-Za-z0-9_]+\.[A-Za-z0-9_.]+\}")
_ASSOCIATIVE = re.compile(r"\b(?:declare|local|typeset|readonly)\b[^\n;]*\s-[A-Za-z]*A")


def analyse(body: Body) -> Facts:
    """The facts of one body. Raises Refused (RB404) where shfmt cannot be run. For several bodies `analyse_all` is faster."""
    return analyse_all([body])[0]


def analyse_all(bodies: Sequence[Body]) -> list[Facts]:
    """The facts of many bodies, in order, parsed in as few processes as possible. Raises Refused (RB404) like `analyse`."""
    results: list[Facts | None] = [_unparsable(body) for body in bodies]
    waiting = [index for index, facts in enumerate(results) if facts is None]
    for index, tree in zip(waiting, parse([bodies[index].text for index in waiting]), strict=True):
        results[index] = _facts(bodies[index], tree)
    return [facts for facts in results if facts is not None]


def _unparsable(body: Body) -> Facts | None:
    """What is wrong before any parser looks."""
    text = body.text
    control = _CONTROL.search(text)
    if control:
        span = Places(body).span(control.start(), control.end())
        message = f"a command holds the control character U+{ord(control.group()):04X}"
        fix = r"write it as an escape that the program understands, such as $'\x1b'"
        return Facts(error=Diagnostic("RB406", message, span, fix))
    tail = text[len(text.rstrip("\\")) :]
    if len(tail) % 2:
        span = Places(body).span(len(text) - 1, len(text))
        message = "the command ends in a backslash, and no line follows that it could continue in"
        return Facts(error=Diagnostic("RB405", message, span, "delete the backslash, or write the line that is missing"))
    return None


def _facts(body: Body, tree: Tree | Failure) -> Facts:
    if isinstance(tree, Failure):
        return Facts(error=_syntax(body, tree))
    walk = Walk(body, tree)
    if _ASSOCIATIVE.search(body.text):
        walk.associative = frozenset(_associative(list(tree.statements)))
    try:
        walk.sequence(list(tree.statements), Context())
        comments = _comments(list(tree.statements), walk) if _DIRECTIVE.search(body.text) else ()
    except RecursionError:
        return Facts(error=_syntax(body, Failure("it is nested too deeply", 0)))
    return Facts(
        empty=not tree.statements,
        statements=tuple(walk.place(statement) for statement in tree.statements),
        reads=tuple(walk.reads),
        assigns=tuple(walk.assigns),
        programs=tuple(walk.programs),
        functions=tuple(walk.functions),
        redirects=tuple(walk.redirects),
        subshells=tuple(walk.subshells),
        comments=tuple(sorted({*comments, *_last_comments(body, walk, tree)}, key=lambda place: place.start)),
        refusals=tuple(sorted(walk.refusals, key=lambda r: (r.place.start, -r.place.end))),
        numbers=tuple(walk.numbers),
        guards=tuple(walk.guards),
        exposed=tuple(walk.exposed),
        quoted=tuple(walk.quoted),
        plain=tuple(sorted(set(walk.plain), key=lambda place: place.start)),
        frozen=frozenset(walk.frozen),
    )


def _syntax(body: Body, failure: Failure) -> Diagnostic:
    text = body.text
    at = min(failure.at, len(text))
    start = at if at < len(text) else max(len(text) - 1, 0)
    span = Places(body).span(start, start + 1)
    line = text[text.rfind("\n", 0, at) + 1 :].split("\n", 1)[0]
    placeholder = _PLACEHOLDER.search(line)
    if _DOTTED.search(line):
        fix = "text in dots and braces for another program stands in single quotes"
    elif placeholder:
        name = re.sub(r"[ -]", "_", placeholder.group()[1:-1].lower())
        what = f"`{placeholder.group()}` stands for something that is known only when run"
        fix = f'{what}: declare `param {name} string` and write "${name}"'
    else:
        fix = "each `$` line and each fence is a complete text by itself; try it with `bash -n`"
    return Diagnostic("RB403", f"bash cannot parse this: {failure.message}", span, fix)


def _associative(node: object) -> Iterator[str]:
    """Names that are declared with -A: their index is a text, not an expression."""
    if isinstance(node, list):
        for item in node:
            yield from _associative(item)
    elif isinstance(node, dict):
        if node.get("Type") == "DeclClause":
            args = node.get("Args") or []
            words = [arg["Value"]["Parts"][0].get("Value", "") for arg in args if not arg.get("Name") and arg.get("Value")]
            if any(word.startswith("-") and "A" in word for word in words):
                yield from (arg["Name"]["Value"] for arg in args if arg.get("Name"))
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _associative(value)


def _comments(node: object, walk: Walk) -> Iterator[Place]:
    """Comments that speak to ShellCheck."""
    if isinstance(node, list):
        for item in node:
            yield from _comments(item, walk)
    elif isinstance(node, dict):
        if "Hash" in node and _DIRECTIVE.match("#" + str(node.get("Text", ""))):
            yield walk.place(node)
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _comments(value, walk)


def _last_comments(body: Body, walk: Walk, tree: Tree) -> tuple[Place, ...]:
    """Comments after the last command hang on no statement, and are lost where bodies are parsed together."""
    text = body.text
    end = max((walk.at(statement["End"]["Offset"]) for statement in tree.statements), default=0)
    found = []
    for match in re.finditer(r"(?m)^[ \t]*(#[ \t]*shellcheck\b.*)$", text):
        if match.start(1) >= end and text.count("\n", 0, match.start(1)) not in walk.frozen:
            found.append(walk.range(match.start(1), match.end(1)))
    return tuple(found)
