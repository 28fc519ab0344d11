"""A small spec and a finished run of its script."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SPEC = """runbook t {
  title "T"
  lang en
}

param where string {
  note "where to"
  default "there"
}

probe fine "All fine" {
  file good
}

phase one "One" {
  check fine
  capture was "What was" $ cat good
  step a "First" {
    $ printf '%s %s\\n' "$where" "$was"
    undo $ true
  }
  step b "Second" {
    $ [[ ! -e broken ]]
    undo "nothing is to do"
  }
}

rollback "Back" {
  verify fine
}
"""


@dataclass(frozen=True)
class Run:
    """A finished run of the script, whose log may be changed: `put` writes it, `asked` asks the script itself."""

    script: Path
    state: Path
    log: bytes

    @property
    def path(self) -> Path:
        return next(self.state.glob("t/[0-9]*/audit.jsonl"))

    def put(self, log: bytes) -> None:
        self.path.write_bytes(log)

    def asked(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME")}
        environment = {**keep, "RBC_STATE_DIR": str(self.state), "LANG": "C.UTF-8", "TERM": "xterm"}
        return subprocess.run(
            [str(self.script), *arguments],
            cwd=self.script.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            start_new_session=True,
            check=False,
        )
