"""Imports go one way: text goes in at the top, leaves at the bottom, and never walks back up (docs/architecture.md)."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

COMPILER = Path(__file__).resolve().parent.parent / "compiler"

# Each room with the rooms that it may import. A room is the longest prefix of a module's name that stands here.
ROOMS: dict[str, set[str]] = {
    "version": set(),
    "source": set(),
    "diagnostics": {"source"},
    "columns": set(),
    "decode": {"source", "diagnostics"},
    "root": set(),
    "project": {"source", "diagnostics", "decode", "root"},
    "report": {"source", "diagnostics", "columns"},
    "syntax": {"source", "diagnostics"},
    "plan.model": {"source"},
    "schema": {"source", "diagnostics", "syntax", "plan.model"},
    "shell": {"source", "diagnostics", "syntax", "plan.model"},
    "resolve": {"source", "diagnostics", "syntax", "plan.model", "schema", "shell"},
    "emit.shell": {"source", "plan.model"},
    "plan.words": {"source", "plan.model", "emit.shell"},
    "plan.checks": {"source", "plan.model", "plan.words", "emit.shell"},
    "plan.moments": set(),
    "plan": {
        "plan.moments",
        "plan.words",
        "plan.checks",
        "source",
        "diagnostics",
        "plan.model",
        "schema",
        "shell",
        "emit.shell",
    },
    "policy": {"source", "diagnostics", "plan.model", "plan.moments"},
    "emit": {"source", "version", "plan.model", "plan.moments", "plan.words", "plan.checks", "emit.shell"},
    "emit.shellcheck_process": {"diagnostics"},
    "emit.cures": {"source", "plan.model", "emit", "emit.shell", "emit.shellcheck_process"},
    "emit.shellcheck": {"emit.cures", "emit.shellcheck_process", "source", "diagnostics", "plan.model", "emit", "emit.shell"},
    "pipeline": {
        "source",
        "diagnostics",
        "syntax",
        "resolve",
        "plan",
        "plan.model",
        "policy",
        "emit",
        "emit.shellcheck",
        "project",
    },
    "build": {"root", "source", "diagnostics", "version", "project", "pipeline", "emit.shellcheck", "emit"},
    "rehearse": {"source", "diagnostics", "columns", "plan.model", "plan", "emit", "pipeline", "project"},
    "internal": {"version"},
    "audit": {"columns"},
    "commands": {"root", "diagnostics", "project", "report", "pipeline", "plan", "build", "audit", "emit", "rehearse"},
    "cli": {"version", "internal", "commands"},
}

# Rooms that only compute: no file, clock, environment or process.
PURE = (
    "source",
    "diagnostics",
    "columns",
    "decode",
    "report",
    "syntax",
    "schema",
    "resolve",
    "plan",
    "policy",
    "emit",
    "pipeline",
    "audit",
)
IMPURE = {"os", "subprocess", "time", "random", "secrets", "socket", "platform", "getpass", "tempfile", "shutil", "sys"}
# What ships with the compiler is read by these, and the two tools are run by these; nothing else.
EXCEPTIONS = {"emit.resources", "emit.shellcheck", "emit.shellcheck_process", "syntax.grammar"}


@cache
def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(COMPILER.rglob("*.py")):
        parts = path.relative_to(COMPILER).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    del found[""]
    return found


def room(name: str) -> str:
    fitting = [known for known in ROOMS if name == known or name.startswith(known + ".")]
    assert fitting, f"compiler.{name} is in no room: give it one here and in docs/architecture.md"
    return max(fitting, key=len)


def imports(path: Path) -> set[str]:
    """Absolute names of what a module imports: of `from a import b` the module `a.b` where there is one, else `a`."""
    known = modules()
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(name if name.removeprefix("compiler.") in known else str(node.module) for name in names)
    return found


@pytest.mark.parametrize("name", modules())
def test_a_room_imports_only_what_it_may(name: str) -> None:
    known, here = modules(), room(name)
    for imported in imports(modules()[name]):
        inner = imported.removeprefix("compiler.")
        if imported.startswith("compiler.") and inner in known:
            there = room(inner)
            assert there == here or there in ROOMS[here], f"compiler.{name} imports {imported}"


@pytest.mark.parametrize("name", [name for name in modules() if room(name).split(".")[0] in PURE and name not in EXCEPTIONS])
def test_a_pure_room_reaches_for_nothing_outside(name: str) -> None:
    reached = {imported.split(".")[0] for imported in imports(modules()[name])} & IMPURE
    assert not reached, f"compiler.{name} imports {', '.join(sorted(reached))}"
    attributes = {node.attr for node in ast.walk(ast.parse(modules()[name].read_text())) if isinstance(node, ast.Attribute)}
    assert not attributes & {"now", "today", "utcnow", "environ", "getenv"}, "a clock or the environment"


def test_only_the_parser_knows_lark_and_only_the_renderer_jinja() -> None:
    for library, place in (("lark", "syntax"), ("jinja2", "emit"), ("yaml", "")):
        users = {name for name, path in modules().items() if any(i.split(".")[0] == library for i in imports(path))}
        assert users, library
        assert all(name.startswith(place) for name in users), users


def test_every_room_in_the_table_exists() -> None:
    rooms = {room(name) for name in modules()}
    assert set(ROOMS) - rooms <= {"policy"}
