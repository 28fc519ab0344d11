"""Every fault that a rehearsal tries. The order is that of the Plan, and so are the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from compiler.emit.bash import need_symbol
from compiler.emit.overview import covered
from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CaptureItem,
    CheckItem,
    Condition,
    ConfirmItem,
    Decision,
    GuardedItem,
    HoldItem,
    ManualItem,
    Param,
    Plan,
    StepItem,
    Way,
)
from compiler.rehearse import sample
from compiler.rehearse.paths import Path, back_paths, paths, same_until


class Kind(Enum):
    """What is tried."""

    GOOD = "good"  # nothing fails
    SKIP = "skip"  # a condition leaves an item out
    GUARD = "guard"  # the wrong host
    NEED = "need"  # a tool that does not answer
    CHECK = "check"  # a probe of a `check` fails
    CAPTURE = "capture"
    START = "start"  # a step fails before it did anything
    HALF = "half"  # a step fails half-way
    EARLY = "early"  # a step ends with 0 before its end
    TIMEOUT = "timeout"
    FLAKY = "flaky"  # the first try fails, the next one works
    VERIFY = "verify"  # the step ends well and its proof fails
    HOLD = "hold"
    BACKGROUND = "background"
    UNTIL = "until"  # what a background part waits for does not come
    GATE = "gate"  # the probe in front of a gate fails
    DECLINE = "decline"  # a gate or a task is answered with no
    EXPIRE = "expire"  # a guard is not confirmed in time
    TERM = "term"  # a signal ends the step
    HANGUP = "hangup"  # the terminal is lost
    BACK = "back"  # `rollback` after a good run
    UNDO = "undo"  # one undo fails
    PROOF = "proof"  # a probe of `verify` fails after the way back
    FRESH = "fresh"  # `rollback --fresh`
    BLOCK = "block"  # a step of the rollback block fails
    KILL = "kill"  # the machine goes down in a step
    RESUME = "resume"  # … and then `resume`
    KILL_BACK = "kill-back"  # … and then `rollback`
    KILL_UNDO = "kill-undo"  # the machine goes down in an undo
    AGAIN = "again"  # … and then `rollback` once more


SETUP = frozenset((Kind.KILL, Kind.KILL_UNDO))  # they prepare what follows, and are no rows of the matrix


@dataclass(frozen=True)
class Fault:
    """One line of a stand-in's orders.

    `function` fails in the way of `mode` while the driver is at the item `place` ('' for anywhere), on the way forward or
    back, in its first `tries` calls there (None: always).
    """

    function: str
    place: str
    when: str = "forward"  # forward, back, any
    mode: str = "start"
    tries: int | None = None

    def line(self) -> str:
        """As `rbc_stand_in` reads it."""
        return f"{self.function}|{self.place}|{self.when}|{self.mode}|{'' if self.tries is None else self.tries}\n"


@dataclass(frozen=True)
class Scene:
    """One start of the script. `after` is the key of the scene whose end it begins from."""

    key: str
    kind: Kind
    path: Path
    item: AnyItem | None = None
    function: str = ""
    faults: tuple[Fault, ...] = ()
    command: str = "run"
    arguments: tuple[str, ...] = ()
    after: str | None = None
    attended: bool = False  # on a terminal, with a person who declines `item` and says yes to all else


def scenes(plan: Plan) -> tuple[Scene, ...]:
    """All scenes of a Plan; a scene stands after the one that it begins from."""
    found: list[Scene] = []
    known: list[Path] = []
    for path in paths(plan):
        found += _Way(path, tuple(known)).all()
        known.append(path)
    return tuple(found)


class _Way:
    """The scenes of one way. What an earlier way has shown already (the same items, nothing changed yet) is left out."""

    def __init__(self, path: Path, known: tuple[Path, ...]) -> None:
        self.path, self.plan, self.known = path, path.plan, known
        self.ambient = tuple(_ambient(path))
        self.always_attended = any(isinstance(i, StepItem) and i.interactive for i in path.items)
        self.good = "/".join(part for part in (path.name, Kind.GOOD.value) if part)

    def all(self) -> Iterator[Scene]:
        yield self._scene(Kind.GOOD)
        if not self.known:
            yield from self._refusals()
        for item in self.path.items:
            if not any(same_until(self.path, other, item.id) for other in self.known):
                yield from self._item(item)
        yield from self._back()
        for item in self.path.items:
            if isinstance(item, StepItem) and item.guarded is None:
                yield from self._kill(item)

    def _scene(
        self, kind: Kind, item: AnyItem | None = None, fault: Fault | None = None, *, command: str = "run",
        more: tuple[str, ...] = (), after: str | None = None, attended: bool = False, path: Path | None = None,
    ) -> Scene:  # fmt: skip
        way = path or self.path
        function = fault.function if fault else ""
        key = "/".join(part for part in (way.name, kind.value, item.id if item else "", function) if part)
        return Scene(
            key, kind, way, item, function, ((fault,) if fault else ()) + self.ambient, command,
            arguments(way, command, declined=item if attended else None) + more, after, attended or self.always_attended,
        )  # fmt: skip

    def _refusals(self) -> Iterator[Scene]:
        for number, _ in enumerate(self.plan.host.guards if self.plan.host else (), 1):
            yield self._scene(Kind.GUARD, None, Fault(f"guard_{number}", "", "any"))
        for need in self.plan.needs:
            ways = need.needed_when
            on = any(all(self.path.chosen.get(d.choice) == d.option for d in way) for way in ways)
            if need.version is not None and on:
                yield self._scene(Kind.NEED, None, Fault(need_symbol(need), "", "any"))

    def _item(self, item: AnyItem) -> Iterator[Scene]:
        if item.condition is not None:
            yield self._skipped(item, item.condition)
        match item:
            case CheckItem():
                yield self._probe(Kind.CHECK, item, item.use.probe)
            case CaptureItem():
                yield self._scene(Kind.CAPTURE, item, Fault(item.symbol, item.id))
            case StepItem():
                yield from self._step(item)
            case HoldItem():
                for name in item.watch:
                    yield self._probe(Kind.HOLD, item, name)
            case BackgroundItem():
                yield self._scene(Kind.BACKGROUND, item, Fault(item.symbol, item.id))
                if item.until:
                    yield self._probe(Kind.UNTIL, item, item.until.probe)
            case ConfirmItem():
                for use in item.checks:
                    yield self._probe(Kind.GATE, item, use.probe)
                if not item.other:
                    yield self._scene(Kind.DECLINE, item, attended=True)
            case ManualItem():
                yield self._scene(Kind.DECLINE, item, attended=True)
            case GuardedItem():
                made = self._scene(Kind.EXPIRE, item)
                without = arguments(self.path, "run", declined=item)
                yield replace(made, arguments=without)
            case _:
                pass

    def _probe(self, kind: Kind, item: AnyItem, name: str) -> Scene:
        return self._scene(kind, item, Fault(self.plan.probe(name).symbol, item.id))

    def _skipped(self, item: AnyItem, condition: Condition) -> Scene:
        """The world as it is not in the other scenes: there every condition lets its item run."""
        made = self._scene(Kind.SKIP, item)
        symbol = self.plan.probe(condition.probe).symbol
        faults = tuple(f for f in made.faults if (f.function, f.place) != (symbol, item.id))
        if condition.holds:
            faults = (Fault(symbol, item.id, tries=1), *faults)
        return Scene(made.key, made.kind, made.path, item, symbol, faults, made.command, made.arguments, None, made.attended)

    def _step(self, item: StepItem) -> Iterator[Scene]:
        for kind, mode in ((Kind.START, "start"), (Kind.HALF, "half"), (Kind.EARLY, "early")):
            yield self._scene(kind, item, Fault(item.symbol, item.id, mode=mode))
        if item.timeout is not None:
            yield self._scene(Kind.TIMEOUT, item, Fault(item.symbol, item.id, mode="timeout"))
        if item.retry:
            yield self._scene(Kind.FLAKY, item, Fault(item.symbol, item.id, tries=1))
        for use in item.verify:
            yield self._probe(Kind.VERIFY, item, use.probe)
        yield self._scene(Kind.TERM, item, Fault(item.symbol, item.id, mode="term"))
        yield self._scene(Kind.HANGUP, item, Fault(item.symbol, item.id, mode="hup"))

    def _back(self) -> Iterator[Scene]:
        """Ways back from a good run: each undo and each proof failing, and killed; and the block alone."""
        back = self._scene(Kind.BACK, command="rollback", after=self.good)
        yield back
        undone = [i for i in self.path.items if isinstance(i, StepItem) and i.back.way is Way.UNDO and i.back.symbol]
        for item in reversed(undone):
            symbol = str(item.back.symbol)
            yield self._scene(Kind.UNDO, item, Fault(symbol, item.id, "back"), command="rollback", after=self.good)
        for proof in self.path.verify:
            fault = Fault(self.plan.probe(proof.use.probe).symbol, proof.id, "back")
            yield self._scene(Kind.PROOF, proof, fault, command="rollback", after=self.good)
        for item in reversed(undone):
            fault = Fault(str(item.back.symbol), item.id, "back", "kill")
            killed = self._scene(Kind.KILL_UNDO, item, fault, command="rollback", after=self.good)
            yield killed
            yield self._scene(Kind.AGAIN, item, command="rollback", after=killed.key)
        if not self.known:
            for way in back_paths(self.path):
                if way.block:
                    yield from self._block(way, "--fresh")
        elif covered(self.path.items):
            yield from self._block(self.path, "")

    def _block(self, way: Path, fresh: str) -> Iterator[Scene]:
        more: tuple[str, ...] = (fresh,) if fresh else ()
        known = {param.name for param in _asked_for(self.path, covered(self.path.items))}
        for param in _asked_for(way, True):
            if param.name not in known and not param.secret:  # a secret is given anyway
                more += (param.option, sample.param(param))
        yield self._scene(Kind.FRESH, command="rollback", more=more, after=self.good, path=way)
        for item in way.block:
            if isinstance(item, StepItem) and item.optional is None:
                fault = Fault(item.symbol, item.id, "any")
                yield self._scene(Kind.BLOCK, item, fault, command="rollback", more=more, after=self.good, path=way)

    def _kill(self, item: StepItem) -> Iterator[Scene]:
        killed = self._scene(Kind.KILL, item, Fault(item.symbol, item.id, mode="kill"))
        yield killed
        # What was asked before the kill is on record and not asked again.
        ids = [other.id for other in self.path.items]
        before = ids[: ids.index(item.id) + 1]
        asked = {*before, *(self.path.phases[other].name for other in before)}
        resumed = self._scene(Kind.RESUME, item, command="resume", after=killed.key)
        yield replace(resumed, faults=tuple(fault for fault in resumed.faults if fault.place not in asked))
        yield self._scene(Kind.KILL_BACK, item, command="rollback", after=killed.key)


def _ambient(path: Path) -> Iterator[Fault]:
    """What must not hold so that `unless` lets its item run. It is asked once, before anything else at that item."""
    for phase in path.plan.phases:
        if phase.condition is not None and not phase.condition.holds:
            yield Fault(path.plan.probe(phase.condition.probe).symbol, phase.name, tries=1)
    for item in path.items:
        if item.condition is not None and not item.condition.holds:
            yield Fault(path.plan.probe(item.condition.probe).symbol, item.id, tries=1)


def arguments(path: Path, command: str, declined: AnyItem | None) -> tuple[str, ...]:
    """The command line: the way, the parameters that have no default, and every gate but the declined one accepted.

    `resume` and `rollback` know the values of their run, but for secrets, which are nowhere kept.
    """
    given = ["--yes"]
    names = {
        item.name for item in _gates(path.items) if command != "rollback" and not (isinstance(item, ConfirmItem) and item.other)
    } | {item.name for item in _gates(path.block)}
    for name in sorted(names - ({declined.name} if declined else set())):
        given += ("--accept", name)
    options = _options(path)
    taken = path.decisions if command == "run" else _back_decisions(path)
    for decision in taken:
        given += (options[decision.choice], decision.option)
    for param in _asked_for(path, command == "rollback" or covered(path.items)):
        if command == "run" or param.secret:
            given += (param.option, sample.param(param))
    return tuple(given)


def _asked_for(path: Path, block: bool) -> Iterator[Param]:
    """The parameters without a default that a way needs; with those of the rollback `block` alone, or without."""
    for param in path.plan.params:
        needed = any(all(path.chosen.get(d.choice) == d.option for d in way) for way in param.needed_when)
        if needed and param.default is None and (block or not param.block):
            yield param


def _gates(items: tuple[AnyItem, ...]) -> Iterator[AnyItem]:
    return (item for item in items if isinstance(item, ConfirmItem | ManualItem | GuardedItem))


def _options(path: Path) -> Mapping[str, str]:
    return {d.choice: "--" + d.choice.replace("_", "-") for d in path.decisions}


def _back_decisions(path: Path) -> tuple[Decision, ...]:
    own = {d for item in path.block for d in item.path}
    return tuple(d for d in path.decisions if d in own)
