"""A real log, changed in every way: what is found with the head of the log, and what without it.

The log is kept, so that the number of changes is the same everywhere; tests/audit changes one that was just written.
"""

from __future__ import annotations

import collections
import hashlib
import io
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compiler.audit import chain
from tests.faults.sweep import Outcome

LOG = Path(__file__).with_name("audit.jsonl")
PUT_IN = (b"\n", b"\0", b" ", b"\r", b"0", b'"', b"\xff")


@dataclass(frozen=True)
class Change:
    """A changed log; `without_head`: it is found by the chain alone. With the head every change is found."""

    kind: str
    log: bytes
    without_head: bool


def head_of(log: bytes) -> str:
    return str(json.loads(log.splitlines()[-1])["hash"])


def forged(record: bytes, seq: int, prev: str) -> bytes:
    """A record with any number and predecessor, and the right hash for them."""
    body = re.sub(rb'"seq":\d+', b'"seq":%d' % seq, record[: record.rindex(b',"prev"')]) + b',"prev":"%s"' % prev.encode()
    return body + b',"hash":"%s"}\n' % hashlib.sha256(body + b"}\n").hexdigest().encode()


def changes(log: bytes) -> Iterator[Change]:
    """Every byte flipped, taken out, put in; every record dropped, doubled, swapped, moved, forged; every cut of the tail."""
    last = len(log) - 1
    for at, bit in itertools.product(range(len(log)), range(8)):
        yield Change("a bit flipped", log[:at] + bytes([log[at] ^ 1 << bit]) + log[at + 1 :], at < last)
    for at in range(len(log)):
        yield Change("a byte taken out", log[:at] + log[at + 1 :], at < last)
        yield Change("the tail cut off", log[:at], False)
        for byte in PUT_IN:
            yield Change("a byte put in", log[:at] + byte + log[at:], True)
    whole = log.splitlines(keepends=True)
    count = len(whole)
    for i, j in itertools.product(range(count), repeat=2):
        yield Change("a record doubled", b"".join([*whole[:j], whole[i], *whole[j:]]), True)
        if i != j:
            rest = whole[:i] + whole[i + 1 :]
            yield Change("a record moved", b"".join([*rest[:j], whole[i], *rest[j:]]), True)
        if i < j:
            swapped = list(whole)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            yield Change("two records swapped", b"".join(swapped), True)
    for first, end in itertools.combinations(range(count + 1), 2):
        yield Change("records dropped", b"".join(whole[:first] + whole[end:]), end < count)
    for at in range(count + 1):
        prev = head_of(b"".join(whole[:at])) if at else ""
        yield Change("a record forged", b"".join([*whole[:at], forged(whole[0], at + 1, prev), *whole[at:]]), at < count)
    yield Change("the whole chain written anew", anew(whole), False)


def anew(whole: list[bytes]) -> bytes:
    """What root could do to all of it: another outcome, and right hashes."""
    prev, changed = "", []
    for seq, record in enumerate(whole, 1):
        changed.append(forged(record.replace(b'"exit":1', b'"exit":0'), seq, prev))
        prev = head_of(changed[-1])
    return b"".join(changed)


def counts() -> dict[str, tuple[int, int]]:
    """For each kind how many changes there are, and how many of them the chain alone must find."""
    found: dict[str, tuple[int, int]] = collections.defaultdict(lambda: (0, 0))
    for change in changes(LOG.read_bytes()):
        number, alone = found[change.kind]
        found[change.kind] = number + 1, alone + change.without_head
    return dict(found)


def whole() -> Outcome:
    log = LOG.read_bytes()
    head, wrong = head_of(log), []
    for change in changes(log):
        if chain.verify(chain.lines(io.BytesIO(change.log)), head).whole:
            wrong.append(f"{change.kind}: not found with the head")
        if chain.verify(chain.lines(io.BytesIO(change.log)), None).whole == change.without_head:
            wrong.append(f"{change.kind}: without the head it is {'not ' if change.without_head else ''}found")
    return Outcome(sum(number for number, _ in counts().values()), wrong)
