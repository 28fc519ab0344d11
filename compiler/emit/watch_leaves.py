"""What may stand in a template of a rules file or a systemd unit: typed leaves, none of them a `str`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.emit.leaves import Chunk, Leaf, visible

_EDGE = frozenset(("", "\n"))
# What JSON leaves as it is and YAML does not: line breaks to it, the mark of a stream's begin, and what is no character to it.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class WatchLeaf(Leaf):
    """A leaf of these templates."""


@dataclass(frozen=True)
class Scalar(WatchLeaf):
    """Text as a YAML scalar in double quotes: a JSON string is one (YAML 1.2, chapter 1.2)."""

    text: str
    before = frozenset(" ")
    after = _EDGE

    def chunks(self, lead: str) -> Iterator[Chunk]:
        yield _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(self.text, ensure_ascii=False)), None, 0


@dataclass(frozen=True)
class Annotation(WatchLeaf):
    """As `Scalar`, for what Prometheus expands: a `{{` in the text is a `{{` in the message."""

    text: str
    before = frozenset(" ")
    after = _EDGE

    def chunks(self, lead: str) -> Iterator[Chunk]:
        yield from Scalar(self.text.replace("{{", '{{ "{{" }}')).chunks(lead)


@dataclass(frozen=True)
class Remark(WatchLeaf):
    """`# text`, one line. Both kinds of file know it."""

    text: str
    before = _EDGE
    after = _EDGE

    def chunks(self, lead: str) -> Iterator[Chunk]:
        text = visible(self.text).strip()
        yield f"# ({text})" if text.endswith("\\") else f"# {text}", None, 0  # systemd would go on in the next line


@dataclass(frozen=True)
class Setting(WatchLeaf):
    """The value of a unit's setting. `%` begins a specifier of systemd's, a `\\` at the end goes on in the next line."""

    text: str
    before = frozenset("=")
    after = _EDGE

    def chunks(self, lead: str) -> Iterator[Chunk]:
        text = visible(self.text).strip().replace("%", "%%")
        yield f"({text})" if text.endswith("\\") else text, None, 0
