"""The other provider of a script's world: the same script with stand-ins for everything that touches the host.

The production script is taken as it was emitted. The body of each function of the world becomes one line that notes the call;
the pieces of the runtime that are the world's own (`WORLD_PIECES`) are replaced by those of `templates/rehearsal`. Every other
byte, the driver's and the tables', stays: that is what a rehearsal is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.emit.bash import Script
from compiler.emit.leaves import Bare, Comment, Raw
from compiler.emit.resources import names, read

_OPENS = "() {\n"
_CLOSES = "\n}\n"


@dataclass(frozen=True)
class Part:
    """`text[start:end]` of a production script that belongs to the world; `stand_in` is what a rehearsal has there."""

    name: str
    start: int
    end: int
    stand_in: str


def world_pieces() -> dict[str, str]:
    """The runtime pieces that are the world's, with the rehearsal's own: `runtime/clock.sh` -> `rehearsal/clock.sh`."""
    return {name.replace("rehearsal/", "runtime/", 1): name for name in names("rehearsal", ".sh")}


def functions(script: Script) -> tuple[str, ...]:
    """The functions of the world, in the order in which they stand."""
    return tuple(part.name for part in _functions(script))


def stage(script: Script) -> str:
    """The script of a rehearsal. Raises ValueError where the world's clock is not found: a mistake in the compiler."""
    return _replace(script.text, parts(script))


def driver(script: Script) -> str:
    """What is the same in production and rehearsal: from the dispatcher on, without the pieces that are the world's own."""
    first = script.text.rindex("\nrbc_world() {")
    return _replace(script.text, [Part(p.name, p.start, p.end, "") for p in _pieces(script)])[first:]


def parts(script: Script) -> tuple[Part, ...]:
    """Every part of a production script that a rehearsal replaces, in order."""
    found = sorted((*_functions(script), *_pieces(script)), key=lambda part: part.start)
    if not any(part.name == "runtime/clock.sh" for part in found):
        raise ValueError("the script has no clock of its own to replace")
    return tuple(found)


def _functions(script: Script) -> Iterator[Part]:
    """The bodies, found by the leaves that the function template printed; nothing in an operator's text looks like one."""
    text, leaves = script.text, script.rendered.leaves
    for number, placed in enumerate(leaves):
        opens = text[placed.end : placed.end + len(_OPENS)] == _OPENS
        if not (opens and isinstance(placed.leaf, Bare) and isinstance(leaves[number - 1].leaf, Comment)):
            continue
        at = placed.end
        for following in leaves[number + 1 :]:
            closes = text.find(_CLOSES, at, following.start)
            if closes >= 0:
                break
            at = following.end
        else:
            raise ValueError(f"the function {placed.leaf.text} does not end")
        name = str(placed.leaf.text)
        yield Part(name, placed.end + len(_OPENS), closes + 1, f"  rbc_stand_in {name}\n")


def _pieces(script: Script) -> Iterator[Part]:
    replaced = world_pieces()
    for placed in script.rendered.leaves:
        if isinstance(placed.leaf, Raw) and placed.leaf.file.name in replaced:
            name = placed.leaf.file.name
            yield Part(name, placed.start, placed.end, read(replaced[name]).text.removesuffix("\n"))


def _replace(text: str, found: Sequence[Part]) -> str:
    pieces: list[str] = []
    at = 0
    for part in found:
        pieces += (text[at : part.start], part.stand_in)
        at = part.end
    return "".join((*pieces, text[at:]))
