"""What several commands have in common: their arguments, and how findings are printed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from compiler.diagnostics import Diagnostic

T = TypeVar("T")
_MANY = 5

paths_argument = click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How findings are printed: text on standard error, or JSON on standard output.",
)
procedure_option = click.option("--procedure", metavar="NAME", help="Only this procedure of the spec.")
environment_option = click.option("--environment", metavar="NAME", help="Only this environment of the spec.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Compile with N processes at once.  [default: one a processor]"
)


def show(diagnostics: Iterable[Diagnostic], output: str) -> None:
    """Print findings: text to standard error (coloured on a terminal), JSON to standard output (also when there are none)."""
    found = tuple(diagnostics)
    if not found and output == "text":
        return
    from compiler import report

    if output == "json":
        click.echo(report.as_json(found))
    else:
        click.echo(report.text(found, color=use_color()), err=True, color=True, nl=False)


@contextmanager
def refusals(output: str) -> Iterator[None]:
    """What is refused inside is printed and ends the command with 1."""
    try:
        yield
    except Exception as error:
        from compiler.diagnostics import Refused  # a command that goes well does not need it

        if not isinstance(error, Refused):
            raise
        show(error.diagnostics, output)
        sys.exit(1)


def use_color() -> bool:
    """Whether standard error may be coloured: a terminal, and NO_COLOR (https://no-color.org) not set."""
    import os

    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def progress(items: Iterable[T], count: int) -> Iterator[T]:
    """Pass the items on, with a bar on standard error for many of them on a terminal."""
    if count < _MANY or not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, length=count, label="Compiling", file=sys.stderr) as bar:
        yield from bar


@contextmanager
def ends_tidily() -> Iterator[None]:
    """A signal that ends the command lets it clear away what it has begun; its exit code is then that of the signal."""

    def leave(number: int, _: object) -> None:
        sys.exit(128 + number)

    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, before in kept.items():
        if before is signal.SIG_DFL:
            signal.signal(number, leave)
    try:
        yield
    finally:
        for number, before in kept.items():
            signal.signal(number, before)


@contextmanager
def bar(count: int, label: str) -> Iterator[Callable[[], bool]]:
    """A bar on standard error, on a terminal; what it gives is called for each that is done, and says True: go on."""
    if not sys.stderr.isatty():
        yield lambda: True
        return
    with click.progressbar(length=count, label=label, file=sys.stderr) as shown:

        def step() -> bool:
            shown.update(1)
            return True

        yield step
