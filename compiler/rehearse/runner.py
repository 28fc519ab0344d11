"""All scenes of a Plan, played at once on as many processors as are asked for, with results in the order of the scenes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from compiler.emit import locale, rehearsal
from compiler.emit.bash import Script, need_symbol
from compiler.plan.model import CaptureItem, HoldItem, Plan, walk
from compiler.rehearse import sample, trace
from compiler.rehearse.person import Person
from compiler.rehearse.scenes import Kind, Scene
from compiler.rehearse.stage import BEGIN, Stage, stage
from compiler.rehearse.trace import Trace

_LOOKS = 25  # after so many waits at one place, waits grow


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
    with stage(text, [need.tool for need in plan.needs], answers(plan), BEGIN) as where:
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
                    for follower in followers.get(scenes[number].key, ()):
                        begin(follower, (number, result))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
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
        since = int((earlier / "place").read_text().partition("|")[0])
    person = Person(say, scene.kind is Kind.DECLINE) if scene.attended else None
    ended = where.play(
        folder,
        (scene.command, *scene.arguments),
        "".join(fault.line() for fault in scene.faults),
        since=since,
        person=person,
        looks=looks,
    )
    logs = sorted((folder / "state").glob("*/[0-9]*/audit.jsonl"))
    log = logs[-1].read_text(errors="surrogateescape") if logs else ""
    before = previous[1] if previous else None
    kept = trace.records(log)
    count = len(before.records) if before else 0
    return Trace(scene, ended.code, trace.calls(ended.calls), kept, count, log, ended.output, ended.left, before)


def answers(plan: Plan) -> dict[str, str]:
    """What the stand-ins print: versions, captures; and the values of env files."""
    found = {need_symbol(need): sample.version(need) for need in plan.needs if need.version is not None}
    for phase in plan.phases:
        found |= {i.symbol: sample.capture(i) for i in walk(phase.items) if isinstance(i, CaptureItem)}
    for service in plan.services:
        for file in service.env_files:
            found |= {f"env_{need.name}": sample.secret(need.matches) for need in file.require}
    return found


def _looks(plan: Plan) -> int:
    tolerated = [item.tolerate for phase in plan.phases for item in walk(phase.items) if isinstance(item, HoldItem)]
    return _LOOKS + max(tolerated, default=0)
