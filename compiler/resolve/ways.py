"""Procedures: which phases and which rollback each of them runs, its own and the shared ones that it takes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic, Note
from compiler.resolve.near import nearest_fix
from compiler.schema.check import Checked


@dataclass(frozen=True)
class Way:
    """The phases and the rollback of one script, in order. Names of statements are unique in it, and nowhere else."""

    statements: tuple[Checked, ...]


def ways(statements: Sequence[Checked]) -> tuple[tuple[Checked, ...], tuple[Way, ...], tuple[Diagnostic, ...]]:
    """What all scripts have in common, the ways of a spec, and what is wrong (RB203, RB205, RB207, RB301, RB307).

    Without procedures everything is one: there is no way apart. A shared phase or rollback that no procedure takes in is a way
    for itself, so that what stands in it is looked at all the same.
    """
    procedures = [s for s in statements if s.row.keyword == "procedure"]
    apart = [s for s in statements if s.row.keyword in ("phase", "rollback")]
    shared = {str(s.args.get("name")): s for s in apart if s.row.keyword == "phase"}
    backs = [s for s in apart if s.row.keyword == "rollback"]
    found = list(_too_many(backs, bool(procedures)))
    if not procedures:
        return tuple(statements), (), tuple(found)
    named = {s.args.get("name"): s for s in reversed(backs)}  # None: the one without a name
    made = [_way(procedure, shared, named, found) for procedure in procedures]
    taken = {id(s) for way in made for s in way.statements}
    made += [Way((s,)) for s in apart if id(s) not in taken]
    common = tuple(s for s in statements if s not in apart)
    return common, tuple(made), tuple(found)


def _too_many(backs: Sequence[Checked], procedures: bool) -> Iterator[Diagnostic]:
    """RB203 for a second rollback that no procedure could take in by its name."""
    alike = [s for s in backs if s.complete and not (procedures and "name" in s.args)]
    for second in alike[1:]:
        fix = "give it a name, and take it in with `rollback NAME`" if procedures else "keep one of them"
        message = "`rollback` stands twice without a name" if procedures else "`rollback` stands twice in a file"
        note = Note(alike[0].statement.head, "it stands here first")
        yield Diagnostic("RB203", message, second.statement.head, fix, (note,))


def _way(procedure: Checked, shared: dict[str, Checked], named: dict[object, Checked], found: list[Diagnostic]) -> Way:
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
            if name in named:
                made.append(named[name])
            elif name is None:
                message = "there is no `rollback` without a name at the top level to take in"
                fix = "write it here, with a title and a block"
                found.append(Diagnostic("RB301", message, statement.head, fix))
            else:
                found.append(_missing(child, [str(n) for n in named if n is not None], found))
        elif any(taken is shared.get(str(name)) for taken in made):
            message = f"the phase `{name}` stands twice in the procedure `{procedure.args.get('name')}`"
            found.append(Diagnostic("RB307", message, statement.head, "keep one of them"))
        elif name in shared:
            made.append(shared[str(name)])
        else:
            found.append(_missing(child, list(shared), found))
    if not own_block and None in named:
        made.append(named[None])
    return Way(tuple(made))


def _missing(child: Checked, known: list[str], found: list[Diagnostic]) -> Diagnostic:
    """RB301 for a shared phase or rollback that is not there."""
    keyword, name = child.row.keyword, str(child.args.get("name"))
    near = nearest_fix(name, known, found)
    fix = near or f'write it here, with a title and a block, or at the top level: `{keyword} {name} "…" {{`'
    message = f"there is no {keyword} called `{name}` at the top level to take in"
    return Diagnostic("RB301", message, child.places.get("name", child.statement.head), fix)
