"""Procedures: which phases and which rollback each of them runs, its own and the shared ones that it takes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic
from compiler.resolve.near import nearest_fix
from compiler.schema.check import Checked


@dataclass(frozen=True)
class Way:
    """The phases and the rollback of one script, in order. Names of statements are unique in it, and nowhere else."""

    statements: tuple[Checked, ...]


def ways(statements: Sequence[Checked]) -> tuple[tuple[Checked, ...], tuple[Way, ...], tuple[Diagnostic, ...]]:
    """What all scripts have in common, the ways of a spec, and what is wrong (RB205, RB207, RB301, RB307).

    Without procedures everything is one: there is no way apart. A shared phase that no procedure takes in is a way for itself,
    so that what stands in it is looked at all the same.
    """
    procedures = [s for s in statements if s.row.keyword == "procedure"]
    if not procedures:
        return tuple(statements), (), ()
    apart = [s for s in statements if s.row.keyword in ("phase", "rollback")]
    shared = {str(s.args.get("name")): s for s in apart if s.row.keyword == "phase"}
    block = next((s for s in apart if s.row.keyword == "rollback"), None)
    found: list[Diagnostic] = []
    made = [_way(procedure, shared, block, found) for procedure in procedures]
    taken = {id(s) for way in made for s in way.statements}
    made += [Way((s,)) for s in apart if id(s) not in taken]
    common = tuple(s for s in statements if s not in apart)
    return common, tuple(made), tuple(found)


def _way(procedure: Checked, shared: dict[str, Checked], block: Checked | None, found: list[Diagnostic]) -> Way:
    made: list[Checked] = []
    own_block = False
    for child in procedure.children:
        keyword, statement = child.row.keyword, child.statement
        if keyword not in ("phase", "rollback") or not child.complete:
            continue
        own_block = own_block or keyword == "rollback"
        titled, name = "title" in child.args, child.args.get("name")
        if titled and statement.block is not None:
            made.append(child)
        elif titled:
            fix = f"write its block, or leave the title out to take in the {keyword} of the top level"
            found.append(Diagnostic("RB205", f"a `{keyword}` with a title needs a block", statement.head, fix))
        elif statement.block is not None:
            found.append(Diagnostic("RB207", f"`{keyword}` with a block needs a title", statement.head, "write its title"))
        elif keyword == "rollback":
            if block is not None:
                made.append(block)
            else:
                message, fix = "there is no `rollback` at the top level to take in", "write it here, with a title and a block"
                found.append(Diagnostic("RB301", message, statement.head, fix))
        elif any(taken is shared.get(str(name)) for taken in made):
            message = f"the phase `{name}` stands twice in the procedure `{procedure.args.get('name')}`"
            found.append(Diagnostic("RB307", message, statement.head, "keep one of them"))
        elif name in shared:
            made.append(shared[str(name)])
        else:
            near = nearest_fix(str(name), list(shared), found)
            fix = near or f'write it here, with a title and a block, or at the top level: `phase {name} "…" {{`'
            message = f"there is no phase called `{name}` at the top level to take in"
            found.append(Diagnostic("RB301", message, child.places.get("name", statement.head), fix))
    if not own_block and block is not None:
        made.append(block)
    return Way(tuple(made))
