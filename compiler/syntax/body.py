"""The lines of a command and of a fence. Their text is never touched, only cut out of the source."""

from __future__ import annotations

from compiler.diagnostics import Diagnostic
from compiler.source import Source, Span
from compiler.syntax.mistakes import COMMAND_EMPTY, FENCE_EMPTY
from compiler.syntax.tree import Shell, ShellLine
from compiler.syntax.words import Run, common_indent, indentation, lines_of, shared


def command(source: Source, text: str, start: int, found: list[Diagnostic]) -> Shell:
    """`$ …`; `text` begins with the `$` and ends before the newline.

    White space at the very end goes (unless a backslash quotes it). Lines after the first lose the indentation that they
    share with the line of the `$`: the spec's layout, not the operator's.
    """
    kept = text.rstrip(" \t")
    if _odd_backslashes(kept) and len(kept) < len(text):
        kept = text[: len(kept) + 1]
    runs = list(lines_of(kept, start))
    first, at = runs[0]
    blank = len(first) - len(first[1:].lstrip(" \t"))
    lines = [_line(source, (first[blank:], at + blank))]
    if len(runs) > 1:
        layout = source.line(source.position(start)[0])
        for line, at in runs[1:]:
            cut = shared([indentation(layout), indentation(line)])
            lines.append(_line(source, (line[cut:], at + cut)))
    span = Span(source, start, start + len(kept))
    if not any(line.span.text.strip(" \t\\") for line in lines):
        found.append(COMMAND_EMPTY.at(span))
    return Shell(tuple(lines), span, fence=False)


def fence(source: Source, text: str, start: int, found: list[Diagnostic]) -> Shell:
    """A fence; `text` begins and ends with its backticks. The common indentation of its lines goes."""
    body_start = text.index("\n") + 1
    body_end = text.rindex("\n") + 1
    span = Span(source, start, start + len(text))
    runs = list(lines_of(text[body_start:body_end], start + body_start)) if body_end > body_start else []
    indent = common_indent([line for line, _ in runs])
    lines = []
    for line, at in runs:
        cut = min(indent, len(indentation(line)))
        lines.append(_line(source, (line[cut:], at + cut)))
    if not text[body_start:body_end].strip():
        opening = Span(source, start, start + body_start - 1)
        found.append(FENCE_EMPTY.at(opening))
    return Shell(tuple(lines), span, fence=True)


def _line(source: Source, run: Run) -> ShellLine:
    text, start = run
    return ShellLine(Span(source, start, start + len(text.rstrip("\n"))))


def _odd_backslashes(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1
