"""What the last whole check came to: `record.json`, and `docs/mutations.md` made of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutant import key
from tests.mutation.runtime import ASIDE
from tests.mutation.survivors import REASONS, TAKEN_OUT
from tests.mutation.trial import Verdict

RECORD = Path(__file__).with_name("record.json")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutations.md"

_HEAD = """# The mutation check

Would anybody notice? `python -m tests.mutation` changes one thing for the worse in a spec
([its subject](../tests/mutation/subject.rb)) or in the runtime of a script, compiles the spec, and rehearses it. A mutant is
caught where the compiler has a finding, or where the rehearsal breaks an expectation of the spec or a rule that holds for every
runbook.
The check is no part of the tests; they play a few mutants, and hold this page to the record of the last check. That record was
put together from several partial runs, between which the operators became fewer; a whole one replaces it.
"""


@dataclass(frozen=True)
class Row:
    """One mutant of the last check; `by` is empty where nobody noticed it, None where it was not tried: the check was ended."""

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
    return tuple(Row(m.of, m.operator, m.file, m.before, m.after, m.nth, by) for m, by in ((v.mutant, v.by) for v in verdicts))


def write(found: Iterable[Row]) -> None:
    """Keep a whole check: the record and its page."""
    kept = tuple(found)
    lines = ",\n".join(
        json.dumps([row.of, row.operator, row.file, row.before, row.after, row.nth, row.by], ensure_ascii=False) for row in kept
    )
    RECORD.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    PAGE.write_text(page(kept), encoding="utf-8")


def read() -> tuple[Row, ...]:
    """The record of the last check."""
    return tuple(Row(*row) for row in json.loads(RECORD.read_text(encoding="utf-8")))


def tried(found: tuple[Row, ...]) -> tuple[Row, ...]:
    """Those that have a verdict."""
    return tuple(row for row in found if row.by is not None)


def page(found: tuple[Row, ...]) -> str:
    """`docs/mutations.md`."""
    return "\n".join((_HEAD, *_lines(found)))


def _lines(found: tuple[Row, ...]) -> Iterator[str]:
    every, found = found, tried(found)
    caught = [row for row in found if row.by]
    yield f"Of {len(found)} mutants {len(caught)} were caught: {100 * len(caught) / len(found):.1f} %.\n"
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
    yield "\n## Taken out after they had survived\n"
    for text in TAKEN_OUT:
        yield f"- {text}"
    if len(found) < len(every):
        yield "\n## Not tried\n"
        yield "The last check was ended before these had their turn.\n"
        for row in every:
            if row.by is None:
                yield f"- `{row.file}`, {row.operator}: {_code(row.before)} becomes {_code(row.after)}."
    yield "\n## Not mutated\n"
    yield "No rehearsal enters these functions of the runtime, nor the lines that read a person's answer, pause before another"
    yield "sitting, or ask for what only the way back has to choose; other tests execute them.\n"
    for function, why in ASIDE.items():
        yield f"- `{function}`: {why}."
    yield ""


def _by_compiler(row: Row) -> bool:
    return (row.by or "").startswith("RB") and row.by not in ("RB620", "RB621", "RB624")


def _code(line: str) -> str:
    return f"`{line}`" if line else "nothing"
