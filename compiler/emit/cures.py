"""What to do about a finding: the corrected line of the spec, and a sentence where ShellCheck's own words do not say it."""

from __future__ import annotations

from compiler.emit import shell
from compiler.emit.render import Mark, Rendered
from compiler.emit.shellcheck_process import Finding, Replacement
from compiler.plan.model import Origin
from compiler.source import Source

_SENTENCES = {
    1090: "write `# shellcheck source=/dev/null` on the line before it",
    1091: "write `# shellcheck source=/dev/null` on the line before it",
    2012: "let `find … -print0` or a glob give the names",
    2015: "write `if …; then …; else …; fi`: the last command also runs when the middle one fails",
    2016: r"where the `$` is meant as it stands, write it in double quotes with a backslash: `"
    r'"\$X"`; where a value is meant, use double quotes',
    2029: "send the commands as text and the values as arguments: `ssh HOST bash -s -- \"${x}\" <<'E'`",
    2034: "delete it, or use it: nothing but files, parameters and captures reaches the next body",
    2046: 'keep the output first, `x=$(…)`, then use `"${x}"`; for several words read them into an array with `mapfile -t`',
    2086: 'put it in double quotes, `"${x}"`; for several words use an array, `"${x[@]}"`',
    2088: "write `${HOME}` instead of `~`",
    2115: 'write `"${x:?}/…"`, so that an empty value stops the command',
    2154: "declare it as a `param` or a `capture`, or assign it in the same body",
    2155: "assign on a line of its own, so that a failure is seen",
    2164: "write `cd … || exit 1`, or give the step `in DIR`",
    2181: "test the command itself: `if command; then`",
    2230: "write `command -v NAME`",
    2248: "put it in double quotes",
    2250: "write `${x}`",
    2292: "write `[[ … ]]`",
    2310: "call it on a line of its own: in a condition its failures are not seen",
    2311: "assign its output on a line of its own first: `x=$(…)`",
    2312: "assign the output on a line of its own first, `x=$(…)`, so that a failure is seen",
}


def cured(rendered: Rendered, finding: Finding) -> tuple[str | None, str | None]:
    """`(fix, corrected)` for a finding: what to do in words, and the whole corrected line of the spec, each where known."""
    fix = _SENTENCES.get(finding.code)
    replacements = finding.fix or _own(rendered, finding)
    corrected = _corrected(rendered, replacements) if replacements else None
    if fix is None and corrected is None:
        fix = f"see https://www.shellcheck.net/wiki/SC{finding.code}"
    return fix, corrected


def _own(rendered: Rendered, finding: Finding) -> tuple[Replacement, ...]:
    """Replacements that ShellCheck does not offer itself."""
    if finding.code not in (2016, 2046) or finding.line != finding.end_line:
        return ()
    start, end = rendered.offset(finding.line, finding.column), rendered.offset(finding.end_line, finding.end_column)
    written = rendered.text[start:end]
    if finding.code == 2046 and written[:2] == "$(" and written[-1] == ")":
        return tuple(
            Replacement(finding.line, column, finding.line, column, '"', 0) for column in (finding.column, finding.end_column)
        )
    if len(written) < 2 or written[0] != "'" or written[-1] != "'":
        return ()
    quoted = shell.quote(written[1:-1])
    return (Replacement(finding.line, finding.column, finding.end_line, finding.end_column, quoted, 0),)


def _corrected(rendered: Rendered, replacements: tuple[Replacement, ...]) -> str | None:
    """The spec's line with all of them made; None where one is not in the operator's own text, or they are not on one line."""
    changes: list[tuple[int, int, int, str]] = []
    source: Source | None = None
    for replacement in replacements:
        start = rendered.offset(replacement.line, replacement.column)
        end = rendered.offset(replacement.end_line, replacement.end_column)
        if any((mark := rendered.mark(at)) is None or mark.piece.origin is not Origin.SOURCE for at in range(start, end)):
            return None
        first = _before(rendered, start) or _after(rendered, start)
        last = first if start == end else _after(rendered, end)
        if first is None or last is None or first[0] is not last[0] or (source is not None and first[0] is not source):
            return None
        source = first[0]
        changes.append((first[1], last[1], replacement.precedence, replacement.text))
    if source is None:
        return None
    lines = {source.position(at)[0] for start, end, *_ in changes for at in (start, end)}
    if len(lines) != 1:
        return None
    number = lines.pop()
    line, base = source.line(number), source.line_starts[number - 1]
    for start, end, _, text in sorted(changes, reverse=True):
        line = line[: start - base] + text + line[end - base :]
    return line


def _before(rendered: Rendered, offset: int) -> tuple[Source, int] | None:
    """The place in the spec just before the character at an offset."""
    mark = rendered.mark(offset)
    if mark is None:
        return None
    if mark.piece.origin is Origin.SOURCE:
        return mark.piece.span.source, mark.piece.span.start + mark.skip + offset - mark.start
    return _border(mark, mark.piece.span.start) if offset == mark.start and mark.skip == 0 else None


def _after(rendered: Rendered, offset: int) -> tuple[Source, int] | None:
    """The place in the spec just after the character before an offset."""
    mark = rendered.mark(offset - 1) if offset else None
    if mark is None:
        return None
    if mark.piece.origin is Origin.SOURCE:
        return mark.piece.span.source, mark.piece.span.start + mark.skip + offset - mark.start
    whole = offset == mark.end and mark.end - mark.start + mark.skip == len(mark.piece.text)
    return _border(mark, mark.piece.span.end) if whole else None


def _border(mark: Mark, at: int) -> tuple[Source, int] | None:
    """The border of an inlined constant is that of its reference; braces stand behind the character that they are anchored at."""
    if mark.piece.origin is Origin.CONSTANT:
        return mark.piece.span.source, at
    return (mark.piece.span.source, mark.piece.span.end) if mark.piece.text in ("{", "}", "{}") else None
