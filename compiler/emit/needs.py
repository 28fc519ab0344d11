"""Which pieces of the runtime a script takes, and which sentences these say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.emit.resources import File, read
from compiler.plan.model import CaptureItem, CheckItem, ChooseItem, ConfirmItem, ManualItem, Plan, StepItem, walk

_ALWAYS = ["text", "clock", "json", "journal", "lock", "state", "table", "child", "exec", "prompt", "refuse", "check"]
_END = ["rollback", "run", "plan", "load", "resume", "status", "receipt", "main"]


@dataclass(frozen=True)
class Uses:
    """What a Plan uses of the language, as far as the runtime has a piece of its own for it."""

    choose: bool
    params: bool
    envfile: bool
    sudo: bool
    kinds: tuple[str, ...]  # check, step, capture, confirm, manual


def uses(plan: Plan) -> Uses:
    """What the Plan uses."""
    items = [item for phase in plan.phases for item in walk(phase.items)]
    items += walk(plan.rollback.items) if plan.rollback else ()
    kinds = {CheckItem: "check", StepItem: "step", CaptureItem: "capture", ConfirmItem: "confirm", ManualItem: "manual"}
    found = {type(item) for item in items} | {CheckItem}
    return Uses(
        choose=ChooseItem in found,
        params=bool(plan.params),
        envfile=any(s.env_files for s in plan.services),
        sudo=any(n.tool == "sudo" for n in plan.needs),
        kinds=tuple(word for kind, word in kinds.items() if kind in found),
    )


def pieces(used: Uses) -> list[File]:
    """The runtime files in the order in which they stand in a script."""
    names = list(_ALWAYS)
    names += ["kept"] if used.choose or used.params else []
    names += [name for name in ("choose", "params", "envfile", "sudo") if getattr(used, name)]
    names += [kind for kind in used.kinds if kind not in ("check", "confirm", "manual")]
    if {"confirm", "manual"} & set(used.kinds):
        names += ["gate", *(kind for kind in ("confirm", "manual") if kind in used.kinds)]
    return [read(f"runtime/{name}.sh") for name in names + _END]


def words(say: Mapping[str, str], runtime: Sequence[File]) -> Iterator[tuple[str, str]]:
    """The sentences that the pieces say, by key: those named whole, and those whose first part stands before a `${…}`."""
    text = "\n".join(piece.text for piece in runtime)
    named = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)*\b", text))
    begun = set(re.findall(r"\b((?:[a-z]+_)+)\$", text))
    for key in sorted(say):
        name = key.replace(".", "_")
        if name in named or any(name.startswith(start) and "_" not in name[len(start) :] for start in begun):
            yield name, say[key]
