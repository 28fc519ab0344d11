"""One mutant tried: does the compiler refuse it, or does its rehearsal find something?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from compiler import pipeline
from compiler.diagnostics import Diagnostic, Refused
from compiler.emit import bash, rehearsal
from compiler.plan.model import Plan
from compiler.project import Project
from compiler.rehearse import expectations, invariants, runner, stage
from compiler.rehearse.scene import Scene
from compiler.rehearse.scenes import scenes
from compiler.rehearse.trace import Trace
from compiler.source import Source
from tests.mutation import coverage, runtime, specs
from tests.mutation.mutant import Mutant, numbered

SUBJECT = Path(__file__).with_name("subject.rb")
OTHERS = (Path(__file__).with_name("bare.rb"), Path(__file__).with_name("once.rb"))  # what the subject does not have
LONGEST = 60  # seconds of real time for a scene: a mutant may go on for ever
_BATCHES = (2, 6, 16)  # scenes that are played before the rest is: most mutants show at once


@dataclass(frozen=True)
class Verdict:
    """What caught a mutant: a code, the name of a rule, '' where it survived; `entered` is False where no scene executes it.

    `scene` is the key of the scene that showed it, '' where none was needed.
    """

    mutant: Mutant
    by: str
    seen: str = ""
    entered: bool = True
    scene: str = ""


@contextmanager
def impatient() -> Iterator[None]:
    """A mutant may go on for ever: a scene that takes long is taken for one that does not end (RB624)."""
    longest, stage._LONGEST = stage._LONGEST, LONGEST
    try:
        yield
    finally:
        stage._LONGEST = longest


class Trial:
    """A subject, compiled once, and what its scenes execute."""

    def __init__(self, subject: Path = SUBJECT) -> None:
        self.subject = subject

    @cached_property
    def source(self) -> Source:
        return Project(self.subject.parent).read(self.subject)

    @cached_property
    def plan(self) -> Plan:
        return self.compiled(self.source.text)[0]

    @cached_property
    def text(self) -> str:
        """The script of the subject's rehearsal."""
        return rehearsal.stage(bash.emit(self.plan))

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        return scenes(self.plan)

    @cached_property
    def coverage(self) -> coverage.Coverage:
        """Costs one rehearsal of the subject."""
        return coverage.measure(self.plan, self.text, self.scenes, 2 * (os.cpu_count() or 1))

    def compiled(self, text: str) -> tuple[Plan, frozenset[str]]:
        """The Plan of a spec and the codes of its warnings. Raises Refused where it has an error."""
        plans, found = pipeline.plans(Source(self.source.name, text), Project(self.subject.parent))
        if pipeline.has_errors(found):
            raise Refused(d for d in found if not d.warning)
        return plans[0], frozenset(d.code for d in found)

    def mutants(self) -> tuple[Mutant, ...]:
        """All of them, each with a text of its own."""
        made: dict[str, Mutant] = {}
        for mutant in (*specs.mutants(self.source.name, self.source.text), *runtime.mutants(self.text)):
            if mutant.text not in (self.source.text, self.text):
                made.setdefault(mutant.text, mutant)
        return tuple(numbered(made.values()))

    def verdict(self, mutant: Mutant, jobs: int = 2, hint: str = "") -> Verdict:
        """Compile it, and rehearse what can tell until something is found; `hint` is the scene that showed it the last time."""
        if mutant.of == "runtime":
            telling = self.coverage.of(mutant.line)
            chosen = coverage.following(telling, self.scenes)
            if not chosen:
                return Verdict(mutant, "", entered=False)
            ordered = sorted(coverage.order(chosen, self.coverage.cost), key=lambda scene: scene.key != hint)
            return self._rehearsed(mutant, self.plan, mutant.text, ordered, jobs)
        try:
            plan, warned = self.compiled(mutant.text)
        except Refused as refused:
            return Verdict(mutant, refused.diagnostics[0].code, refused.diagnostics[0].message)
        new = warned - self.compiled(self.source.text)[1]
        if new:
            return Verdict(mutant, min(new), "a warning")
        every = scenes(plan)
        about = {e: [scene for scene in every if expectations.is_about(plan, e, scene)] for e in plan.expectations}
        for expectation, tried in about.items():
            if not tried:
                return Verdict(mutant, "RB620", f"no scene tries `{expectation.text}`")
        first = {scene.key for tried in about.values() for scene in tried}
        chosen = sorted(every, key=lambda scene: (scene.key != hint, scene.key not in first))
        return self._rehearsed(mutant, plan, rehearsal.stage(bash.emit(plan)), chosen, jobs)

    def _rehearsed(self, mutant: Mutant, plan: Plan, text: str, left: Sequence[Scene], jobs: int) -> Verdict:
        every = scenes(plan)
        for size in (*_BATCHES, len(left)):
            batch, left = left[:size], left[size:]
            if not batch:
                break
            wanted = coverage.whole(batch, every)
            try:
                played = runner.play_text(plan, text, wanted, jobs, lambda trace: _first(plan, trace) is None)
            except Refused as refused:
                return Verdict(mutant, refused.diagnostics[0].code, "a scene does not end")
            for trace in played:
                found = _first(plan, trace)
                if found is not None:
                    return Verdict(mutant, *found, scene=trace.scene.key)
        return Verdict(mutant, "")


def _first(plan: Plan, trace: Trace) -> tuple[str, str] | None:
    """What one scene shows: a rule that is broken, or an expectation that does not hold."""
    for broken in invariants.broken(trace):
        return broken.rule, f"{broken.scene}: {broken.what}"
    for found in expectations.unmet(plan, (trace,)):
        if _tried(found):
            return found.code, found.message
    return None


def _tried(found: Diagnostic) -> bool:
    """Whether a scene was played that shows it: one scene alone does not try everything."""
    return "no scene" not in found.message
