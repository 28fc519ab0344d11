"""Compile many specs, in one process or several, and keep what a build needs of each."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from compiler import pipeline
from compiler.build import cache, manifest
from compiler.build.inputs import Spec
from compiler.diagnostics import Diagnostic, Refused
from compiler.emit import rehearsed, shellcheck
from compiler.project import Project
from compiler.source import Source, Span
from compiler.version import __version__

VERDICT = "shellcheck -o all: no findings"


@dataclass(frozen=True)
class Outcome:
    """What compiling one spec came to.

    `files` are the spec's outputs by their path in its folder, manifest included; none for a library or a spec with errors.
    `inputs` is for the build's record: each file that took part, or was looked for, with the hash of its bytes.
    """

    spec: Spec
    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]
    inputs: Mapping[Path, str | None]

    @property
    def failed(self) -> bool:
        """Whether an error was found (a warning is none)."""
        return any(not diagnostic.warning for diagnostic in self.diagnostics)


class _Recording(Project):
    """Keeps the hash that each file had before it was read: a change meanwhile makes the record useless, never wrong."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.hashes: dict[Path, str | None] = {}

    def read(self, path: Path, span: Span | None = None) -> Source:
        self.hashes.setdefault(path.absolute(), cache.hash_of(path))
        return super().read(path, span)


def compile_spec(spec: Spec, place: Path | None = None) -> Outcome:
    """Read and compile one spec. Every mistake in it is in the outcome's diagnostics.

    `place` is the folder where its outputs lie or will lie.
    """
    project = _Recording(spec.root)
    try:
        kept = None if place is None else _rehearsal(place, project)
        compiled = pipeline.compile(project.read(spec.path), project, kept)
        files = _files(spec, compiled, kept)
    except Refused as refused:
        return Outcome(spec, {}, refused.diagnostics, project.hashes)
    return Outcome(spec, files, compiled.diagnostics, project.hashes)


def _rehearsal(place: Path, project: _Recording) -> bytes | None:
    """The rehearsal that lies at the spec's place: an input of the build, and kept as it is. None for what is none of ours."""
    path = place / rehearsed.NAME
    project.hashes[path] = cache.hash_of(path)
    if project.hashes[path] is None:
        return None
    try:
        if path.is_symlink():
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return content if rehearsed.read(content) is not None else None


def _files(spec: Spec, compiled: pipeline.Compiled, kept: bytes | None) -> dict[str, bytes]:
    plan, runbook = compiled.plan, compiled.runbook
    if plan is None or runbook is None:
        return {}
    files = {each.path: script.text.encode() for each, script in zip(compiled.plans, compiled.scripts, strict=True)}
    files["README.md"] = runbook.encode()
    files |= {name: text.encode() for name, text in compiled.watch.items()}
    if kept is not None:
        files[rehearsed.NAME] = kept
    files[manifest.NAME] = manifest.render(
        spec.name,
        {source.path: source.sha256 for source in (plan.spec, *plan.uses)},
        files,
        compiler=__version__,
        shellcheck=shellcheck.version(),
        verdict=VERDICT,
    )
    return files


def available() -> int:
    """How many processes may run at once here."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def compile_all(specs: Sequence[Spec], jobs: int | None, places: Sequence[Path] | None = None) -> Iterator[Outcome]:
    """Compile the specs with up to `jobs` processes (None: one a processor); outcomes come in the order of the specs.

    `places` are the folders of their outputs, for a build.

    Raises:
        Refused: RB607 if a process was killed from outside (out of memory, mostly).
    """
    jobs = min(jobs or available(), len(specs))
    where: Sequence[Path | None] = places or [None] * len(specs)
    if jobs <= 1:
        yield from map(compile_spec, specs, where)
        return
    # fork: the workers start with everything imported, in a few milliseconds each.
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_ignore_interrupts)
    try:
        # An interrupt goes to every process of the terminal: held back until the new ones know what to do with it.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            outcomes = pool.map(_compile_in_worker, specs, where)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
        yield from outcomes
    except BrokenProcessPool as error:
        message = "a process of the build was killed from outside, probably for lack of memory"
        raise Refused([Diagnostic("RB607", message, fix="build again with `--jobs 1`")]) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _compile_in_worker(spec: Spec, place: Path | None) -> Outcome:
    """An interrupt ends the work under way (and its ShellCheck) at once; between two specs there is nothing to end."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return compile_spec(spec, place)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
