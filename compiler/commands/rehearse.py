"""`rbc rehearse`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from compiler.commands import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compiler.rehearse.session import Rehearsed


@click.command("rehearse")
@options.paths_argument
@click.option(
    "-o",
    "--out",
    metavar="OUT",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the specs are built to.  [default: out in the spec's project]",
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Play N scenes at once.  [default: one a processor]")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "markdown", "junit"]),
    default="text",
    help="How the failure matrix is printed; findings go to standard error.",
)
@click.option(
    "--timing",
    is_flag=True,
    help="Play nothing: say how long each way and each way back takes, and whether there is time (text or JSON).",
)
def command(paths: tuple[Path, ...], out: Path | None, jobs: int | None, output: str, timing: bool) -> None:
    """Play a runbook's script through, fault by fault, against a world of stand-ins.

    PATH is a spec (.rb) or a folder of specs. Every step fails, every probe, every undo; every gate is declined; power is lost
    in every step. Nothing of this machine is touched. The failure matrix is kept in OUT as rehearsal.json, and the next build
    tells it in the runbook. Exit code 0 only if all that is expected holds.
    """
    from compiler.build import layout
    from compiler.build.compiling import available
    from compiler.build.inputs import collect
    from compiler.diagnostics import Diagnostic, Refused
    from compiler.project import Project
    from compiler.rehearse import session

    if timing:
        _timing(paths, output)
    with options.refusals("text"), options.ends_tidily():
        specs = collect(paths).specs
        written = []
        for spec in specs:
            project = Project(spec.root)
            made, diagnostics = session.written(project.read(spec.path), project)
            options.show(diagnostics, "text")
            written.append((spec, made))
            if any(not diagnostic.warning for diagnostic in diagnostics):
                sys.exit(1)
        if not any(made for _, made in written):
            message = f"`{specs[0].name}` is a library: it has no `runbook`, so there is nothing to rehearse"
            raise Refused([Diagnostic("RB609", message, fix="name a spec that has a `runbook` statement")])
        scripts = [script for _, made in written for script in made]
        with options.bar(sum(len(script.scenes) for script in scripts), "Rehearsing") as step:
            ended = [(spec, [script.play(jobs or available(), step) for script in made]) for spec, made in written if made]
        for spec, played in ended:
            session.keep(layout.out_of(spec, out) / layout.folder(spec.name), played)
    every = [each for _, played in ended for each in played]
    click.echo(_shown(every, output), nl=False)
    found = [finding for each in every for finding in each.findings]
    options.show(found, "text")
    sys.exit(1 if any(not finding.warning for finding in found) else 0)


def _timing(paths: tuple[Path, ...], output: str) -> NoReturn:
    """`--timing`. RB524 is left out: what it warns of while compiling is an error here (RB629)."""
    from compiler import pipeline
    from compiler.build.inputs import collect
    from compiler.project import Project
    from compiler.rehearse import timing, timing_view

    if output not in ("text", "json"):
        raise click.UsageError("--timing is printed as text or json")
    with options.refusals("text"):
        projects = [(spec, Project(spec.root)) for spec in collect(paths).specs]
        made = [pipeline.plans(project.read(spec.path), project) for spec, project in projects]
    times = [timing.timing(plan) for plans, _ in made for plan in plans]
    found = [diagnostic for _, diagnostics in made for diagnostic in diagnostics if diagnostic.code != "RB524"]
    found += [finding for time in times for finding in timing.findings(time)]
    if times:
        click.echo((timing_view.as_json if output == "json" else timing_view.text)(times), nl=False)
    options.show(found, "text")
    sys.exit(1 if any(not diagnostic.warning for diagnostic in found) else 0)


def _shown(every: Sequence[Rehearsed], output: str) -> str:
    from compiler.rehearse import render

    return {"json": render.as_json, "junit": render.junit, "markdown": render.markdown, "text": render.text}[output](every)
