"""The compiler on one screen: text goes in at the top, script and runbook come out at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compiler import policy
from compiler.diagnostics import Diagnostic, did_you_mean
from compiler.emit import bash, markdown, rehearsed, shellcheck, watch
from compiler.plan.model import Plan
from compiler.plan.procedures import lower_everywhere
from compiler.resolve import resolve_all
from compiler.source import Loader, Source
from compiler.syntax.parser import parse

# A library by itself may leave names to the specs that use it: with them they are looked for.
_LEFT_OPEN = frozenset({"RB301", "RB302", "RB312"})


@dataclass(frozen=True)
class Compiled:
    """What one spec came to.

    `plans` has one Plan for each procedure (or the one of a spec without) in each environment; it is empty for a library (a
    file without `runbook`) and where an error keeps them from being made. `scripts` (one for each Plan) and `runbook` are
    empty and None with every error in `diagnostics`. `watch` are the files for what watches when no run does, by name.
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
    first = {"" if each.environment is None else f"{each.environment.name}/": each for each in reversed(made)}
    watching = {folder: watch.emit(each) for folder, each in reversed(first.items())}
    linted = [finding for each, script in zip(made, scripts, strict=True) for finding in shellcheck.lint(each, script)]
    linted += [finding for each in watching.values() for script in each.scripts for finding in shellcheck.lint_alone(script)]
    found = in_order((*found, *linted, *_out_of_date(matrices, source.name, rehearsal)))
    if has_errors(found):
        return Compiled(made, (), None, found)
    files = {f"{folder}{name}": text for folder, each in watching.items() for name, text in each.files.items()}
    return Compiled(made, scripts, runbook, found, files)


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
    models, wrong = resolve_all(document, loader)
    if broken:
        return (), in_order((*broken, *_wrong_by_itself(wrong, broken)))
    if not models:
        library = all(statement.keyword != "runbook" for statement in document.statements)
        return (), tuple(each for each in wrong if not (library and each.code in _LEFT_OPEN))
    made, found = lower_everywhere(models)
    return made, in_order((*wrong, *found, *policy.check_all(made)))


def plan(
    source: Source, loader: Loader, procedure: str | None = None, environment: str | None = None
) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The one Plan of a spec, or that of a procedure in an environment; RB610 where there is none, or several are left."""
    made, found = plans(source, loader)
    plan, wrong = one(made, source.name, procedure, environment)
    return plan, (*found, *wrong)


def one(
    made: Sequence[Plan], spec: str, procedure: str | None, environment: str | None = None
) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The Plan that a command of one script means: RB610 where it does not say which, or names one that is not there."""
    left, wrong = some(made, spec, procedure, environment)
    if len(left) <= 1:
        return (left[0] if left else None), wrong
    for kind, plural in (("environment", "environments"), ("procedure", "procedures")):
        known = dict.fromkeys(name for p in left if (name := _name(p, kind)) is not None)
        if len(known) > 1:
            listed = ", ".join(f"`{name}`" for name in known)
            fix = f"name one: `--{kind} NAME`"
            return None, (Diagnostic("RB610", f"`{spec}` has several {plural}: {listed}", fix=fix),)
    return None, ()


def some(
    made: Sequence[Plan], spec: str, procedure: str | None, environment: str | None
) -> tuple[tuple[Plan, ...], tuple[Diagnostic, ...]]:
    """The Plans of a procedure, of an environment, or of both; RB610 where one that was named is not there."""
    left = tuple(made)
    for kind, wanted in (("environment", environment), ("procedure", procedure)):
        chosen = tuple(p for p in left if wanted is None or _name(p, kind) == wanted)
        if left and not chosen:
            return (), (_not_there(spec, kind, str(wanted), [name for p in left if (name := _name(p, kind)) is not None]),)
        left = chosen
    return left, ()


def _name(plan: Plan, kind: str) -> str | None:
    part = plan.environment if kind == "environment" else plan.procedure
    return None if part is None else part.name


def _not_there(spec: str, kind: str, name: str, known: Sequence[str]) -> Diagnostic:
    if not known:
        return Diagnostic("RB610", f"`{spec}` has no {kind}s", fix=f"leave `--{kind}` out")
    fix = did_you_mean(name, known) or f"there are {', '.join(f'`{n}`' for n in dict.fromkeys(known))}"
    return Diagnostic("RB610", f"`{spec}` has no {kind} called `{name}`", fix=fix)


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
