"""`rbc build`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.commands import options

if TYPE_CHECKING:
    from compiler.build.session import Result
    from compiler.diagnostics import Diagnostic


@click.command("build")
@options.paths_argument
@click.option(
    "-o",
    "--out",
    metavar="OUT",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for what is built.  [default: out in the spec's project]",
)
@options.jobs_option
@click.option("--check", is_flag=True, help="Write nothing; print what a build would change, and exit 1 if there is anything.")
@options.format_option
def command(paths: tuple[Path, ...], out: Path | None, jobs: int | None, check: bool, output: str) -> None:
    """Compile specs into scripts and runbooks.

    PATH is a spec (.rb) or a folder of specs. Each spec gets a folder below OUT with its script, its runbook and a manifest.
    All or nothing: an error in any of them, and nothing is written.
    """
    from compiler.build import session

    with options.refusals(output):
        result = session.build(paths, out, jobs, check, options.progress)
    differing = _differing(result) if check and result.differences else ()
    if differing and output == "text":
        for difference in result.differences:
            click.echo("\n".join(difference.lines))
    options.show(result.diagnostics + differing, output)
    failed = bool(differing) or any(not diagnostic.warning for diagnostic in result.diagnostics)
    if output == "text" and not failed:
        _say(result)
    sys.exit(1 if failed else 0)


def _differing(result: Result) -> tuple[Diagnostic, ...]:
    from compiler.diagnostics import Diagnostic

    fix = "run `rbc build` and commit what it writes"
    return tuple(Diagnostic("RB608", f"{difference.path}: {difference.kind}", fix=fix) for difference in result.differences)


def _say(result: Result) -> None:
    for folder in result.built:
        click.echo(f"built {folder}")
    for folder in result.removed:
        click.echo(f"removed {folder}: its spec is gone")
    if not result.built and not result.removed:
        click.echo("nothing to do")
