"""The grammar as Lark wants it: from its serialized form where the wheel has one, else from its text.

Constructing from text costs 27 ms, loading 5. The serialized form is written when the wheel is built (`hatch_build.py`), never
at run time, and used only with the version of Lark and the grammar text that it was made from.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping
from importlib.resources import files
from io import BytesIO
from typing import Any

import lark

from compiler.syntax.lexer import Lexeme, SpecLexer

TEXT = "grammar.lark"
SERIALIZED = "grammar.bin"
START = "document"


def construct(**options: Any) -> lark.Lark:
    """The parser from the grammar's text. `options` are Lark's `transformer` and `lexer_callbacks`."""
    return lark.Lark(_text(), parser="lalr", lexer=SpecLexer, start=[START, "anything"], **options)


def serialize() -> bytes:
    """What `grammar.bin` holds: a line that says what it was made from, then Lark's own form."""
    memory = BytesIO()
    construct().save(memory)
    return _stamp() + memory.getvalue()


def load(transformer: lark.Transformer[Any, Any], callbacks: Mapping[str, Callable[[Lexeme], Lexeme]]) -> lark.Lark:
    """The parser with its callbacks, by the fast way where that is possible."""
    options: dict[str, Any] = {"transformer": transformer, "lexer_callbacks": dict(callbacks)}
    try:
        data = files(__package__).joinpath(SERIALIZED).read_bytes()
    except OSError:
        return construct(**options)
    return restore(data, **options) or construct(**options)


def restore(data: bytes, **options: Any) -> lark.Lark | None:
    """The parser from its serialized form; None where that was made by another Lark or from another text."""
    stamp = _stamp()
    if not data.startswith(stamp):
        return None
    # `Lark.load` takes no callbacks; this is what Lark's own stand-alone parsers use.
    from_dict: Callable[..., lark.Lark] = lark.Lark._load_from_dict
    return from_dict(**pickle.loads(data[len(stamp) :]), **options)


def _text() -> str:
    return files(__package__).joinpath(TEXT).read_text(encoding="utf-8")


def _stamp() -> bytes:
    made_from = hashlib.sha256(_text().encode()).hexdigest()
    return f"lark {lark.__version__} {made_from}\n".encode()
