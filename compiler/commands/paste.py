"""`rbc paste`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from compiler.commands import options


@click.command("paste")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--replace", is_flag=True, help="Replace another file of that name on the host; it is kept under a name of its own."
)
@options.environment_option
@options.procedure_option
def command(file: Path, replace: bool, environment: str | None, procedure: str | None) -> None:
    """Print a block that brings a spec's script to a host through a terminal.

    Pasted into a shell on the host (bash, zsh or any other POSIX shell), it writes the script into the folder where the shell
    is, checks its SHA-256 and sets its mode. It runs nothing of it. A paste that was cut off or damaged writes nothing, and
    another file of that name is left alone; each is said. The host needs base64, gzip, mktemp and sha256sum.
    """
    from compiler import pipeline
    from compiler.build.inputs import collect
    from compiler.diagnostics import Diagnostic, Refused
    from compiler.emit import locale, paste
    from compiler.project import Project

    with options.refusals("text"):
        (spec,) = collect([file]).specs
        project = Project(spec.root)
        compiled = pipeline.compile(project.read(spec.path), project)
        if compiled.plan is None and not pipeline.has_errors(compiled.diagnostics):
            fix = "name a spec that has a `runbook` statement"
            raise Refused([Diagnostic("RB609", f"`{spec.name}` is a library: it has no `runbook`, so it has no script", fix=fix)])
        plan, wrong = pipeline.one(compiled.plans, spec.name, procedure, environment)
    options.show((*compiled.diagnostics, *wrong), "text")
    if plan is None or not compiled.scripts:
        sys.exit(1)
    script = compiled.scripts[compiled.plans.index(plan)]
    words = locale.load("paste", plan.meta.lang)
    click.echo(paste.block(plan.script, script.text.encode(), words, replace), nl=False)
    click.echo("Paste all of it into a shell on the host, from the first line to the `}`, and press Enter.", err=True)
