"""What lowering knows while it goes down a spec: where it is, what it has found, what reads what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from compiler.diagnostics import Diagnostic
from compiler.plan.bodies import Bodies
from compiler.plan.model import Automation, Body, Decision, Lit, Patience, Probe, Value, Var, WayBack
from compiler.plan.names import Names
from compiler.schema.model import Model, Node
from compiler.shell import Kind
from compiler.source import Span

Path = tuple[Decision, ...]


@dataclass(frozen=True)
class Capture:
    """A capture that has been taken, and on which path."""

    name: str
    path: Path
    integer: bool
    within: str | None = None  # the phase, where that may be skipped


@dataclass(frozen=True)
class Here:
    """Where a statement stands."""

    id: str  # of what holds it: phase, choice and option, joined by dots
    number: str  # of what holds it: "2." or "2.1a."
    dir: Value | None
    path: Path
    back: bool = False  # inside the rollback block
    irreversible: WayBack | None = None  # what the phase says about the way back of all that it holds
    guarded: str | None = None  # the id of the guard that it stands in

    def option(self, id: str, number: str, decision: Decision) -> Here:
        """Inside an option of a choice."""
        return replace(self, id=id, number=number, path=(*self.path, decision))


@dataclass(frozen=True)
class Reading:
    """A name or a tool is needed on a path."""

    name: str
    path: Path
    span: Span | None
    block: bool = False  # by a step of the rollback block


@dataclass
class Context:
    """The state of one lowering."""

    model: Model
    bodies: Bodies
    names: Names
    found: list[Diagnostic] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)  # taken up to here
    every_capture: tuple[Capture, ...] = ()  # all of the phases
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # capture of another procedure only -> that procedure
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # name -> options
    reading: list[Reading] = field(default_factory=list)
    tools: list[Reading] = field(default_factory=list)
    probes_used: list[str] = field(default_factory=list)
    services_used: list[str] = field(default_factory=list)
    hosts_used: list[tuple[str, Span]] = field(default_factory=list)
    automations: dict[str, Automation] = field(default_factory=dict)  # those whose jobs are run
    commands: list[Body] = field(default_factory=list)  # texts of the compiler's own
    waits: list[Probe] = field(default_factory=list)  # probes that updates end with
    within: str | None = None  # the phase that is lowered, where it may be skipped

    @property
    def lang(self) -> str:
        """The runbook's language: en or de."""
        setting = self.model.runbook.one("lang")
        return "en" if setting is None else str(setting.args["which"])

    def need(self, tool: str, path: Path, span: Span | None) -> None:
        """Note that a tool runs here."""
        self.tools.append(Reading(tool, path, span))

    def wrong(self, code: str, message: str, span: Span | None, fix: str | None = None, *, warning: bool = False) -> None:
        """Report a finding."""
        self.found.append(Diagnostic(code, message, span, fix, warning=warning))

    def node(self, keyword: str, name: str) -> Node:
        """A declared statement."""
        return self.model.declared[keyword][name]

    # ── names ───────────────────────────────────────────────────────────────────────────────────────────────────

    def available(self, path: Path, back: bool = False) -> dict[str, Kind]:
        """The names that reach a body which stands on this path. The rollback may read every capture."""
        known = self.everywhere()
        for capture in self.every_capture if back else self.captures:
            if back or (set(capture.path) <= set(path) and capture.within in (None, self.within)):
                known[capture.name] = Kind.INT_CAPTURE if capture.integer else Kind.CAPTURE
        return known

    def everywhere(self) -> dict[str, Kind]:
        """The names that reach every body: all but captures."""
        known: dict[str, Kind] = {}
        for keyword in ("host", "service", "values", "automation"):
            known |= dict.fromkeys(self.model.declared.get(keyword, {}), Kind.CONSTANT)
        for service in self.model.declared.get("service", {}).values():
            for require in (r for e in service.all("env_file") for r in e.all("require")):
                known[require.args["variable"]] = Kind.SECRET if require.get("secret") else Kind.ENVIRONMENT
        known |= dict.fromkeys(self.choices, Kind.CHOICE)
        for name, param in self.model.declared.get("param", {}).items():
            integer = param.get("which") == "int"
            known[name] = Kind.SECRET if param.one("secret") else Kind.INT_PARAM if integer else Kind.PARAM
        return known

    def read(self, names: Iterable[str], path: Path, span: Span) -> tuple[str, ...]:
        """Note that parameters, captures, choices or requirements are read here; those among the names, sorted."""
        known = {n for n, kind in self.everywhere().items() if kind is not Kind.CONSTANT} | {c.name for c in self.every_capture}
        read = tuple(sorted(set(names) & known))
        self.reading += [Reading(name, path, span) for name in read]
        return read

    def early(self, names: Iterable[str], path: Path, span: Span, back: bool, who: str) -> None:
        """RB505 for captures that are read where they are not taken yet, or not on this path."""
        here = self.available(path, back)
        for name in sorted(set(names) - set(here)):
            places = [c for c in self.every_capture if c.name == name]
            if not places:
                if name in self.elsewhere:
                    procedure = "" if self.model.procedure is None else f" `{self.model.procedure.name}`"
                    cause = f"the procedure{procedure} captures no `{name}`, only `{self.elsewhere[name]}` does"
                    self.wrong(
                        "RB505", f"{who} reads a capture that is not there: {cause}", span, "capture it in a phase of both"
                    )
                continue
            taken = [c for c in self.captures if c.name == name]
            if taken and set(taken[0].path) <= set(path):
                cause = f"`{name}` is captured only where the phase `{taken[0].within}` is not skipped"
                fix = "capture it in a phase without a condition"
            elif taken:
                cause = f"`{name}` is captured only on the path {_path(places[0].path)}"
                fix = "capture it before the choice, or read it only on that path"
            else:
                cause, fix = f"`{name}` is captured only later", "move the `capture` in front of what reads it"
            self.wrong("RB505", f"{who} reads a capture that is not there yet: {cause}", span, fix)

    # ── shared settings ─────────────────────────────────────────────────────────────────────────────────────────

    def dir(self, node: Node, inherited: Value | None) -> Value | None:
        """The folder that holds for a statement: its own `in`, else its `on`'s, else that of what it stands in.

        None is the folder where the run was started.
        """
        on, inside = node.one("on"), node.one("in")
        base = inherited
        if on is not None:
            base = self.target(on.args["target"], on.span)
        if inside is None:
            return base
        return below(base, inside.args["path"])

    def target(self, name: str, span: Span) -> Value | None:
        """The folder of a service; a host has none. Notes what is used."""
        services = self.model.declared.get("service", {})
        if name not in services:
            self.hosts_used.append((name, span))
            return None
        return self.service_dir(name, span)

    def service_dir(self, name: str, span: Span) -> Value | None:
        """The folder of a service, which is used here."""
        service = self.node("service", name)
        self.services_used.append(name)
        if service.get("on"):
            self.hosts_used.append((service.args["on"], span))
        setting = service.one("dir")
        return None if setting is None else setting.args["path"]


def patience(args: Mapping[str, Any], first: str) -> Patience | None:
    """`every D for D`, where it was said; `first` is the argument that holds the first duration."""
    return Patience(args[first], args["for"]) if first in args and "for" in args else None


def below(base: Value | None, path: Value) -> Value:
    """A path seen from a folder; absolute ones, and ones that begin with a name, stand alone."""
    first = path.parts[0]
    if base is None or isinstance(first, Var) or first.text.startswith("/"):
        return path
    return Value((*base.parts, Lit("/"), *path.parts))


def variables(value: Value | None) -> tuple[str, ...]:
    """The names in a value."""
    return () if value is None else tuple(p.name for p in value.parts if isinstance(p, Var))


def _path(path: Path) -> str:
    return " and ".join(f"`{d.choice}` = `{d.option}`" for d in path)
