"""Where a spec's outputs lie: `docs/layout.md` is the contract.

One spec is one folder, and where it lies depends on the spec's own place in its project alone, never on how the command
line named it: `specs/web/gateway.rb` is `out/web/gateway/`, built by file or by folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from compiler.build.inputs import SUFFIX, Spec

if TYPE_CHECKING:
    from compiler.diagnostics import Diagnostic

SPECS = "specs"


def folder(name: str) -> PurePosixPath:
    """The folder below OUT of the spec with this name: its path without a leading `specs/` and without `.rb`."""
    parts = PurePosixPath(name.removesuffix(SUFFIX)).parts
    return PurePosixPath(*(parts[1:] if len(parts) > 1 and parts[0] == SPECS else parts))


def out_of(spec: Spec, out: Path | None) -> Path:
    """The OUT of a spec: the one asked for, else `out` in its project's root."""
    return spec.root / "out" if out is None else out.absolute()


def collisions(placed: Iterable[tuple[Spec, Path]]) -> Iterator[Diagnostic]:
    """RB604 for every two specs that would lie in one folder, or one inside the other's.

    `placed` has each spec with its folder on disk. Letters' case does not tell two folders apart: an `out/` must be the
    same on a file system that ignores it.
    """
    taken: dict[tuple[str, ...], Spec] = {}
    for spec, place in sorted(placed, key=lambda pair: (len(pair[1].parts), pair[0].name)):
        key = tuple(part.casefold() for part in place.parts)
        for length in range(1, len(key) + 1):
            other = taken.get(key[:length])
            if other is None:
                continue
            from compiler.diagnostics import Diagnostic

            how = "the same folder as" if length == len(key) else "a folder inside that of"
            yield Diagnostic("RB604", f"`{spec.name}` would be built into {how} `{other.name}`", fix="rename one of the two")
            break
        else:
            taken[key] = spec
