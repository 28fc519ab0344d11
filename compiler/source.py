"""Text that came from a file, and places in it.

A `Source` is immutable, already normalised text (UTF-8, no BOM, LF only); a `Span` is a half-open range of code points in
one source. Everything that can end up in a message or in the span map of a generated script carries a `Span`.
"""

from __future__ import annotations

import bisect
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol


@dataclass(frozen=True, eq=False)
class Source:
    """One input text.

    `name` is what people see: the path inside the project, with `/`. `text` is the normalised text. Two sources are the
    same only if they are the same object; a file is read once per build.
    """

    name: str
    text: str = field(repr=False)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets (code points) at which the lines begin; the first is 0."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the normalised text as UTF-8: what headers, manifests and rehearsals call "the spec's hash"."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column (in code points, a tab is one) of an offset."""
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a 1-based line without its newline."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] - 1 if number < len(self.line_starts) else len(self.text)
        return self.text[start:end]

    def span(self, start: int, end: int) -> Span:
        """A span of this source; `start` and `end` are offsets in code points."""
        return Span(self, start, end)


@dataclass(frozen=True)
class Span:
    """A half-open range `[start, end)` of code points in a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The source text that the span covers."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """1-based line of the start."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """1-based column of the start."""
        return self.source.position(self.start)[1]

    @property
    def end_position(self) -> tuple[int, int]:
        """1-based line and column just after the last character."""
        return self.source.position(self.end)

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of `other` (same source)."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}"


class Loader(Protocol):
    """Reads the files that a spec names."""

    def load(self, name: str, importer: Source, span: Span) -> Source:
        """The file `name`, seen from the file that names it; the same object for the same file.

        Raises Refused, pointing at `span`, for a file that is missing, outside of the project, or not readable text.
        """
        ...
