"""The Plan: what one script and one runbook do, decided to the end.

A backend sees nothing else. Order, numbers, symbols, timeouts, ways back, the operator's words and the commands of every
check are settled here by `lower`; every piece of text that came from a spec knows its place. Durations are whole seconds.
Prose (`note`, `symptom`, `purpose`, …) is Markdown; titles are plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from compiler.source import Span

# ── text ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Origin(Enum):
    """Where a piece of a body comes from."""

    SOURCE = "source"  # the operator's own characters, one to one with `span`
    CONSTANT = "constant"  # the value of `${a.b}`; `span` is the reference
    INSERTED = "inserted"  # the compiler's text (braces of `${name}`, a check's command); `span` is its anchor


@dataclass(frozen=True)
class Piece:
    """A run of text with its place. A SOURCE piece never spans a newline: each source line starts a piece."""

    text: str
    span: Span
    origin: Origin


@dataclass(frozen=True)
class Body:
    """Shell as it is run and as it is printed: the same text in script and runbook.

    `frozen` are the 0-based lines that begin inside a quote or a here-document and keep their place; None: not looked at.
    """

    pieces: tuple[Piece, ...]
    frozen: frozenset[int] | None = field(default=None, compare=False, repr=False)

    @property
    def text(self) -> str:
        return "".join(p.text for p in self.pieces)

    @property
    def span(self) -> Span:
        """The place to name for the whole body."""
        return self.pieces[0].span


@dataclass(frozen=True)
class Lit:
    text: str


@dataclass(frozen=True)
class Var:
    """A plain `$name`: a parameter, a capture, or HOME, USER, PATH, TMPDIR, PWD."""

    name: str


@dataclass(frozen=True)
class Value:
    """A path, URL, host, duration or number that may hold `$name`; becomes one shell word."""

    parts: tuple[Lit | Var, ...]

    @property
    def constant(self) -> str | None:
        """The text, if nothing in it is known only when run."""
        return "".join(p.text for p in self.parts if isinstance(p, Lit)) if all(isinstance(p, Lit) for p in self.parts) else None

    @property
    def shown(self) -> str:
        """For people: `$name` written as `$name`."""
        return "".join(p.text if isinstance(p, Lit) else f"${p.name}" for p in self.parts)


# ── what a script runs on ─────────────────────────────────────────────────────────────────────────────────────────


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
    name: str
    address: str | None
    access: str | None
    user: str | None
    guards: tuple[Guard, ...]
    note: str | None = None


@dataclass(frozen=True)
class EnvRequirement:
    name: str
    matches: str | None
    secret: bool
    note: str | None = None


@dataclass(frozen=True)
class EnvFile:
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


# ── checks ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
class Patience:
    """Try again `every` seconds until `within` seconds have passed."""

    every: int
    within: int


@dataclass(frozen=True)
class Probe:
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


@dataclass(frozen=True)
class ProbeUse:
    """A probe asked at one place, with the patience that holds there."""

    probe: str
    patience: Patience | None
    span: Span


# ── the way ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Decision:
    """`strategy` = `image`: an item below it exists only on that path."""

    choice: str
    option: str


class Way(Enum):
    """How the way back of a change goes."""

    UNDO = "undo"  # shell, or a task for a person
    NOTHING = "nothing"  # nothing is to be undone, and why
    ROLLBACK = "rollback"  # the rollback block covers it
    IRREVERSIBLE = "irreversible"
    READONLY = "readonly"  # not a change at all


@dataclass(frozen=True)
class WayBack:
    way: Way
    body: Body | None = None  # UNDO of a step
    text: str | None = None  # why (NOTHING, IRREVERSIBLE, READONLY), or the task in words (UNDO of a manual)
    timeout: int | None = None
    span: Span | None = None
    symbol: str | None = None  # undo_leitstand_up


@dataclass(frozen=True)
class Condition:
    """`unless PROBE` / `when PROBE`: asked once, without patience, recorded, kept by a resume."""

    holds: bool  # True: only when the probe holds (`when`); False: only unless it holds
    probe: str
    span: Span


@dataclass(frozen=True, kw_only=True)
class Item:
    """What stands in a phase, numbered. `id` is the path, `name` its last word, unique enough for people."""

    id: str  # update.strategy.image.leitstand_up
    name: str
    number: str  # 2.1a.3
    title: str
    span: Span
    path: tuple[Decision, ...]
    note: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class CheckItem(Item):
    """One probe of a `check` statement (a statement with four probes is four items)."""

    use: ProbeUse


@dataclass(frozen=True, kw_only=True)
class StepItem(Item):
    symbol: str  # step_leitstand_up
    body: Body
    dir: Value | None
    timeout: int | None
    retry: int  # further tries
    retry_every: int
    back: WayBack
    optional: str | None
    verify: tuple[ProbeUse, ...]
    diagnose: tuple[Body, ...]
    trouble: tuple[str, ...]
    reads: tuple[str, ...]  # parameters and captures used by body or undo
    interactive: bool = False  # talks to the terminal, is not logged
    guarded: str | None = None  # the id of the `guarded` block that holds it


@dataclass(frozen=True, kw_only=True)
class JobItem(StepItem):
    """A step that is a job of an automation: `title` is its template's name there, `body` starts it and prints the task's id."""

    automation: str
    functions: str  # how the automation's functions and variables begin: `semaphore`
    watch: Patience


@dataclass(frozen=True, kw_only=True)
class CaptureItem(Item):
    symbol: str  # capture_leitstand_before
    variable: str
    integer: bool
    matches: str | None
    empty: bool  # may be empty (only the compiler's own records)
    body: Body
    dir: Value | None
    timeout: int
    reads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ConfirmItem(Item):
    """`title` is the question."""

    checks: tuple[ProbeUse, ...]
    show: tuple[str, ...]
    other: bool = False  # `by other`: answered by another user than started the run


@dataclass(frozen=True, kw_only=True)
class ManualItem(Item):
    back: WayBack
    show: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HoldItem(Item):
    """Watch for a time: each look is one try; more than `tolerate` failed looks in a row fail the phase."""

    duration: Value  # seconds, or a duration parameter's `$name`
    watch: tuple[str, ...]  # probes
    every: int
    tolerate: int


@dataclass(frozen=True, kw_only=True)
class BackgroundItem(Item):
    """Shell that runs beside the phase; always stopped at the phase's end and at any exit."""

    symbol: str  # background_server
    body: Body
    dir: Value | None
    until: ProbeUse | None  # the run goes on when it holds
    reads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GuardedItem(Item):
    """Steps that undo themselves unless confirmed within `duration` seconds, from a new login, with `accept NAME`."""

    duration: int
    items: tuple[StepItem, ...]


