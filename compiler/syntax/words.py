"""What stands inside a word: escapes, references, the layout of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.source import Source, Span
from compiler.syntax.tree import Literal, Quote, Reference, Word

NAME = re.compile(r"[a-z][a-z0-9_]*")
# A constant in text. A dotted reference is the compiler's; `$${a.b}` is the text `${a.b}`.
CONSTANT = re.compile(rf"\$(?P<literal>\$?)\{{(?P<path>{NAME.pattern}(?:\.{NAME.pattern})+)\}}")
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}

# What looks like a constant. With other characters than a name's it is a mistake that would otherwise pass as text.
_DOTTED = r"\$(?P<literal>\$?)\{(?P<path>[A-Za-z_][\w-]*(?:\.[\w-]+)+)\}"
_REFERENCE = re.compile(_DOTTED, re.ASCII)
_IN_STRING = re.compile(r"\\(?P<escape>.)|" + _DOTTED, re.ASCII)

Run = tuple[str, int]  # a run of source text and its offset
Parts = tuple[Literal | Reference, ...]


class WordReader:
    """Decodes the words of one source; mistakes are added to `found`."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.source = source
        self.found = found

    def read(self, quote: Quote, text: str, start: int, comma: bool) -> Word:
        """The word whose source text (quotes included) is `text`, at offset `start`."""
        span = Span(self.source, start, start + len(text))
        if quote is Quote.BARE:
            parts: Parts = self._plain([(text, start)]) if "$" in text else (Literal(text, span),)
        elif quote is Quote.RAW:
            parts = (Literal(text[1:-1], Span(self.source, start + 1, span.end - 1)),)
        elif quote is Quote.STRING:
            inner = text[1:-1]
            if "\\" in inner or "$" in inner:
                parts = self._string(inner, start + 1)
            else:
                parts = (Literal(inner, Span(self.source, start + 1, span.end - 1)),)
        else:
            parts = self._plain(dedented(text[3:-3], start + 3))
        return Word(quote, parts or (Literal("", Span(self.source, start, span.end)),), span, comma)

    def _plain(self, runs: list[Run]) -> Parts:
        """Text without escapes: references are looked for in each run."""
        made = _Parts(self.source)
        for text, start in runs:
            done = 0
            for match in _REFERENCE.finditer(text):
                made.add(text[done : match.start()], start + done, start + match.start())
                self._reference(made, match, start)
                done = match.end()
            made.add(text[done:], start + done, start + len(text))
        return made.finish()

    def _string(self, text: str, start: int) -> Parts:
        """The inside of a `"…"`."""
        made = _Parts(self.source)
        done = 0
        for match in _IN_STRING.finditer(text):
            made.add(text[done : match.start()], start + done, start + match.start())
            if match["escape"] is None:
                self._reference(made, match, start)
            else:
                at = start + match.start()
                if match["escape"] not in _ESCAPES:
                    self.found.append(_unknown_escape(Span(self.source, at, at + 2)))
                made.add(_ESCAPES.get(match["escape"], match["escape"]), at, at + 2)
            done = match.end()
        made.add(text[done:], start + done, start + len(text))
        return made.finish()

    def _reference(self, made: _Parts, match: re.Match[str], start: int) -> None:
        span = Span(self.source, start + match.start(), start + match.end())
        path = match["path"].split(".")
        if match["literal"]:
            made.add(match[0][1:], span.start, span.end)
        elif all(NAME.fullmatch(name) for name in path):
            made.reference(Reference(tuple(path), span))
        else:
            made.add(match[0], span.start, span.end)
            self.found.append(
                Diagnostic(
                    "RB119",
                    f"`{match[0]}` is not a reference: a name is made of `a-z`, `0-9` and `_`, and begins with a letter",
                    span,
                    f"write the names as they are declared; where the text itself is meant, write `${match[0]}`",
                )
            )


class _Parts:
    """Joins neighbouring literal runs."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.parts: list[Literal | Reference] = []
        self.texts: list[str] = []
        self.start = self.end = 0

    def add(self, text: str, start: int, end: int) -> None:
        if text:
            if not self.texts:
                self.start = start
            self.texts.append(text)
            self.end = end

    def reference(self, reference: Reference) -> None:
        self.finish()
        self.parts.append(reference)

    def finish(self) -> Parts:
        if self.texts:
            self.parts.append(Literal("".join(self.texts), Span(self.source, self.start, self.end)))
            self.texts = []
        return tuple(self.parts)


def dedented(text: str, start: int) -> list[Run]:
    """The lines of a text, each with its newline and its offset, without their common indentation.

    What stands on the line of the opening quotes is not indented. Blank lines at both ends are layout and left out, and so
    is the newline after the last line.
    """
    lines = list(lines_of(text, start))
    indent = common_indent([line for line, _ in lines[1:]])
    runs = [lines[0]]
    for line, at in lines[1:]:
        cut = indent if line.strip(" \t\n") else len(line.rstrip("\n"))
        runs.append((line[cut:], at + cut))
    while runs and not runs[0][0].strip(" \t\n"):
        runs.pop(0)
    while runs and not runs[-1][0].strip(" \t\n"):
        runs.pop()
    if runs:
        last, at = runs[-1]
        runs[-1] = (last.rstrip(" \t\n"), at)
    return runs


def indentation(line: str) -> str:
    """The white space that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def shared(indents: list[str]) -> int:
    """How many characters all of these begin with."""
    low, high = min(indents, default=""), max(indents, default="")
    return next((at for at, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))


def common_indent(lines: list[str]) -> int:
    """How many characters of white space all lines that are not blank begin with."""
    return shared([indentation(line) for line in lines if line.strip(" \t\n")])


def lines_of(text: str, start: int) -> Iterator[Run]:
    """The lines of a text, each with its newline and its offset. (`splitlines` also cuts at other characters.)"""
    for line in re.findall(r"[^\n]*\n|[^\n]+\Z", text) or [""]:
        yield line, start
        start += len(line)


def _unknown_escape(span: Span) -> Diagnostic:
    escape = span.text
    character = escape[1]
    line = span.source.line(span.line)
    column = span.column - 1
    if character == "$":
        cure, fix = "$", "a `$` needs no `\\`; where `${a.b}` itself is meant and not its value, write `$${a.b}`"
    elif character in "'`{},#/":
        cure, fix = character, f"write `{character}` alone"
    else:
        cure, fix = "\\" + escape, f"write `\\{escape}` for the two characters, or put a pattern into '…', which knows no escapes"
    return Diagnostic(
        "RB106",
        f'unknown escape `{escape}`: a string knows `\\"`, `\\\\`, `\\n` and `\\t`',
        span,
        fix,
        corrected=line[:column] + cure + line[column + 2 :],
    )
