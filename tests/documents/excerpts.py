"""Excerpts in documents: a fence under `<!-- excerpt FILE `FIRST` to `LAST` -->` is those lines of that file, both included.

`python tests/documents/excerpts.py` writes them anew; a test holds them equal.
"""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MARK = re.compile(
    r"^<!-- excerpt (?P<file>\S+) `(?P<first>[^\n]+?)` to `(?P<last>[^\n]+?)` -->\n\n"
    r"(?P<ticks>`{3,})\S*\n(?P<text>.*?)^(?P=ticks)$",
    re.MULTILINE | re.DOTALL,
)


def excerpt(file: Path, first: str, last: str) -> str:
    """The lines of a file from the one that reads `first` to the next one that reads `last`."""
    lines = file.read_text(encoding="utf-8").split("\n")
    start = lines.index(first)
    return "\n".join(lines[start : lines.index(last, start + 1) + 1]) + "\n"


def renewed(text: str) -> str:
    """A document with its excerpts as the files have them now."""

    def fence(match: re.Match[str]) -> str:
        new = excerpt(PROJECT / match["file"], match["first"], match["last"])
        begin, end = match.start("text") - match.start(), match.end("text") - match.start()
        return match[0][:begin] + new + match[0][end:]

    return MARK.sub(fence, text)


if __name__ == "__main__":
    for document in (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))):
        document.write_text(renewed(document.read_text(encoding="utf-8")), encoding="utf-8")
