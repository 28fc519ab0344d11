"""docs/reliability.md: what was struck, how often, and what did not hold."""

from __future__ import annotations

import hashlib
import re
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tests.faults import tamper
from tests.faults.families import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
HEAD = """# Reliability

What generated scripts promise, shown by executing them. This page is written by

```bash
python -m tests.faults
```

which needs two quiet processors for about a quarter of an hour, root and `strace`; `python -m tests.faults NAME…` renews single
rows. It exits with 1 where something was violated. A sample of each row is part of the tests. *runtime* names the content of
`templates/runtime` and `templates/bash` that a row was measured with, *bash* the shell.

After a case is looked at what it can have broken: the audit chain verifies and agrees with what the steps noted; no step without
an intent on disk; finished steps never ran twice; the way back took everything that had started in exactly the reverse order,
each attempted; no stray process; the lock is free; nothing is left in temporary places; the exit code is the documented one.

"""
TAMPERED = """
### Tampering by kind

Without the head that a run prints at its end, nobody can tell a cut tail, or a chain that was written anew, from an honest one.
With it, all are found.

| change | cases | found by the chain alone | found with the head |
| --- | --: | --: | --: |
"""


@dataclass(frozen=True)
class Row:
    """What one family's run gave."""

    name: str
    cases: int
    violations: int
    note: str
    runtime: str
    bash: str


def runtime() -> str:
    """Twelve digits for all that ends up in scripts beside the operators' text."""
    digest = hashlib.sha256()
    for file in sorted([*ROOT.glob("templates/runtime/*"), *ROOT.glob("templates/bash/*")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def bash() -> str:
    return subprocess.run(["bash", "-c", 'printf %s "${BASH_VERSION%%(*}"'], stdout=subprocess.PIPE, text=True, check=True).stdout


def render(rows: dict[str, Row]) -> str:
    """The page; a family without a row is left out."""
    text = HEAD + "| what | cases | violations | runtime | bash |\n| --- | --: | --: | --- | --- |\n"
    for family in FAMILIES:
        if row := rows.get(family.name):
            note = f" {row.note}" if row.note else ""
            text += f"| {family.name} | {row.cases}{note} | {row.violations} | `{row.runtime}` | {row.bash} |\n"
    text += "".join(f"\n## {family.name.capitalize()}\n\n{wrapped(family.about)}\n" for family in FAMILIES)
    text += TAMPERED
    return text + "".join(f"| {kind} | {number} | {alone} | {number} |\n" for kind, (number, alone) in tamper.counts().items())


def wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 130, break_long_words=False, break_on_hyphens=False)


def rows(text: str) -> dict[str, Row]:
    """The rows of a page that was rendered."""
    found = re.findall(r"^\| ([a-z ]+) \| (\d+) ?(.*?) \| (\d+) \| `(\w+)` \| ([\d.]+) \|$", text, re.MULTILINE)
    return {name: Row(name, int(cases), int(wrong), note, digest, shell) for name, cases, note, wrong, digest, shell in found}
