"""What bash cannot see, said to people: RB410 … RB418, RB422, RB425."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.shell.facts import Facts, Hidden, Refusal
from compiler.shell.names import replaced

# code, message (`{}` is what stands there), fix
_SAID: dict[Hidden, tuple[str, str, str]] = {
    Hidden.AND_LIST: (
        "RB410",
        "a failure on the left of `&&` is ignored by bash, unless the list is the last of its body",
        "put each command on a line of its own; for a condition write `if …; then …; fi`",
    ),
    Hidden.NEGATED: (
        "RB410",
        "bash never stops at a command with `!`, unless it is the last of its body",
        "write `if …; then echo WHY >&2; exit 1; fi`",
    ),
    Hidden.FOR_LIST: (
        "RB411",
        "a failure of `{}` in the list of a `for` is ignored by bash",
        'keep it first: `list=$(…)`; for lines: `while IFS= read -r line; do …; done <<< "$list"`',
    ),
    Hidden.CASE_WORD: (
        "RB411",
        "a failure of `{}` in a `case` is ignored by bash",
        "keep it first: `answer=$(…)`, then `case $answer in`",
    ),
    Hidden.TEST: (
        "RB411",
        "a failure of `{}` inside `[[ ]]` is ignored by bash",
        'keep it first: `value=$(…)`, then `[[ "$value" … ]]`',
    ),
    Hidden.ASSIGNMENTS: (
        "RB411",
        "a failure of `{}` is ignored by bash: an assignment has the status of its last `$( )`",
        "give each `$( )` an assignment on a line of its own",
    ),
    Hidden.SEQUENCE: (
        "RB412",
        "a failure of `{}` is ignored by bash: in a condition, and before `&&` or `||`, only the last command counts",
        "take it out in front, or join the commands with `&&`",
    ),
    Hidden.EXEC: (
        "RB413",
        "after `exec` nothing can tell that the step has ended",
        "run the command without `exec`; for a redirection put the commands in braces: `{ …; } > file`",
    ),
    Hidden.EXIT: (
        "RB414",
        "`{}` ends the step before it is recorded as done",
        "to end it early as a success say `return`; to fail it, `exit 1`",
    ),
    Hidden.POSITIONAL: (
        "RB415",
        "`{}`: a body has no arguments",
        "declare a `param` and use its name; inside a function of the body arguments are fine",
    ),
    Hidden.OPTION: (
        "RB417",
        "`{}` changes how the step's shell finds failures or ends",
        "leave it out: a step runs with -e, -u and pipefail; a command that may fail says `|| true`; clean up in `undo`",
    ),
    Hidden.BACKGROUND: (
        "RB418",
        "nobody waits for `{}`, so its failure is never seen and it outlives the step",
        'wait for it by its number: `pid=$!` and later `wait "$pid"`; for a helper beside a phase there is `background`',
    ),
    Hidden.OPAQUE: (
        "RB422",
        "`{}` hides from the compiler what will run",
        "write the commands themselves; for `let` there is `name=$((…))`",
    ),
    Hidden.EXTGLOB: (
        "RB425",
        "`{}` is an extended pattern, which bash does not parse in a step",
        "use it inside `[[ … == … ]]`, or find the files with `find`",
    ),
}


def refused(facts: Facts) -> Iterator[Diagnostic]:
    """One diagnostic for each thing that bash would swallow or the compiler could not see into."""
    waits = [p.place.start for p in facts.programs if p.name == "wait" and any(word != "-f" for word in p.words)]
    for refusal in facts.refusals:
        if refusal.hidden is Hidden.LOUD:
            continue  # only where a secret is near
        waited = not refusal.text.startswith("coproc") and any(at > refusal.place.start for at in waits)
        if refusal.hidden is Hidden.BACKGROUND and waited:
            continue
        yield _said(refusal)


def _said(refusal: Refusal) -> Diagnostic:
    code, message, fix = _SAID[refusal.hidden]
    text = refusal.text if len(refusal.text) <= 40 else refusal.text[:39] + "…"
    corrected = replaced(refusal.place.span, "return") if refusal.hidden is Hidden.EXIT else None
    return Diagnostic(code, message.replace("{}", text), refusal.place.span, fix, corrected=corrected)


def comments(facts: Facts) -> Iterator[Diagnostic]:
    """RB419: a directive would silence the checker for the operator's own text.

    `source=/dev/null` silences nothing: it says that a file which is sourced is there only on the host (SC1090, SC1091).
    """
    for place in facts.comments:
        if place.span.text.rstrip().removeprefix("#").split() == ["shellcheck", "source=/dev/null"]:
            continue
        message = "a `# shellcheck` comment would silence the check of these commands"
        yield Diagnostic("RB419", message, place.span, "delete it, and cure what it was for")
