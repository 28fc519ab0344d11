"""What a script runs on and with: hosts, services, automations, tools, and the options that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler.plan.model.checks import Patience
from compiler.plan.model.paths import Decision
from compiler.plan.model.text import Body, Value
from compiler.source import Span


@dataclass(frozen=True)
class Need:
    """A tool that must be on the host, with a version where one is asked for (`docker compose` is a tool of two words)."""

    tool: str
    op: str | None  # ">=", "<=", "=", ">", "<"
    version: str | None
    declared: bool  # said by the author; else found in the commands
    span: Span | None
    needed_when: tuple[tuple[Decision, ...], ...] = ((),)  # as `Param.needed_when`; what is declared is needed always


@dataclass(frozen=True)
class Guard:
    """Refuse to run anywhere else. `kind` is hostname (value), path (value) or command (body)."""

    kind: str
    value: Value | None
    body: Body | None
    span: Span


@dataclass(frozen=True)
class Host:
    """The machine that a script runs on."""

    name: str
    address: str | None
    access: str | None
    user: str | None
    guards: tuple[Guard, ...]
    note: str | None = None


@dataclass(frozen=True)
class EnvRequirement:
    """A variable that an env file must set."""

    name: str
    matches: str | None
    secret: bool
    note: str | None = None


@dataclass(frozen=True)
class EnvFile:
    """A file with variables that compose reads, seen from the service's folder."""

    path: Value
    require: tuple[EnvRequirement, ...]


@dataclass(frozen=True)
class ImageRule:
    """What every image of a service must match; `body` names each that does not, and fails then. `by_hand` shows them all."""

    matches: str
    why: str
    symbol: str
    body: Body
    by_hand: Body
    dir: Value | None
    span: Span


@dataclass(frozen=True)
class Service:
    """One compose project or systemd unit. `compose` are its files, seen from `dir`."""

    name: str
    host: str | None
    dir: Value | None
    compose: tuple[str, ...]
    project: str | None
    unit: str | None
    url: str | None
    env_files: tuple[EnvFile, ...] = ()
    images: tuple[ImageRule, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class Command:
    """A function that an automation's jobs share; `name` is the shell's."""

    name: str
    body: Body


@dataclass(frozen=True)
class Automation:
    """A server whose jobs are run.

    `commands` by role: `api`, `find` and `start` are called by others and by jobs; `templates`, `newest`, `state`, `output` and
    `stop` are what a run asks of the server.
    """

    name: str
    functions: str  # how their names begin
    kind: str  # semaphore
    url: Value
    project: Value
    token: str  # the parameter
    ca: Value | None
    insecure: str | None
    patience: Patience
    commands: Mapping[str, Command]
    variables: tuple[str, ...]  # what the commands hand to each other: the job's name, its task
    note: str | None
    span: Span


@dataclass(frozen=True)
class Param:
    """One `--option` of the script."""

    name: str
    type: str  # string, int, path, url, host, sha, duration, choice
    option: str  # "--repo-root"
    choices: tuple[str, ...]
    matches: str | None
    env: str | None
    default: Value | None
    secret: bool
    note: str | None
    needed_when: tuple[tuple[Decision, ...], ...]  # any of these paths; ((),) means always, () never
    span: Span
    block: bool = False  # only the rollback block reads it
