"""One mutant tried: does the compiler refuse it, or does its rehearsal find something?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from compiler import pipeline
from compiler.diagnostics import Diagnostic, Refused
from compiler.emit import bash, rehearsal
from compiler.plan.model import Plan
from compiler.project import Project
from compiler.rehearse import expectations, findings, invariants, runner, scenes, stage
from compiler.rehearse.trace import Trace
from compiler.source import Source
from tests.mutation import runtime, specs
from tests.mutation.mutant import Mutant, numbered

SUBJECT = Path(__file__).with_name("subject.rb")
LONGEST = 60  # seconds of real time for a scene: a mutant may go on for ever


@dataclass(frozen=True)
class Verdict:
    """What caught a mutant: a code, the name of a rule, '' where it survived, None where it was not tried."""

    mutant: Mutant
    by: str | None
    seen: str = ""


@contextmanager
def impatient() -> Iterator[None]:
    """A mutant may go on for ever: a scene that takes long is taken for one that does not end (RB624)."""
    longest, stage._LONGEST = stage._LONGEST, LONGEST
    try:
        yield
    finally:
        stage._LONGEST = longest


class Trial:
    """The subject, compiled once."""

    @cached_property
    def source(self) -> Source:
        return Project(SUBJECT.parent).read(SUBJECT)

    @cached_property
    def plan(self) -> Plan:
        return self.compiled(self.source.text)[0]

    @cached_property
    def script(self) -> bash.Script:
        return bash.emit(self.plan)

    def compiled(self, text: str) -> tuple[Plan, frozenset[str]]:
        """The Plan of a spec and the codes of its warnings. Raises Refused where it has an error."""
        plans, found = pipeline.plans(Source(self.source.name, text), Project(SUBJECT.parent))
        if pipeline.has_errors(found):
            raise Refused(d for d in found if not d.warning)
        return plans[0], frozenset(d.code for d in found)

    def mutants(self) -> tuple[Mutant, ...]:
        """All of them, each with a text of its own."""
        made: dict[str, Mutant] = {}
        for mutant in (*specs.mutants(self.source.name, self.source.text), *runtime.mutants(rehearsal.stage(self.script))):
            if mutant.text not in (self.source.text, rehearsal.stage(self.script)):
                made.setdefault(mutant.text, mutant)
        return tuple(numbered(made.values()))

    def verdict(self, mutant: Mutant, jobs: int = 2) -> Verdict:
        """Compile it, and rehearse it until something is found."""
        if mutant.of == "runtime":
            return self._rehearsed(mutant, self.plan, mutant.text, jobs)
        try:
            plan, warned = self.compiled(mutant.text)
        except Refused as refused:
            return Verdict(mutant, refused.diagnostics[0].code, refused.diagnostics[0].message)
        new = warned - self.compiled(self.source.text)[1]
        if new:
            return Verdict(mutant, min(new), "a warning")
        return self._rehearsed(mutant, plan, rehearsal.stage(bash.emit(plan)), jobs)

    def _rehearsed(self, mutant: Mutant, plan: Plan, text: str, jobs: int) -> Verdict:
        broken: list[invariants.Broken] = []

        def look(trace: Trace) -> bool:
            broken.extend(invariants.broken(trace))
            return not broken and not any(_tried(found) for found in expectations.unmet(plan, (trace,)))

        try:
            # Backwards: the scenes of the way back and of `resume` stand last, and show the most.
            traces = runner.play_text(plan, text, scenes.scenes(plan)[::-1], jobs, look)
        except Refused as refused:
            return Verdict(mutant, refused.diagnostics[0].code, "a scene does not end")
        if broken:
            return Verdict(mutant, broken[0].rule, f"{broken[0].scene}: {broken[0].what}")
        found = findings.findings(plan, traces)
        first = min(found, key=lambda one: not _tried(one), default=None)
        return Verdict(mutant, "") if first is None else Verdict(mutant, first.code, first.message)


def _tried(found: Diagnostic) -> bool:
    """Whether a scene was played that shows it; a rehearsal that ends early has not tried everything."""
    return "no scene" not in found.message
