"""The terminals of the grammar as one pattern, and the loop over it.

Lark's own lexer counts lines, builds strings with eight attributes and steps over each white space; this one keeps offsets
and takes half the time. The terminals are the grammar's, in the order of their priorities. It never raises: BAD takes every
character that nothing else does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lark.common import LexerConf
from lark.lexer import Lexer


def pattern(conf: LexerConf) -> re.Pattern[str]:
    """White space, then one group for each terminal, named after it."""
    ordered = sorted(conf.terminals, key=lambda t: (-t.priority, t.name))
    taken = (f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in ordered if t.name not in conf.ignore)
    white = "|".join(t.pattern.to_regexp() for t in ordered if t.name in conf.ignore)
    return re.compile(f"(?:{white})?+(?:{'|'.join(taken)})")


class Lexeme:
    """One terminal in the text. `start_pos` and `end_pos` are offsets in code points."""

    __slots__ = ("end_pos", "start_pos", "type", "value")

    # Lark copies these to its end-of-file token.
    line = column = end_line = end_column = None

    def __init__(self, type: str, value: str, start_pos: int, end_pos: int) -> None:
        self.type = type
        self.value = value
        self.start_pos = start_pos
        self.end_pos = end_pos


class SpecLexer(Lexer):
    """What Lark is given as its lexer. Callbacks see the lexeme and return it."""

    def __init__(self, conf: LexerConf) -> None:
        self.pattern = pattern(conf)
        self.callbacks: dict[str, Callable[[Any], Any]] = dict(conf.callbacks)

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Any]:
        """The lexemes of a text, in order. (Lark hands the plain text to a lexer of its first interface.)"""
        callback = self.callbacks.get
        for match in self.pattern.finditer(lexer_state):
            kind = match.lastgroup or "BAD"
            lexeme = Lexeme(kind, match[kind], match.start(kind), match.end())
            called = callback(kind)
            yield lexeme if called is None else called(lexeme)
