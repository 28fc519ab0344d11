"""One row of the keyword table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from compiler.schema.signature import Signature, parse

TOP = ""  # the parent of what stands at the top level of a file
ANY = "*"  # the keyword of a row whose keywords the author chooses (`values`)


class Block(Enum):
    """Whether `{ … }` follows."""

    NO = "no"
    MAY = "may"
    MUST = "must"


@dataclass(frozen=True)
class Row:
    """What one keyword means under some parents.

    `keyword` may be two words (`on failure`). `parents` are ids of rows, or `TOP`. `id` tells rows of one keyword apart (a
    `step` of a phase and one of the rollback); it is the keyword where nothing else is said. `required` names the children
    that must be there; a tuple inside it means one of these. `exclusive` names children of which at most one may be there.
    `default` says for people what holds where the keyword is not written. `declares` is the namespace in which argument NAME
    must be unique. `constant` marks a setting that `${name.keyword}` gives. `shared` marks what a `use` brings along.
    `covers` names children that also count as said by everything that stands beside them and below (`required`).
    """

    keyword: str
    parents: tuple[str, ...]
    signature: str
    doc: str
    id: str = ""
    block: Block = Block.NO
    repeatable: bool = False
    required: tuple[str | tuple[str, ...], ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    default: str | None = None
    declares: str | None = None
    constant: bool = False
    shared: bool = False
    covers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The id by which children name this row."""
        return self.id or self.keyword

    @cached_property
    def pattern(self) -> Signature:
        """The signature, parsed."""
        return parse(self.signature)
