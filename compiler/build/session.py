"""One `rbc build`: from paths to published folders, or to the differences that `--check` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from compiler.build import layout, manifest
from compiler.build.cache import Records, fingerprint
from compiler.build.inputs import Inputs, Spec, collect

if TYPE_CHECKING:
    from compiler.build.compiling import Outcome
    from compiler.build.differences import Difference
    from compiler.build.staging import Change
    from compiler.diagnostics import Diagnostic

Progress = Callable[[Iterable["Outcome"], int], Iterator["Outcome"]]


class Result:
    """What a build did. Folders are as people know them: `out/gateway`."""

    def __init__(self, unchanged: int) -> None:
        self.unchanged = unchanged
        self.built: list[str] = []
        self.removed: list[str] = []
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.differences: list[Difference] = []


class _Place(NamedTuple):
    """A spec with its OUT and its folder in it."""

    spec: Spec
    out: Path
    folder: str

    @property
    def path(self) -> Path:
        return self.out / self.folder


def build(paths: Iterable[Path], out: Path | None, jobs: int | None, check: bool, progress: Progress) -> Result:
    """Build (or, with `check`, compare) what the paths name.

    Everything is compiled before anything is written; one error, and nothing is.

    Raises:
        Refused: what is wrong with the command line's paths, the layout or the output folder; findings in specs are
            returned, with nothing written.
    """
    inputs = collect(paths)
    places = [_Place(spec, layout.out_of(spec, out), layout.folder(spec.name).as_posix()) for spec in inputs.specs]
    records = Records(fingerprint())
    stale = [place for place in places if not records.fresh(place.spec, place.path)]
    left_over = list(_left_over(inputs, places, out))
    # Places are looked at before libraries are known, so a library takes part: it may become a runbook any day.
    wrong = list(layout.collisions((place.spec, place.path) for place in places))
    if wrong:
        from compiler.diagnostics import Refused

        raise Refused(wrong)
    result = Result(len(places) - len(stale))
    if stale or left_over:
        _renew(result, records, stale, left_over, jobs, check, progress)
    return result


def _renew(
    result: Result,
    records: Records,
    stale: Sequence[_Place],
    left_over: Sequence[_Place],
    jobs: int | None,
    check: bool,
    progress: Progress,
) -> None:
    # Imported here: a build with nothing to do must not pay for the compiler.
    from compiler.build.compiling import compile_all
    from compiler.build.differences import differences
    from compiler.build.staging import Change, publish

    outcomes = list(progress(compile_all([place.spec for place in stale], jobs, [place.path for place in stale]), len(stale)))
    found = {diagnostic for outcome in outcomes for diagnostic in outcome.diagnostics}
    result.diagnostics = tuple(sorted(found, key=lambda diagnostic: diagnostic.order))
    if any(outcome.failed for outcome in outcomes):
        return
    changes: dict[Path, list[Change]] = {}
    wanted = [(place, outcome.files or None) for place, outcome in zip(stale, outcomes, strict=True)]
    for place, files in (*wanted, *((place, None) for place in left_over)):
        change = Change(place.folder, files)
        if files is None and not _is_ours(place):
            continue  # a library
        found_here = list(differences(place.out, change))
        result.differences.extend(found_here)
        if not found_here:
            result.unchanged += 1
        else:
            changes.setdefault(place.out, []).append(change)
            (result.built if files else result.removed).append(f"{place.out.name}/{place.folder}")
    if not check:
        for target, below in changes.items():
            publish(target, below)
    if not (check and changes):
        for place, outcome in zip(stale, outcomes, strict=True):
            if not outcome.diagnostics:
                records.keep(place.spec, place.path, outcome.inputs, outcome.files)
        records.prune()


def _left_over(inputs: Inputs, places: Sequence[_Place], out: Path | None) -> Iterator[_Place]:
    """Folders in OUT that were built from a spec below one of the folder arguments which is no longer there."""
    if not inputs.folders:
        return
    named = {place.path for place in places}
    for root, target in sorted({(place.spec.root, place.out) for place in places}):
        for found in sorted(target.glob(f"**/{manifest.NAME}")):
            name = found.parent.relative_to(target).as_posix()
            known = manifest.read(found.parent)
            if known is None or found.parent in named or layout.folder(known.spec).as_posix() != name:
                continue
            spec = root / known.spec
            if not spec.exists() and any(spec.is_relative_to(folder) for folder in inputs.folders):
                yield _Place(Spec(spec, root, known.spec), target, name)


def _is_ours(place: _Place) -> bool:
    known = manifest.read(place.path)
    return known is not None and known.spec == place.spec.name
