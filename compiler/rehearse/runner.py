"""All scenes of a Plan, played at once on as many processors as are asked for, with results in the order of the scenes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from compiler.emit import locale, rehearsal
from compiler.emit.bash import Script, need_symbol
from compiler.plan.model import CaptureItem, HoldItem, Plan, walk
from compiler.rehearse import moments, refusals, sample, trace
from compiler.rehearse.person import Person
from compiler.rehearse.scene import SYNC, Kind, Scene
from compiler.rehearse.scenes import arguments
from compiler.rehearse.stage import Stage, stage
from compiler.rehearse.trace import Call, Trace

_LOOKS = 4  # after so many waits at one place, waits grow
_SYNC = """#!/bin/sh
for file; do :; done
case $(tail -n 1 -- "$file") in
  *'"event":"result","step":"{step}"'*) [ -e '{note}' ] || {{ : >'{note}' && kill -INT "$PPID"; }} ;;
esac
"""
_SITTINGS = 20  # planned pauses in one scene


def play(
    plan: Plan, script: Script, scenes: Sequence[Scene], jobs: int, done: Callable[[Trace], bool] = lambda _: True
) -> tuple[Trace, ...]:
    """Play the scenes with up to `jobs` processes of the script at once.

    `done` is told of each end, in no order; where it says False, no further scene is begun, and what has ended is returned.
    Raises Refused where a scene does not end (RB624).
    """
    return play_text(plan, rehearsal.stage(script), scenes, jobs, done)


def play_text(
    plan: Plan, text: str, scenes: Sequence[Scene], jobs: int, done: Callable[[Trace], bool] = lambda _: True
) -> tuple[Trace, ...]:
    """As `play`, with the rehearsal's script as text."""
    followers: dict[str, list[int]] = {}
    for number, scene in enumerate(scenes):
        if scene.after is not None:
            followers.setdefault(scene.after, []).append(number)
    say = {key.replace(".", "_"): text for key, text in locale.load("script", plan.meta.lang).items()}
    ended: dict[int, Trace] = {}
    with stage(text, answers(plan), moments.begin(plan.meta.windows)) as where:
        pool = ThreadPoolExecutor(max(1, jobs))
        running: dict[Future[Trace], int] = {}

        def begin(number: int, previous: tuple[int, Trace] | None) -> None:
            future = pool.submit(_play_one, where, number, scenes[number], previous, say, _looks(plan))
            running[future] = number

        try:
            for number, scene in enumerate(scenes):
                if scene.after is None:
                    begin(number, None)
            going = True
            while running and going:
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    number = running.pop(future)
                    ended[number] = result = future.result()
                    going = done(result) and going
                    if not going:
                        break
                    for follower in followers.get(scenes[number].key, ()):
                        begin(follower, (number, result))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            if running:
                where.end()
            pool.shutdown(wait=True)
    return tuple(ended[number] for number in sorted(ended))


def _play_one(
    where: Stage, number: int, scene: Scene, previous: tuple[int, Trace] | None, say: dict[str, str], looks: int
) -> Trace:
    folder = where.root / "scenes" / str(number)
    folder.mkdir()
    since = None
    if previous is not None:
        earlier = where.root / "scenes" / str(previous[0])
        shutil.copytree(earlier / "state", folder / "state", symlinks=True)
        shutil.copy(earlier / "world", folder / "world")
        since = _clock(earlier)
    elif scene.kind is Kind.WINDOW:
        since = refusals.outside(scene.path)
    faults = "".join(fault.line() for fault in scene.faults)
    words: tuple[str, ...] = (scene.command, *scene.arguments)
    person = Person(say, scene.kind in (Kind.DECLINE, Kind.FIRST, Kind.NOT_BACK), scene.answer) if scene.attended else None
    if any(fault.function == SYNC for fault in scene.faults):
        assert scene.item is not None
        _interrupt_behind(scene.item.id, folder)
    if scene.kind is Kind.TORN:
        _tear(folder)
    ended = where.play(folder, words, faults, since=since, person=person, looks=looks)
    called, output, asked = trace.calls(ended.calls), ended.output, person.seen if person else []
    for _ in range(_SITTINGS):
        if ended.code != 9 or scene.command == "rollback" or not _planned(_log(folder), called, folder):
            break
        for gate in sorted((folder / "state").glob("*/[0-9]*/waiting.*")):
            where.play(
                folder, ("accept", gate.name.partition(".")[2]), "", since=_clock(folder), person=Person(say, False), looks=looks
            )
        declined = scene.item if scene.kind in (Kind.DECLINE, Kind.EXPIRE) else None
        words = ("resume", *arguments(scene.path, "resume", declined))
        person = Person(say, scene.kind is Kind.DECLINE) if scene.attended else None
        ended = where.play(folder, words, faults, since=_clock(folder), person=person, looks=looks)
        called += trace.calls(ended.calls)
        output += ended.output
        asked += person.seen if person else []
    log = _log(folder)
    before = previous[1] if previous and scene.kind is not Kind.ANEW else None
    kept = trace.records(log)
    count = len(before.records) if before else 0
    return Trace(
        scene, ended.code, called, kept, count, log, output, ended.left, trace.world(ended.world), ended.running, before,
        tuple(asked), _values(folder),
    )  # fmt: skip


