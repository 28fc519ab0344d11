"""The compiler on one screen: text goes in at the top, script and runbook come out at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compiler import policy
from compiler.diagnostics import Diagnostic, did_you_mean
from compiler.emit import bash, markdown, rehearsed, shellcheck, watch
from compiler.plan.model import Plan
from compiler.plan.procedures import lower_all
from compiler.project import Loader
from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse

# A library by itself may leave names to the specs that use it: with them they are looked for.
_LEFT_OPEN = frozenset({"RB301", "RB302", "RB312"})


@dataclass(frozen=True)
class Compiled:
    """What one spec came to.

    `plans` has one Plan for each procedure, or the one of a spec without; it is empty for a library (a file without `runbook`)
    and where an error keeps them from being made. `scripts` (one for each Plan) and `runbook` are empty and None with every
    error in `diagnostics`. `watch` are the files for what watches when no run does, by name.
    """

    plans: tuple[Plan, ...]
    scripts: tuple[bash.Script, ...]
    runbook: str | None
    diagnostics: tuple[Diagnostic, ...]
    watch: Mapping[str, str] = field(default_factory=dict)

    @property
    def plan(self) -> Plan | None:
        """The Plan of a spec that has one; of a spec with several procedures the first."""
        return next(iter(self.plans), None)

    @property
    def script(self) -> bash.Script | None:
        """The script that belongs to `plan`."""
        return next(iter(self.scripts), None)


def compile(source: Source, loader: Loader, rehearsal: bytes | None = None) -> Compiled:
    """Everything that one spec comes to, and everything that is wrong with it.

    `rehearsal` is the content of the `rehearsal.json` beside the script, where there is one.

    Raises:
        Refused: a file that the spec uses cannot be read, or a tool of the build (shfmt, ShellCheck) is missing.
    """
    made, found = plans(source, loader)
    if not made or has_errors(found):
        return Compiled(made, (), None, found)
    scripts = tuple(bash.emit(each) for each in made)
    matrices = [rehearsed.matrix(each, script, rehearsal) for each, script in zip(made, scripts, strict=True)]
    runbook = markdown.emit_all(made, matrices)
    watching = watch.emit(made[0])
    linted = [finding for each, script in zip(made, scripts, strict=True) for finding in shellcheck.lint(each, script)]
    linted += [finding for script in watching.scripts for finding in shellcheck.lint_alone(script)]
    found = in_order((*found, *linted, *_out_of_date(matrices, source.name, rehearsal)))
    if has_errors(found):
        return Compiled(made, (), None, found)
    return Compiled(made, scripts, runbook, found, watching.files)


def _out_of_date(matrices: Sequence[rehearsed.Matrix], spec: str, content: bytes | None) -> Iterator[Diagnostic]:
    """RB625, a warning, where a rehearsal is kept that a runbook with these `matrices` cannot tell."""
    if content is None or all(each.consequences is not None for each in matrices):
        return
    held = all(each.held for each in rehearsed.read(content) or ())
    why = "is about an older script or Plan" if held else "found what does not hold"
    fix = f"run `rbc rehearse {spec}`, then build again"
    message = f"the rehearsal that is kept for `{spec}` {why}; the runbook says that it was not rehearsed"
    yield Diagnostic("RB625", message, fix=fix, warning=True)


def plans(source: Source, loader: Loader) -> tuple[tuple[Plan, ...], tuple[Diagnostic, ...]]:
    """The Plans of a spec, as scripts and runbook are written from them, and what is wrong so far. Raises as `compile`."""
    document, broken = parse(source)
    model, wrong = resolve(document, loader)
    if broken:
        return (), in_order((*broken, *_wrong_by_itself(wrong, broken)))
    if model is None:
        library = all(statement.keyword != "runbook" for statement in document.statements)
        return (), tuple(each for each in wrong if not (library and each.code in _LEFT_OPEN))
    made, found = lower_all(model)
    return made, in_order((*wrong, *found, *policy.check_all(made)))


def plan(source: Source, loader: Loader, procedure: str | None = None) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The one Plan of a spec, or that of a procedure; RB610 where there is no such procedure, or several and none is named."""
    made, found = plans(source, loader)
    plan, wrong = one(made, source.name, procedure)
    return plan, (*found, *wrong)


def one(made: Sequence[Plan], spec: str, procedure: str | None) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The Plan that a command of one script means: RB610 where it does not say which, or names one that is not there."""
    if not made:
        return None, ()
    wanted = [p for p in made if procedure is None or (p.procedure is not None and p.procedure.name == procedure)]
    if len(wanted) == 1:
        return wanted[0], ()
    known = [p.procedure.name for p in made if p.procedure is not None]
    listed = ", ".join(f"`{name}`" for name in known)
    if procedure is None:
        return None, (Diagnostic("RB610", f"`{spec}` has several procedures: {listed}", fix="name one: `--procedure NAME`"),)
    if not known:
        return None, (Diagnostic("RB610", f"`{spec}` has no procedures", fix="leave `--procedure` out"),)
    fix = did_you_mean(procedure, known) or f"there are {listed}"
    return None, (Diagnostic("RB610", f"`{spec}` has no procedure called `{procedure}`", fix=fix),)


def _wrong_by_itself(wrong: Iterable[Diagnostic], broken: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What stays true beside syntax errors: a statement that breaks the schema (RB2xx), on a line that was understood.

    A name that seems unknown may be declared where nothing was understood.
    """
    not_understood = {(each.span.source.name, each.span.line) for each in broken if each.span is not None}
    for each in wrong:
        if each.code.startswith("RB2") and each.span and (each.span.source.name, each.span.line) not in not_understood:
            yield each


def has_errors(found: Iterable[Diagnostic]) -> bool:
    """Whether one of them is an error (the others are warnings)."""
    return any(not each.warning for each in found)


def in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each once, by file and place."""
    return tuple(sorted(set(found), key=lambda each: each.order))
