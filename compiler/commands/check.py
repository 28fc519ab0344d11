"""`rbc check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from compiler.commands import options


@click.command("check")
@options.paths_argument
@options.jobs_option
@options.format_option
def command(paths: tuple[Path, ...], jobs: int | None, output: str) -> None:
    """Report everything that is wrong in specs and write nothing.

    PATH is a spec (.rb) or a folder of specs. The scripts are made and linted in memory, as a build does it.
    """
    from compiler.build.compiling import compile_all
    from compiler.build.inputs import collect

    with options.refusals(output):
        specs = collect(paths).specs
        outcomes = list(options.progress(compile_all(specs, jobs), len(specs)))
    # Two specs that use one library report its mistakes twice: a set takes them once.
    found = sorted({shown for outcome in outcomes for shown in outcome.diagnostics}, key=lambda shown: shown.order)
    options.show(found, output)
    failed = any(outcome.failed for outcome in outcomes)
    if output == "text" and not failed:
        click.echo(f"{len(specs)} {'spec' if len(specs) == 1 else 'specs'}: no errors")
    sys.exit(1 if failed else 0)
