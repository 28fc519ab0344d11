"""`rbc completion SHELL`: the script that makes a shell complete `rbc`."""

from __future__ import annotations

import click

_WHERE = {
    "bash": "~/.local/share/bash-completion/completions/rbc",
    "zsh": "a folder of $fpath, as _rbc",
    "fish": "~/.config/fish/completions/rbc.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice(sorted(_WHERE)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    Save it where the shell looks for it, e.g. `rbc completion bash > ~/.local/share/bash-completion/completions/rbc`.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:  # click knows all three; a shell it drops must not end in a traceback
        raise click.UsageError(f"this version of click has no completion for {shell}")
    script = kind(ctx.find_root().command, {}, "rbc", "_RBC_COMPLETE").source()
    click.echo(script)
    click.echo(f"# to be saved as {_WHERE[shell]}")
