"""Is the chain of an audit log whole? The same answer, line for line, as the script's own `log --verify` gives.

A record is one line of JSON. Its `hash` is the SHA-256 of the record without `,"hash":"…"`, and a newline; its `prev` is the hash
of the record before it, and of the first one empty. So a record that was changed, dropped, added or moved is found, and only what
is missing at the end needs a head that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

LONGEST = 1 << 20  # bytes; a record is far below 8,192, and a longer line is hashed without being kept
SHORTEST_HEAD = 16  # hexadecimal characters: what a script prints for the ticket
MOST = 50  # findings that are kept one by one; the others are counted

_RECORD = re.compile(rb'(\{"v":1,"seq":([1-9][0-9]{0,8}),.*,"prev":"([0-9a-f]{64})?"),"hash":"([0-9a-f]{64})"\}', re.DOTALL)


@dataclass(frozen=True)
class Line:
    """One line of a log: its text without the newline (b"" where it is longer than `LONGEST`), and whether it has one.

    `digest` is the SHA-256 of the line and a newline. Both are without the NULs that `nul` tells of: bash reads over them.
    """

    number: int
    text: bytes
    digest: str
    ended: bool
    nul: bool = False

    @property
    def empty(self) -> bool:
        return not self.text and self.digest == _EMPTY


_EMPTY = hashlib.sha256(b"\n").hexdigest()


@dataclass(frozen=True)
class Finding:
    """What is wrong at a line (counted from 1), and what it means."""

    line: int
    meaning: str


@dataclass
class Verdict:
    """What a log comes to: `records` that are whole, the last one's hash, and what is wrong.

    `torn` is the number of a last line that was not written to its end, a crash and no alarm, or None.
    """

    records: int = 0
    head: str = ""
    torn: int | None = None
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    head_differs: bool = False

    @property
    def whole(self) -> bool:
        return not self.findings and not self.head_differs

    def say(self, line: int, meaning: str) -> None:
        if len(self.findings) < MOST:
            self.findings.append(Finding(line, meaning))
        else:
            self.more += 1


def lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines of a log, in bounded memory whatever the stream holds. Raises OSError as reading does."""
    number = 0
    while first := stream.readline(LONGEST):
        number += 1
        digest = hashlib.sha256()
        part, nul, long = first, False, not first.endswith(b"\n") and len(first) == LONGEST
        while part:
            digest.update(part.replace(b"\0", b""))
            nul = nul or b"\0" in part
            if part.endswith(b"\n"):
                break
            part = stream.readline(LONGEST)
        ended = part.endswith(b"\n")
        if not ended:
            digest.update(b"\n")
        text = b"" if long else first.removesuffix(b"\n").replace(b"\0", b"")
        yield Line(number, text, digest.hexdigest(), ended, nul)


def verify(log: Iterable[Line], head: str | None = None) -> Verdict:
    """Check a log. `head` is the hash of its last record as it was kept elsewhere, or the first `SHORTEST_HEAD` or more
    characters of it.
    """
    verdict = Verdict()
    number = 0  # `seq` of the record before
    torn: list[_NoRecord] = []
    nul = False
    for line in log:
        if line.nul and not nul:
            nul = True
            verdict.say(line.number, "a byte was added that no script writes (NUL)")
        if not line.ended:
            verdict.torn = None if line.empty else line.number
            break
        match = _RECORD.fullmatch(line.text)
        if match is None:
            torn.append(_NoRecord(line.number, line.digest, _meaning(line)))
            if len(torn) > MOST:  # not a log at all, perhaps: it is not collected in memory
                _not_records(verdict, torn)
            continue
        body, seq, prev, own = match[1], int(match[2]), (match[3] or b"").decode(), match[4].decode()
        verdict.records += 1
        wrong = _wrong(body, seq, prev, own, number, verdict.head)
        if wrong:
            verdict.say(line.number, wrong)
        number, verdict.head = seq, own
        # Torn lines are closed at once, in order, each by a record of its own.
        if torn and b'"event":"recover","why":"torn %s"' % torn[0].digest.encode() in line.text:
            del torn[0]
        else:
            _not_records(verdict, torn)
    _not_records(verdict, torn)
    verdict.findings.sort(key=lambda finding: finding.line)
    if head is not None:
        verdict.head_differs = len(head) < SHORTEST_HEAD or not verdict.head.startswith(head)
    return verdict


def _wrong(body: bytes, seq: int, prev: str, own: str, before: int, head: str) -> str | None:
    """What is wrong with one record after the record numbered `before` whose hash is `head`."""
    if hashlib.sha256(body + b"}\n").hexdigest() != own:
        return "this record was changed after it was written: its hash is another one"
    if (seq, prev) == (before + 1, head):
        return None
    if seq > before + 1:
        missing = seq - before - 1
        return f"{missing} record{'s are' if missing > 1 else ' is'} missing before it: number {seq} follows on number {before}"
    if seq <= before:
        return f"this record stands in a wrong place or twice: number {seq} follows on number {before}"
    return "this record does not follow on the one before it: that one was changed, replaced, or comes from another log"


@dataclass(frozen=True)
class _NoRecord:
    """A line that has no record's form: torn, where a `recover` record closes it."""

    line: int
    digest: str
    meaning: str


def _meaning(line: Line) -> str:
    if line.empty:
        return "an empty line was added"
    if line.text.endswith(b"\r"):
        return "this line ends as Windows ends lines (CR LF): the file was changed on its way, copy it again as it is"
    return "this is no record: it was changed, cut or added, and no `recover` record closes it as torn by a crash"


def _not_records(verdict: Verdict, torn: list[_NoRecord]) -> None:
    for each in torn:
        verdict.say(each.line, each.meaning)
    torn.clear()
