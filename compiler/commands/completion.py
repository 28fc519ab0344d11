"""`rbc completion SHELL`: the script that makes a shell complete `rbc`."""

from __future__ import annotations

import click

_SHELLS = ("bash", "fish", "zsh")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    Save it where the shell looks for it, for example:

    \b
      rbc completion bash > ~/.local/share/bash-completion/completions/rbc
      rbc completion fish > ~/.config/fish/completions/rbc.fish
      rbc completion zsh > _rbc      # in a folder of $fpath
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:  # click knows all three; a shell it drops must not end in a traceback
        raise click.UsageError(f"this version of click has no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "rbc", "_RBC_COMPLETE").source())
