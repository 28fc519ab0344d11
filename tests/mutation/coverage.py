"""Which scenes execute which line of a script: a mutant of a line can show in these alone, and only they are played."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics import Refused
from compiler.plan.model import Plan
from compiler.rehearse import runner
from compiler.rehearse.scene import Scene

_QUIET = "\n  set +xv\n"
_GOES_ON = re.compile(r"(\\|&&|\|\||\()$")


@dataclass(frozen=True)
class Coverage:
    """`lines`: of each scene, by its key, the lines of the script that it executes (the first is 1); `cost`: how many in all."""

    lines: Mapping[str, frozenset[int]]
    cost: Mapping[str, int]
    heads: Mapping[int, int]

    def of(self, line: int) -> frozenset[str]:
        """The scenes that execute a line, or the command that it is a part of."""
        wanted = {line, self.heads.get(line, line)}
        return frozenset(key for key, lines in self.lines.items() if lines & wanted)


def measure(plan: Plan, text: str, scenes: Sequence[Scene], jobs: int) -> Coverage:
    """Play all scenes once with bash's own trace of a script."""
    assert text.count(_QUIET) == 1
    for _ in range(3):
        # A busy machine may be too slow for bash's trace.
        with suppress(Refused):
            return _measured(plan, text, scenes, jobs)
    return _measured(plan, text, scenes, jobs)


def _measured(plan: Plan, text: str, scenes: Sequence[Scene], jobs: int) -> Coverage:
    with tempfile.TemporaryDirectory(prefix="rbc-lines.") as folder:
        traced = f'exec {{BASH_XTRACEFD}}>>"{folder}/${{RBC_REHEARSAL##*/}}"; PS4="+:\\${{LINENO}} "; set -x'
        runner.play_text(plan, text.replace(_QUIET, f"\n  {traced}\n"), scenes, jobs)
        seen = {scene.key: _lines(Path(folder) / str(number)) for number, scene in enumerate(scenes)}
    lines = {key: frozenset(found) for key, found in seen.items()}
    return Coverage(lines, {key: len(found) for key, found in seen.items()}, _heads(text.split("\n")))


def _lines(file: Path) -> list[int]:
    if not file.exists():
        return []
    return [int(number) for number in re.findall(r"^\++:(\d+) ", file.read_text(errors="replace"), re.MULTILINE)]


def _heads(lines: Sequence[str]) -> dict[int, int]:
    """The first line of the command that a line goes on with."""
    heads: dict[int, int] = {}
    for number, before in enumerate(lines[:-1], 2):
        if _GOES_ON.search(before.rstrip()):
            heads[number] = heads.get(number - 1, number - 1)
    return heads


def order(scenes: Iterable[Scene], cost: Mapping[str, int]) -> list[Scene]:
    """One scene of each kind first, the cheapest, then a second one of each: what is alike shows alike."""
    by_kind: dict[str, list[Scene]] = {}
    for scene in sorted(scenes, key=lambda scene: cost.get(scene.key, 0)):
        by_kind.setdefault(scene.kind.value, []).append(scene)
    turns = max(map(len, by_kind.values()), default=0)
    return [found[turn] for turn in range(turns) for found in by_kind.values() if turn < len(found)]


def following(keys: Iterable[str], scenes: Sequence[Scene]) -> list[Scene]:
    """These scenes and those that begin from their ends: what was done wrong in one may show in the next."""
    found = set(keys)
    for scene in scenes:  # one stands behind the one that it begins from
        if scene.after in found:
            found.add(scene.key)
    return [scene for scene in scenes if scene.key in found]


def whole(chosen: Iterable[Scene], scenes: Sequence[Scene]) -> list[Scene]:
    """Scenes, with those that they begin from, in the order of the rehearsal."""
    known = {scene.key: scene for scene in scenes}
    wanted: set[str] = set()
    for scene in chosen:
        key: str | None = scene.key
        while key is not None:
            wanted.add(key)
            key = known[key].after
    return [scene for scene in scenes if scene.key in wanted]
