"""Every sentence of the locale files is said somewhere: named whole, or put together of parts that are known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.audit.table import COLUMNS
from compiler.emit import needs, resources
from compiler.emit.bash import COMMANDS
from compiler.emit.locale import KINDS, load
from compiler.emit.rehearsed import AFTER, CLASSES, HOW
from compiler.plan import probes, update
from compiler.schema.words import OPERATORS

ROOT = Path(__file__).resolve().parents[2]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "compiler").rglob("*.py")))
NAMED = frozenset(re.findall(r"""(?<=["'])[a-z0-9_.-]+(?=["'])""", CODE))
CHECK = re.compile(r'asked\.check\("([a-z_]+)"|yield asked\.check\("([a-z_]+)" if .* else "([a-z_]+)"')
# How keys begin that `emit.bash` puts together of a word of its own.
SCRIPT = ("header_", "section_", "comment_", "comment_job_", "table_", "guard_")


def put_together(kind: str) -> Iterator[str]:
    """The keys of a kind that stand nowhere as a whole."""
    match kind:
        case "audit":
            schema = json.loads((ROOT / "docs" / "audit-record.schema.json").read_text(encoding="utf-8"))
            yield from (f"column.{name}" for name in COLUMNS)
            yield from (f"event.{name}" for name in schema["properties"]["event"]["enum"])
        case "check":
            made = "\n".join(Path(module.__file__).read_text(encoding="utf-8") for module in (probes, update) if module.__file__)
            yield from (f"check.{name}" for found in CHECK.findall(made) for name in found if name)
            yield from (f"check.compose{parts}_{state}" for parts in ("", "_parts") for state in ("running", "healthy"))
            yield from ("check.update", "check.update_parts", "check.images")
            yield from (f"op.{operator}" for operator in OPERATORS)
        case "outcome":
            yield from (f"outcome.{code}{text}" for code in range(10) for text in ("", ".text"))
        case "paste":
            yield from re.findall(r"@([a-z]+)@", CODE)
        case "rehearsal":
            yield from (f"where.{name}" for name in CLASSES)
            yield from (f"after.{name}" for name in AFTER)
            yield from (f"how.{name}" for name in HOW)
            yield from (f"proof.{name}" for name in ("none", "held", "failed"))
            yield from ("where.ended", "after.itself", "back.back", "back.itself")  # told of rows of one shape
        case "script":
            everything = [resources.read(name) for name in resources.names("runtime", ".sh")]
            glue = resources.read("bash/glue.sh.j2").text
            yield from (key for key, _ in needs.words(load("script", "en"), everything, glue, (*COMMANDS, "accept")))
            words = {word.lower().removeprefix("rbc_") for word in re.findall(r'"([A-Za-z_]+)"', CODE)}
            yield from (f"{prefix}{word}" for prefix in SCRIPT for word in words)
        case "runbook":
            built = ("fail.", "back.complete", "back.partial", "needs.guard_", "trouble.fix", "trouble.then", "step.retr", "day.")
            yield from (key for key in load("runbook", "en") if key.startswith(built))


@pytest.mark.parametrize("kind", KINDS)
def test_every_sentence_is_said(kind: str) -> None:
    said = {*put_together(kind), *NAMED}
    assert [key for key in load(kind, "en") if key not in said] == []
