"""Where a secret must not go: RB421. Arguments and environments of processes can be read in /proc by others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.diagnostics import Diagnostic
from compiler.shell.facts import Exposed, Exposure, Facts, Hidden
from compiler.shell.names import Kind


def exposed(facts: Facts, known: Mapping[str, Kind]) -> Iterator[Diagnostic]:
    """RB421 for each place where a secret, or a variable that got its value, leaves the shell."""
    declared = {name for name, kind in known.items() if kind is Kind.SECRET}
    if not declared:
        return
    origin = tainted(facts, declared)
    if not origin.keys() & (facts.read_names | {n for e in facts.exposed for n in e.names}):
        return
    for exposure in facts.exposed:
        for name in exposure.names:
            if name in origin:
                yield _diagnostic(exposure, name, origin[name])
                break
    for refusal in facts.refusals:
        if refusal.hidden is Hidden.LOUD:
            message = f"`{refusal.text}` in a body that uses a secret would print or export its value"
            yield Diagnostic("RB421", message, refusal.place.span, "leave it out")


def tainted(facts: Facts, declared: set[str]) -> dict[str, str]:
    """name -> the secret whose value it may hold."""
    origin = {name: name for name in declared}
    grown = True
    while grown:
        grown = False
        for assign in facts.assigns:
            source = next((s for s in assign.sources if s in origin), None)
            if source is not None and assign.name not in origin:
                origin[assign.name] = origin[source]
                grown = True
    return origin


def _diagnostic(exposure: Exposed, name: str, secret: str) -> Diagnostic:
    what = f"the secret `{secret}`" if name == secret else f"`{name}`, which holds the secret `{secret}`,"
    span = exposure.place.span
    handed = f"`printf '%s' \"${name}\" | {exposure.program} …`"
    if exposure.how is Exposure.ARGUMENT:
        message = f"{what} would be an argument of `{exposure.program}`, and every user of the host can read those"
        fix = f"hand it over on standard input: {handed}, or as a file: `<(printf '%s' \"${name}\")`"
    elif exposure.how is Exposure.EXPORT:
        message = f"{what} would be exported into the environment of every program after it"
        fix = "leave it a plain variable, and hand it to the one program that needs it on standard input"
    elif exposure.how is Exposure.ENVIRONMENT:
        message = f"{what} would stand in the environment of `{exposure.program}`"
        fix = f"hand it over on standard input or as a file: `<(printf '%s' \"${name}\")`"
    else:
        message = f"{what} would be part of a file's name"
        fix = "name the file after something else"
    return Diagnostic("RB421", message, span, fix)
