"""Small Plans by hand, for what no spec shows: hostile words, odd combinations. The gateway comes from its spec."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.plan.model import (
    AnyItem,
    Body,
    CaptureItem,
    CheckItem,
    ChooseItem,
    ConfirmItem,
    Decision,
    Fix,
    Host,
    Lit,
    ManualItem,
    Meta,
    Need,
    Option,
    Origin,
    Param,
    Patience,
    Phase,
    Piece,
    Plan,
    Probe,
    ProbeCheck,
    ProbeUse,
    Rollback,
    Service,
    SpecFile,
    StepItem,
    Trouble,
    Value,
    Var,
    Way,
    WayBack,
)
from compiler.source import Source

SOURCE = Source("specs/small.rb", "x\n")
SPAN = SOURCE.span(0, 1)


def body(text: str) -> Body:
    return Body((Piece(text, SPAN, Origin.INSERTED),))


def value(*parts: str | Var) -> Value:
    return Value(tuple(Lit(p) if isinstance(p, str) else p for p in parts))


def command_check(text: str) -> ProbeCheck:
    return ProbeCheck("succeeds", {}, body(text), SPAN)


def probe(
    name: str,
    title: str,
    *checks: ProbeCheck,
    patience: Patience | None = None,
    optional: str | None = None,
    diagnose: tuple[Body, ...] = (),
    trouble: tuple[str, ...] = (),
    note: str | None = None,
    folder: Value | None = None,
) -> Probe:
    return Probe(
        name,
        f"probe_{name}",
        title,
        checks or (command_check("true"),),
        folder,
        10,
        patience,
        optional,
        diagnose,
        trouble,
        note,
        SPAN,
    )


def use(name: str, patience: Patience | None = None) -> ProbeUse:
    return ProbeUse(name, patience, SPAN)


def check(number: str, title: str, name: str, patience: Patience | None = None) -> CheckItem:
    return CheckItem(id=f"x.{name}", name=name, number=number, title=title, span=SPAN, path=(), use=use(name, patience))


def step(
    number: str,
    title: str,
    commands: str,
    back: WayBack | None = None,
    *,
    name: str | None = None,
    folder: Value | None = None,
    timeout: int | None = None,
    retry: int = 0,
    optional: str | None = None,
    verify: tuple[ProbeUse, ...] = (),
    diagnose: tuple[Body, ...] = (),
    trouble: tuple[str, ...] = (),
    note: str | None = None,
    path: tuple[Decision, ...] = (),
) -> StepItem:
    name = name or f"s{number.replace('.', '_').lower()}"
    return StepItem(
        id=f"x.{name}",
        name=name,
        number=number,
        title=title,
        span=SPAN,
        path=path,
        note=note,
        symbol=f"step_{name}",
        body=body(commands),
        dir=folder,
        timeout=timeout,
        retry=retry,
        retry_every=5,
        back=back or WayBack(Way.NOTHING, text="Es bleibt nichts zurück."),
        optional=optional,
        verify=verify,
        diagnose=diagnose,
        trouble=trouble,
        reads=(),
    )


def capture(
    number: str,
    title: str,
    variable: str,
    commands: str,
    *,
    integer: bool = False,
    matches: str | None = None,
    folder: Value | None = None,
) -> CaptureItem:
    return CaptureItem(
        id=f"x.{variable}",
        name=variable,
        number=number,
        title=title,
        span=SPAN,
        path=(),
        symbol=f"capture_{variable}",
        variable=variable,
        integer=integer,
        matches=matches,
        empty=False,
        body=body(commands),
        dir=folder,
        timeout=60,
        reads=(),
    )


def confirm(number: str, question: str, name: str, checks: tuple[ProbeUse, ...] = (), show: tuple[str, ...] = ()) -> ConfirmItem:
    return ConfirmItem(id=f"x.{name}", name=name, number=number, title=question, span=SPAN, path=(), checks=checks, show=show)


def manual(number: str, title: str, name: str, back: WayBack, note: str | None = None) -> ManualItem:
    return ManualItem(id=f"x.{name}", name=name, number=number, title=title, span=SPAN, path=(), note=note, back=back, show=())


def choose(number: str, title: str, name: str, *options: Option) -> ChooseItem:
    return ChooseItem(
        id=f"x.{name}", name=name, number=number, title=title, span=SPAN, path=(), option=f"--{name}", options=options
    )


def option(name: str, letter: str, title: str, *items: AnyItem, default: bool = False, note: str | None = None) -> Option:
    return Option(name, letter, title, default, items, SPAN, note)


def phase(number: str, title: str, *items: AnyItem, on_failure: str | None = None, note: str | None = None) -> Phase:
    return Phase(f"p{number}", number, title, items, on_failure, note, SPAN)


def param(name: str, kind: str = "string", **given: object) -> Param:
    settings: dict[str, object] = {
        "choices": (),
        "matches": None,
        "env": None,
        "default": None,
        "secret": False,
        "note": None,
        "needed_when": ((),),
        **given,
    }
    return Param(name=name, type=kind, option="--" + name.replace("_", "-"), span=SPAN, **settings)


def trouble(name: str, title: str, symptom: str, cause: str | None, *fixes: str | Body) -> Trouble:
    return Trouble(
        name,
        title,
        (symptom,),
        (cause,) if cause else (),
        tuple(Fix(f, None) if isinstance(f, str) else Fix(None, f) for f in fixes),
        SPAN,
    )


def plan(
    *phases: Phase,
    lang: str = "en",
    title: str = "A small runbook",
    probes: tuple[Probe, ...] = (),
    rollback: Rollback | None = None,
    troubles: tuple[Trouble, ...] = (),
    params: tuple[Param, ...] = (),
    extra: tuple[object, ...] = (),
    host: Host | None = None,
    services: tuple[Service, ...] = (),
    needs: tuple[Need, ...] = (),
    meta: Mapping[str, object] | None = None,
    most: int | None = 540,
) -> Plan:
    about = Meta(name="small", title=title, lang=lang, **(meta or {}))
    document = (*phases, *((rollback,) if rollback else ()), *extra)
    return Plan(
        about,
        SpecFile("specs/small.rb", "0" * 64),
        (),
        host,
        services,
        needs,
        params,
        probes,
        phases,
        rollback,
        troubles,
        document,
        "small.sh",
        30,
        most,
    )
