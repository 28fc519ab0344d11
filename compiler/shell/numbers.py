"""Values that bash would evaluate as expressions: RB416.

In `(( ))`, `$(( ))`, `[[ -eq ]]`, an index, a slice, `${!x}`, `[[ -v ]]`, `declare -i` and `printf -v`, the value
`a[$(cmd)]` runs `cmd`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.diagnostics import Diagnostic
from compiler.shell.facts import Assign, Facts, Number
from compiler.shell.names import BASH_NAMES, HOST_NAMES, NUMERIC_BASH_NAMES, Kind, is_ours


def untrusted(facts: Facts, known: Mapping[str, Kind]) -> Iterator[Diagnostic]:
    """One RB416 for each place where a value from outside would be evaluated without having been tested."""
    if not facts.numbers:
        return
    trust = _Trust(facts, known)
    seen: set[tuple[int, int]] = set()
    for number in facts.numbers:
        place = (number.place.start, number.place.end)
        if place in seen or (number.name is not None and trust.holds(number.name, number.place.start)):
            continue
        seen.add(place)
        yield _diagnostic(number)


def _diagnostic(number: Number) -> Diagnostic:
    span, name = number.place.span, number.name
    if name is None and number.where.endswith(" -i"):
        message = f"`{number.where}` makes bash evaluate every value that the name gets, and run commands in it"
        return Diagnostic("RB416", message, span, "leave out -i, and compute with `name=$((…))`")
    if name is None:
        message = f"what a command prints would be evaluated in {number.where}, and commands in it would run"
        fix = "keep it first, and test it: `n=$(…)`, then `[[ $n =~ ^[0-9]+$ ]] || exit 1`; or `capture n int`"
        return Diagnostic("RB416", message, span, fix)
    message = f"the value of `{name}` comes from outside and would be evaluated in {number.where}: `a[$(cmd)]` would run `cmd`"
    fix = f"test it before: `[[ ${name} =~ ^[0-9]+$ ]] || exit 1`; a parameter can be of type int, and so can a capture"
    return Diagnostic("RB416", message, span, fix)


class _Trust:
    """Which names hold whole numbers, and where."""

    def __init__(self, facts: Facts, known: Mapping[str, Kind]) -> None:
        self._known = known
        self._guards = facts.guards
        self._assigns: dict[str, list[Assign]] = {}
        for assign in facts.assigns:
            self._assigns.setdefault(assign.name, []).append(assign)
        self._positional = {"@", "*"}

    def holds(self, name: str, at: int, visiting: frozenset[str] = frozenset()) -> bool:
        if name in visiting or is_ours(name):
            return True
        if name in self._positional or name.isdigit():
            return False
        if name in NUMERIC_BASH_NAMES or not name.isidentifier():
            return True
        bad = [a.place.start for a in self._assigns.get(name, ()) if not self._numeric(a, visiting | {name})]
        guard = max((g.place.end for g in self._guards if g.name == name and g.place.end <= at), default=-1)
        if guard >= 0 and not any(guard <= place < at for place in bad):
            return True
        if bad:
            return False
        kind = self._known.get(name)
        if kind is not None:
            return kind.integer
        if name in self._assigns:
            return True
        # A name that nobody sets is RB401 already; one that the host sets is a text.
        return name not in HOST_NAMES | BASH_NAMES

    def _numeric(self, assign: Assign, visiting: frozenset[str]) -> bool:
        return assign.numeric and all(self.holds(source, assign.place.start, visiting) for source in assign.sources)
