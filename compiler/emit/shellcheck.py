"""ShellCheck: `-o all`, no rc file, no directive of an operator's, never optional.

`lint` is what a build asks: has it anything to say about a Plan's commands, each by itself (`lint_bodies`), or about the finished
script? That verdict is composed (`lint_composed`); where it is not "clean", the whole script is checked (`lint_script`).
A finding in an operator's text is a `Diagnostic` at its line and column in the spec; any other is a fault of the compiler and
raises `InternalFinding`. Clean verdicts are cached, findings never.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from compiler.diagnostics import Diagnostic
from compiler.emit import shellcheck_process as process
from compiler.emit.bash import Script
from compiler.emit.composition import alone, units
from compiler.emit.cures import cured
from compiler.emit.render import Mark, Rendered, join
from compiler.emit.shellcheck_process import Finding
from compiler.plan.model import Body, CaptureItem, ChooseItem, EnvRequirement, Origin, Param, Piece, Plan
from compiler.source import Span

_CACHE_LIMIT = 8 * 1024 * 1024  # bytes of verdicts, 65 each; beyond that the file begins anew
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DIRECTIVE = re.compile(r"(?m)(#[ \t]*shell)check(?=[ \t])(?!([ \t]+source=/dev/null[ \t]*)$)")


class InternalFinding(Exception):
    """ShellCheck has something to say about text that no operator wrote."""


class Cache:
    """Clean verdicts by what was checked with which version, in one file. It may be lost, shared or unwritable."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"verdicts-{hashlib.sha256(process.identity().encode()).hexdigest()[:16]}"
        self._clean: set[str] | None = None

    @classmethod
    def default(cls) -> Cache:
        """`${XDG_CACHE_HOME:-~/.cache}/rbc`; a relative XDG_CACHE_HOME is invalid and ignored, as its specification says."""
        base = os.environ.get("XDG_CACHE_HOME", "")
        home = Path(base) if base.startswith("/") else Path("~/.cache").expanduser()
        return cls(home / "rbc")

    def clean(self, text: str) -> bool:
        """Whether this text was checked before without a finding."""
        return _key(text) in self._loaded()

    def remember(self, texts: Iterable[str]) -> None:
        """Keep that these texts have no finding."""
        new = sorted({_key(text) for text in texts} - self._loaded())
        if not new:
            return
        self._loaded().update(new)
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                if os.fstat(descriptor).st_size > _CACHE_LIMIT:
                    os.ftruncate(descriptor, 0)
                # The newline comes first too: what an earlier writer left unfinished cannot spoil these.
                os.write(descriptor, ("\n" + "\n".join(new) + "\n").encode())
            finally:
                os.close(descriptor)

    def _loaded(self) -> set[str]:
        if self._clean is None:
            try:
                self._clean = {line for line in self._file.read_text("ascii").split("\n") if len(line) == 64}
            except (OSError, ValueError):
                self._clean = set()
        return self._clean


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def version() -> str:
    """ShellCheck's version, `0.11.0`. Raises Refused (RB430) where it cannot be run."""
    return process.version()


def lint(plan: Plan, script: Script, cache: Cache | None = None, jobs: int = 1) -> tuple[Diagnostic, ...]:
    """Findings in the commands of a Plan, script and runbook alike, and in the script made from it.

    Without `cache` the user's own is used. Raises InternalFinding for a finding outside of the operators' text, Refused (RB430)
    where ShellCheck cannot be run.
    """
    cache = _users_cache() if cache is None else cache
    bodies, names = operators(plan)
    alone_ = [body_alone(body, known).text for body, known in zip(bodies, names, strict=True)]
    whole = script.rendered
    own, runtime = whole.part(0, script.machinery_start), whole.text[script.machinery_start :]
    _check([*alone_, *_parts(own, runtime)], cache, jobs)  # all that is new in as few processes as possible
    found = lint_bodies(bodies, names, cache, jobs)
    return found or lint_composed(own, runtime, cache, jobs)


def operators(plan: Plan) -> tuple[list[Body], list[list[str]]]:
    """The bodies of a Plan, each once, and for each the plain names that the run sets and its text mentions."""
    bodies: dict[tuple[str, int, str], Body] = {}
    names: set[str] = set()
    _collect(plan, bodies, names)
    found = list(bodies.values())
    return found, [sorted(names & set(_WORD.findall(body.text))) for body in found]


def _collect(value: object, bodies: dict[tuple[str, int, str], Body], names: set[str]) -> None:
    if isinstance(value, Body):
        if value.pieces:
            bodies.setdefault((value.span.source.name, value.span.start, value.text), value)
        return
    if isinstance(value, tuple):
        for item in value:
            _collect(item, bodies, names)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type | Span):
        if isinstance(value, Param | EnvRequirement | ChooseItem):
            names.add(value.name)
        elif isinstance(value, CaptureItem):
            names.add(value.variable)
        for field in dataclasses.fields(value):
            _collect(getattr(value, field.name), bodies, names)


def lint_bodies(
    bodies: Sequence[Body], names: Sequence[Iterable[str]], cache: Cache | None = None, jobs: int = 1
) -> tuple[Diagnostic, ...]:
    """Findings in operators' bodies, each body alone and unwrapped under `set -eo pipefail`, as a step runs.

    `names` has, for each body, the plain names that it may read; they are opaque to the checks. What is equal
    is checked once. Raises Refused (RB430) where ShellCheck cannot be run.
    """
    parts = [body_alone(body, known) for body, known in zip(bodies, names, strict=True)]
    found = _check([part.text for part in parts], cache, jobs)
    diagnostics: list[Diagnostic] = []
    for body, part, findings in zip(bodies, parts, found, strict=True):
        for finding in findings:
            diagnostics.append(_diagnostic(part, finding) or _somewhere(body, finding))
    return tuple(sorted(set(diagnostics), key=lambda d: d.order))


