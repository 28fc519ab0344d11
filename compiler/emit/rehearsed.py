"""What a rehearsal found, as the runbook tells it: faults with the same consequence in one row.

The file `rehearsal.json` beside a script holds it, with the hashes of the driver and of the Plan that it is about. It says
nothing about any other script.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from compiler.emit import rehearsal
from compiler.emit.bash import Script
from compiler.emit.locale import fill, load
from compiler.plan.model import AnyItem, BackgroundItem, Body, ChooseItem, Plan, Value, walk
from compiler.source import Span

NAME = "rehearsal.json"
FORMAT = 1
CLASSES = (
    "refused", "fails", "optional-undo", "declined", "hangup", "resume", "kill-back", "undo", "proof", "again", "back", "fresh",
    "block", "block-again",
)  # fmt: skip
HOW = ("start", "half", "whole")
AFTER_ALL = frozenset(("undo", "proof", "again", "back", "fresh", "block", "block-again"))  # they begin when a good run has ended
AFTER = ("done", "unchanged", "before", "stays", "open", "so-far", "block")


@dataclass(frozen=True)
class Place:
    """Where a fault was: an item's id ('' where it is none), and the options taken on the way there.

    `how` is one of `HOW`: how much of a step was done, where that matters; else ''.
    """

    item: str
    path: str
    how: str = ""


@dataclass(frozen=True)
class Consequence:
    """Faults that end the same way.

    `kind` is one of `CLASSES`; `ran` are the ids of the changes that had started, in order, empty where all of the way or
    however much of it ran; `undone` are ids in the order in which they were taken back; `after` is one of `AFTER`, with the
    ids of what stays; `proof` is held, failed or '' where it was not asked; `code` is the exit code.
    """

    kind: str
    places: tuple[Place, ...]
    ran: tuple[str, ...]
    undone: tuple[str, ...]
    after: str
    stays: tuple[str, ...]
    proof: str
    code: int


@dataclass(frozen=True)
class Rehearsal:
    """What `rehearsal.json` says about one script. `scenes` is how many starts of the script it comes from."""

    driver: str
    plan: str
    scenes: int
    held: bool  # every expectation and every rule
    consequences: tuple[Consequence, ...]

    def matches(self, plan: Plan, script: Script) -> bool:
        """Whether it is about this script: the same driver, the same Plan, and all of it held."""
        return self.held and (self.driver, self.plan) == hashes(plan, script)


@dataclass(frozen=True)
class Matrix:
    """What a runbook says about rehearsals: the consequences, or None where this script was not rehearsed."""

    consequences: tuple[Consequence, ...] | None
    driver: str


def matrix(plan: Plan, script: Script, content: bytes | None) -> Matrix:
    """What a runbook says, from the content of the `rehearsal.json` beside its script (None where there is none)."""
    known = () if content is None else read(content) or ()
    found = next((each for each in known if each.matches(plan, script)), None)
    return Matrix(None, "") if found is None else Matrix(found.consequences, found.driver)


def hashes(plan: Plan, script: Script) -> tuple[str, str]:
    """SHA-256 of the driver's bytes, and of the Plan without the places of its words: a comment in a spec changes neither."""
    kept = dataclasses.replace(plan, spec=dataclasses.replace(plan.spec, sha256=""), uses=())
    text = json.dumps(_plain(kept), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(rehearsal.driver(script).encode()).hexdigest(), hashlib.sha256(text.encode()).hexdigest()


def _plain(thing: Any) -> Any:
    if isinstance(thing, Body):
        return thing.text
    if isinstance(thing, Value):
        return thing.shown
    if isinstance(thing, Span):
        return None
    if isinstance(thing, Enum):
        return thing.value
    if dataclasses.is_dataclass(thing):
        return [type(thing).__name__, *(_plain(getattr(thing, f.name)) for f in dataclasses.fields(thing))]
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, (tuple, list)):
        return [_plain(part) for part in thing]
    return thing


def render(found: Sequence[Rehearsal]) -> bytes:
    """The file, one part for each script: the same rehearsals give the same bytes on every machine."""
    document = {"format": FORMAT, "scripts": [dataclasses.asdict(each, dict_factory=_told) for each in found]}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _told(fields: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in fields if (key, value) != ("how", "")}


def read(content: bytes) -> tuple[Rehearsal, ...] | None:
    """The file's content, or None where it is not one that this compiler wrote."""
    try:
        said = json.loads(content)
        made = tuple(_rehearsal(each) for each in said["scripts"])
        return made if said["format"] == FORMAT and render(made) == content else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _rehearsal(said: Mapping[str, Any]) -> Rehearsal:
    found = tuple(
        Consequence(
            kind=str(c["kind"]),
            places=tuple(Place(str(p["item"]), str(p["path"]), str(p.get("how", ""))) for p in c["places"]),
            ran=tuple(map(str, c["ran"])),
            undone=tuple(map(str, c["undone"])),
            after=str(c["after"]),
            stays=tuple(map(str, c["stays"])),
            proof=str(c["proof"]),
            code=int(c["code"]),
        )
        for c in said["consequences"]
    )
    return Rehearsal(str(said["driver"]), str(said["plan"]), int(said["scenes"]), said["held"] is True, found)


@dataclass(frozen=True)
class Row:
    """One line of the failure matrix, in the runbook's language, plain text."""

    where: str
    ran: str
    back: str
    proof: str
    outcome: str


