"""The signature mini language: what may follow a keyword, as one string.

    URL [status INT] [header WORD matches PATTERN] [body matches PATTERN] [insecure TEXT]

UPPERCASE words are typed arguments (`compiler.schema.types`), lowercase words and symbols are literals, `[…]` may be left
out (groups that follow each other stand in any order), `X, …` is a list with commas, `a|b` are alternatives for one word, ` | `
between blanks separates whole forms, `$ …` is shell (behind the words, or in the block). How arguments are named: top of
`compiler.schema.table`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_TOKEN = re.compile(r"\$ …|, …|\[|\]|[^\s\[\],]+")
_WORD = re.compile(r"[a-z]")


@dataclass(frozen=True)
class Slot:
    """One word. `literals` and `types` are what it may be; `name` is its argument, None for a literal that only leads on."""

    literals: tuple[str, ...]
    types: tuple[str, ...]
    name: str | None = None
    flag: bool = False  # the argument is True when the (only) literal is written


@dataclass(frozen=True)
class Several:
    """A list with commas; `item` is one entry, `name` the argument of the whole list."""

    item: tuple[Element, ...]
    name: str


@dataclass(frozen=True)
class Maybe:
    """`[…]`."""

    content: tuple[Element, ...]


Element = Slot | Several | Maybe


@dataclass(frozen=True)
class Form:
    """One way to write the statement: its words, and whether shell follows."""

    elements: tuple[Element, ...]
    shell: bool
    text: str


@dataclass(frozen=True)
class Signature:
    """All the forms of a keyword."""

    text: str
    forms: tuple[Form, ...]

    @property
    def shell(self) -> bool:
        """Whether shell may follow."""
        return any(form.shell for form in self.forms)

    def arguments(self) -> Iterator[tuple[str, Slot | Several]]:
        """Every argument's name with its element, forms and groups flattened."""

        def walk(elements: tuple[Element, ...]) -> Iterator[tuple[str, Slot | Several]]:
            for element in elements:
                if isinstance(element, Maybe):
                    yield from walk(element.content)
                elif element.name is not None:
                    yield element.name, element

        for form in self.forms:
            yield from walk(form.elements)


def parse(text: str) -> Signature:
    """Read a signature. ValueError for one that is not well-formed: a bug in the table."""
    return Signature(text, tuple(_form(part.strip()) for part in re.split(r"\s\|\s", text)))


def _form(text: str) -> Form:
    tokens = _TOKEN.findall(text)
    shell = tokens[-1:] == ["$ …"]
    elements, rest = _elements(tokens[:-1] if shell else tokens)
    if rest:
        raise ValueError(f"signature `{text}`: unexpected `{rest[0]}`")
    return Form(elements, shell, text)


def _elements(tokens: list[str]) -> tuple[tuple[Element, ...], list[str]]:
    """The elements up to the end or an unopened `]`, which is left in the rest."""
    found: list[Element] = []
    lead: list[str] = []  # literal words since the last argument
    while tokens and tokens[0] != "]":
        token, tokens = tokens[0], tokens[1:]
        if token == "[":
            content, tokens = _elements(tokens)
            if not tokens:
                raise ValueError("signature: `[` is not closed")
            tokens = tokens[1:]
            _flag(found, lead)
            found.append(Maybe(content))
        elif token == ", …":
            _to_list(found)
        else:
            found.append(_slot(token, lead))
    _flag(found, lead)
    return tuple(found), tokens


def _slot(token: str, lead: list[str]) -> Slot:
    options = token.split("|") if len(token) > 1 else [token]
    types = tuple(o for o in options if o.isupper())
    literals = tuple(o for o in options if not o.isupper())
    if not types and len(literals) == 1:
        if _WORD.match(token):
            lead.append(token)
        return Slot(literals, ())
    name = "_".join(lead) if lead else (types[0].lower() if types else "which")
    lead.clear()
    return Slot(literals, types, name)


def _flag(found: list[Element], lead: list[str]) -> None:
    """Literals that no argument follows are an argument themselves."""
    if lead and found and isinstance(found[-1], Slot):
        found[-1] = replace(found[-1], name="_".join(lead), flag=True)
    lead.clear()


def _to_list(found: list[Element]) -> None:
    """Turn the last argument, with the optional groups behind it, into a list."""
    if not found:
        raise ValueError("signature: `, …` must follow an argument")
    start = len(found) - 1
    while start > 0 and isinstance(found[start], Maybe):
        start -= 1
    item = tuple(found[start:])
    first = item[0]
    if not isinstance(first, Slot) or first.name is None:
        raise ValueError("signature: `, …` must follow an argument")
    found[start:] = [Several(item, first.name)]