def body_alone(body: Body, names: Iterable[str]) -> Rendered:
    """The text that stands for one body: opaque names, then the operator's own lines, unwrapped.

    A directive in it is made a plain comment of the same length; refusing it is `compiler.shell`'s business.
    """
    known = " ".join(sorted(set(names)))
    header = "#!/bin/bash\nset -eo pipefail\n" + (f"declare -x {known}\n" if known else "")
    text = _DIRECTIVE.sub(r"\1-heck", body.text)
    marks = []
    at = len(header)
    for piece in body.pieces:
        if piece.text:
            marks.append(Mark(at, at + len(piece.text), piece, 0))
        at += len(piece.text)
    return Rendered(header + text + "\n", tuple(marks))


def lint_alone(script: Rendered) -> tuple[Diagnostic, ...]:
    """As `lint_script`, for a script without machinery, with the user's cache."""
    return lint_script(script, _users_cache())


def lint_script(rendered: Rendered, cache: Cache | None = None) -> tuple[Diagnostic, ...]:
    """Findings in a whole script.

    Raises InternalFinding for one outside of the operators' text, Refused (RB430) where ShellCheck cannot be run.
    """
    diagnostics = []
    for finding in _check([rendered.text], cache, 1)[0]:
        diagnostic = _diagnostic(rendered, finding)
        if diagnostic is None:
            raise InternalFinding(_ours(rendered.text, finding))
        diagnostics.append(diagnostic)
    return tuple(sorted(set(diagnostics), key=lambda d: d.order))


def lint_composed(own: Rendered, runtime: str, cache: Cache | None = None, jobs: int = 1) -> tuple[Diagnostic, ...]:
    """Findings in the script `own.text + runtime`, each part of the two checked with a stand-in for all others.

    `runtime` is what scripts with the same machinery share, last line included: with a cache each function is checked once in
    all. Where a part has a finding, the whole script decides: a stand-in may be too simple, but it does not get the last word.
    Raises as `lint_script`.
    """
    if not any(_check(_parts(own, runtime), cache, jobs)):
        return ()
    return lint_script(join([own, Rendered(runtime)]), cache)


def _parts(own: Rendered, runtime: str) -> list[str]:
    return [alone(own.text, runtime), *units(own.text, runtime)]


def _check(texts: Sequence[str], cache: Cache | None, jobs: int) -> list[tuple[Finding, ...]]:
    """The findings of each text; equal texts and those known to be clean cost nothing."""
    open_ = list(dict.fromkeys(text for text in texts if cache is None or not cache.clean(text)))
    found = dict(zip(open_, process.run(open_, jobs), strict=True)) if open_ else {}
    if cache is not None:
        cache.remember(text for text, findings in found.items() if not findings)
    return [found.get(text, ()) for text in texts]


def _ours(text: str, finding: Finding) -> str:
    lines = text.split("\n")
    shown = lines[finding.line - 1].strip() if finding.line <= len(lines) else ""
    return f"SC{finding.code} in generated text, line {finding.line}: {finding.message} `{shown[:120]}`"


@functools.cache
def _users_cache() -> Cache | None:
    try:
        return Cache.default()
    except RuntimeError:  # no home directory
        return None


def _diagnostic(rendered: Rendered, finding: Finding) -> Diagnostic | None:
    """The finding at its place in the spec, or None where it begins and ends outside of any piece."""
    if finding.line > len(rendered.line_starts):
        return None
    start = rendered.offset(finding.line, finding.column)
    end = max(start + 1, rendered.offset(min(finding.end_line, len(rendered.line_starts)), finding.end_column))
    inside = [at for at in range(start, end) if rendered.mark(at) is not None]
    if not inside:
        return _at_end(rendered, finding, start)
    piece = rendered.origin(inside[0])
    place, until = rendered.place(inside[0]), rendered.place(inside[-1])
    assert piece is not None and place is not None and until is not None
    if all(_is_ours(rendered.origin(at)) for at in inside):
        raise InternalFinding(_ours(rendered.text, finding))
    if until.source is place.source and until.end > place.end and until.line == place.line:
        place = place.to(until)
    fix, corrected = cured(rendered, finding)
    return Diagnostic(f"SC{finding.code}", finding.message.rstrip("."), place, fix, corrected=corrected)


def _at_end(rendered: Rendered, finding: Finding, start: int) -> Diagnostic | None:
    """A syntax error is found where a body's text has ended: on the line break behind it."""
    before = rendered.place(start - 1) if start > 0 and rendered.text[start : start + 1] in ("", "\n") else None
    if before is None:
        return None
    place = before.source.span(before.end, before.end)
    return Diagnostic(f"SC{finding.code}", finding.message.rstrip("."), place, cured(rendered, finding)[0])


def _is_ours(piece: Piece | None) -> bool:
    """Text that the compiler wrote, the command of a check for instance; not the braces that it put around an operator's name."""
    return piece is None or (piece.origin is Origin.INSERTED and len(piece.text) > 2 and not piece.text.isspace())


def _somewhere(body: Body, finding: Finding) -> Diagnostic:
    """A finding of a body that ShellCheck reports outside of it: about the body as a whole."""
    return Diagnostic(f"SC{finding.code}", finding.message.rstrip("."), body.span)
