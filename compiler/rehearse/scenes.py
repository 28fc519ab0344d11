"""Every fault that a rehearsal tries. The order is that of the Plan, and so are the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

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
    JobItem,
    ManualItem,
    Param,
    Phase,
    Plan,
    StepItem,
    Way,
)
from compiler.rehearse import refusals, sample
from compiler.rehearse.oracle import verified_anyway
from compiler.rehearse.paths import Path, back_paths, is_change, other_paths, paths, same_until
from compiler.rehearse.scene import SYNC, Fault, Kind, Scene

_ANSWERS = ("next_again", "next_pause", "next_stop", "next_rollback")
_KNOWN = ("next_again", "next_undo", "next_done")


def scenes(plan: Plan) -> tuple[Scene, ...]:
    """All scenes of a Plan; a scene stands after the one that it begins from."""
    found: list[Scene] = []
    known: list[Path] = []
    for path in paths(plan):
        found += _Way(path, tuple(known)).all()
        known.append(path)
    for path in other_paths(plan):
        found.append(_Way(path, tuple(known)).good_run())
    return tuple(found)


class _Way:
    """The scenes of one way. What an earlier way has shown already (the same items, nothing changed yet) is left out."""

    def __init__(self, path: Path, known: tuple[Path, ...]) -> None:
        self.path, self.plan, self.known = path, path.plan, known
        self.ambient = tuple(_ambient(path))
        self.always_attended = refusals.interactive(path)
        self.good = "/".join(part for part in (path.name, Kind.GOOD.value) if part)

    def good_run(self) -> Scene:
        """Nothing fails."""
        return self._scene(Kind.GOOD)

    def all(self) -> Iterator[Scene]:
        """Every fault of this way; and what `status` says of the first end of each sort."""
        told = set()
        for scene in self._all():
            yield scene
            sort = "" if self.known else _sort(scene)
            if sort and sort not in told:
                told.add(sort)
                made = self._scene(Kind.STATUS, scene.item, command="status", after=scene.key)
                yield replace(made, key="/".join((self._scene(Kind.STATUS).key, sort)), arguments=(), faults=())

    def _all(self) -> Iterator[Scene]:
        yield self.good_run()
        if not self.known:
            yield from self._refusals()
            yield from self._answers()
        for phase in self.plan.phases:
            if phase.condition is not None and not any(phase in way.phases.values() for way in self.known):
                yield self._phase_skipped(phase, phase.condition)
        for item in self.path.items:
            if not any(same_until(self.path, other, item.id) for other in self.known):
                yield from self._item(item)
        yield from self._back()
        for item in self.path.items:
            if isinstance(item, StepItem) and item.guarded is None:
                yield from self._kill(item)
        if not self.known and not self.always_attended:
            yield from self._broken_off()

    def _scene(
        self, kind: Kind, item: AnyItem | None = None, fault: Fault | None = None, *, command: str = "run",
        more: tuple[str, ...] = (), after: str | None = None, attended: bool = False, path: Path | None = None,
    ) -> Scene:  # fmt: skip
        way = path or self.path
        function = fault.function if fault else ""
        mode = fault.mode if fault and fault.mode in ("empty", "other", "nul", "missing", "malformed") else ""
        key = "/".join(part for part in (way.name, kind.value, item.id if item else "", function, mode) if part)
        return Scene(
            key, kind, way, item, function, ((fault,) if fault else ()) + self.ambient, command,
            arguments(way, command, declined=item if attended else None) + more, after, attended or self.always_attended,
        )  # fmt: skip

    def _refusals(self) -> Iterator[Scene]:
        for kind, fault in refusals.refusals(self.path):
            yield self._scene(kind, None, fault)
        if refusals.outside(self.path) is not None:
            yield self._scene(Kind.WINDOW)
        if self.always_attended:
            return
        for name in refusals.unanswered(self.path):
            made = self._scene(Kind.UNANSWERED)
            yield replace(made, key="/".join((made.key, name or "yes")), arguments=_without(made.arguments, name))

    def _answers(self) -> Iterator[Scene]:
        """At a terminal: no to the question before the first change, and each answer to a step that fails."""
        changes = [item for item in self.path.items if is_change(item)]
        if changes and not self.always_attended:
            made = self._scene(Kind.FIRST, attended=True)
            yield replace(made, arguments=_without(made.arguments, ""))
        plain = (item for item in changes if isinstance(item, StepItem) and self._is_asked_about(item))
        for item in (*plain,)[:1]:
            for answer in _ANSWERS:
                tries = item.retry + 1 if answer == "next_again" else None
                made = self._scene(Kind.ANSWER, item, Fault(item.symbol, item.id, mode="half", tries=tries))
                made = replace(made, key=f"{made.key}/{answer}", attended=True, answer=answer)
                yield made
                if answer == "next_pause":
                    yield self._resumed(Kind.GO_ON, item, made)
                    yield self._scene(Kind.GO_BACK, item, command="rollback", after=made.key)
        passed = (i for i in changes if isinstance(i, StepItem) and self._is_asked_about(i, optional=True) and i.back.symbol)
        for item in (*passed,)[:1]:
            # It may fail, but then it has to be taken back, and that fails too: it counts as failed.
            made = self._scene(Kind.ANSWER, item, Fault(item.symbol, item.id, mode="half", tries=item.retry + 1))
            faults = (*made.faults, Fault(str(item.back.symbol), item.id, "any", tries=1))
            yield replace(made, key=f"{made.key}/optional", faults=faults, attended=True, answer="next_again")

    def _is_asked_about(self, item: StepItem, *, optional: bool = False) -> bool:
        special = item.guarded or (item.optional is not None) is not optional or isinstance(item, JobItem)
        return not special and self.path.phases[item.id].on_failure is None

    def _item(self, item: AnyItem) -> Iterator[Scene]:
        if item.condition is not None:
            yield self._skipped(item, item.condition)
        match item:
            case CheckItem():
                yield self._probe(Kind.CHECK, item, item.use.probe)
            case CaptureItem():
                yield self._scene(Kind.CAPTURE, item, Fault(item.symbol, item.id))
                if not item.empty:
                    yield self._scene(Kind.CAPTURE, item, Fault(item.symbol, item.id, mode="empty"))
                if item.integer:
                    yield self._scene(Kind.CAPTURE, item, Fault(item.symbol, item.id, mode="other"))
            case StepItem():
                yield from self._step(item)
            case HoldItem():
                for name in item.watch:
                    yield self._probe(Kind.HOLD, item, name)
                yield self._scene(Kind.TERM, item, Fault(self.plan.probe(item.watch[0]).symbol, item.id, mode="term"))
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
        return replace(made, function=symbol, faults=faults)

    def _phase_skipped(self, phase: Phase, condition: Condition) -> Scene:
        """The same for a whole phase."""
        made = self._scene(Kind.SKIP)
        symbol = self.plan.probe(condition.probe).symbol
        faults = tuple(f for f in made.faults if (f.function, f.place) != (symbol, phase.name))
        if condition.holds:
            faults = (Fault(symbol, phase.name, tries=1), *faults)
        key = "/".join((made.key, phase.name))
        return replace(made, key=key, function=symbol, faults=faults, left_out=phase.name)

    def _step(self, item: StepItem) -> Iterator[Scene]:
        for kind, mode in ((Kind.START, "start"), (Kind.HALF, "half"), (Kind.EARLY, "early")):
            yield self._scene(kind, item, Fault(item.symbol, item.id, mode=mode))
        if item.timeout is not None:
            yield self._scene(Kind.TIMEOUT, item, Fault(item.symbol, item.id, mode="timeout"))
        if item.retry:
            yield self._scene(Kind.FLAKY, item, Fault(item.symbol, item.id, mode="half", tries=1))
        for use in item.verify:
            yield self._probe(Kind.VERIFY, item, use.probe)
        if item.optional is not None and item.back.way is Way.UNDO:
            made = self._scene(Kind.OPTIONAL_UNDO, item, Fault(item.symbol, item.id, mode="half"))
            yield replace(made, faults=(Fault(str(item.back.symbol), item.id, "any"), *made.faults))
        yield self._scene(Kind.TERM, item, Fault(item.symbol, item.id, mode="term"))
        yield self._scene(Kind.HANGUP, item, Fault(item.symbol, item.id, mode="hup"))

    def _back(self) -> Iterator[Scene]:
        """Ways back from a good run: each undo and each proof failing, and killed; and the block alone."""
        if not self.known and not self.always_attended:
            yield self._scene(Kind.ANEW, after=self.good)
            yield from self._without_a_run()
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

    def _without_a_run(self) -> Iterator[Scene]:
        """Where there is nothing to go on with, or nobody wants the way back."""
        for name, command, after in (("resume", "resume", None), ("rollback", "rollback", None), ("ended", "resume", self.good)):
            made = self._scene(Kind.NO_RUN, command=command, after=after)
            yield replace(made, key="/".join((made.key, name)))
        made = self._scene(Kind.UNANSWERED, command="rollback", after=self.good)
        yield replace(made, key=f"{made.key}/back", arguments=_without(made.arguments, ""))
        made = self._scene(Kind.NOT_BACK, command="rollback", after=self.good, attended=True)
        yield replace(made, arguments=_without(made.arguments, ""))

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
            if isinstance(item, StepItem):
                fault = Fault(item.symbol, item.id, "any", "kill")
                killed = self._scene(Kind.KILL_BLOCK, item, fault, command="rollback", more=more, after=self.good, path=way)
                yield killed
                yield self._scene(Kind.AGAIN_BLOCK, item, command="rollback", more=more, after=killed.key, path=way)

    def _resumed(self, kind: Kind, item: AnyItem, after: Scene) -> Scene:
        """`resume`, where a scene has ended at or behind an item. What was asked before is on record and not asked again."""
        reached = after.item or item
        ids = [other.id for other in self.path.items]
        before = ids[: ids.index(reached.id) + 1]
        asked = {*before, *(self.path.phases[other].name for other in before)}
        made = self._scene(kind, item, command="resume", after=after.key)
        return replace(made, faults=tuple(fault for fault in made.faults if fault.place not in asked))

    def _kill(self, item: StepItem) -> Iterator[Scene]:
        """The driver ends in a step, which is half done; with a `verify`, also when all of it is done."""
        killed = self._scene(Kind.KILL, item, Fault(item.symbol, item.id, mode="kill"))
        yield killed
        yield self._resumed(Kind.RESUME, item, killed)
        yield self._scene(Kind.KILL_BACK, item, command="rollback", after=killed.key)
        if item.verify:
            late = self._scene(Kind.LATE, item, Fault(item.symbol, item.id, mode="late"))
            yield late
            yield self._resumed(Kind.RESUME_LATE, item, late)
        changes = [other.id for other in self.path.items if is_change(other)]
        if self.known or self.always_attended or item.id not in changes[:1] or isinstance(item, JobItem):
            return
        yield self._scene(Kind.UNFINISHED, item, after=killed.key)
        later = [name for name in refusals.unanswered(self.path, item) if name]
        for name in ("", *later[:1]):
            made = self._resumed(Kind.UNANSWERED, item, killed)
            yield replace(made, key="/".join((made.key, name or "yes")), arguments=_without(made.arguments, name))
        for answer in _KNOWN:
            if answer == "next_done" and item.verify:
                continue  # what is half done would be proven first, and asked about once more
            made = self._resumed(Kind.KNOWN, item, killed)
            yield replace(made, key=f"{made.key}/{answer}", attended=True, answer=answer)

    def _broken_off(self) -> Iterator[Scene]:
        """Runs that ended early and are gone on with: one of each, for what is decided then does not hang on the step."""
        steps = [i for i in self.path.items if isinstance(i, StepItem) and i.guarded is None and not isinstance(i, JobItem)]
        changes = [item for item in steps if is_change(item)]
        for item in [i for i in changes if i.back.symbol and not verified_anyway(i, self.path)][:1]:
            killed = self._scene(Kind.KILL, item, Fault(item.symbol, item.id, mode="kill"))
            made = self._resumed(Kind.RESUME_UNDO, item, killed)
            made = replace(made, faults=(Fault(str(item.back.symbol), item.id, "any"), *made.faults))
            yield made
            yield replace(made, key=f"{made.key}/next_undo", attended=True, answer="next_undo")
        for capture in [i for i in self.path.items if isinstance(i, CaptureItem)][:1]:
            yield self._scene(Kind.CAPTURE, capture, Fault(capture.symbol, capture.id, mode="nul"))
        for item in changes[:1]:
            killed = self._scene(Kind.KILL, item, Fault(item.symbol, item.id, mode="kill"))
            yield self._resumed(Kind.TORN, item, killed)
            for function in refusals.asked_early(self.path):
                made = self._resumed(Kind.MOVED, item, killed)
                yield replace(made, function=function, faults=(Fault(function, "", "any", "moved"), *made.faults))
                made = self._resumed(Kind.LIVES, item, killed)
                yield replace(made, key=f"{made.key}/meanwhile", faults=(Fault(function, "", "any", "lives"), *made.faults))
            yield from self._while_it_lives(item)
            yield from self._fails_behind(item)
        later = zip(self.path.items, (*self.path.items[1:], None), strict=True)
        # The result of a step that another one follows is put on disk together with that one's intent.
        alone = (item for item, next_one in later if item in changes and not isinstance(next_one, StepItem))
        for item in [i for i in alone if isinstance(i, StepItem) and i.optional is None and not i.retry][:1]:
            made = self._scene(Kind.TOO_LATE, item, Fault(SYNC, item.id, mode="signal"))
            yield replace(made, attended=True, answer="next_again")

    def _while_it_lives(self, item: StepItem) -> Iterator[Scene]:
        """The driver is killed and its step lives on: nothing starts, however often somebody tries."""
        orphan = self._scene(Kind.ORPHAN, item, Fault(item.symbol, item.id, mode="orphan"))
        yield orphan
        anew = self._scene(Kind.LIVES, item, more=("--anew", "--why", "rehearsal"), after=orphan.key)
        yield replace(anew, key=f"{anew.key}/run")
        for command in ("resume", "rollback"):
            made = self._scene(Kind.LIVES, item, command=command, after=orphan.key)
            tried = replace(made, key=f"{made.key}/{command}")
            yield tried
            yield replace(tried, key=f"{tried.key}/again", after=tried.key)
        for function in refusals.asked_early(self.path):
            # All that stops it is said in one list.
            made = self._scene(Kind.LIVES, item, command="resume", after=orphan.key)
            yield replace(made, key=f"{made.key}/resume/{function}", faults=(Fault(function, "", "any"), *made.faults))

    def _fails_behind(self, item: StepItem) -> Iterator[Scene]:
        """The run pauses behind a step, and what comes next in `resume` fails."""
        paused = self._scene(Kind.HANGUP, item, Fault(item.symbol, item.id, mode="hup"))
        for other in self.path.items[self.path.items.index(item) + 1 :]:
            function = ""
            if isinstance(other, CheckItem) and self.plan.probe(other.use.probe).optional is None:
                function = self.plan.probe(other.use.probe).symbol
            elif isinstance(other, CaptureItem) or (isinstance(other, StepItem) and not (other.optional or other.guarded)):
                function = other.symbol
            if function and other.condition is None:
                made = self._resumed(Kind.GO_ON_FAILS, other, paused)
                yield replace(made, function=function, faults=(Fault(function, other.id), *made.faults))
                return


def _sort(scene: Scene) -> str:
    """What sort of end `status` is asked about: '' where it is not."""
    if scene.kind is Kind.ANSWER:
        return "paused" if scene.answer == "next_pause" else ""
    if scene.kind is Kind.START:
        return "optional" if isinstance(scene.item, StepItem) and scene.item.optional is not None else ""
    plain = (Kind.GOOD, Kind.KILL, Kind.BACK, Kind.UNDO, Kind.KILL_UNDO)
    return scene.kind.value if scene.kind in plain or (scene.kind is Kind.SKIP and scene.item is not None) else ""


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


def _without(given: tuple[str, ...], name: str) -> tuple[str, ...]:
    """A command line that leaves the answer to a gate out; '' is the one to the question before the first change."""
    if not name:
        return tuple(word for word in given if word != "--yes")
    at = next(number for number, word in enumerate(given) if given[number : number + 2] == ("--accept", name))
    return given[:at] + given[at + 2 :]


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
