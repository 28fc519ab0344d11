"""`python -m tests.mutation [WORD…]`: try every mutant (or those whose description holds a word), and keep what came of it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.mutation import record
from tests.mutation.survivors import REASONS
from tests.mutation.trial import BARE, SUBJECT, Trial, Verdict, impatient


def main(words: list[str]) -> int:
    """Only a whole check is kept. Exit code 1 where a mutant without a reason survives, or more than one in twenty."""
    trial, bare = Trial(SUBJECT), Trial(BARE)
    other = {mutant.key: mutant for mutant in bare.mutants() if mutant.of == "runtime"}
    mutants = {mutant.key: mutant for mutant in trial.mutants()}
    found = mutants | {key: mutant for key, mutant in other.items() if key not in mutants}
    chosen = [m for m in found.values() if not words or any(word in f"{m.place} {m.key}" for word in words)]
    with impatient():
        if any(mutant.of == "runtime" for mutant in chosen):
            count = len(trial.coverage.lines) + len(bare.coverage.lines)
            print(f"{len(chosen)} mutants; {count} scenes played for what they execute", flush=True)

        def one(number: int) -> Verdict:
            mutant = chosen[number]
            verdict = None if mutant.key not in mutants else trial.verdict(mutant, jobs=1)
            if mutant.key in other and (verdict is None or not verdict.by):
                second = bare.verdict(other[mutant.key], jobs=1)
                entered = second.entered or (verdict is not None and verdict.entered)
                verdict = replace(second, mutant=mutant, entered=entered)
            assert verdict is not None
            said = verdict.by or ("SURVIVED" if verdict.entered else "NOT ENTERED")
            print(f"{said} | {mutant.place} | {mutant.key} | {verdict.seen}", flush=True)
            return verdict

        # A scene waits for its processes half of the time.
        with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            verdicts = list(pool.map(one, range(len(chosen))))
    rows = record.rows(verdicts)
    if not words:
        record.write(rows)
    counted = record.entered(rows)
    survived = [row for row in counted if not row.by]
    for row in survived:
        print(f"{row.key}: {REASONS.get(row.key, 'NO REASON')}")
    print(
        f"{len(counted)} mutants, {len(survived)} survived; {len(rows) - len(counted)} more are in lines that no scene executes"
    )
    return int(len(survived) * 20 > len(counted) or any(row.key not in REASONS for row in survived))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
