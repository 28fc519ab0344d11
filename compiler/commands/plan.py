"""`rbc plan`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from compiler.commands import options


@click.command("plan")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="The whole Plan as JSON.")
@options.environment_option
@options.procedure_option
def command(file: Path, as_json: bool, environment: str | None, procedure: str | None) -> None:
    """Show the Plan of a spec.

    Every item in order, with its number, its commands and its way back. Script and runbook are written from the Plan and
    from nothing else. Of a spec with procedures or environments all are shown, each with a script of its own; as JSON one is
    named.
    """
    from compiler import pipeline
    from compiler.build.inputs import collect
    from compiler.diagnostics import Diagnostic, Refused
    from compiler.plan import view
    from compiler.project import Project

    with options.refusals("text"):
        (spec,) = collect([file]).specs
        project = Project(spec.root)
        source = project.read(spec.path)
        if as_json:
            plan, diagnostics = pipeline.plan(source, project, procedure, environment)
            plans = tuple(filter(None, (plan,)))
        else:
            plans, diagnostics = pipeline.plans(source, project)
            plans, wrong = pipeline.some(plans, spec.name, procedure, environment)
            diagnostics = (*diagnostics, *wrong)
        if not plans and not any(not diagnostic.warning for diagnostic in diagnostics):
            fix = "name a spec that has a `runbook` statement"
            raise Refused([Diagnostic("RB609", f"`{spec.name}` is a library: it has no `runbook`, so it has no Plan", fix=fix)])
    options.show(diagnostics, "text")
    if not plans:
        sys.exit(1)
    click.echo("\n".join(view.as_json(plan) if as_json else view.text(plan) for plan in plans), nl=False)
