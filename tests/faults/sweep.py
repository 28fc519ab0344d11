"""Many cases at once, each in a folder of its own."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """How many cases, every violation in words, and what else is to be said about them."""

    cases: int
    violations: list[str]
    note: str = ""


def sweep(cases: Sequence[Any], violations: Callable[[Any, Path], list[str]], jobs: int | None = None) -> Outcome:
    """`violations(case, folder)` for each. Most of the time is waiting, so more run at once than there are processors.

    Processes, not threads: a script that one thread has open for writing while another forks cannot be executed.
    """
    # Started with `&` or nohup, a process ignores these, and so would the scripts: bash cannot trap what it was born to ignore.
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    base = Path(tempfile.mkdtemp(prefix="rbc-faults-"))
    folders = [base / str(number) for number in range(len(cases))]
    with ProcessPoolExecutor(jobs or 3 * (os.cpu_count() or 1), multiprocessing.get_context("fork")) as pool:
        found = [text for texts in pool.map(one, [violations] * len(cases), cases, folders) for text in texts]
    if not found:
        shutil.rmtree(base, ignore_errors=True)
    return Outcome(len(cases), found)


def one(violations: Callable[[Any, Path], list[str]], case: Any, folder: Path) -> list[str]:
    found = violations(case, folder)
    if not found:
        shutil.rmtree(folder, ignore_errors=True)
    return [f"{case}: {text}" for text in found]
