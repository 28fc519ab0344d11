"""One `rbc rehearse`: from a spec to what each of its scripts came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from compiler import pipeline
from compiler.diagnostics import Diagnostic
from compiler.emit import bash, rehearsed
from compiler.plan.model import Plan
from compiler.project import Loader
from compiler.rehearse import findings, keeping, matrix, runner, scenes
from compiler.rehearse.scene import Scene
from compiler.rehearse.trace import Trace
from compiler.source import Source


@dataclass(frozen=True)
class Rehearsed:
    """A script that was rehearsed, and all that its scenes came to."""

    plan: Plan
    script: bash.Script
    traces: tuple[Trace, ...]

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What does not hold."""
        return findings.findings(self.plan, self.traces)

    @cached_property
    def result(self) -> rehearsed.Rehearsal:
        """What is kept of it."""
        held = not any(not each.warning for each in self.findings)
        hashes = rehearsed.hashes(self.plan, self.script)
        return rehearsed.Rehearsal(*hashes, len(self.traces), held, matrix.grouped(self.traces))


@dataclass(frozen=True)
class Written:
    """A script that shall be rehearsed."""

    plan: Plan
    script: bash.Script

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        """Every fault that is tried."""
        return scenes.scenes(self.plan)

    def play(self, jobs: int, step: Callable[[], bool] = lambda: True) -> Rehearsed:
        """Rehearse it, `jobs` scenes at once; `step` is told of each that has ended. Raises Refused (RB624)."""
        return Rehearsed(self.plan, self.script, runner.play(self.plan, self.script, self.scenes, jobs, lambda _: step()))


def written(source: Source, loader: Loader) -> tuple[tuple[Written, ...], tuple[Diagnostic, ...]]:
    """Each script of a spec as a build writes it (none of a library), and what is wrong with the spec.

    Raises:
        Refused: a file that the spec uses cannot be read, or shfmt is missing.
    """
    plans, found = pipeline.plans(source, loader)
    if pipeline.has_errors(found):
        return (), found
    return tuple(Written(plan, bash.emit(plan)) for plan in plans), found


def keep(folder: Path, played: Sequence[Rehearsed]) -> None:
    """Keep what a spec's scripts came to beside what is built from it. Raises Refused (RB623) where that cannot be done."""
    keeping.keep(folder, rehearsed.render([each.result for each in played]))
