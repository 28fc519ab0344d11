"""Verdicts kept while a check goes on, in a folder outside of the repository: one that is broken off goes on where it was."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from tests.mutation.mutant import Mutant
from tests.mutation.trial import Verdict

_ROOT = Path(__file__).resolve().parents[2]
_ABOUT_RESULTS = ("record.py", "survivors.py", "record.json", "__main__.py")  # what they hold changes no verdict


class Kept:
    """One file for each state of the sources, a line for each verdict. Nothing is kept without a folder."""

    def __init__(self, folder: Path | None) -> None:
        self.file = folder / f"{_state()}.jsonl" if folder else None
        self.known: dict[str, dict[str, Any]] = {}
        self.hints: dict[str, str] = {}
        self._lock = Lock()
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime):
            for row in _rows(file):
                self.hints[row["key"]] = row["scene"]
                if file == self.file:
                    self.known[row["key"]] = row

    def verdict(self, mutant: Mutant) -> Verdict | None:
        """What a mutant came to with these very sources; None where it was not tried."""
        row = self.known.get(mutant.key)
        return Verdict(mutant, row["by"], row["seen"], row["entered"], row["scene"]) if row else None

    def keep(self, verdict: Verdict) -> None:
        """Add one."""
        if self.file is not None:
            row = {
                "key": verdict.mutant.key, "by": verdict.by, "seen": verdict.seen, "entered": verdict.entered,
                "scene": verdict.scene,
            }  # fmt: skip
            with self._lock, self.file.open("a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps(row, ensure_ascii=False)}\n")


def _rows(file: Path) -> list[dict[str, Any]]:
    """All lines but what was torn when a check was broken off."""
    rows = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(ValueError):
            rows.append(json.loads(line))
    return rows


def _state() -> str:
    """A digest of all that a verdict hangs on."""
    digest = hashlib.sha256()
    for top in ("compiler", "templates", "tests/mutation"):
        for file in sorted((_ROOT / top).rglob("*")):
            if file.is_file() and file.suffix != ".pyc" and not (top == "tests/mutation" and file.name in _ABOUT_RESULTS):
                digest.update(f"{file.relative_to(_ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
