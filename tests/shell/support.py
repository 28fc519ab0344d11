"""Bodies from text, and bash as the judge."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Body
from compiler.shell import Kind, analyse, check, to_body
from compiler.source import Source, Span
from compiler.syntax.tree import Shell, ShellLine

KNOWN = {
    "text": Kind.PARAM,
    "number": Kind.INT_PARAM,
    "taken": Kind.CAPTURE,
    "counted": Kind.INT_CAPTURE,
    "path": Kind.CHOICE,
    "REQUIRED": Kind.ENVIRONMENT,
    "token": Kind.SECRET,
    "leitstand": Kind.CONSTANT,
}


def fence(text: str, indent: str = "    ") -> Shell:
    """A fence that holds `text`, indented, in a spec of its own."""
    lines = [indent + line if line else "" for line in text.split("\n")]
    source = Source("t.rb", "step x {\n" + indent + "```\n" + "".join(f"{line}\n" for line in lines) + indent + "```\n}\n")
    spans = [source.span(source.line_starts[n + 2], source.line_starts[n + 2] + len(line)) for n, line in enumerate(lines)]
    return Shell(tuple(ShellLine(span) for span in spans), source.span(9, len(source.text) - 2), fence=True)


def command(text: str, before: str = "  ") -> Shell:
    """A `$ …` command; lines after the first as they stand."""
    source = Source("t.rb", f"{before}$ {text}\n")
    lines, start = [], len(before) + 2
    for line in text.split("\n"):
        lines.append(ShellLine(source.span(start, start + len(line))))
        start += len(line) + 1
    return Shell(tuple(lines), source.span(len(before), len(source.text) - 1), fence=False)


def constants(values: Mapping[str, str]) -> Callable[[tuple[str, ...], Span], str | Diagnostic]:
    def constant(path: tuple[str, ...], span: Span) -> str | Diagnostic:
        name = ".".join(path)
        return values[name] if name in values else Diagnostic("RB300", f"unknown {name}", span)

    return constant


def body(text: str, **values: str) -> Body:
    made, found = to_body(fence(text), constants({k.replace("__", "."): v for k, v in values.items()}))
    assert not found
    return made


def codes(text: str, known: Mapping[str, Kind] = KNOWN) -> list[str]:
    made = body(text)
    return [diagnostic.code for diagnostic in check(made, analyse(made), known)]


def findings(text: str, known: Mapping[str, Kind] = KNOWN) -> list[tuple[str, str]]:
    """(code, the text that is underlined)."""
    made = body(text)
    return [(d.code, d.span.text if d.span else "") for d in check(made, analyse(made), known)]


def run(text: str, folder: Path, before: str = "") -> bool:
    """Runs a body as a step is run; whether bash got to the end of it with success.

    The mark stands in the same function as the call: an error in an expansion (`$(( 1 / 0 ))`) leaves all functions, goes on
    with the next line of the file, and errexit says nothing.
    """
    script = f"shopt -s inherit_errexit\n{before}\nbody() {{\n{text}\n}}\nmain() {{\nbody\necho THE-END >&3\n}}\nmain\n"
    file, mark = folder / "s.sh", folder / "mark"
    file.write_text(script, encoding="utf-8")
    mark.unlink(missing_ok=True)
    command = ["bash", "-c", f'exec bash -p -euo pipefail "{file}" 3>"{mark}"']
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    return done.returncode == 0 and mark.read_text() == "THE-END\n"


def declared(text: str) -> str | None:
    """What `declare -f` makes of a body: the same for the same meaning. None where bash does not parse it."""
    script = f"body() {{\n{text}\n}}\ndeclare -f body"
    done = subprocess.run(
        ["bash", "-p"], input=script.encode("utf-8", "surrogateescape"), capture_output=True, timeout=20, check=False
    )
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 and not done.stderr else None
