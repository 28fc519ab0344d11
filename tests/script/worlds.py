"""Generated scripts, executed: a spec's text becomes a script in a scratch folder, run without a terminal or on one."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pexpect

from compiler.emit import bash
from compiler.plan.lower import lower
from compiler.report import text
from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse


class NoFiles:
    """A loader for specs that use nothing."""

    def load(self, name: str, importer: Source, span: object) -> Source:
        raise AssertionError(f"{importer.name} uses {name}")

    def exists(self, name: str, importer: Source) -> bool:
        return False


def compile_text(spec: str, name: str = "specs/t.rb") -> bash.Script:
    document, found = parse(Source(name, spec))
    model, more = resolve(document, NoFiles())
    assert model is not None, text([*found, *more], color=False)
    plan, last = lower(model)
    assert plan is not None and not any(not d.warning for d in [*found, *more, *last]), text([*found, *more, *last], color=False)
    return bash.emit(plan)


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class World:
    """A scratch folder with a script, its state, and what the steps wrote to `log`."""

    folder: Path
    path: Path

    @property
    def environment(self) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")}
        return {**keep, "RBC_STATE_DIR": str(self.folder / "state"), "LANG": "C.UTF-8", "TERM": "xterm"}

    def run(self, *arguments: str, env: dict[str, str] | None = None, start: tuple[str, ...] = (), timeout: float = 60) -> Result:
        """Run without a terminal."""
        done = subprocess.run(
            [*start, str(self.path), *arguments],
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            start_new_session=True,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def terminal(self, *arguments: str) -> pexpect.spawn[str]:
        """Run on a terminal of 80 columns."""
        return pexpect.spawn(
            str(self.path),
            list(arguments),
            cwd=str(self.folder),
            env=self.environment,
            encoding="utf-8",
            timeout=30,
            dimensions=(50, 80),
        )

    @property
    def log(self) -> list[str]:
        """What the steps noted, in order."""
        path = self.folder / "log"
        return path.read_text().split() if path.exists() else []

    @property
    def run_folder(self) -> Path:
        return sorted((self.folder / "state").glob("*/[0-9]*"))[-1]

    @property
    def records(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.run_folder / "audit.jsonl").read_text().splitlines()]

    def events(self, *kinds: str) -> list[str]:
        return [f"{r['event']} {r['step']}" for r in self.records if r["event"] in kinds]


def finish(child: pexpect.spawn[str]) -> int:
    """Wait for the end of a terminal session; its exit code."""
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus is not None
    return child.exitstatus
