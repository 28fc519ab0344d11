"""One change for the worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Mutant:
    """`text` is the whole mutated spec or script; `before` and `after` are the lines that differ."""

    of: str  # spec, runtime
    operator: str
    place: str
    before: str
    after: str
    text: str = field(repr=False)
    nth: int = 1  # of those that are called the same
    line: int = 0  # of the script that differs; 0 where the spec does

    @property
    def key(self) -> str:
        """What survives a change of lines elsewhere: the operator and the lines."""
        return key(self.of, self.operator, self.file, self.before, self.after, self.nth)

    @property
    def file(self) -> str:
        """The file that is changed."""
        return self.place.partition(":")[0]


def key(of: str, operator: str, file: str, before: str, after: str, nth: int) -> str:
    """What a mutant is called."""
    return f"{of} | {operator} | {file} | {before} | {after} | {nth}"


def numbered(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Each with a key of its own."""
    known: Counter[str] = Counter()
    for mutant in mutants:
        known[mutant.key] += 1
        yield replace(mutant, nth=known[mutant.key])
