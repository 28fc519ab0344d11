"""`python -m tests.mutation [--keep DIR] [WORD…]`: try every mutant (or those whose description holds a word).

What came of a whole check is kept in the record. With `--keep` each verdict is also noted in a folder as soon as it is there: a
check that is broken off goes on where it was, as long as no source changes; after a change it tells which scene to begin with.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from compiler.rehearse.stage import heard
from tests.mutation import record
from tests.mutation.keeping import Kept
from tests.mutation.mutant import Mutant
from tests.mutation.survivors import REASONS
from tests.mutation.trial import OTHERS, SUBJECT, Trial, Verdict, impatient


class Check:
    """All subjects and the mutants of each. What several of them hold is tried in one after the other until it is caught."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.trials = (Trial(SUBJECT), *(Trial(other) for other in OTHERS))
        self.mutants = [
            {m.key: m for m in trial.mutants() if m.of == "runtime" or trial is self.trials[0]} for trial in self.trials
        ]

    def every(self) -> list[Mutant]:
        """Each mutant once, as the first subject that holds it has it."""
        found: dict[str, Mutant] = {}
        for of_trial in self.mutants:
            for key, mutant in of_trial.items():
                found.setdefault(key, mutant)
        return list(found.values())

    def verdict(self, mutant: Mutant) -> Verdict:
        """Tried now, or known already."""
        known = self.kept.verdict(mutant)
        if known is not None:
            return known
        verdict = Verdict(mutant, "", entered=False)
        for trial, known_here in zip(self.trials, self.mutants, strict=True):
            if mutant.key in known_here and not verdict.by:
                tried = trial.verdict(known_here[mutant.key], jobs=1, hint=self.kept.hints.get(mutant.key, ""))
                verdict = replace(tried, mutant=mutant, entered=tried.entered or verdict.entered)
        self.kept.keep(verdict)
        return verdict


def _verdicts(check: Check, chosen: Sequence[Mutant]) -> list[Verdict]:
    began = time.monotonic()
    if any(mutant.of == "runtime" and check.kept.verdict(mutant) is None for mutant in chosen):
        count = sum(len(trial.coverage.lines) for trial in check.trials)
        print(f"{count} scenes played for what they execute", flush=True)
    found: list[Verdict] = []
    # A scene waits for its processes half of the time.
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        try:
            for verdict in pool.map(check.verdict, chosen):
                found.append(verdict)
                said = verdict.by or ("SURVIVED" if verdict.entered else "NOT ENTERED")
                done = f"{len(found)}/{len(chosen)} {time.monotonic() - began:.0f} s"
                print(f"{done} | {said} | {verdict.mutant.place} | {verdict.mutant.key} | {verdict.seen}", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def main(words: Sequence[str], keep: Path | None = None) -> int:
    """Only a whole check is kept. Exit code 1 where a mutant without a reason survives, or more than one in twenty."""
    check = Check(Kept(keep))
    chosen = [m for m in check.every() if not words or any(word in f"{m.place} {m.key}" for word in words)]
    with impatient(), heard():
        rows = record.rows(_verdicts(check, chosen))
    if not words:
        record.write(rows)
    counted = record.entered(rows)
    survived = [row for row in counted if not row.by]
    for row in survived:
        print(f"survived: {row.key}: {REASONS.get(row.key, 'NO REASON')}")
    for key in [key for key in REASONS if not words and key not in {row.key for row in survived}]:
        print(f"a reason for what did not survive: {key}")
    aside = len(rows) - len(counted)
    print(f"{len(counted)} mutants, {len(survived)} survived; {aside} more are in lines that no scene executes")
    return int(len(survived) * 20 > len(counted) or any(row.key not in REASONS for row in survived))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    parser.add_argument("words", nargs="*", metavar="WORD")
    given = parser.parse_args()
    sys.exit(main(given.words, given.keep))
