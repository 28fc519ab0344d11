"""`python -m tests.mutation [WORD…]`: try every mutant (or those whose description holds a word), and keep what came of it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.mutation import record
from tests.mutation.survivors import REASONS
from tests.mutation.trial import Trial, Verdict, impatient


def main(words: list[str]) -> int:
    """Only a whole check is kept. Exit code 1 where a mutant without a reason survives, or more than one in twenty."""
    trial = Trial()
    chosen = [m for m in trial.mutants() if not words or any(word in f"{m.place} {m.key}" for word in words)]

    def one(number: int) -> Verdict:
        verdict = trial.verdict(chosen[number], jobs=1)
        mutant = verdict.mutant
        print(f"{mutant.place} {mutant.operator}: {verdict.by or 'SURVIVED'} {verdict.seen}", flush=True)
        return verdict

    # A scene waits for its processes half of the time.
    with impatient(), ThreadPoolExecutor(3 * (os.cpu_count() or 1)) as pool:
        verdicts = list(pool.map(one, range(len(chosen))))
    rows = record.rows(verdicts)
    if not words:
        record.write(rows)
    survived = [row for row in rows if not row.by]
    for row in survived:
        print(f"{row.key}: {REASONS.get(row.key, 'NO REASON')}")
    print(f"{len(rows)} mutants, {len(survived)} survived")
    return int(len(survived) * 20 > len(rows) or any(row.key not in REASONS for row in survived))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
