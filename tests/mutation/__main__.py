"""`python -m tests.mutation [WORD…]`: try every mutant (or those whose description holds a word), and keep what came of it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from compiler.rehearse.stage import heard
from tests.mutation import record
from tests.mutation.survivors import REASONS
from tests.mutation.trial import OTHERS, SUBJECT, Trial, Verdict, impatient


def main(words: list[str]) -> int:
    """Only a whole check is kept. Exit code 1 where a mutant without a reason survives, or more than one in twenty."""
    trials = [Trial(SUBJECT), *(Trial(other) for other in OTHERS)]
    mutants = [{m.key: m for m in trial.mutants() if m.of == "runtime" or trial is trials[0]} for trial in trials]
    found = {key: mutant for of_trial in reversed(mutants) for key, mutant in of_trial.items()}
    found = {key: found[key] for of_trial in mutants for key in of_trial}
    chosen = [m for m in found.values() if not words or any(word in f"{m.place} {m.key}" for word in words)]
    with impatient(), heard():
        if any(mutant.of == "runtime" for mutant in chosen):
            count = sum(len(trial.coverage.lines) for trial in trials)
            print(f"{len(chosen)} mutants; {count} scenes played for what they execute", flush=True)

        def one(number: int) -> Verdict:
            mutant = chosen[number]
            verdict = Verdict(mutant, "", entered=False)
            for trial, known in zip(trials, mutants, strict=True):
                if mutant.key in known and not verdict.by:
                    tried = trial.verdict(known[mutant.key], jobs=1)
                    verdict = replace(tried, mutant=mutant, entered=tried.entered or verdict.entered)
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
