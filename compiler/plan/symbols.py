"""Ids of statements, and the shortest names by which a script can call them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


def shortest(ids: Iterable[str]) -> Mapping[str, str]:
    """For each id (a path with dots) its shortest tail that no other id has, joined by `_`: a part of a shell name.

    `update.strategy.image.leitstand_up` is `leitstand_up`; where the option `build` has one too, `image_leitstand_up`. Paths
    that read alike at full length (`a_b.c` and `a.b_c`) are told apart by a number.
    """
    parts = {id: id.split(".") for id in ids}
    length = dict.fromkeys(parts, 1)
    while True:
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for id, words in parts.items():
            groups["_".join(words[-length[id] :])].append(id)
        longer = [id for same in groups.values() if len(same) > 1 for id in same if length[id] < len(parts[id])]
        if not longer:
            break
        for id in longer:
            length[id] += 1
    names: dict[str, str] = {}
    taken = set(groups)
    for name, same in groups.items():
        names[same[0]] = name
        for id in same[1:]:
            names[id] = distinct(name, taken)
            taken.add(names[id])
    return names


def distinct(name: str, taken: Iterable[str]) -> str:
    """`name`, or `name_2`, `name_3`, … where it is taken."""
    known = set(taken)
    number, found = 1, name
    while found in known:
        number += 1
        found = f"{name}_{number}"
    return found