def _log(folder: Path) -> str:
    """The audit log of the newest run."""
    logs = sorted((folder / "state").glob("*/[0-9]*/audit.jsonl"))
    return logs[-1].read_text(errors="surrogateescape") if logs else ""


def _values(folder: Path) -> dict[str, str]:
    """What the newest run has kept, by name."""
    runs = sorted((folder / "state").glob("*/[0-9]*/values"))
    return {file.name: file.read_text(errors="surrogateescape") for file in runs[-1].iterdir()} if runs else {}


def _tear(folder: Path) -> None:
    """The power was lost while a record was written: its beginning stands in the log."""
    newest = sorted((folder / "state").glob("*/[0-9]*/audit.jsonl"))[-1]
    with newest.open("a") as log:
        log.write('{"v":1,"seq":')


def _interrupt_behind(step: str, folder: Path) -> None:
    """Ctrl-C comes when the result of a step is being put on disk: a `sync` of this scene's own sends it, once."""
    program = folder / "bin" / SYNC
    program.parent.mkdir()
    program.write_text(_SYNC.format(step=step, note=program.with_name("sent")))
    program.chmod(0o755)


def _planned(log: str, called: Sequence[Call], folder: Path) -> bool:
    """Whether a pause is one that the runbook plans: a second person is waited for, or another sitting comes.

    Before a sitting nothing has just failed, nobody has just said so, and no terminal was lost.
    """
    if any((folder / "state").glob("*/[0-9]*/waiting.*")):
        return True
    own = [record for record in trace.records(log) if record["event"] not in ("end", "pause")]
    # Nor has it come to an end without having done anything.
    said = bool(own) and (own[-1].get("step") == "next" or own[-1]["event"] == "resume")
    return bool(own) and not said and not own[-1].get("exit") and not any(call.fate in ("hup", "term") for call in called)


def _clock(folder: Path) -> int:
    """Where the clock of a scene stands, in microseconds."""
    return int((folder / "place").read_text().partition("|")[0])


def answers(plan: Plan) -> dict[str, str]:
    """What the stand-ins print: versions, captures; and the values of env files."""
    found = {need_symbol(need): sample.version(need) for need in plan.needs if need.version is not None}
    found |= {f"{need_symbol(need)}.other": version for need in plan.needs if (version := sample.unmet(need)) is not None}
    for phase in plan.phases:
        captures = [i for i in walk(phase.items) if isinstance(i, CaptureItem)]
        found |= {i.symbol: sample.capture(i) for i in captures}
        found |= {f"{i.symbol}.other": "no number" for i in captures if i.integer}
    found |= sample.jobs(plan)
    for service in plan.services:
        for file in service.env_files:
            found |= {f"env_{need.name}": sample.secret(need.matches) for need in file.require}
    return found


def _looks(plan: Plan) -> int:
    tolerated = [item.tolerate for phase in plan.phases for item in walk(phase.items) if isinstance(item, HoldItem)]
    return _LOOKS + max(tolerated, default=0)
