"""Every byte prefix of a generated script, executed: refused, and nothing happened. `python -m tests.faults.prefixes [NTH]`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults import subject
from tests.faults.sweep import Outcome, sweep

PARTS = 24
HEADER = "\n# ─── ".encode()  # the first lines are behind it


@dataclass(frozen=True)
class Lengths:
    """Prefixes of these lengths, longest first, so that one file is cut again and again."""

    lengths: Sequence[int]

    def __str__(self) -> str:
        return f"{self.lengths[-1]} to {self.lengths[0]} bytes"


def violations(part: Lengths, folder: Path) -> list[str]:
    """Behind its first lines each prefix is refused with 7, and none of them writes a file or begins a run."""
    return of(subject.small().text.encode(), part, folder)


def starts(number: int, bare: bool) -> Iterator[str]:
    """The shells that start the `number`th prefix of a part; '' is its first line's, which a `bare` one does not have whole.

    Each is run by bash; some by its name, as by a person to whom the mode got lost, and some by sh as well. By its number and not
    by its length: of each 10th prefix all lengths end in one digit, and one way of starting would be all that is tried.
    """
    yield "bash" if bare or number % 10 == 0 else ""
    if number % 10 == 5:
        yield "sh"


def of(text: bytes, part: Lengths, folder: Path) -> list[str]:
    """The same of a script's prefixes. The folder is looked at after each."""
    folder.mkdir(parents=True)
    script = folder / "t.sh"
    script.write_bytes(text)
    script.chmod(0o755)
    first, header = text.index(b"\n"), text.index(HEADER)
    found = []
    keep = {"PATH": os.environ["PATH"], "HOME": str(folder), "RBC_STATE_DIR": str(folder / "state"), "LANG": "C.UTF-8"}
    for number, length in enumerate(part.lengths):
        os.truncate(script, length)
        for shell in starts(number, length < first):
            code = subprocess.call(
                [*([shell] if shell else []), str(script), "run", "--yes"],
                cwd=folder,
                env=keep,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if length > header and code != 7:
                found.append(f"{length} bytes ended {code}")
        left = [path.name for path in folder.iterdir() if path != script]
        if left:
            found.append(f"{length} bytes left {left}")
            break
    return found


def parts(every: int = 1) -> list[Lengths]:
    """All lengths but those of the whole script, which may lack its last newline."""
    lengths = range(len(subject.small().text.encode()) - 2, -1, -every)
    return [Lengths(lengths[start::PARTS]) for start in range(min(PARTS, len(lengths)))]


def whole(every: int = 1) -> Outcome:
    """Each `every`th prefix."""
    chosen = parts(every)
    note = f"each {every}th" if every > 1 else ""
    return Outcome(sum(len(part.lengths) for part in chosen), sweep(chosen, violations).violations, note)


if __name__ == "__main__":
    outcome = whole(int(sys.argv[1]) if sys.argv[1:] else 1)
    print("\n".join(outcome.violations))
    print(f"{outcome.cases} prefixes, {len(outcome.violations)} violations")
    sys.exit(bool(outcome.violations))
