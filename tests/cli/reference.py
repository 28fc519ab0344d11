"""The text of docs/cli.md: `python tests/cli/reference.py > docs/cli.md`. A test holds the file equal to it."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.testing import CliRunner

from compiler.cli import COMMANDS, cli

INTRODUCTION = """\
# The command line

What `rbc --help` and `rbc COMMAND --help` say. `rbc explain CODE` prints the page of a code that a finding names.

Findings go to standard error, or as JSON to standard output with `--format json`; everything else that a command prints goes to
standard output. Colour is used on a terminal only, and never where `NO_COLOR` is set.

| exit code | meaning |
|---|---|
| 0 | all well |
| 1 | a spec is wrong, an output cannot be written, or `--check` found a difference |
| 2 | the command line is wrong |
| 70 | a fault of rbc itself; it says what to report |
| 130 | interrupted; what was built before is unchanged |

What a build remembers, so that one with nothing to do is fast, lies in `${XDG_CACHE_HOME:-~/.cache}/rbc` and may be deleted at
any time. Where outputs lie, and what happens to files there that rbc did not write, is in [layout.md](layout.md).
"""


def help_of(*command: str) -> str:
    """What `rbc COMMAND --help` prints on a terminal of 100 columns."""
    result = CliRunner().invoke(cli, [*command, "--help"], prog_name="rbc", terminal_width=100)
    assert result.exit_code == 0, result.output
    return click.unstyle(result.output)


def commands() -> Iterator[tuple[str, ...]]:
    """Every command with a page of help, a group before what is in it."""
    yield ()
    for name in COMMANDS:
        yield (name,)
        found = cli.get_command(click.Context(cli), name)
        yield from ((name, inner) for inner in (found.commands if isinstance(found, click.Group) else ()))


def text() -> str:
    """The whole page."""
    sections = [INTRODUCTION]
    for command in commands():
        sections.append(f"## {' '.join(('rbc', *command))}\n\n```text\n{help_of(*command)}```\n")
    return "\n".join(sections)


if __name__ == "__main__":
    print(text(), end="")
