"""The Plan itself: its phases, its rollback, and all that belongs to them, in the order of the file.

Durations are whole seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.plan.model.checks import Probe
from compiler.plan.model.faults import Expectation
from compiler.plan.model.ground import Automation, Host, Need, Param, Service
from compiler.plan.model.items import AnyItem, CheckItem, Condition
from compiler.plan.model.people import Assumption, Checklist, Meta, Section, Trouble
from compiler.plan.model.watch import Alert, Alerts, Schedule
from compiler.source import Span

ForPeople = Section | Checklist | Alerts | Schedule


@dataclass(frozen=True)
class SpecFile:
    """A file that took part: path inside the project, SHA-256 of its normalised text."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Procedure:
    """What a procedure says of itself."""

    name: str
    title: str
    note: str | None
    span: Span


@dataclass(frozen=True)
class Environment:
    """One environment of a spec. `settings` has every setting that differs between environments, as it is in this one."""

    name: str
    note: str | None
    settings: tuple[tuple[str, str], ...]  # label, value: ("env.file", ".env.prod"); "" where nothing says it
    span: Span


@dataclass(frozen=True)
class Phase:
    """A part of the way; phases run in the order of the Plan."""

    name: str
    number: str
    title: str
    items: tuple[AnyItem, ...]
    on_failure: str | None  # rollback, stop, pause
    note: str | None
    span: Span
    budget: int | None = None  # seconds
    at: int | None = None  # seconds from T: `at T-24h` is -86400; a sitting of its own
    condition: Condition | None = None


@dataclass(frozen=True)
class Rollback:
    """When to go back, the block for what single undos cannot do, and what proves it. `budget` in seconds."""

    title: str
    triggers: tuple[str, ...]
    budget: int | None
    items: tuple[AnyItem, ...]  # the block: StepItem, ManualItem, ChooseItem; numbered R.1 …
    verify: tuple[CheckItem, ...]
    note: str | None
    span: Span
    budget_span: Span | None = None


@dataclass(frozen=True)
class Plan:
    """One script: that of a spec, or of one of its procedures."""

    meta: Meta
    spec: SpecFile
    uses: tuple[SpecFile, ...]
    host: Host | None
    services: tuple[Service, ...]
    needs: tuple[Need, ...]
    params: tuple[Param, ...]
    probes: tuple[Probe, ...]
    phases: tuple[Phase, ...]
    rollback: Rollback | None
    troubles: tuple[Trouble, ...]
    document: tuple[ForPeople | Phase | Rollback, ...]  # the file's order; phases stand together, and so do alerts
    script: str  # file name: gateway.sh
    least: int  # seconds: nothing waits longer than it must
    most: int | None  # seconds with every timeout, retry and patience used up; None where a step has no timeout
    back_most: int | None = None  # seconds of the longest way back of a run; None as for `most`, and where a person is needed
    automations: tuple[Automation, ...] = ()  # those whose jobs are run
    procedure: Procedure | None = None  # None: the phases at the top level of a spec without procedures
    assumptions: tuple[Assumption, ...] = ()
    environment: Environment | None = None  # None: a spec without environments
    expectations: tuple[Expectation, ...] = ()

    @property
    def name(self) -> str:
        """What runs of this script are filed under: the names of runbook, environment and procedure with dots between."""
        parts = (self.environment, self.procedure)
        return ".".join((self.meta.name, *(part.name for part in parts if part is not None)))

    @property
    def title(self) -> str:
        """The script's title: the runbook's, with the procedure's behind a colon and the environment's name at the end."""
        title = self.meta.title if self.procedure is None else f"{self.meta.title}: {self.procedure.title}"
        return title if self.environment is None else f"{title} · {self.environment.name}"

    @property
    def path(self) -> str:
        """Where the script lies in the spec's folder: below the environment's, where there is one."""
        return self.script if self.environment is None else f"{self.environment.name}/{self.script}"

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert of the spec, in order."""
        return tuple(alert for part in self.document if isinstance(part, Alerts) for alert in part.alerts)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Every schedule of the spec, in order."""
        return tuple(part for part in self.document if isinstance(part, Schedule))

    def probe(self, name: str) -> Probe:
        return next(p for p in self.probes if p.name == name)

    def automation(self, name: str) -> Automation:
        return next(a for a in self.automations if a.name == name)
