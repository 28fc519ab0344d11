"""Text as shell words: the only place where the compiler quotes.

`shlex.quote` is exact but not clean under ShellCheck `-o all`, so there are three ways to quote, each taken where it is both
exact and without a finding, and put side by side where no single one is:

* `'…'`   everything but `'`, what looks like an expansion (SC2016), `‘` and `’` (SC1112), a `\\` at its end (SC1003);
* `"…"`   with `\\ " $ `` ` `` escaped; not `!` (a pasted line would expand history) and not the characters of SC1111;
* `$'…'`  everything but `!`; what cannot be seen is written as `\\n`, `\\t` or `\\xHH`, so that a word never holds a line break.

Exact in any locale: bash reads a script by the characters of the locale, and there a byte of UTF-8 can swallow what follows: in
Big5, GBK and Shift JIS a `\\`, in GB18030 any byte after a digit. There the string is closed and opened again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from compiler.plan.model import Lit, Value, Var

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_SINGLE, _DOUBLE, _ANSI = "'", '"', "$'"  # the opening of each way; also the order of preference
_NOT_SINGLE = frozenset("'$`‘’")
_NOT_DOUBLE = frozenset("!“”″‶")
_ESCAPED_IN_DOUBLE = frozenset('\\"$`')
_AGAIN = {_SINGLE: "''", _DOUBLE: '""', _ANSI: "'$'"}  # close and open
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Zs"))
_ANSI_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\e", "\\": "\\\\", "'": "\\'"}
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+-][A-Za-z0-9_./:@%+=-]*")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_DIGITS = frozenset("0123456789")
# SC1010: "or quote to make it literal"
_RESERVED = re.compile("case|coproc|do|done|elif|else|esac|fi|for|function|if|in|select|then|time|until|while")


def quote(text: str) -> str:
    """`text` as one quoted shell word, exact in bash 4.4 and later in any locale, without a finding of ShellCheck.

    Raises ValueError for what no shell word can hold: NUL and lone surrogates.
    """
    _refuse(text)
    if not text:
        return "''"
    return _write(_segments(text))


def word(text: str) -> str:
    """As `quote`, but plain words stand bare: `/opt/gw`, `--tail=100`. For arguments, not for a command's own place."""
    if _PLAIN.fullmatch(text) and not _ASSIGNMENT.match(text) and not _RESERVED.fullmatch(text):
        return text
    return quote(text)


def double(value: Value) -> str:
    """A value as one word in which `$name` is expanded and nothing else is: `"${HOME}/repos/x"`.

    A value without a name is what `quote` makes of it. Raises ValueError as `quote` does, and for a name that is none.
    """
    segments: list[tuple[str, str]] = []
    for part in value.parts:
        if isinstance(part, Var):
            if not NAME.fullmatch(part.name):
                raise ValueError(f"not a variable's name: {part.name!r}")
            segments.append((_DOUBLE, "${" + part.name + "}"))
    if not segments:
        return quote("".join(part.text for part in value.parts if isinstance(part, Lit)))
    return _write(_merge(_value_segments(value)))


def _value_segments(value: Value) -> Iterator[tuple[str, str]]:
    first = True
    for part in value.parts:
        if isinstance(part, Var):
            yield _DOUBLE, "${" + part.name + "}"
        else:
            _refuse(part.text)
            yield from _segments(part.text, (_DOUBLE, _SINGLE, _ANSI), word_start=first)
        first = first and isinstance(part, Lit) and not part.text


def _refuse(text: str) -> None:
    if "\0" in text:
        raise ValueError("a shell word cannot hold NUL")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("a shell word cannot hold a lone surrogate")


def _segments(
    text: str, ways: Sequence[str] = (_SINGLE, _DOUBLE, _ANSI), *, word_start: bool = True
) -> Iterator[tuple[str, str]]:
    """Cut into (way, written text): always the way that goes furthest, the first of `ways` where two go equally far."""
    at = 0
    if word_start and text.startswith("~/"):  # SC2088: "tilde does not expand in quotes", which is what is wanted here
        yield _SINGLE, "~"
        at = 1
    while at < len(text):
        ends = {way: _reach(text, at, way) for way in ways}
        way = max(ways, key=lambda w: ends[w])
        yield way, _inside(text[at : ends[way]], way)
        at = ends[way]


def _reach(text: str, at: int, way: str) -> int:
    """How far a string of this way can go from `at`."""
    end = at
    while end < len(text) and _fits(text[end], way):
        end += 1
    if way == _SINGLE:
        while end > at and text[end - 1] == "\\":  # SC1003
            end -= 1
    return end


def _fits(char: str, way: str) -> bool:
    if way == _ANSI:
        return char != "!"
    if _unseen(char):
        return False
    return char not in (_NOT_SINGLE if way == _SINGLE else _NOT_DOUBLE)


def _unseen(char: str) -> bool:
    """Control and format characters, and spaces that are not the space: they are written as bytes."""
    return not " " <= char <= "~" and unicodedata.category(char) in _UNSEEN


def _inside(text: str, way: str) -> str:
    """The text as it stands between the quotes of this way; `_AGAIN` is put where a byte could swallow one of bash's own."""
    written = [char if way == _SINGLE else _escape(char, way) for char in text]
    escaped = [new != old for new, old in zip(written, text, strict=True)] + [True]  # the closing quote
    for at in range(1, len(text)):
        if text[at - 1] > "\x7f" and not escaped[at - 1] and (escaped[at] or (text[at] in _DIGITS and escaped[at + 1])):
            written[at] = _AGAIN[way] + written[at]
    return "".join(written)


def _escape(char: str, way: str) -> str:
    if way == _DOUBLE:
        return "\\" + char if char in _ESCAPED_IN_DOUBLE else char
    if char in _ANSI_SHORT:
        return _ANSI_SHORT[char]
    return "".join(f"\\x{byte:02x}" for byte in char.encode()) if _unseen(char) else char


def _merge(segments: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Neighbours that are quoted in the same way become one string, but for a `~` at the word's start (SC2088)."""
    way, text = next(segments)
    start = True
    for next_way, next_text in segments:
        tilde, start = start and text == "~", False
        if next_way == way and not tilde:
            split = text[-1:] > "\x7f" and next_text[:1] == "\\"
            text += _AGAIN[way] * split + next_text
        else:
            yield way, text
            way, text = next_way, next_text
    yield way, text


def _write(segments: Iterator[tuple[str, str]]) -> str:
    return "".join(f"{way}{text}{way[-1]}" for way, text in segments)
