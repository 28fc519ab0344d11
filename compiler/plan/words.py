"""Pieces of bash that the compiler's own commands are made of: words, messages, what happens when a comparison does not hold."""

from __future__ import annotations

from compiler.emit.shell import double, word
from compiler.plan.model import Lit, Value, Var

WIDTH = 100  # a one-line command longer than this is written over several lines


def as_word(value: Value) -> str:
    """The value as one shell word: bare where it can stand bare, `$name` as `"${name}"`."""
    constant = value.constant
    return double(value) if constant is None else word(constant)


def literal(text: str) -> Value:
    """A constant as a `Value`."""
    return Value((Lit(text),))


def joined(*parts: str | Var | Value) -> Value:
    """Text, names and values put together; neighbouring texts become one."""
    flat: list[Lit | Var] = []
    for part in parts:
        for piece in (Lit(part),) if isinstance(part, str) else part.parts if isinstance(part, Value) else (part,):
            last = flat[-1] if flat else None
            if isinstance(piece, Lit) and isinstance(last, Lit):
                flat[-1] = Lit(last.text + piece.text)
            else:
                flat.append(piece)
    return Value(tuple(flat))


def say(*parts: str | Var | Value) -> str:
    """A command that prints one line on stderr. `echo` unless a backslash could mean something to it (SC2028)."""
    message = joined(*parts)
    backslash = any("\\" in p.text for p in message.parts if isinstance(p, Lit))
    command = r"printf '%s\n'" if backslash else "echo"
    return f"{command} {double(message)} >&2"


def otherwise(condition: str, *commands: str) -> str:
    """`condition`, or the commands and a failure that ends a body under `set -e`; a pasted line fails and the shell stays.

    One command stands on the same line, in a subshell: its failure counts even where the message itself cannot be written.
    """
    line = f"{condition} || ({commands[0]} && false)"
    if len(commands) == 1 and len(line) <= WIDTH:
        return line
    return "\n".join((f"{condition} || {{", *(f"  {c}" for c in commands), "  false", "}"))
