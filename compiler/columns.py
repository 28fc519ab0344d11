"""Text on a terminal: how wide it is, and its invisible characters made visible."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

TAB = 4
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Cells:
    """One line as it is shown: for each code point of the source, what is printed and where it begins."""

    shown: tuple[str, ...]
    starts: tuple[int, ...]  # display columns from 0; one more than code points, the last is the width


def width(character: str) -> int:
    """Columns that one code point takes: 0 for combining and other zero-width ones, 2 for wide ones."""
    if character < "\u0300":
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def visible(text: str) -> str:
    """Text without anything that a terminal would act on; newlines and tabs become spaces."""
    return "".join(" " if character in "\n\t" else _visible(character) for character in text)


def cells(line: str) -> Cells:
    """Lay out a line: tabs go to the next multiple of 4."""
    shown: list[str] = []
    starts = [0]
    column = 0
    for character in line:
        if character == "\t":
            printed = " " * (TAB - column % TAB)
            column += len(printed)
        else:
            printed = _visible(character)
            column += width(character) if printed == character else len(printed)
        shown.append(printed)
        starts.append(column)
    return Cells(tuple(shown), tuple(starts))


def _visible(character: str) -> str:
    """The character, or what is shown for it: `␛` for ESC, `<U+202E>` for a bidi control."""
    if "\x20" <= character <= "\x7e":
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"<0x{code - 0xDC00:02X}>"
    if character in _BIDI or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return f"<U+{code:04X}>"
    return character
