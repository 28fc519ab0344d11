"""What happened in a scene, read back from the stand-ins' notes and from the audit log."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from compiler.rehearse.scene import Scene

_NOTES = {"free": 6, "alive": 8}  # of a call; all other words are its fate
_HASHED = re.compile(r'(.*),"hash":"([0-9a-f]{64})"\}', re.DOTALL)


@dataclass(frozen=True)
class Call:
    """One call of a function of the world. `fate` is `done`, the mode of the fault, or '' where it never came back."""

    function: str
    phase: str
    item: str
    records: int  # on disk when it began
    time: int  # of the rehearsal's clock, microseconds
    fate: str
    free: bool = False  # a step or an undo could have had the lock
    found: str = ""  # what stood of the item in the world: half, whole, gone (taken back), or ''
    beside: bool = False  # a process of a step that had failed still ran

    @property
    def forward(self) -> bool:
        """Whether it belongs to the way forward."""
        return not self.phase.startswith("rollback")


@dataclass(frozen=True)
class Trace:
    """One scene's end. `before` is how many records the scenes before it had left."""

    scene: Scene
    code: int
    calls: tuple[Call, ...]
    records: tuple[Mapping[str, object], ...]
    before: int
    log: str  # the audit log as it lies on disk
    output: str
    left: bool = False  # the run's private folder was still there at the end
    world: Mapping[str, str] = field(default_factory=dict)  # what stands of each step at the end: half, whole or gone
    running: bool = False  # so did a process of a step that had failed
    previous: Trace | None = None
    asked: tuple[str, ...] = ()  # what a person at the terminal was asked, in that order
    kept: Mapping[str, str] = field(default_factory=dict)  # values on disk, for going on or back from another login

    @cached_property
    def lines(self) -> tuple[Mapping[str, object], ...]:
        """The records as they lie on disk; for a line that is torn, an empty one."""
        return tuple(next(iter(records(line)), {}) for line in self.log.splitlines())

    @cached_property
    def own(self) -> tuple[Mapping[str, object], ...]:
        """The records that this scene added."""
        return self.records[self.before :]

    @cached_property
    def outcome(self) -> int | None:
        """What the last record says, where it is an end."""
        last = self.records[-1] if self.records else {}
        return int(str(last["exit"])) if last.get("event") in ("end", "pause") and "exit" in last else None

    @cached_property
    def undone(self) -> tuple[str, ...]:
        """Ids of what this scene took back, in that order; what needed nothing is in it too."""
        return tuple(str(r["step"]) for r in self.own if r["event"] == "undo-result" and r["exit"] == 0)

    @cached_property
    def every_call(self) -> tuple[Call, ...]:
        """The calls of this scene and of those before it."""
        return (*(self.previous.every_call if self.previous else ()), *self.calls)

    def events(self, *kinds: str) -> Iterator[Mapping[str, object]]:
        """This scene's own records of some kinds."""
        return (record for record in self.own if record["event"] in kinds)


def calls(text: str) -> tuple[Call, ...]:
    """The notes of the stand-ins. A fate belongs to the last call of that function that has none."""
    found: list[list[str]] = []
    for line in text.splitlines():
        head, *fields = line.split("|")
        if head == "call":
            found.append([*fields[:5], "", "", fields[5], ""])
            continue
        for call in reversed(found):
            if call[0] == fields[0]:
                at = _NOTES.get(head, 5)
                call[at] = call[at] or head
                break
    return tuple(Call(c[0], c[1], c[2], int(c[3]), int(c[4]), c[5], bool(c[6]), c[7], bool(c[8])) for c in found)


def world(text: str) -> Mapping[str, str]:
    """What stands of each step, by its id: the last word counts."""
    return {step: state for step, _, state in (line.partition("|") for line in text.splitlines())}


def records(log: str) -> tuple[Mapping[str, object], ...]:
    """The whole records of an audit log; what is torn is left out."""
    found = []
    for line in log.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            found.append(record)
    return tuple(found)


def broken_chain(log: str) -> str | None:
    """Why the audit log's chain does not hold, or None: each record's hash, the one before it, and its number.

    A line that is torn is closed by the next record, which names its digest.
    """
    head, torn, number = "", "", 0
    for place, line in enumerate(log.splitlines(), 1):
        matched = _HASHED.fullmatch(line)
        if matched is None and not torn:
            torn = hashlib.sha256(f"{line}\n".encode("utf-8", "surrogateescape")).hexdigest()
            continue
        if matched is None:
            return f"line {place} has no hash"
        number += 1
        body = matched[1] + "}"
        if hashlib.sha256(f"{body}\n".encode("utf-8", "surrogateescape")).hexdigest() != matched[2]:
            return f"record {number} does not have the hash that it says"
        try:
            record = json.loads(body)
        except ValueError:
            return f"record {number} is no JSON"
        if record.get("prev") != head:
            return f"record {number} does not follow the one before it"
        if record.get("seq") != number:
            return f"record {number} has the number {record.get('seq')}"
        if torn and (record.get("event"), record.get("why")) != ("recover", f"torn {torn}"):
            return f"nothing closes the torn line before record {number}"
        head, torn = matched[2], ""
    return "nothing closes the torn last line" if torn else None
