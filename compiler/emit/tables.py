"""The data of a script: what the runtime reads instead of code. Rows and settings hold machine words only; what people wrote
stands in notes and titles. A setting is `key=value`, settings are parted by a space.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compiler.emit import overview
from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CaptureItem,
    CheckItem,
    ChooseItem,
    Condition,
    ConfirmItem,
    Decision,
    EnvFile,
    GuardedItem,
    HoldItem,
    JobItem,
    ManualItem,
    Param,
    Patience,
    Phase,
    Plan,
    Probe,
    ProbeUse,
    Service,
    StepItem,
    Trouble,
    Var,
    Way,
    WayBack,
    walk,
)

Row = tuple[str, str, str, str, str]  # kind, id, number, title, settings


@dataclass(frozen=True)
class Tables:
    """Everything that a script knows as data, in the order in which it is printed."""

    plan: tuple[Row, ...]
    block: tuple[Row, ...]
    verify: tuple[Row, ...]
    probes: dict[str, str]
    params: tuple[tuple[str, str, str, str], ...]
    options: tuple[tuple[str, str], ...]
    env: tuple[tuple[str, str, str, str], ...]
    titles: dict[str, str]
    notes: dict[str, str]
    gates: tuple[str, ...]


def tables(plan: Plan) -> Tables:
    """The tables of a Plan."""
    rollback = plan.rollback
    titles = {f"probe/{p.name}": p.title for p in plan.probes}
    notes: dict[str, str] = {}
    everything = [item for phase in plan.phases for item in walk(phase.items)]
    everything += walk(rollback.items) if rollback else ()
    for item in everything:
        titles.update(_item_titles(item))
        notes.update(_item_notes(item))
    for probe in plan.probes:
        if probe.optional is not None:
            notes[f"probe/{probe.name}/optional"] = probe.optional
    notes.update({f"trouble/{t.name}": _trouble(t) for t in plan.troubles})
    for param in plan.params:
        notes.update(_param_notes(param))
    notes.update(_choice_help(everything))
    env = []
    for service in plan.services:
        for file in service.env_files:
            if not file.require:
                env.append((service.name, _in_folder(service, file), "", ""))
            for need in file.require:
                env.append((service.name, _in_folder(service, file), need.name, _settings(secret=need.secret)))
                if need.matches is not None:
                    notes[f"env/{service.name}/{need.name}"] = need.matches
    choices = {i.name: i.option for i in everything if isinstance(i, ChooseItem)}
    of_block = overview.of_block(plan)
    return Tables(
        plan=tuple(row for phase in plan.phases for row in _phase(phase)),
        block=tuple(_row(item, item in of_block) for item in (walk(rollback.items) if rollback else ())),
        verify=tuple(_row(item) for item in (rollback.verify if rollback else ())),
        probes={p.name: _probe(p) for p in plan.probes},
        params=tuple((p.name, p.option, p.type, _param(p)) for p in plan.params),
        options=tuple((p.option, p.name) for p in plan.params) + tuple((o, n) for n, o in choices.items()),
        env=tuple(env),
        titles=titles,
        notes={key: notes[key] for key in sorted(notes)},
        gates=tuple(dict.fromkeys(i.name for i in everything if isinstance(i, ConfirmItem | ManualItem | GuardedItem))),
    )


def _in_folder(service: Service, file: EnvFile) -> str:
    """The path of an env file, seen from anywhere."""
    path = file.path.constant or ""
    folder = (service.dir.constant or "") if service.dir else ""
    return path if path.startswith("/") or not folder else f"{folder}/{path}"


def _settings(**values: str | int | bool | None) -> str:
    """`key=value` words; what is None, False or empty is left out."""
    return " ".join(f"{key}={1 if value is True else value}" for key, value in values.items() if value not in (None, False, ""))


def when(path: Iterable[Decision]) -> str:
    """`strategy:image,other:x`: the decisions under which an item exists."""
    return ",".join(f"{d.choice}:{d.option}" for d in path)


def needed(ways: Iterable[Iterable[Decision]]) -> str:
    """`always`, `never`, or the paths on which something is needed: `strategy:build;other:x`."""
    return ";".join(when(path) or "always" for path in ways) or "never"


def _uses(uses: Iterable[ProbeUse]) -> str:
    return ",".join(f"{u.probe}:{u.patience.every if u.patience else 0}:{u.patience.within if u.patience else 0}" for u in uses)


def _phase(phase: Phase) -> Iterator[Row]:
    settings = _settings(on_failure=phase.on_failure, budget=phase.budget, at=phase.at, ask=_ask(phase.condition))
    yield ("phase", phase.name, phase.number, phase.title, settings)
    for item in walk(phase.items):
        yield _row(item)


def _row(item: AnyItem, of_block: bool = False) -> Row:
    """`of_block`: a decision that only the rollback block has."""
    kind, settings = _kind(item)
    where = _settings(block=of_block, when=when(item.path), ask=_ask(item.condition))
    return (kind, item.id, item.number, item.title, " ".join(s for s in (settings, where) if s))


def _ask(condition: Condition | None) -> str | None:
    """`unless:PROBE` or `when:PROBE`."""
    return None if condition is None else f"{'when' if condition.holds else 'unless'}:{condition.probe}"


def _kind(item: AnyItem) -> tuple[str, str]:
    match item:
        case CheckItem():
            return "check", _settings(probe=item.use.probe, **_patience(item.use.patience))
        case StepItem():
            return "step", _settings(
                fn=item.symbol,
                timeout=item.timeout,
                retry=item.retry or None,
                pause=item.retry_every if item.retry else None,
                **_back(item.back),
                optional=item.optional is not None,
                verify=_uses(item.verify),
                diagnose=diagnose_symbol(item.symbol) if item.diagnose else None,
                trouble=",".join(item.trouble),
                interactive=item.interactive,
                guarded=item.guarded,
                **_job(item),
            )
        case CaptureItem():
            return "capture", _settings(
                fn=item.symbol, var=item.variable, timeout=item.timeout, int=item.integer, empty=item.empty
            )
        case ConfirmItem():
            return "confirm", _settings(checks=_uses(item.checks), show=",".join(item.show), other=item.other)
        case HoldItem():
            duration = item.duration.constant
            parameter = next((p.name for p in item.duration.parts if isinstance(p, Var)), None)
            return "hold", _settings(
                seconds=duration, parameter=parameter, watch=",".join(item.watch), every=item.every, tolerate=item.tolerate
            )
        case BackgroundItem():
            return "background", _settings(fn=item.symbol, until=_uses((item.until,)) if item.until else None)
        case GuardedItem():
            return "guarded", _settings(seconds=item.duration, steps=",".join(step.id for step in item.items))
        case ManualItem():
            return "manual", _settings(back=item.back.way.value, show=",".join(item.show))
        case ChooseItem():
            default = next((o.name for o in item.options if o.default), None)
            return "choose", _settings(options=",".join(o.name for o in item.options), default=default)


def _job(item: StepItem) -> dict[str, str | int]:
    """Whose task it is, and how that is watched."""
    return {"job": item.functions, "every": item.watch.every, "within": item.watch.within} if isinstance(item, JobItem) else {}


def _patience(patience: Patience | None) -> dict[str, int]:
    return {"every": patience.every, "within": patience.within} if patience else {}


def _back(back: WayBack) -> dict[str, str | int | None]:
    undo = back.way is Way.UNDO
    return {"back": back.way.value, "undo": back.symbol if undo else None, "undo_timeout": back.timeout if undo else None}


def diagnose_symbol(symbol: str) -> str:
    """The function that runs the `diagnose` commands of a probe or step: `probe_dns` -> `diagnose_dns`."""
    return "diagnose_" + symbol.partition("_")[2]


def _probe(probe: Probe) -> str:
    return _settings(
        fn=probe.symbol,
        timeout=probe.timeout,
        **_patience(probe.patience),
        optional=probe.optional is not None,
        diagnose=diagnose_symbol(probe.symbol) if probe.diagnose else None,
        trouble=",".join(probe.trouble),
        reads=",".join(probe.reads),
        final=probe.final,
    )


def _param(param: Param) -> str:
    return _settings(
        needed=needed(param.needed_when),
        env=param.env,
        choices=",".join(param.choices),
        secret=param.secret,
        block=param.block,
    )


def _item_titles(item: AnyItem) -> dict[str, str]:
    if isinstance(item, ChooseItem):
        return {f"{item.id}/{option.name}": option.title for option in item.options}
    return {}


def _item_notes(item: AnyItem) -> dict[str, str]:
    notes: dict[str, str] = {}
    if isinstance(item, ConfirmItem | ManualItem) and item.note:
        notes[f"{item.id}/note"] = item.note
    if isinstance(item, StepItem | ManualItem) and item.back.text and item.back.way in (Way.IRREVERSIBLE, Way.UNDO):
        notes[f"{item.id}/back"] = item.back.text
    if isinstance(item, StepItem) and item.optional is not None:
        notes[f"{item.id}/optional"] = item.optional
    if isinstance(item, CaptureItem) and item.matches is not None:
        notes[f"{item.id}/matches"] = item.matches
    return notes


def _param_notes(param: Param) -> dict[str, str]:
    kind = " | ".join(param.choices) if param.choices else param.type
    default = f" [{param.default.shown}]" if param.default is not None else ""
    env = f" (${param.env})" if param.env else ""
    notes = {
        f"help/{param.name}": f"{(param.note or param.name).rstrip('.: ')}: {kind}{default}{env}",
        f"param/{param.name}/note": param.note or param.name,
    }
    if param.matches is not None:
        notes[f"param/{param.name}/matches"] = param.matches
    return notes


def _choice_help(items: Iterable[AnyItem]) -> dict[str, str]:
    notes: dict[str, str] = {}
    for item in items:
        if isinstance(item, ChooseItem):
            options = " | ".join(f"{o.name} [*]" if o.default else o.name for o in item.options)
            notes.setdefault(f"help/{item.name}", f"{item.title.rstrip('.: ')}: {options}")
    return notes


def _trouble(trouble: Trouble) -> str:
    said = trouble.causes or trouble.symptoms
    lines = [f"{trouble.title}: {' '.join(said)}" if said else trouble.title]
    for fix in trouble.fixes:
        lines += [f"→ {line}" for line in (fix.body.text if fix.body is not None else fix.text or "").splitlines() if line]
    return "\n".join(lines)
