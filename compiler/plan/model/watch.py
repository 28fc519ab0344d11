"""What watches a system when no run does: alerts and schedules."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.plan.model.checks import Probe, ProbeUse
from compiler.plan.model.text import Body, Value
from compiler.source import Span


@dataclass(frozen=True)
class Rule:
    """What Prometheus is told of an alert. `expression` compares already; `held` are the seconds that it must have held."""

    name: str  # APIErrorRate
    expression: str
    held: int
    severity: str | None


@dataclass(frozen=True)
class Alert:
    """A line of the table of alerts; `rule` is None where the spec does not say how it is measured."""

    title: str
    measured: str | None  # what the threshold is about: error_rate
    op: str | None
    limit: str | None  # as written: 5%
    action: str  # Markdown
    rule: Rule | None
    note: str | None
    span: Span


@dataclass(frozen=True)
class Alerts:
    """All alerts, where the first of them stands."""

    alerts: tuple[Alert, ...]


@dataclass(frozen=True)
class Schedule:
    """Probes that a timer asks. `probes` are those that it asks, so that it needs nothing of a script's."""

    title: str
    name: str  # of its files and its unit: RUNBOOK-health_check, RUNBOOK-stage-health_check
    every: int
    checks: tuple[ProbeUse, ...]
    probes: tuple[Probe, ...]
    otherwise: Body | None
    timeout: int  # of `otherwise`
    dir: Value | None  # of `otherwise`
    user: str
    note: str | None
    span: Span

    def probe(self, name: str) -> Probe:
        return next(p for p in self.probes if p.name == name)
