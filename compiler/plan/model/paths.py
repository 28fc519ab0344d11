"""The paths that a run can take: which decisions lead to an item."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """`strategy` = `image`: an item below it exists only on that path."""

    choice: str
    option: str


def exclusive(one: tuple[Decision, ...], other: tuple[Decision, ...]) -> bool:
    """Whether two paths choose differently somewhere, so that a run takes at most one of them."""
    chosen = {d.choice: d.option for d in one}
    return any(chosen.get(d.choice, d.option) != d.option for d in other)
