"""Facts -> diagnostics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Body, Origin
from compiler.shell import names, numbers, refusals, secrets
from compiler.shell.body import Places, joints
from compiler.shell.facts import Facts
from compiler.shell.names import Kind


def check(body: Body, facts: Facts, known: Mapping[str, Kind]) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a body, in the order of the text.

    `facts` are those of `body`. `known` are the names that reach it: parameters, captures taken before, choices, `env_file`
    requirements, secrets, and as `Kind.CONSTANT` the services, hosts and values whose dotted constants may be meant.
    """
    if facts.error is not None:
        return (facts.error,)
    found = {
        *_empty(body, facts),
        *_going_on(body, facts),
        *names.unknown(facts, known),
        *names.reserved(facts),
        *refusals.refused(facts),
        *refusals.comments(facts),
        *numbers.untrusted(facts, known),
        *secrets.exposed(facts, known),
        *_quoted_words(body, facts),
    }
    return tuple(sorted(found, key=lambda diagnostic: diagnostic.order))


def _empty(body: Body, facts: Facts) -> Iterator[Diagnostic]:
    if facts.empty:
        yield Diagnostic("RB405", "there is no command here, so nothing would run", body.span, "write it, or delete the line")


def _going_on(body: Body, facts: Facts) -> Iterator[Diagnostic]:
    """RB403: each `$` command and each fence is a text by itself, although those of one step share a shell."""
    for joint in joints(body):
        inside = any(statement.start < joint < statement.end - 1 for statement in facts.statements)
        if inside or body.text.count("\n", 0, joint + 1) in facts.frozen:
            message = "bash cannot parse this by itself: the command goes on in the next text"
            fix = "put all of it into one fence, or end the line with a backslash"
            yield Diagnostic("RB403", message, Places(body).span(joint - 1, joint), fix)


def _quoted_words(body: Body, facts: Facts) -> Iterator[Diagnostic]:
    """RB424: `"${leitstand.args}"` would be one word."""
    offset = 0
    for piece in body.pieces:
        if piece.origin is Origin.CONSTANT and " " in piece.text and any(q.start < offset < q.end for q in facts.quoted):
            message = f"`{piece.span.text}` is several words, and in quotes it would be one"
            yield Diagnostic("RB424", message, piece.span, "write it without quotes; its words are quoted where they must be")
        offset += len(piece.text)
