"""`rbc`: the group of commands, and the one place where an exception of ours becomes a message.

Only click is imported here, and a command's module when the command is called: `rbc --version` and a build with nothing to
do are as fast as click itself.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

import click

from compiler.version import __version__

COMMANDS = ("build", "check", "plan", "rehearse", "explain", "new", "paste", "audit", "completion")

FAULT = 1  # the spec's fault, or a difference
INTERNAL = 70  # sysexits.h: EX_SOFTWARE
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class Commands(click.Group):
    """The group; a command `x` is `compiler.commands.x.command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"compiler.commands.{cmd_name}").command
        return command if isinstance(command, click.Command) else None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="rbc %(version)s")
def cli() -> None:
    """Compile runbooks: one spec becomes an audited bash script and the Markdown runbook that people read.

    Exit codes: 0 all well; 1 the spec is wrong, or --check found a difference; 2 the command line is wrong; 70 a fault of rbc.
    """


def main() -> NoReturn:
    """The console script. Ends the process; no traceback leaves it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that is not UTF-8 gets `\xfc` rather than no message
            reconfigure(errors="backslashreplace")
    try:
        status = cli.main(prog_name="rbc", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(status if isinstance(status, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("rbc: interrupted; what was built before is unchanged", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing is wrong, and nothing more can be said on this stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAULT)
    except Exception as error:
        from compiler.internal import explain

        click.echo(explain(error), err=True)
        sys.exit(INTERNAL)
