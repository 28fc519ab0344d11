"""Disk full and I/O errors wherever the log is written: `python -m tests.faults.journal`.

Three ways: strace gives the driver an error at one of its writes or opens of the log, or from one on; a `sync` before the real
one fails from one call on; and a small disk is full at another byte of the log in each case.
"""

from __future__ import annotations

import collections
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.faults import subject
from tests.faults.case import Scene
from tests.faults.invariants import collapse, lock, scratch, subsequence
from tests.faults.subject import PROBES, Subject, compiled
from tests.faults.sweep import Outcome, sweep
from tests.script import audited
from tests.script.specs import HEAD

CALLS = ("write", "openat")
ERRORS = ("ENOSPC", "EIO")
PADS = range(0, 960, 40)
PAGES = range(4)
SYNC = """#!/bin/sh
echo >>syncs
[ "$(wc -l <syncs)" -lt "$FAIL_FROM" ] && exec /usr/bin/sync "$@"
for last; do :; done
[ -e unsynced ] || tail -n 1 "$last" >unsynced
exit 1
"""


@dataclass(frozen=True)
class Error:
    """The `number`th `call` of the driver on the log fails in `command`, or with "+" each from then on."""

    command: str
    call: str
    number: int
    error: str
    from_then_on: str


@dataclass(frozen=True)
class Unsynced:
    """From its `number`th call on `sync` fails."""

    command: str
    number: int


@dataclass(frozen=True)
class Full:
    """The disk has `pages` of 4 KiB left after the first step; `pad` characters move what is written into them."""

    pages: int
    pad: int


@cache
def filling() -> Subject:
    """As `subject.small`, behind a step that fills the disk of the state."""
    fill = 'step fill "Fill" {\n$ dd if=/dev/zero of=state/fill bs=4k count=1000 status=none || true\n'
    fill += '$ truncate --size="-$(<pages)" state/fill\nundo "stays full"\n}\n'
    steps = "".join(subject.step(name) for name in "abc")
    spec = HEAD + PROBES + f'phase one "One" {{\n{fill}{steps}}}\nrollback "Back" {{\nverify fine\n}}\n'
    return Subject(compiled(spec), ("a", "b", "c"), dict.fromkeys("abc", "undo"))


def placed(scene: Scene) -> Path:
    """The log of the scene's next run: behind a folder of the future its name is known before."""
    (scene.folder / "state" / "t" / "20991231T235959Z").mkdir(parents=True, exist_ok=True)
    return scene.folder / "state" / "t" / "20991231T235959Z-002" / "audit.jsonl"


def errors() -> Iterator[Error]:
    """Every write and open of the log by the driver, during a run and during a rollback, with each error."""
    with tempfile.TemporaryDirectory(prefix="rbc-count-") as name:
        scene = Scene.new(subject.small(), Path(name))
        log = placed(scene)
        for command in ("run", "rollback"):
            trace = Path(name, f"{command}.trace")
            scene.run(command, start=("strace", "-D", "-P", str(log), "-o", str(trace), "-e", f"trace={','.join(CALLS)}"))
            counts = collections.Counter(re.findall(r"^(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE))
            for call in CALLS:
                for number, error, from_then_on in itertools.product(range(1, counts[call] + 1), ERRORS, ("", "+")):
                    yield Error(command, call, number, error, from_then_on)


def cases() -> list[Error | Unsynced | Full]:
    found: list[Error | Unsynced | Full] = list(errors())
    found += [Unsynced(command, number) for command in ("run", "rollback") for number in range(1, 11)]
    if os.geteuid() == 0:
        found += [Full(pages, pad) for pages in PAGES for pad in PADS]
    return found


def violations(case: Error | Unsynced | Full, folder: Path) -> list[str]:
    """No step without its intent on disk; the chain is whole; afterwards a rollback takes back all that was begun."""
    scene = Scene.new(filling() if isinstance(case, Full) else subject.small(), folder)
    try:
        if isinstance(case, Full):
            found = _full(scene, case)
        else:
            placed(scene)
            if case.command == "rollback":
                scene.run()
            found = _failing(scene, case)
        return found + _hold(scene)
    finally:
        scene.clean()


def _failing(scene: Scene, case: Error | Unsynced) -> list[str]:
    if isinstance(case, Error):
        inject = f"inject={case.call}:error={case.error}:when={case.number}{case.from_then_on}"
        strace = ("strace", "-D", "-P", str(placed(scene)), "-o", "/dev/null", "-e", f"trace={case.call}", "-e", inject)
        struck = scene.run(case.command, start=strace)
    else:
        tools = scene.folder / "tools"
        tools.mkdir()
        (tools / "sync").write_text(SYNC)
        (tools / "sync").chmod(0o755)
        path = f"{tools}:{scene.world.environment['PATH']}"
        struck = scene.run(case.command, env={"PATH": path, "FAIL_FROM": str(case.number)})
    found = [] if struck.code in range(10) else [f"the first ended {struck.code}: {struck.said[-200:]!r}"]
    next_ = scene.run("rollback")
    if next_.code != 0 and not (next_.code == 7 and not scene.world.log):
        found.append(f"the rollback ended {next_.code}: {next_.said[-300:]!r}")
    return found


def _full(scene: Scene, case: Full) -> list[str]:
    (scene.folder / "pages").write_text(f"{4096 * case.pages}")
    script = (
        "mkdir state kept; mount -t tmpfs -o size=900k none state; "
        f"./t.sh run --yes --why {'x' * case.pad or '-'}; echo ended $?; ./t.sh rollback --yes; echo ended $?; cp -a state/. kept"
    )
    done = scene.world.run(start=("unshare", "--mount", "bash", "-c", script), timeout=90)
    (scene.folder / "state").rmdir()
    (scene.folder / "kept").rename(scene.folder / "state")
    codes = re.findall(r"^ended (\d+)$", done.out, re.MULTILINE)
    return [] if codes in (["4", "0"], ["0", "0"]) else [f"ended {codes}: {done.out[-600:]!r} {done.err[-300:]!r}"]


def _hold(scene: Scene) -> list[str]:
    found = []
    logs = sorted((scene.folder / "state").glob("*/[0-9]*/audit.jsonl"))
    try:
        audited.hold(logs)
    except AssertionError as error:
        found.append(f"the chain: {error}")
    intents = [name for log in logs for name in re.findall(r'"event":"intent","step":"\w+\.(\w+)"', log.read_text())]
    noted = scene.world.log
    begun = [word for word in noted if word in scene.subject.names]
    if not subsequence(collapse(begun), collapse(intents)):
        found.append(f"begun {begun} but intended {intents}")
    unsynced = scene.folder / "unsynced"
    if (
        unsynced.exists()
        and (name := re.search(r'"event":"intent","step":"\w+\.(\w+)"', unsynced.read_text()))
        and name[1] in noted
    ):
        found.append(f"{name[1]} was begun, and its intent was not synced")
    standing: list[str] = []
    for word in noted:
        if word in scene.subject.names:
            standing.append(word)
        elif word.startswith("undo-") and word.endswith("-done"):
            standing = [name for name in standing if name != word[5:-5]]
    if standing:
        found.append(f"{standing} stand after the rollback")
    left = scene.settle(4)
    found += [f"processes are left: {left}"] if left else []
    return [*found, *lock(scene), *scratch(scene)]


def whole() -> Outcome:
    subject.small(), filling()
    return sweep(cases(), violations)


if __name__ == "__main__":
    outcome = whole()
    print("\n".join(outcome.violations))
    print(f"{outcome.cases} cases, {len(outcome.violations)} violations")
    sys.exit(bool(outcome.violations))
