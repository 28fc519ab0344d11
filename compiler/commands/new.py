"""`rbc new`."""

from __future__ import annotations

import re
from pathlib import Path

import click

STARTER = Path(__file__).resolve().parent / "starter.rb"
_NAME = re.compile(r"[a-z][a-z0-9_]*")  # as `compiler.syntax.words`, which this command need not load


@click.command("new")
@click.argument("name", metavar="NAME")
def command(name: str) -> None:
    """Start a spec: write specs/NAME.rb, commented and ready to build.

    NAME is the runbook's name: small letters, digits and underscores, a letter first. A file that exists is never overwritten.
    """
    from compiler.root import find_root

    if not _NAME.fullmatch(name):
        cure = re.sub(r"[^a-z0-9]+", "_", name.removesuffix(".rb").lower()).strip("_0123456789")
        hint = f"; `{cure}` would be one" if _NAME.fullmatch(cure) else ""
        raise click.BadParameter(f"`{name}` is not a name: small letters, digits and underscores, a letter first{hint}")
    here = Path.cwd()
    path = find_root(here / f"{name}.rb") / "specs" / f"{name}.rb"
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(re.sub(r"\bstarter\b", name, STARTER.read_text(encoding="utf-8")))
    except FileExistsError:
        raise click.UsageError(f"`{shown}` exists already and is left as it is") from None
    except OSError as error:
        raise click.UsageError(f"cannot write `{shown}`: {error.strerror}") from None
    click.echo(f"wrote {shown}\nNow change it to your needs, then: rbc build {shown}")
