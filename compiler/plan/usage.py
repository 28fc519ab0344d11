"""What can be seen in operators' commands: RB511 to RB514."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.context import Context
from compiler.plan.model import Value
from compiler.plan.services import arguments, needs_arguments
from compiler.schema.model import Node
from compiler.shell.facts import Facts, Place, Program
from compiler.source import Span

_FILE_OPTIONS = ("-f", "--file", "--env-file", "-p", "--project-name", "--project-directory")

# Programs whose first words change something, whatever follows. Short on purpose: what is named here is never only a look.
_CHANGES: Mapping[str, frozenset[str]] = {
    "systemctl": frozenset({"start", "stop", "restart", "reload", "enable", "disable", "mask", "unmask", "daemon-reload"}),
    "docker": frozenset({"run", "start", "stop", "restart", "rm", "rmi", "kill", "pull", "push", "tag", "build"}),
    "docker compose": frozenset({"up", "down", "start", "stop", "restart", "rm", "kill", "pull", "push", "build", "create"}),
    "git": frozenset({"pull", "push", "commit", "reset", "checkout", "switch", "merge", "rebase", "clean", "clone", "stash"}),
    "kubectl": frozenset({"apply", "create", "delete", "patch", "replace", "scale", "drain", "cordon", "uncordon"}),
    "terraform": frozenset({"apply", "destroy", "import", "taint"}),
    "apt": frozenset({"install", "remove", "purge", "upgrade", "full-upgrade", "dist-upgrade", "autoremove"}),
    "apt-get": frozenset({"install", "remove", "purge", "upgrade", "dist-upgrade", "autoremove"}),
    "dnf": frozenset({"install", "remove", "upgrade", "update"}),
    "yum": frozenset({"install", "remove", "upgrade", "update"}),
}
_ALWAYS_CHANGES = frozenset({"reboot", "shutdown", "poweroff", "halt", "useradd", "userdel", "wipefs", "dropdb", "createdb"})
# Options of these programs that stand before the verb and take the next word.
_WITH_VALUE = frozenset({*_FILE_OPTIONS, "-C", "-c", "-H", "-n", "-o", "-t", "-M", "--namespace", "--context", "--profile"})
# Options and words that only look or pretend.
_HARMLESS = frozenset({"--dry-run", "--help", "--dry-run=client", "--dry-run=server", "--version", "-s", "list", "show"})


def bare_compose(context: Context, node: Node, folder: Value | None, on: Node | None) -> None:
    """RB511: `docker compose` without the settings of the service in whose folder it runs."""
    service = _service(context, folder, on)
    if service is None or not needs_arguments(service):
        return
    for facts in context.bodies.facts(node):
        if facts.cd:
            continue
        for program in facts.programs:
            words = [w or "" for w in program.words]
            if program.name != "docker" or words[:1] != ["compose"]:
                continue
            if any(w.split("=", 1)[0] in _FILE_OPTIONS for w in words[1:]) or None in program.words[1:3]:
                continue
            meant = " ".join(arguments(service))
            span = program.place.span
            context.found.append(
                Diagnostic(
                    "RB511",
                    f"a bare `docker compose` knows nothing of the settings of `{service.name}` ({meant})",
                    span,
                    f"write `docker compose ${{{service.name}.args}} …`",
                    corrected=_corrected(span, service.name),
                )
            )


def _corrected(span: Span, service: str) -> str | None:
    line = span.source.line(span.line)
    fixed, count = re.subn(r"\bdocker compose\b(?! \$\{)", f"docker compose ${{{service}.args}}", line)
    return fixed if count == 1 else None


def _service(context: Context, folder: Value | None, on: Node | None) -> Node | None:
    services = context.model.declared.get("service", {})
    if on is not None and on.args["target"] in services:
        return services[on.args["target"]]
    for service in services.values():
        setting = service.one("dir")
        if folder is not None and setting is not None and setting.args["path"] == folder:
            return service
    return None


def changing_read(context: Context, node: Node, who: str) -> None:
    """RB513: a command that changes something where only reading is allowed."""
    for facts in context.bodies.facts(node):
        for program in facts.programs:
            change = _change(program)
            if change:
                message = f"{who} only reads, but `{change}` changes something"
                context.wrong("RB513", message, program.place.span, "do it in a `step`, which says how the way back goes")


def _change(program: Program) -> str | None:
    if program.name in _ALWAYS_CHANGES:
        return program.name
    words = [w or "" for w in program.words]
    if _HARMLESS & set(words):
        return None
    name = program.name
    if name == "docker" and words[:1] == ["compose"]:
        name, words = "docker compose", words[1:]
    verb = next((w for w in _without_options(words) if w), None)
    return f"{name} {verb}" if verb is not None and verb in _CHANGES.get(name, ()) else None


def _without_options(words: Iterable[str]) -> Iterable[str]:
    """The words that are neither options nor the value of one."""
    value = False
    for word in words:
        if value:
            value = False
        elif word.startswith("-"):
            value = word in _WITH_VALUE
        else:
            yield word


# ── undo ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_TO_COMMIT = 'go back to a captured commit: `git reset --keep "$before"`'
_CONDITION = re.compile(r"\bif\b|\|\||\[\[|\bcase\b|\btest\b|(?<!\S)\[ ")


def fragile_undo(context: Context, undo: Node) -> None:
    """RB512: a command that fails, or does more, when the undo runs for the second time.

    Only the plain cases: a body that asks anything (`if`, `||`, `[[`) is taken at its author's word.
    """
    for body, facts in zip(context.bodies.of(undo), context.bodies.facts(undo), strict=True):
        if facts.error or _CONDITION.search(body.text):
            continue
        for program in facts.programs:
            said = _fragile(program)
            if said:
                why, fix = said
                context.wrong("RB512", f"an undo may run twice, and then {why}", program.place.span, fix, warning=True)
        for redirect in facts.redirects:
            if redirect.operator == ">>" and redirect.target not in (None, "/dev/null", "/dev/stderr", "/dev/stdout"):
                message = f"an undo may run twice, and then `{redirect.target}` holds the text twice"
                context.wrong("RB512", message, redirect.place.span, "write the whole file with `>`, or ask first", warning=True)


def _fragile(program: Program) -> tuple[str, str] | None:
    words = [w or "" for w in program.words]
    options = [w for w in words if w.startswith("-")]
    letters = "".join(o[1:] for o in options if not o.startswith("--"))
    operands = [w for w in words if not w.startswith("-")]
    match program.name:
        case "mv" if len(operands) == 2:
            return "`mv` finds nothing to move any more", f"ask first: `if [[ -e {operands[0] or 'FILE'} ]]; then mv …; fi`"
        case "rm" if "f" not in letters and "--force" not in options:
            return "`rm` finds nothing to remove any more", "say `rm -f`"
        case "rmdir":
            return "`rmdir` finds no folder any more", "ask first: `if [[ -d DIR ]]; then rmdir …; fi`"
        case "mkdir" if "p" not in letters and "--parents" not in options:
            return "`mkdir` finds the folder already there", "say `mkdir -p`"
        case "ln" if "f" not in letters and "--force" not in options:
            return "`ln` finds the link already there", "say `ln -sfn`"
        case "patch":
            return "`patch` finds its change already made", "put a recorded file back instead"
        case "useradd" | "userdel" | "groupadd" | "groupdel":
            return f"`{program.name}` fails", f"ask first with `getent passwd NAME`, then `{program.name}`"
        case "iptables" | "ip6tables" if {"-A", "-I", "-D", "--append", "--insert", "--delete"} & set(options):
            return "the rule is there twice, or not there to be deleted", "ask first with `iptables -C`"
        case "git" if operands[:1] == ["revert"] or operands[:2] == ["stash", "pop"]:
            return f"`git {' '.join(operands[:2])}` undoes something else", _TO_COMMIT
        case "git" if operands[:1] == ["reset"] and any("~" in w or "^" in w or "@{" in w for w in operands):
            return "`git reset` goes back one more", _TO_COMMIT
        case "cd" if operands == [] and words == ["-"]:
            return "`cd -` leads elsewhere", "name the folder"
        case _:
            return None


# ── same name, two kinds ──────────────────────────────────────────────────────────────────────────────────────────

_OWN_SCALAR = re.compile(r"(?:^|[\s;(])([a-z_][a-z0-9_]*)\+?=(?!\()")
_OWN_ARRAY = re.compile(r"(?:^|[\s;(])([a-z_][a-z0-9_]*)\+?=\(")


def two_kinds(context: Context) -> None:
    """RB514: a name that is a list in one command and a plain value in another.

    One script holds them all, and its lint takes them for one.
    """
    lists: dict[str, Place] = {}
    plain: dict[str, Place] = {}
    for facts in _all_facts(context):
        for assign in facts.assigns:
            (lists if assign.array else plain).setdefault(assign.name, assign.place)
    own_plain = {n for body in context.commands for n in _OWN_SCALAR.findall(body.text)} | set(context.everywhere())
    own_lists = {n for body in context.commands for n in _OWN_ARRAY.findall(body.text)}
    for name, place in sorted(lists.items()):
        if name in plain:
            note = (Note(plain[name].span, f"here `{name}` is a plain value"),)
            message = f"`{name}` is a list here and a plain value elsewhere"
            context.found.append(Diagnostic("RB514", message, place.span, "give one of them another name", note))
        elif name in own_plain:
            message = f"`{name}` is a list here, and a plain value in the script's own commands"
            context.wrong("RB514", message, place.span, "give it another name")
    for name, place in sorted(plain.items()):
        if name in own_lists:
            message = f"`{name}` is a plain value here, and a list in the script's own commands"
            context.wrong("RB514", message, place.span, "give it another name")


def _all_facts(context: Context) -> Iterable[Facts]:
    return (facts for _, facts in context.bodies)
