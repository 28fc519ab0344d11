"""Diagnostics for people and for programs.

For people: code and cause, the place, the line with the place underlined, other places that explain it, what to do, and how
many there are. For programs: JSON, whose shape is described at `as_json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from compiler.columns import cells, visible
from compiler.diagnostics import Diagnostic
from compiler.source import Span

EXCERPT = 84  # display columns of a source line
_MARK = "…"

_STYLES = {"error": "1;31", "warning": "1;33", "place": "34", "mark": "1;31", "note": "36", "help": "1;32", "bold": "1"}


class _Ink:
    """Colour, or none."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.on and text else text


def text(diagnostics: Iterable[Diagnostic], color: bool) -> str:
    """All diagnostics for a terminal, by file and place, with a last line that counts them; `""` where there are none.

    Control and bidi characters of specs and file names are made visible, so that a spec cannot write to the terminal.
    """
    ink = _Ink(color)
    ordered = _ordered(diagnostics)
    if not ordered:
        return ""
    blocks = [_block(diagnostic, ink) for diagnostic in ordered]
    return "\n".join((*blocks, _count(ordered, ink)))


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics as one JSON object, ASCII only, with a newline at its end.

    `{"version": 1, "errors": N, "warnings": N, "diagnostics": […]}`; each diagnostic has `code`, `severity` (`error` or
    `warning`), `message`, `file`, `line`, `column`, `end_line`, `end_column`, `fix`, `corrected` (the whole line as it should
    read) and `notes` (a list of objects with `message` and the five keys of a place). Lines and columns are 1-based, columns
    count code points, the end is just after the last character. What is not known is `null`; no key is ever left out.
    """
    ordered = _ordered(diagnostics)
    warnings = sum(d.warning for d in ordered)
    document = {
        "version": 1,
        "errors": len(ordered) - warnings,
        "warnings": warnings,
        "diagnostics": [_as_object(d) for d in ordered],
    }
    return json.dumps(document, indent=2) + "\n"


def _ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(dict.fromkeys(diagnostics), key=lambda d: d.order)


def _as_object(diagnostic: Diagnostic) -> Mapping[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": "warning" if diagnostic.warning else "error",
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "fix": diagnostic.fix,
        "corrected": diagnostic.corrected,
        "notes": [{"message": note.text, **_place(note.span)} for note in diagnostic.notes],
    }


def _place(span: Span | None) -> Mapping[str, Any]:
    if span is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    line, column = span.source.position(span.start)
    end_line, end_column = span.end_position
    return {"file": span.source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _block(diagnostic: Diagnostic, ink: _Ink) -> str:
    severity = "warning" if diagnostic.warning else "error"
    lines = [ink(severity, f"{severity}[{diagnostic.code}]") + ink("bold", f": {visible(diagnostic.message)}")]
    numbers = [note.span.line for note in diagnostic.notes]
    if diagnostic.span is not None:
        numbers.append(diagnostic.span.line)
    gutter = len(str(max(numbers, default=0)))
    bar = f"{' ' * gutter} {ink('place', '|')}"
    if diagnostic.span is not None:
        lines += _excerpt(diagnostic.span, gutter, ink, "mark")
        if diagnostic.corrected is not None:
            number = str(diagnostic.span.line).rjust(gutter)
            lines += [f"{' ' * gutter} {ink('help', 'corrected:')}", *_corrected(diagnostic, number, ink)]
    for note in diagnostic.notes:
        lines += [bar, f"{' ' * gutter} {ink('note', 'note:')} {visible(note.text)}"]
        lines += _excerpt(note.span, gutter, ink, "note")
    if diagnostic.fix is not None:
        if diagnostic.span is not None:
            lines.append(bar)
        lines.append(f"{' ' * gutter} {ink('help', 'fix:')} {visible(diagnostic.fix)}")
    return "\n".join(lines) + "\n"


def _excerpt(span: Span, gutter: int, ink: _Ink, style: str) -> list[str]:
    """`--> file:line:column`, the line, and its place underlined. Of a place of several lines the first is shown."""
    number, column = span.source.position(span.start)
    last = span.source.position(max(span.start, span.end - 1))[0]
    until = f" to line {last}" if last > number else ""
    bar = ink("place", "|")
    line = span.source.line(number)
    end = min(len(line), column - 1 + span.end - span.start)
    shown, start, marks = _window(line, column - 1, end)
    return [
        f"{' ' * gutter}{ink('place', '-->')} {visible(span.source.name)}:{number}:{column}{until}",
        f"{' ' * gutter} {bar}",
        f"{ink('place', str(number).rjust(gutter))} {bar} {shown}".rstrip(),
        f"{' ' * gutter} {bar} {' ' * start}{ink(style, '^' * marks)}",
    ]


def _corrected(diagnostic: Diagnostic, number: str, ink: _Ink) -> list[str]:
    """The line as it should read, cut to the place where it differs."""
    assert diagnostic.span is not None and diagnostic.corrected is not None
    line = diagnostic.span.source.line(diagnostic.span.line)
    lines = []
    for corrected in diagnostic.corrected.split("\n"):
        differs = (at for at, (a, b) in enumerate(zip(line, corrected, strict=False)) if a != b)
        same = next(differs, min(len(line), len(corrected)))
        shown, _, _ = _window(corrected, same, same)
        lines.append(f"{ink('place', number)} {ink('help', '+')} {ink('help', shown)}".rstrip())
        number = " " * len(number)
    return lines


def _window(line: str, start: int, end: int) -> tuple[str, int, int]:
    """What is shown of a line so that code points `start` to `end` can be seen, and the columns to underline: first, count.

    An empty place (the end of a line) gets one mark. A longer line is cut on both sides.
    """
    laid = cells(line)
    first, last = 0, len(line)
    if laid.starts[-1] > EXCERPT:
        room = EXCERPT - 2 * len(_MARK)
        wanted = laid.starts[min(start, len(line))]
        left = max(0, min(wanted - room // 3, laid.starts[-1] - room))
        first = next(at for at, column in enumerate(laid.starts) if column >= left)
        last = max(at for at, column in enumerate(laid.starts) if column <= laid.starts[first] + room)
    before = _MARK if first > 0 else ""
    after = _MARK if last < len(line) else ""
    shown = before + "".join(laid.shown[first:last]) + after
    base = laid.starts[first] - len(before)
    begin = laid.starts[min(max(start, first), last)]
    stop = laid.starts[min(max(end, first), last)]
    return shown, begin - base, max(1, stop - begin)


def _count(ordered: list[Diagnostic], ink: _Ink) -> str:
    warnings = sum(d.warning for d in ordered)
    errors = len(ordered) - warnings
    parts = [ink("error", _plural(errors, "error"))] if errors else []
    parts += [ink("warning", _plural(warnings, "warning"))] if warnings else []
    explained = next((d.code for d in ordered if d.code.startswith("RB")), None)
    hint = f" (`rbc explain {explained}` says more)" if explained else ""
    return ", ".join(parts) + hint + "\n"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
