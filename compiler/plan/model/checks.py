"""Probes: what is asked of a system, how often, and what is shown when it does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler.plan.model.text import Body, Value
from compiler.source import Span


@dataclass(frozen=True)
class Patience:
    """Try again `every` seconds until `within` seconds have passed."""

    every: int
    within: int


@dataclass(frozen=True)
class ProbeCheck:
    """One line of a probe. `kind` and `facts` make the readable line (locale key `check.KIND`); `body` is the command.

    `hand` is what a person types instead, where the script's command is longer than that.
    """

    kind: str
    facts: Mapping[str, str]
    body: Body
    span: Span
    hand: Body | None = None

    @property
    def shown(self) -> Body:
        """The command for people."""
        return self.body if self.hand is None else self.hand


@dataclass(frozen=True)
class Probe:
    """Checks that hold together or not at all: the lines of one `probe` statement."""

    name: str
    symbol: str  # probe_dns
    title: str
    checks: tuple[ProbeCheck, ...]
    dir: Value | None
    timeout: int  # of one try
    patience: Patience | None
    optional: str | None  # why a failure does not count
    diagnose: tuple[Body, ...]
    trouble: tuple[str, ...]
    note: str | None
    span: Span
    reads: tuple[str, ...] = ()  # parameters and captures
    final: int | None = None  # the exit code by which it says that no further look will be better


@dataclass(frozen=True)
class ProbeUse:
    """A probe asked at one place, with the patience that holds there."""

    probe: str
    patience: Patience | None
    span: Span
