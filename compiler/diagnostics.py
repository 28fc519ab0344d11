"""What is wrong with a spec, as data. How it looks is `report`'s business.

A diagnostic is the user's mistake; an exception that is not `Refused` is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compiler.source import Span


@dataclass(frozen=True)
class Note:
    """A second place that explains the first, e.g. where a name was declared before."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One finding.

    `code` names a page in `compiler/pages/`; `message` is the cause in one sentence without a full stop, in the words of
    the spec; `fix` says what to do about it. `span` is None only where there is no text to point at (a missing file).
    `warning` marks the few findings that do not stop a build. `corrected` is the whole line as it should read, where it is known.
    """

    code: str
    message: str
    span: Span | None = None
    fix: str | None = None
    notes: tuple[Note, ...] = ()
    warning: bool = False
    corrected: str | None = None

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: by file, place, code, so that output is stable."""
        if self.span is None:
            return ("", 0, 0, self.code, self.message)
        return (self.span.source.name, self.span.start, self.span.end, self.code, self.message)


class Refused(Exception):
    """A stage cannot go on; carries everything it found (at least one error)."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(set(diagnostics), key=lambda d: d.order))
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, or None."""
    import difflib  # only where something is wrong: a build with nothing to do does not pay for it

    matches = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """`did you mean `x`?`, or None where nothing is near."""
    match = nearest(name, known)
    return None if match is None else f"did you mean `{match}`?"
