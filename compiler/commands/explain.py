"""`rbc explain CODE`: the page of a code."""

from __future__ import annotations

import re
from pathlib import Path

import click

PAGES = Path(__file__).resolve().parent.parent / "pages"
_SHELLCHECK = re.compile(r"SC\d{4}")


def codes() -> list[str]:
    """Every code that has a page, sorted."""
    return sorted(path.stem for path in PAGES.glob("RB*.md"))


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [code for code in codes() if code.startswith(incomplete.upper())]


@click.command("explain")
@click.argument("code", metavar="CODE", shell_complete=_complete)
def command(code: str) -> None:
    """Say what a code in a finding means, why it matters and how to cure it.

    CODE is one of rbc's own (RB101) or one of ShellCheck's (SC2086).
    """
    wanted = code.upper()
    if _SHELLCHECK.fullmatch(wanted):
        click.echo(
            f"# {wanted}: a finding of ShellCheck\n\n"
            "A spec's commands must pass `shellcheck -o all`: what it finds in them is reported at the line of the spec, with\n"
            f"the corrected line where there is one. What {wanted} means and how to cure it:\n\n"
            f"https://www.shellcheck.net/wiki/{wanted}"
        )
        return
    if wanted in codes():
        click.echo((PAGES / f"{wanted}.md").read_text(encoding="utf-8"), nl=False)
        return
    from compiler.diagnostics import did_you_mean

    hint = did_you_mean(wanted, codes())
    raise click.UsageError(f"there is no code `{code}`" + (f"; {hint}" if hint else ""))
