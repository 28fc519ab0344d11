"""`rbc plan`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from compiler.commands import options


@click.command("plan")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="The whole Plan as JSON.")
def command(file: Path, as_json: bool) -> None:
    """Show the Plan of a spec.

    Every item in order, with its number, its commands and its way back. Script and runbook are written from the Plan and
    from nothing else.
    """
    from compiler import pipeline
    from compiler.build.inputs import collect
    from compiler.diagnostics import Diagnostic, Refused
    from compiler.plan import view
    from compiler.project import Project

    with options.refusals("text"):
        (spec,) = collect([file]).specs
        project = Project(spec.root)
        plan, diagnostics = pipeline.plan(project.read(spec.path), project)
        if plan is None and not any(not diagnostic.warning for diagnostic in diagnostics):
            fix = "name a spec that has a `runbook` statement"
            raise Refused([Diagnostic("RB609", f"`{spec.name}` is a library: it has no `runbook`, so it has no Plan", fix=fix)])
    options.show(diagnostics, "text")
    if plan is None:
        sys.exit(1)
    click.echo(view.as_json(plan) if as_json else view.text(plan), nl=False)