def told(plan: Plan, consequences: Iterable[Consequence]) -> Iterator[Row]:
    """The failure matrix as a person reads it: rows that differ only in how far the run had come are one.

    Such a row says "what had begun" where each of those that it stands for says the steps. What a rehearsal prints is `rows`.
    """
    kept: dict[object, list[Consequence]] = {}
    for this in consequences:
        kept.setdefault(_shape(this) or id(this), []).append(this)
    folded = {}
    for several in kept.values():
        first, shape = several[0], _shape(several[0])
        one = replace(first, places=tuple(dict.fromkeys(place for each in several for place in each.places)))
        folded[one] = "" if len(several) == 1 or shape is None else str(shape[0])
    yield from _rows(plan, folded)


def _shape(this: Consequence) -> tuple[str, ...] | None:
    """What consequences have in common that can be told in one row; None where one is told by itself."""
    same = (this.kind, this.after, this.proof, str(this.code))
    if this.after == "before" and this.undone and this.kind in ("fails", "declined", "kill-back"):
        return ("back", *same)
    if this.after == "open" and not this.undone and this.stays == this.ran:
        return ("open", *same)
    if this.kind == "undo" and this.stays == tuple(place.item for place in this.places):
        return ("itself", *same)
    return None


def rows(plan: Plan, consequences: Iterable[Consequence]) -> Iterator[Row]:
    """The failure matrix, each consequence by itself."""
    yield from _rows(plan, dict.fromkeys(consequences, ""))


def _rows(plan: Plan, shapes: Mapping[Consequence, str]) -> Iterator[Row]:
    say = load("rehearsal", plan.meta.lang)
    outcomes = load("outcome", plan.meta.lang)
    found = tuple(shapes)
    known = {item.id: item for item in _items(plan)}
    for this, shape in shapes.items():
        # A `rollback` that went well ends with 0; in words it is what a run calls 4.
        back = this.code == 0 and this.kind in ("kill-back", "back", "again", "fresh", "block-again")
        key = {"open": "so-far", "itself": "itself"}.get(shape, this.after)
        after = fill(say[f"after.{key}"], {"stays": ", ".join(known[i].number for i in this.stays)})
        undone = ", ".join(known[i].number for i in this.undone) or say["nothing"]
        yield Row(
            where=fill(say[f"where.{_kind(this, known)}"], {"places": _places(plan, this, found, say)}).strip(),
            ran=say["ran.so-far"] if shape in ("back", "open") else _ran(this, known, say),
            back=say[f"back.{shape}"] if shape in ("back", "itself") else undone,
            proof=say[f"proof.{this.proof or 'none'}"],
            outcome=f"{outcomes['outcome.4' if back else f'outcome.{this.code}']} ({this.code}); {after}",
        )


def _kind(this: Consequence, known: Mapping[str, AnyItem]) -> str:
    """The kind; what runs beside a phase and ends early fails nothing where the phase goes on without it."""
    beside = all(isinstance(known.get(place.item), BackgroundItem) for place in this.places)
    return "ended" if this.kind == "fails" and this.code == 0 and beside else this.kind


def _ran(this: Consequence, known: Mapping[str, AnyItem], say: Mapping[str, str]) -> str:
    if this.after == "so-far":
        return say["ran.so-far"]
    if this.after == "done" or this.kind in AFTER_ALL:
        return say["ran.all"]
    return ", ".join(known[i].number for i in this.ran) or say["nothing"]


def _items(plan: Plan) -> tuple[AnyItem, ...]:
    found = [i for phase in plan.phases for i in walk(phase.items)]
    found += (*walk(plan.rollback.items), *plan.rollback.verify) if plan.rollback else ()
    return tuple(i for i in found if not isinstance(i, ChooseItem))


def _places(plan: Plan, this: Consequence, others: tuple[Consequence, ...], say: Mapping[str, str]) -> str:
    """`1.1 to 1.5, 2.3 Start the stack`: items in order; three and more in a row as a range; the path where it matters."""
    items = {item.id: item for item in _items(plan)}
    order = {item_id: number for number, item_id in enumerate(items)}
    wanted = sorted({p.item for p in this.places if p.item}, key=lambda item: order[item])
    elsewhere = {p.item for other in others if other is not this and other.kind == this.kind for p in other.places}
    runs: list[list[str]] = []
    for item in wanted:
        follows = bool(runs) and order[runs[-1][-1]] == order[item] - 1
        if follows and item not in elsewhere and runs[-1][-1] not in elsewhere:
            runs[-1].append(item)
        else:
            runs.append([item])
    texts = []
    for run in runs:
        if len(run) > 2:
            texts.append(fill(say["place.range"], {"first": items[run[0]].number, "last": items[run[-1]].number}))
            continue
        for item in run:
            mine = [p for p in this.places if p.item == item]
            ways = [p.path for p in mine] if item in elsewhere else []
            how = [say[f"how.{word}"] for word in HOW if any(p.how == word for p in mine)]
            done = f", {' / '.join(how)}" if how else ""
            texts.append(f"{items[item].number} {items[item].title}" + _ways(plan, ways) + done)
    if this.kind == "declined" and any(not place.item for place in this.places):
        texts.insert(0, say["place.first"])
    elif not wanted and "" in elsewhere:
        texts = [_ways(plan, [p.path for p in this.places]).strip()]
    return ", ".join(text for text in texts if text)


def _ways(plan: Plan, paths: Iterable[str]) -> str:
    """` (Build-based deploy)`: the titles of the options taken, those of the block only where they are no default."""
    choices = [i for phase in plan.phases for i in walk(phase.items) if isinstance(i, ChooseItem)]
    forward = {choice.name for choice in choices}
    choices += [i for i in (walk(plan.rollback.items) if plan.rollback else ()) if isinstance(i, ChooseItem)]
    titles = {f"{c.name}={o.name}": o.title for c in choices for o in c.options if c.name in forward or not o.default}
    texts = dict.fromkeys(", ".join(titles[d] for d in path.split(",") if d in titles) for path in paths)
    shown = "; ".join(text for text in texts if text)
    return f" ({shown})" if shown else ""
