"""Bytes to normalised text: what every file that takes part goes through.

LANGUAGE.md, "Lexical structure": UTF-8; BOM, CRLF and form feeds are normalised; control and bidi characters are errors. The
limits are tested before anything is decoded.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from compiler.diagnostics import Diagnostic, Refused
from compiler.source import Source, Span

MAX_FILE = 8 * 1024 * 1024  # bytes
MAX_LINE = 64 * 1024  # bytes, without the newline
_TOLD = 10  # forbidden characters told in one file

# C0 without tab and newline, DEL, C1; the line separators that editors take for newlines and shells do not.
_CONTROL = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u2028\u2029"
# Characters that change the order in which text is shown (Unicode's Bidi_Control).
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(f"[{_CONTROL}{_BIDI}]")
_IS_BIDI = re.compile(f"[{_BIDI}]")


def too_large(name: str, span: Span | None = None) -> Diagnostic:
    """A file above the limit."""
    message = f"`{name}` is larger than {MAX_FILE // 1024 // 1024} MiB"
    return Diagnostic("RB006", message, span, "cut it into several specs, and `use` what they share")


def decode(name: str, data: bytes, span: Span | None = None) -> Source:
    """The normalised text of a file.

    `name` is what people see. `span` is the `use` that asked for it, for mistakes that have no place in the file itself. Raises
    Refused (RB006 to RB011).
    """
    if len(data) > MAX_FILE:
        raise Refused([too_large(name, span)])
    number = _overlong_line(data)
    if number is not None:
        message = f"line {number} of `{name}` is longer than {MAX_LINE // 1024} KiB"
        fix = 'a text of several lines is written as `"""…"""`, a long command as a fence'
        raise Refused([Diagnostic("RB007", message, span, fix)])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0\0" in (data[0:4:2], data[1:4:2]):
        raise Refused([Diagnostic("RB008", f"`{name}` is not UTF-8 but looks like UTF-16", span, "save it as UTF-8")])
    if b"\0" in data:
        raise Refused([_nul(name, data)])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused([_not_utf8(name, data, error)]) from None
    source = Source(name, _normalised(text))
    found = [_forbidden(source, match) for match, _ in zip(_FORBIDDEN.finditer(source.text), range(_TOLD), strict=False)]
    if found:
        raise Refused(found)
    return source


def _normalised(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\f", " ")


def _overlong_line(data: bytes) -> int | None:
    """The 1-based number of the first line above the limit. Looks at one place in each stretch of text as long as the limit."""
    start = 0
    while len(data) - start > MAX_LINE:
        newline = data.rfind(b"\n", start, start + MAX_LINE + 1)
        if newline < 0:
            end = data.find(b"\n", start)
            line = data[start:] if end < 0 else data[start:end]
            if len(line.removesuffix(b"\r")) > MAX_LINE:
                return data.count(b"\n", 0, start) + 1
            newline = start + len(line)
        start = newline + 1
    return None


def _shown(name: str, data: bytes, offset: int) -> Span:
    """A place in bytes that are no text: as much of it as can be shown."""
    before = _normalised(data[:offset].decode("utf-8", "replace"))
    after = _normalised(data[offset:].decode("utf-8", "replace"))
    return Source(name, before + after).span(len(before), len(before) + 1)


def _nul(name: str, data: bytes) -> Diagnostic:
    return Diagnostic(
        "RB009", "there is a NUL byte here", _shown(name, data, data.index(b"\0")), "a spec is text: is this the right file?"
    )


def _not_utf8(name: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    message = f"the byte 0x{data[error.start]:02X} is not UTF-8"
    return Diagnostic("RB008", message, _shown(name, data, error.start), "save the file as UTF-8")


def _forbidden(source: Source, match: re.Match[str]) -> Diagnostic:
    character = match[0]
    name = unicodedata.name(character, "control character")
    span = source.span(match.start(), match.end())
    if _IS_BIDI.match(character):
        message = f"U+{ord(character):04X} ({name}) changes the order in which text is shown"
        return Diagnostic("RB011", message, span, "delete it: what is read must be what runs")
    if character == "\r":
        return Diagnostic("RB010", "there is a carriage return that ends no line", span, "end lines with LF or with CR LF")
    return Diagnostic("RB010", f"U+{ord(character):04X} ({name}) is not text", span, "delete it")
