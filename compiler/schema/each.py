"""`each NAME in WORD, …`: its content is written out once for each word, before anything else is asked of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from compiler.diagnostics import Diagnostic
from compiler.schema.row import Row
from compiler.schema.signature import Slot
from compiler.schema.types import TYPES
from compiler.source import Span
from compiler.syntax.tree import Literal, Quote, Reference, Shell, Statement, Word
from compiler.syntax.words import NAME

WORD = "word"  # `${NAME.word}`
MOST = 5000  # statements that the `each` of a file write out; one in another multiplies
_NO_NAME = re.compile(r"[^a-z0-9]+")
_NAMED = frozenset({"statement", "probe"})  # what gets the word's id: `restart_w1`. A choice stays the same decision.


@dataclass(frozen=True)
class Turn:
    """One word's turn: how what stands inside is called, and the probes that are this word's own."""

    ids: tuple[str, ...] = ()  # of the words, from the outside in
    probes: frozenset[str] = frozenset()

    def inside(self, id: str, block: Iterable[Statement]) -> Turn:
        """The turn of a word in an `each` that stands here."""
        return Turn((*self.ids, id), frozenset(_probes(block)))


def id_of(word: str) -> str:
    """The word in small letters, as a part of ids; empty where it has none."""
    return _NO_NAME.sub("_", word.lower()).strip("_")


def turns(words: Sequence[str], places: Sequence[Span]) -> tuple[list[tuple[str, str]], list[Diagnostic]]:
    """Each word with its id, and the words that cannot have one or have that of another (RB307, RB211)."""
    found: list[Diagnostic] = []
    made: dict[str, str] = {}
    for word, place in zip(words, places, strict=True):
        id = id_of(word)
        if not id:
            message = f"`{word}` cannot be a part of a name: it has neither letters nor digits"
            found.append(Diagnostic("RB211", message, place, "write words with letters or digits"))
        elif id in made:
            same = f"`{word}` stands twice" if made[id] == word else f"`{word}` and `{made[id]}` would both be called `{id}`"
            found.append(Diagnostic("RB307", f"{same} in this `each`", place, "write each word once"))
        else:
            made[id] = word
    return [(word, id) for id, word in made.items()], found


def size(block: Iterable[Statement | Shell]) -> int:
    """How many statements a block holds, those inside of others included."""
    return sum(1 + size(item.block or ()) for item in block if isinstance(item, Statement))


def bound(statement: Statement, name: str, word: str) -> Statement:
    """The statement with `${NAME.word}` as the word, and `${NAME.key}` as that of the service, host or `values` called so."""
    block = None
    if statement.block is not None:
        block = tuple(_shell(i, name, word) if isinstance(i, Shell) else bound(i, name, word) for i in statement.block)
    shell = None if statement.shell is None else _shell(statement.shell, name, word)
    return replace(statement, words=tuple(_word(w, name, word) for w in statement.words), shell=shell, block=block)


def named(row: Row, args: dict[str, Any], turn: Turn) -> None:
    """Give the arguments of a statement inside an `each` the names of this turn."""
    if not turn.ids:
        return
    if row.keyword != "capture" and row.declares in _NAMED and isinstance(args.get("name"), str):
        args["name"] = _of_turn(args["name"], turn)
    for argument in _asking(row):
        value = args.get(argument)
        if isinstance(value, tuple):
            args[argument] = tuple(_of_turn(one, turn) if one in turn.probes else one for one in value)
        elif isinstance(value, str) and value in turn.probes:
            args[argument] = _of_turn(value, turn)


def unnamed_capture(statement: Statement, name: str) -> Diagnostic | None:
    """RB307 for a capture that would have the same `$name` in each turn. Asked before the word is in its place."""
    word = statement.words[0] if statement.words else None
    if word is None or any(isinstance(part, Reference) for part in word.parts):
        return None
    message = f"the capture `{word.text}` would be `${word.text}` for each word"
    fix = f"name it `{word.text}_${{{name}.{WORD}}}` and read `${word.text}_${{{name}.{WORD}}}`"
    return Diagnostic("RB307", message, word.span, fix)


def all_of(row: Row, args: dict[str, Any], places: dict[str, Any], probes: dict[str, list[str]]) -> None:
    """Where a list outside of an `each` names a probe declared inside of it, all of them are meant."""
    for argument in _asking(row):
        value, at = args.get(argument), places.get(argument)
        if isinstance(value, tuple) and isinstance(at, tuple) and any(one in probes for one in value):
            pairs = [(name, place) for one, place in zip(value, at, strict=True) for name in probes.get(one, [one])]
            args[argument], places[argument] = tuple(name for name, _ in pairs), tuple(place for _, place in pairs)


def _of_turn(name: str, turn: Turn) -> str:
    return "_".join((name, *turn.ids))


def _probes(block: Iterable[Statement]) -> Iterator[str]:
    for statement in block:
        if statement.keyword == "probe" and statement.words and NAME.fullmatch(statement.words[0].text):
            yield statement.words[0].text


def _asking(row: Row) -> Iterator[str]:
    """The arguments of a row that name probes."""
    for name, element in row.pattern.arguments():
        slot = element if isinstance(element, Slot) else element.item[0]
        if isinstance(slot, Slot) and any("probe" in TYPES[word].refers for word in slot.types):
            yield name


def _word(word: Word, name: str, value: str) -> Word:
    if word.quote is Quote.RAW or not any(isinstance(p, Reference) and p.path[0] == name for p in word.parts):
        return word
    return replace(word, parts=tuple(_part(part, name, value) for part in word.parts))


def _part(part: Literal | Reference, name: str, value: str) -> Literal | Reference:
    if isinstance(part, Literal) or part.path[0] != name:
        return part
    if part.path[1:] == (WORD,):
        return Literal(value, part.span)
    return Reference((value, *part.path[1:]), part.span)


def _shell(shell: Shell, name: str, value: str) -> Shell:
    return replace(shell, bound=(*shell.bound, (name, value)))