@dataclass(frozen=True)
class Option:
    name: str
    letter: str
    title: str
    default: bool
    items: tuple[AnyItem, ...]
    span: Span
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChooseItem(Item):
    option: str  # "--strategy"
    options: tuple[Option, ...]


AnyItem = CheckItem | StepItem | CaptureItem | ConfirmItem | ManualItem | ChooseItem | HoldItem | BackgroundItem | GuardedItem


@dataclass(frozen=True)
class Phase:
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
    title: str
    triggers: tuple[str, ...]
    budget: int | None
    items: tuple[AnyItem, ...]  # the block: StepItem, ManualItem, ChooseItem; numbered R.1 …
    verify: tuple[CheckItem, ...]
    note: str | None
    span: Span
    budget_span: Span | None = None


# ── what the author expects of faults ─────────────────────────────────────────────────────────────────────────────


class Strike(Enum):
    """What goes wrong in an expectation."""

    FAILS = "fails"
    DECLINED = "declined"
    KILLED = "kill"


class Outcome(Enum):
    """How a run ends, in the words of a spec; `code` is the script's exit code."""

    DONE = "done"
    STOPPED = "stopped"
    LEFT = "changes left"
    VERIFIED = "rolled back verified"
    UNPROVEN = "rolled back unproven"
    PERSON = "person needed"
    DECLINED = "declined"
    PAUSED = "paused"
    RESUMABLE = "resumable"  # after a kill: `resume` goes on to the end

    @property
    def code(self) -> int:
        """The exit code; for RESUMABLE that of the `resume`."""
        return _CODES[self]


_CODES = {
    Outcome.DONE: 0,
    Outcome.STOPPED: 1,
    Outcome.LEFT: 3,
    Outcome.VERIFIED: 4,
    Outcome.UNPROVEN: 5,
    Outcome.PERSON: 6,
    Outcome.DECLINED: 8,
    Outcome.PAUSED: 9,
    Outcome.RESUMABLE: 0,
}


@dataclass(frozen=True)
class Expectation:
    """`expect step up fails -> rolled back verified`: what must come of a fault. A rehearsal tries it."""

    text: str  # as written, without `expect`
    strike: Strike
    kind: str  # what is struck: step, capture, probe, hold, background, confirm, manual, undo, verify
    name: str  # of the statement or probe
    items: tuple[str, ...]  # ids of what is struck, never empty; for `undo` of its steps, for `probe` of all that ask it
    outcome: Outcome
    span: Span


# ── for people ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Fix:
    """`text` or `body`, never both."""

    text: str | None
    body: Body | None


@dataclass(frozen=True)
class Trouble:
    name: str
    title: str
    symptoms: tuple[str, ...]
    causes: tuple[str, ...]
    fixes: tuple[Fix, ...]
    span: Span


@dataclass(frozen=True)
class Checklist:
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    title: str
    text: str


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


@dataclass(frozen=True)
class Reference:
    """A document that the runbook names: free Markdown text."""

    text: str


ForPeople = Section | Checklist | Alerts | Schedule


@dataclass(frozen=True)
class Assumption:
    """An entry of `values` that its author explains: what the spec takes for granted."""

    name: str  # limits.disk_used
    value: str
    note: str


@dataclass(frozen=True)
class Window:
    """`window Sun 02:00-04:00 Europe/Berlin`. Minutes of the day; an end before the start is on the next day."""

    days: tuple[int, ...]  # 1 Monday … 7 Sunday
    start: int
    end: int
    zone: str


@dataclass(frozen=True)
class Meta:
    """The `runbook` statement."""

    name: str
    title: str
    lang: str  # en, de
    id: str | None = None
    doc_class: str | None = None
    status: str | None = None
    updated: str | None = None  # ISO date
    owner: str | None = None
    audience: str | None = None
    scope: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    principles: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    drift: str | None = None
    windows: tuple[Window, ...] = ()  # when it may run
    budget: int | None = None  # seconds, how long it may take


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


def walk(items: tuple[AnyItem, ...]) -> Iterator[AnyItem]:
    """All items in order, a choice or a guard before what it holds."""
    for item in items:
        yield item
        if isinstance(item, ChooseItem):
            for option in item.options:
                yield from walk(option.items)
        elif isinstance(item, GuardedItem):
            yield from item.items


def exclusive(one: tuple[Decision, ...], other: tuple[Decision, ...]) -> bool:
    """Whether two paths choose differently somewhere, so that a run takes at most one of them."""
    chosen = {d.choice: d.option for d in one}
    return any(chosen.get(d.choice, d.option) != d.option for d in other)
