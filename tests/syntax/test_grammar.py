"""The grammar's two forms, and how the lexer takes the terminals of it."""

from __future__ import annotations

import lark
import pytest

from compiler.syntax import grammar
from compiler.syntax.lexer import pattern


def tree(parser: lark.Lark, text: str) -> str:
    def plain(node: object) -> object:
        if isinstance(node, lark.Tree):
            return str(node.data), [plain(child) for child in node.children]
        return getattr(node, "value", node)

    return repr(plain(parser.parse(text, start=grammar.START)))


def test_the_serialized_form_parses_the_same() -> None:
    text = 'a b, "c" {\n  $ x\n  ```\n  y\n  ```\n}\n'
    restored = grammar.restore(grammar.serialize())
    assert restored is not None
    assert tree(restored, text) == tree(grammar.construct(), text)


def test_a_serialized_form_of_another_lark_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    data = grammar.serialize()
    monkeypatch.setattr(lark, "__version__", "0.0.0")
    assert grammar.restore(data) is None
    assert grammar.restore(b"") is None


def test_bad_takes_every_character() -> None:
    terminals = pattern(grammar.construct().lexer_conf)
    for code in [*range(0x500), 0x2028, 0xFEFF, 0x1F600]:
        character = chr(code)
        match = terminals.match(character + "\n")
        assert match is not None and match.lastgroup
