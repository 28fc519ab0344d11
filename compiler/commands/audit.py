"""`rbc audit verify` and `rbc audit show`: logs that scripts wrote, copied off their hosts."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from compiler.audit.chain import Verdict

_HEAD = re.compile(r"[0-9a-f]{16,64}")
_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))


@click.group("audit")
def command() -> None:
    """Check or show an audit log that a script wrote.

    A run's log is RUN_ID/audit.jsonl in the script's state folder; `status` and the last line of a run name it. It may be
    copied to any machine.
    """


def _head(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _HEAD.fullmatch(value):
        raise click.BadParameter("a head has 16 to 64 characters of 0-9 and a-f, as the script printed it")
    return value


@command.command("verify")
@_file
@click.option(
    "--head",
    metavar="HEX",
    callback=_head,
    help="The last record's hash as it was kept elsewhere, at least its first 16 characters: finds a cut-off end.",
)
def verify(file: Path, head: str | None) -> None:
    """Check that a log's chain is whole.

    A record that was changed, dropped, added or moved is found and named by its line. Records that are missing at the end are
    found only with --head. A last line that was not written to its end (a crash) is said and is no alarm.

    Exit codes: 0 whole; 1 not whole, or the file cannot be read; 2 the command line is wrong.
    """
    verdict = _verdict(file, head)
    for finding in verdict.findings:
        click.echo(f"line {finding.line}: {finding.meaning}")
    if verdict.more:
        click.echo(f"and {verdict.more} more")
    if verdict.torn is not None:
        click.echo(f"line {verdict.torn}: not written to its end (a crash); it does not count")
    if verdict.head_differs:
        found = f"the last record has the head {verdict.head}" if verdict.head else "there is no record"
        click.echo(f"the end is missing or another one: {found}")
    if not verdict.whole:
        click.echo("The chain is not whole.")
        sys.exit(1)
    if not verdict.records:
        click.echo("The log holds no record: nothing was recorded, or all of it was cut off.")
        return
    click.echo(f"The chain is whole: {verdict.records} record{'s' if verdict.records > 1 else ''}, head {verdict.head}")
    if head is None:
        click.echo("Whether records are missing at the end can only be told with --head.")


@command.command("show")
@_file
@click.option("--lang", type=click.Choice(["en", "de"]), default="en", help="The language of the table.  [default: en]")
def show(file: Path, lang: str) -> None:
    """Show a log as a table.

    One row a record: time, who, event, step, outcome, duration, by whom or what, why. Control characters are made visible. A
    chain that is not whole is said on standard error.

    Exit codes: 0 shown; 1 the chain is not whole, or the file cannot be read; 2 the command line is wrong.
    """
    from compiler.audit import chain, table
    from compiler.emit import locale

    words = {**locale.load("outcome", lang), **locale.load("audit", lang)}
    verdict = _verdict(file, None)
    with _opened(file) as stream:
        for line in table.table(chain.lines(stream), words):
            click.echo(line)
    if not verdict.whole:
        first = verdict.findings[0]
        click.echo(f"rbc: the chain of this log is not whole (line {first.line}: {first.meaning})", err=True)
        sys.exit(1)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise click.FileError(str(file), error.strerror or str(error)) from None


def _verdict(file: Path, head: str | None) -> Verdict:
    from compiler.audit import chain

    with _opened(file) as stream:
        try:
            return chain.verify(chain.lines(stream), head)
        except OSError as error:
            raise click.FileError(str(file), error.strerror or str(error)) from None
