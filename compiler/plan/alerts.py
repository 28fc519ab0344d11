"""`alert` statements: lines of a table, and rules of Prometheus where the spec says how to measure."""

from __future__ import annotations

import re

from compiler.plan.context import Context
from compiler.plan.model import Alert, Rule
from compiler.schema.model import Node
from compiler.schema.promql import Limit, Query

_COMPARISON = {"=": "=="}  # PromQL's own, where it differs


def alert(context: Context, node: Node) -> Alert:
    """The alert. Reports RB561 (half a rule) and RB562 (nothing, or two things, that say when it fires)."""
    limit = node.get("limit")
    return Alert(
        title=str(node.args["title"]),
        measured=node.get("label"),
        op=node.get("op"),
        limit=limit.text if isinstance(limit, Limit) else None,
        action=str(node.args["text"]),
        rule=_rule(context, node),
        note=node.text("note"),
        span=node.head,
    )


def _rule(context: Context, node: Node) -> Rule | None:
    metric, held, severity = node.one("metric"), node.one("for"), node.one("severity")
    title = node.args["title"]
    if metric is None or held is None:
        said = metric or held or severity
        if said is not None:
            lacking = " and ".join(
                part for part, there in (("`metric EXPRESSION`", metric), ("`for DURATION`", held)) if there is None
            )
            message = f"the alert `{title}` says `{said.keyword}`, but no rule can be made without {lacking}"
            context.wrong("RB561", message, said.head, f"say {lacking}, too; or leave `{said.keyword}` out")
        return None
    return Rule(
        name=rule_name(str(title)),
        expression=_expression(context, node, metric),
        held=int(held.args["duration"]),
        severity=None if severity is None else str(severity.args["word"]),
    )


def _expression(context: Context, node: Node, metric: Node) -> str:
    query, limit = metric.args["promql"], node.get("limit")
    assert isinstance(query, Query)
    title = node.args["title"]
    if isinstance(limit, Limit):
        if query.compares:
            message = f"the expression of the alert `{title}` compares already, and `{node.args['op']} {limit.text}` would, too"
            context.wrong("RB562", message, metric.head, "leave one of both out")
        left = f"({query.text})" if query.joins else query.text
        return f"{left} {_COMPARISON.get(node.args['op'], node.args['op'])} {limit.number}"
    if not (query.compares or query.joins or query.text.startswith("absent")):
        message = f"nothing says from where on the alert `{title}` counts: any value of the expression would fire it"
        context.wrong("RB562", message, metric.head, f'write the threshold in front of the action: `alert "{title}" NAME > 5 …`')
    return query.text


def rule_name(title: str) -> str:
    """The name of the rule, in CamelCase as Prometheus' own alerts have it: `API Error Rate` -> `APIErrorRate`."""
    words = re.findall(r"[^\W_]+", title)
    return "".join(word[0].upper() + word[1:] for word in words) or title
