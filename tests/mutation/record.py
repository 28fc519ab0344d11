"""What the last whole check came to: `record.json`, and `docs/mutations.md` made of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutant import key
from tests.mutation.runtime import ASIDE
from tests.mutation.survivors import LEFT_ALONE, REASONS
from tests.mutation.trial import Verdict

RECORD = Path(__file__).with_name("record.json")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutations.md"

_HEAD = """# The mutation check

Would anybody notice? `python -m tests.mutation` changes one thing for the worse in a spec
([its subject](../tests/mutation/subject.rb)) or in the runtime of a script, compiles the spec, and rehearses it.
[Two](../tests/mutation/bare.rb) [others](../tests/mutation/once.rb) show what the first one does not have. A mutant is caught
where the compiler has a finding, or where the rehearsal breaks an expectation of the spec or a rule that holds for every runbook.

A mutant of the runtime is rehearsed in the scenes that execute its line, which bash's own trace tells; in the others nothing can
differ. The first finding ends it, and a survivor has been through all of them.
The check is no part of the tests; they play a few mutants, and hold this page to the record of the last check.
"""


@dataclass(frozen=True)
class Row:
    """One mutant of the last check; `by` is empty where nobody noticed it, None where no scene executes its line."""

    of: str
    operator: str
    file: str
    before: str
    after: str
    nth: int
    by: str | None

    @property
    def key(self) -> str:
        return key(self.of, self.operator, self.file, self.before, self.after, self.nth)


def rows(verdicts: Iterable[Verdict]) -> tuple[Row, ...]:
    """Verdicts as they are recorded, without line numbers: these change with every other line of a file."""
    return tuple(
        Row(m.of, m.operator, m.file, m.before, m.after, m.nth, by)
        for m, by in ((v.mutant, v.by if v.by or v.entered else None) for v in verdicts)
    )


def write(found: Iterable[Row]) -> None:
    """Keep a whole check: the record and its page."""
    kept = tuple(found)
    lines = ",\n".join(
        json.dumps([row.of, row.operator, row.file, row.before, row.after, row.nth, row.by], ensure_ascii=False) for row in kept
    )
    _replace(RECORD, f"[\n{lines}\n]\n")
    _replace(PAGE, page(kept))


def _replace(file: Path, text: str) -> None:
    """The old one stays whole until the new one is."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def read() -> tuple[Row, ...]:
    """The record of the last check."""
    return tuple(Row(*row) for row in json.loads(RECORD.read_text(encoding="utf-8")))


def entered(found: tuple[Row, ...]) -> tuple[Row, ...]:
    """Those that a rehearsal can notice: what it executes, and every change of a spec."""
    return tuple(row for row in found if row.by is not None)


def page(found: tuple[Row, ...]) -> str:
    """`docs/mutations.md`."""
    return "\n".join((_HEAD, *_lines(found)))


def _lines(found: tuple[Row, ...]) -> Iterator[str]:
    every, found = found, entered(found)
    aside = [row for row in every if row.by is None]
    caught = [row for row in found if row.by]
    yield f"Of {len(found)} mutants {len(caught)} were caught: {100 * len(caught) / len(found):.1f} %."
    yield f"{len(aside)} more are in lines that no scene of the subjects executes, and were not counted.\n"
    yield "## By what they change\n"
    yield "| of | operator | mutants | caught | by the compiler | by the rehearsal |"
    yield "|---|---|---|---|---|---|"
    for (of, operator), count in Counter((row.of, row.operator) for row in found).items():
        mine = [row for row in caught if (row.of, row.operator) == (of, operator)]
        compiler = sum(_by_compiler(row) for row in mine)
        yield f"| {of} | {operator} | {count} | {len(mine)} | {compiler} | {len(mine) - compiler} |"
    yield "\n## What caught them\n"
    yield "| finding or rule | mutants |"
    yield "|---|---|"
    for by, count in Counter(row.by for row in caught).most_common():
        yield f"| {by} | {count} |"
    yield "\n## Survivors\n"
    for row in found:
        if not row.by:
            yield f"- `{row.file}`, {row.operator}: {_code(row.before)} becomes {_code(row.after)}. {REASONS.get(row.key, '?')}"
    yield "\n## In lines that no scene executes\n"
    yield "They are about a full disk, another driver, a person who abandons a way back, or what the subjects do not have."
    yield "Other tests execute them.\n"
    for row in aside:
        yield f"- `{row.file}`, {row.operator}: {_code(row.before)} becomes {_code(row.after)}."
    yield "\n## What is not changed\n"
    for text in LEFT_ALONE:
        yield f"- {text}"
    yield "\nNor are these functions of the runtime, which are about something else than faults of a run:\n"
    for function, why in ASIDE.items():
        yield f"- `{function}`: {why}."
    yield ""


def _by_compiler(row: Row) -> bool:
    return (row.by or "").startswith("RB") and row.by not in ("RB620", "RB621", "RB624")


def _code(line: str) -> str:
    return f"`{line}`" if line else "nothing"
