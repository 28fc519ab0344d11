"""What holds at the end of every scene, whatever struck it."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.case import DAEMON, Scene
from tests.script import audited

SCRATCH = ("/run", "/dev/shm", "/tmp")
Record = dict[str, Any]


def broken(scene: Scene, *, killed: bool = False) -> list[str]:
    """Every promise that does not hold, in words. `killed`: something was SIGKILLed, so a body may have run without its result"""
    found: list[str] = []
    # As long as a daemon lives, something reads what it says.
    left = scene.settle(4, (DAEMON, b"cat\0"))
    found += [f"the scratch folder {path} is left" for path in scratch(scene)]
    found += lock(scene)
    if left := left or scene.end_daemons():
        found.append(f"processes are left: {left}")
    logs = sorted((scene.folder / "state").glob("*/[0-9]*/audit.jsonl"))
    try:
        audited.hold(logs)
    except AssertionError as error:
        found.append(f"the chain: {error}")
        return found
    lines = [line for log in logs for line in log.read_bytes().split(b"\n")[:-1] if line.endswith(b'"}')]
    found += history(scene, [json.loads(line) for line in lines], killed=killed)
    if any(ended.code > 9 for ended in scene.ended):
        found.append("a command did not end or has an unknown code")
    return found


def scratch(scene: Scene) -> list[str]:
    """Folders in temporary places that belong to a driver of this scene."""
    names = [f"rbc.{ended.pid:08x}" for ended in scene.ended]
    return [str(path) for base in SCRATCH for name in names if (path := Path(base, name)).exists()]


def lock(scene: Scene) -> Iterator[str]:
    for file in (scene.folder / "state").glob("*.lock"):
        with file.open() as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield "the lock is held"


def history(scene: Scene, records: list[Record], *, killed: bool) -> Iterator[str]:
    """The audit logs, one run after the other, against themselves and against what the bodies noted."""
    noted = scene.world.log
    open_: dict[str, str] = {}
    done: set[str] = set()
    intents: list[str] = []
    undos: list[str] = []
    for record in records:
        event, name = record["event"], str(record.get("step", "")).rpartition(".")[2]
        if event == "start":
            open_, done = {}, set()
        if name not in {*scene.subject.names, "mend"}:
            continue
        if event == "intent":
            if name in done and name not in (
                "mend",
                "server",
            ):  # the block runs with each way back, a part beside with each resume
                yield f"{name} was finished and ran again"
            open_[name] = "intent"
            intents.append(name)
        elif event == "result":
            if open_.pop(name, None) is None:
                yield f"a result of {name} without its intent"
            if record["exit"] == 0:
                done.add(name)
        elif event == "undo-intent":
            undos.append(name)
        elif event == "undo-result" and record["exit"] == 0:
            done.discard(name)
    yield from against(scene, noted, intents, undos, done, killed=killed)
    yield from order(scene, noted, records)


def against(
    scene: Scene, noted: list[str], intents: list[str], undos: list[str], done: set[str], *, killed: bool
) -> Iterator[str]:
    """No body without its intent, in the order of the intents; what is finished by the log was finished."""
    begun = [n for n in noted if n in {*scene.subject.names, "mend"} - {"seen"}]
    if not subsequence(collapse(begun), collapse(intents)):
        yield f"begun {begun} but intended {intents}"
    back = [n.removeprefix("undo-") for n in noted if n.startswith("undo-") and not n.endswith("-done")]
    if not subsequence(back, undos):
        yield f"taken back {back} but intended {undos}"
    for name in done - {"server", *scene.subject.verified}:
        if f"{name}-done" not in noted:
            yield f"{name} is finished by the log, and its body never ended"
    if not killed and back != undos:
        yield f"undo was intended for {undos}, attempted for {back}"


def order(scene: Scene, noted: list[str], records: list[Record]) -> Iterator[str]:
    """The last way back took everything that had started, in exactly the reverse order, each once."""
    ends = [r for r in records if r["event"] == "end"]
    if not ends or (ends[-1]["exit"], ends[-1]["why"]) not in (
        (0, "rollback"),
        (4, "run"),
        (5, "run"),
        (6, "run"),
        (6, "rollback"),
    ):
        return
    names = [(r["event"], str(r.get("step", "")).rpartition(".")[2], r.get("exit")) for r in records]
    begins = max(
        n for n, (event, name, _) in enumerate(names) if event in ("resume", "start") or (event == "intent" and name != "mend")
    )
    standing: list[str] = []
    for event, name, code in names[: begins + 1]:
        if event == "start":
            standing = []
        elif event == "intent" and name in scene.subject.back and name not in standing:
            standing.append(name)
        elif event == "undo-result" and code == 0 and name in standing:
            standing.remove(name)
    want = [name for name in reversed(standing) if scene.subject.back[name] == "undo"]
    got = [name for event, name, _ in names[begins:] if event == "undo-intent"]
    if got != want:
        yield f"taken back {got}, but started were {standing}"
    if "block" in standing and ("intent", "mend") not in [(event, name) for event, name, _ in names[begins:]]:
        yield "the block did not run"


def subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(any(word == other for other in rest) for word in part)


def collapse(words: list[str]) -> list[str]:
    """Neighbours that are equal count once: a retry, or an undo that was begun again."""
    return [word for number, word in enumerate(words) if number == 0 or words[number - 1] != word]
