"""Run every case, print one table, end 1 when a bound is broken.

python -m benchmarks            all cases (some minutes: ShellCheck reads a hundred whole scripts)
python -m benchmarks version    those whose name holds one of the words
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.scripts import LeftOut
from benchmarks.setup import prepare


def main() -> int:
    wanted = [case for case in CASES if not sys.argv[1:] or any(word in case.name for word in sys.argv[1:])]
    broken = 0
    with tempfile.TemporaryDirectory(prefix="rbc-benchmark-") as folder:
        place = prepare(Path(folder))
        print(f"{'case':<34}{'ours':>11}{'floor':>11}{'ratio':>8}{'bound':>8}")
        for case in wanted:
            try:
                ours, floor = case.measure(place)
            except LeftOut as why:
                print(f"{case.name:<34}left out: {why}", flush=True)
                continue
            ratio = ours / floor
            broken += ratio > case.bound
            verdict = "" if ratio <= case.bound else "  BROKEN"
            print(
                f"{case.name:<34}{ours * 1e3:>8.1f} ms{floor * 1e3:>8.1f} ms{ratio:>8.3f}{case.bound:>8.2f}{verdict}", flush=True
            )
    return 1 if broken or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
