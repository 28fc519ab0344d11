"""Which pieces of the runtime a script takes, and which sentences these say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.emit import overview
from compiler.emit.resources import File, read
from compiler.plan.model import (
    BackgroundItem,
    CaptureItem,
    CheckItem,
    ChooseItem,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    JobItem,
    ManualItem,
    Plan,
    StepItem,
    walk,
)

# Before the tables: a step's own process reads no further.
_EARLY = ["clock", "child"]
_ALWAYS = ["text", "json", "journal", "heads", "lock", "state", "table", "exec", "prompt", "tools", "refuse", "check"]
_OPTIONAL = [
    "choose",
    "params",
    "block",
    "envfile",
    "secret",
    "sudo",
    "images",
    "condition",
    "window",
    "budget",
    "sitting",
    "interactive",
    "job",
]
_END = ["rollback", "select", "run", "plan", "load", "resume", "status", "receipt", "main"]


_KINDS: dict[type, str] = {
    CheckItem: "check",
    StepItem: "step",
    CaptureItem: "capture",
    ConfirmItem: "confirm",
    ManualItem: "manual",
    HoldItem: "hold",
    BackgroundItem: "background",
    GuardedItem: "guarded",
}


@dataclass(frozen=True)
class Uses:
    """What a Plan uses of the language, as far as the runtime has a piece of its own for it."""

    kinds: tuple[str, ...]
    choose: bool
    params: bool
    block: bool
    envfile: bool
    secret: bool
    sudo: bool
    images: bool
    condition: bool
    window: bool
    budget: bool
    sitting: bool
    interactive: bool
    other: bool
    job: bool

    @property
    def guarded(self) -> bool:
        return "guarded" in self.kinds

    @property
    def background(self) -> bool:
        return "background" in self.kinds

    @property
    def gate(self) -> bool:
        """A question of `confirm` or `manual` that is answered where it is asked."""
        return bool({"confirm", "manual"} & set(self.kinds))

    @property
    def confirm(self) -> bool:
        return "confirm" in self.kinds

    @property
    def accept(self) -> bool:
        """Something waits for an answer from another login."""
        return self.guarded or self.other


def uses(plan: Plan) -> Uses:
    """What the Plan uses."""
    items = [item for phase in plan.phases for item in walk(phase.items)]
    items += walk(plan.rollback.items) if plan.rollback else ()
    job = any(isinstance(item, JobItem) for item in items)
    found = {type(item) for item in items} | {CheckItem} | ({StepItem} if job else set())
    secrets = [p.secret for p in plan.params]
    secrets += [need.secret for s in plan.services for file in s.env_files for need in file.require]
    return Uses(
        kinds=tuple(word for kind, word in _KINDS.items() if kind in found),
        choose=ChooseItem in found,
        params=bool(plan.params),
        block=bool(overview.of_block(plan)) or any(p.block for p in plan.params),
        envfile=any(s.env_files for s in plan.services),
        secret=any(secrets),
        images=any(s.images for s in plan.services),
        sudo=any(n.tool == "sudo" for n in plan.needs),
        condition=any(item.condition for item in items) or any(phase.condition for phase in plan.phases),
        window=bool(plan.meta.windows),
        budget=any(part is not None and part.budget is not None for part in (plan.meta, plan.rollback, *plan.phases)),
        sitting=any(phase.at is not None for phase in plan.phases),
        interactive=any(isinstance(item, StepItem) and item.interactive for item in items),
        job=job,
        other=any(isinstance(item, ConfirmItem) and item.other for item in items),
    )


def early() -> list[File]:
    """The runtime files that a step's own process needs; they stand with the world, before the tables."""
    return [read(f"runtime/{name}.sh") for name in _EARLY]


def pieces(used: Uses) -> list[File]:
    """The other runtime files in the order in which they stand in a script."""
    names = list(_ALWAYS)
    names += ["kept"] if used.choose or used.params else []
    names += [name for name in _OPTIONAL if getattr(used, name)]
    names += [kind for kind in used.kinds if kind not in ("check", "confirm", "manual", "guarded")]
    names += ["gate"] if used.gate else []
    names += [kind for kind in ("confirm", "manual") if kind in used.kinds]
    names += ["accept"] if used.accept else []
    names += ["other"] if used.other else []
    names += ["guard"] if used.guarded else []
    return [read(f"runtime/{name}.sh") for name in names + _END]


def words(say: Mapping[str, str], runtime: Sequence[File], glue: str, commands: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The sentences that pieces and glue say, by key: those named whole, and those whose first part stands before a `${…}`;
    what help says about a command, where there is that command.
    """
    text = re.sub(r"(?m)^ *#.*", "", "\n".join((*(piece.text for piece in runtime), glue)))
    named = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)*\b", text))
    begun = set(re.findall(r"\b((?:[a-z]+_)+)\$", text))
    for key in sorted(say):
        name = key.replace(".", "_")
        if name.startswith("help_") and name not in named and name.removeprefix("help_") not in commands:
            continue
        if name in named or any(name.startswith(start) and "_" not in name[len(start) :] for start in begun):
            yield name, say[key]
