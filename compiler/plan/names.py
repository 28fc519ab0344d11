"""Ids and symbols of everything in the phases and the rollback, given before anything is lowered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from compiler.plan.model import Decision, exclusive
from compiler.plan.symbols import distinct, shortest
from compiler.schema.model import Model, Node

# What an `update` is lowered to.
UPDATE_ROLES = ("match", "images", "pull", "build", "up", "runs")


class Names:
    """Ids by statement and role: `of(node)`, `of(update, "up")`, `of(check, "0")` for its first probe."""

    def __init__(self, phases: tuple[Node, ...], rollback: Node | None) -> None:
        self._ids: dict[tuple[int, str], str] = {}
        self._updates: list[tuple[Node, str, tuple[Decision, ...]]] = []
        self._all: set[str] = set()
        for phase in phases:
            self._block(phase, phase.name, ())
        if rollback is not None:
            self._block(rollback, "rollback", ())
        self._symbols: Mapping[str, str] = shortest(self._all)
        self._bases = dict(self._update_bases())

    def of(self, node: Node, role: str = "") -> str:
        """The id of a statement."""
        return self._ids[key_of(node), role]

    def symbol(self, kind: str, id: str) -> str:
        """The function's name: `step_leitstand_up`."""
        return f"{kind}_{self._symbols[id]}"

    def base(self, update: Node) -> str:
        """What the record of an update and its last probe are called by: `leitstand`.

        Updates on different options of one choice never run together and share it; others have names of their own.
        """
        return self._bases[key_of(update)]

    def _block(self, node: Node, parent: str, path: tuple[Decision, ...]) -> None:
        taken = {str(c.args["name"]) for c in node.children if c.keyword != "check" and "name" in c.args}
        if node.keyword == "rollback":
            taken.add("verify")
        for child in node.children:
            if child.keyword == "check":
                for index, probe in enumerate(child.args["probe"]):
                    self._give(child, str(index), parent, distinct(probe, taken), taken)
            elif child.keyword == "verify" and node.keyword == "rollback":
                checked: set[str] = set()
                for index, probe in enumerate(child.args["probe"]):
                    self._give(child, str(index), f"{parent}.verify", distinct(probe, checked), checked)
            elif child.keyword == "update":
                base = update_name(child)
                while any(f"{base}_{role}" in taken for role in UPDATE_ROLES):
                    base = distinct(base, {base})
                for role in UPDATE_ROLES:
                    if role == ("pull" if child.get("build") else "build"):
                        continue
                    self._give(child, role, parent, f"{base}_{role}", taken)
                self._updates.append((child, f"{parent}.{base}", path))
            elif child.keyword == "job":
                self._give(child, "", parent, distinct(job_name(child), taken), taken)
            elif child.keyword in ("step", "capture", "confirm", "manual", "choose", "hold", "background", "guarded"):
                self._give(child, "", parent, child.name, set())
                if child.keyword == "guarded":
                    self._block(child, f"{parent}.{child.name}", path)
                if child.keyword == "choose":
                    for option in child.all("option"):
                        inside = (*path, Decision(child.name, option.name))
                        self._block(option, f"{parent}.{child.name}.{option.name}", inside)

    def _give(self, node: Node, role: str, parent: str, name: str, taken: set[str]) -> None:
        id = distinct(f"{parent}.{name}", self._all)
        taken.add(name)
        self._ids[key_of(node), role] = id
        self._all.add(id)

    def _update_bases(self) -> Iterator[tuple[int, str]]:
        unique = shortest(id for _, id, _ in self._updates)
        for node, id, path in self._updates:
            base = id.rsplit(".", 1)[1]
            alike = [(n, p) for n, i, p in self._updates if i.rsplit(".", 1)[1] == base and n is not node]
            alone = all(exclusive(path, other) and update_name(n) == update_name(node) for n, other in alike)
            yield key_of(node), base if alone else unique[id]


def key_of(node: Node) -> int:
    """Nodes are compared as objects: two statements may read the same."""
    return id(node)


def update_name(node: Node) -> str:
    """What an update is called: by its service, and by its parts where it is only some."""
    parts = (re.sub(r"[^a-z0-9]+", "_", part.lower()).strip("_") for part in node.get("only", ()))
    return "_".join((str(node.args["service"]), *filter(None, parts)))


def job_name(job: Node) -> str:
    """What a job is called: its template's name in small letters, `ralf_vault_apply`."""
    return re.sub(r"[^a-z0-9]+", "_", str(job.args["title"]).lower()).strip("_") or "job"


def phases_of(model: Model) -> tuple[Node, ...]:
    """The phases of the spec's own procedure, in order."""
    return tuple(node for _, node in numbered_phases(model))


def numbered_phases(model: Model) -> tuple[tuple[int, Node], ...]:
    """The same with their numbers: those that another environment has alone are counted."""
    phases = (node for node in model.statements if node.keyword == "phase")
    return tuple((number, node) for number, node in enumerate(phases, 1) if stands_in(model, node))


def stands_in(model: Model, node: Node) -> bool:
    """Whether a phase or procedure is there in the model's environment."""
    only = node.one("environment")
    return only is None or model.environment is None or only.name == model.environment.name
