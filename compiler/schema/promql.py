"""PromQL, as far as a spec can be checked without a Prometheus: quotes and brackets, comments, what stands at its top level.

The language: https://prometheus.io/docs/prometheus/latest/querying/basics/. Strings are `"…"` and `'…'` with backslash escapes,
and `` `…` `` without; `#` begins a comment; a comparison binds less than arithmetic and more than `and`, `or` and `unless`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from compiler.schema.times import UNIT_SECONDS
from compiler.schema.words import SIZE_BYTES
from compiler.schema.wrong import Wrong, short

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`')
_COMPARISON = re.compile(r"==|!=|>=|<=|>|<")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_ENDS_EARLY = re.compile(r"(?:[-+*/%^<>=!,]|\b(?:and|or|unless|atan2|by|without|on|ignoring|offset|bool))\s*$", re.IGNORECASE)
_SETS = frozenset({"and", "or", "unless"})
_LIMIT = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)(%|ms|[smhd]|B|[kMGTP]B|[KMGTP]iB)?")

# What one of a unit is in the unit that Prometheus' naming rules ask of a metric: a ratio, seconds, bytes.
_FACTORS: dict[str, Decimal] = {
    "%": Decimal("0.01"),
    "ms": Decimal("0.001"),
    **{unit: Decimal(seconds) for unit, seconds in UNIT_SECONDS.items()},
    **{unit: Decimal(size) for unit, size in SIZE_BYTES.items()},
}


@dataclass(frozen=True)
class Limit:
    """A threshold as it was written (`5%`), and as the number that a metric is compared with (`0.05`)."""

    text: str
    number: str


@dataclass(frozen=True)
class Query:
    """An expression. `compares` and `joins`: whether a comparison, or `and`, `or`, `unless`, stands outside of all brackets."""

    text: str
    compares: bool
    joins: bool


def limit(text: str) -> Limit | Wrong:
    """A threshold: a number, alone or with a unit."""
    match = _LIMIT.fullmatch(text)
    if match is None:
        return Wrong(f"`{short(text)}` is not a threshold such as `1000`, `5%`, `500ms`, `7d` or `10GiB`")
    number = Decimal(match[1]) * _FACTORS[match[2] or "s"]
    return Limit(text, f"{number.normalize():f}")


def query(text: str) -> Query | Wrong:
    """An expression whose quotes and brackets are closed and that does not end in the middle (RB560)."""
    expression = " ".join(text.split()) if "`" not in text else text.strip()
    if not expression:
        return _wrong("an empty expression says nothing")
    compares = joins = False
    open_: list[str] = []
    for token in _tokens(expression):
        if token in ('"', "'", "`"):
            return _wrong(f"a string that begins with `{token}` does not end" if token != "`" else "a string does not end")
        if token == "#":
            return _wrong("`#` begins a comment, which would swallow what follows", "leave it out; a `note` is for remarks")
        if token in _CLOSING:
            open_.append(token)
        elif token in _CLOSING.values():
            if not open_ or _CLOSING[open_.pop()] != token:
                return _wrong(f"`{token}` closes nothing")
        elif not open_:
            compares = compares or _COMPARISON.fullmatch(token) is not None
            joins = joins or token.lower() in _SETS
    if open_:
        return _wrong(f"`{open_[-1]}` is not closed")
    early = _ENDS_EARLY.search(expression)
    if early is not None:
        return _wrong(f"the expression ends with `{early[0].strip()}`, so something is missing behind it")
    return Query(expression, compares, joins)


def _wrong(message: str, fix: str | None = None) -> Wrong:
    return Wrong(f"Prometheus cannot read this: {message}", fix, "RB560")


def _tokens(text: str) -> Iterator[str]:
    """Words, comparisons and single characters; a string gives nothing, one that does not end gives its quote."""
    at = 0
    while at < len(text):
        if text[at] in "\"'`":
            string = _STRING.match(text, at)
            if string is None:
                yield text[at]
                return
            at = string.end()
            continue
        found = _WORD.match(text, at) or _COMPARISON.match(text, at)
        token = text[at] if found is None else found[0]
        at += len(token)
        if not token.isspace():
            yield token
