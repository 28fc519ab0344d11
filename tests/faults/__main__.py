"""`python -m tests.faults [NAME…]`: all, or the families whose names begin so; their figures go into docs/reliability.md."""

from __future__ import annotations

import sys
import time

from tests.faults.families import FAMILIES
from tests.faults.report import PAGE, Row, bash, render, rows, runtime


def main(words: list[str]) -> int:
    """1 where something was violated, 2 for a name that is none."""
    chosen = [family for family in FAMILIES if not words or any(family.name.startswith(word) for word in words)]
    if not chosen or any(not any(family.name.startswith(word) for family in FAMILIES) for word in words):
        print("Families: " + ", ".join(family.name for family in FAMILIES), file=sys.stderr)
        return 2
    wrong = 0
    for family in chosen:
        began = time.monotonic()
        digest, outcome = runtime(), family.whole()
        wrong += len(outcome.violations)
        for text in outcome.violations:
            print(text)
        print(
            f"{family.name}: {outcome.cases} cases, {len(outcome.violations)} violations, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        found = rows(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
        found[family.name] = Row(family.name, outcome.cases, len(outcome.violations), outcome.note, digest, bash())
        PAGE.write_text(render(found), encoding="utf-8")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
