"""The one process: shell text -> syntax trees, by `shfmt --to-json` (mvdan/sh).

`--to-json` reads one text from its standard input. A process costs 2 to 5 ms and a body in a larger text about 1 ms, so many
bodies are parsed as one text with a separator command after each. That is the same as parsing each alone if, and only if, every
separator comes back as a statement of the top level at its own place: then the parser stood at the start of a statement there.
Where it does not (an open quote, a here-document, `f()` without a body), or where one does not parse, the batch is halved.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import PIPE
from typing import IO, Any

from compiler.diagnostics import Diagnostic, Refused

Json = dict[str, Any]

_BATCH = 48 * 1024  # bytes of shell in one process; its JSON is up to 150 times as long
_SECONDS = 60
# shfmt indents its JSON, so that its size grows with the square of the depth, and it makes all of it before it writes any.
_LARGEST = 64 * 1024 * 1024
_MEMORY = 512 * 1024 * 1024
_TOO_MUCH = "1:1: it is too long or nested too deeply"
_ERROR = re.compile(r"(\d+|\?):(\d+|\?): (.*)", re.DOTALL)  # `?` beyond column 16,383


@dataclass(frozen=True)
class Tree:
    """One parsed body: the statements as shfmt's JSON, and its byte offsets as offsets in code points of the body."""

    statements: tuple[Json, ...]
    at: Callable[[int], int]


@dataclass(frozen=True)
class Failure:
    """Why a text is not bash: the message, and the offset in code points."""

    message: str
    at: int


@cache
def tool() -> str:
    """The path of `shfmt`: beside this interpreter, in its scripts folder, or on PATH.

    Raises Refused (RB404) where there is none: what operators wrote is never left unchecked.
    """
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        candidate = folder / "shfmt"
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    found = shutil.which("shfmt")
    if found is None:
        raise _unusable("`shfmt` was not found, and without it no command of a spec can be checked")
    return found


def parse(texts: Sequence[str]) -> list[Tree | Failure]:
    """One tree or failure for each text, in order. Raises Refused (RB404) where shfmt cannot be run."""
    results: list[Tree | Failure] = []
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > _BATCH:
            results += _batch(batch)
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        results += _batch(batch)
    return results


def _batch(texts: list[str]) -> list[Tree | Failure]:
    if len(texts) == 1:
        return [_single(texts[0])]
    found = _together([text.encode("utf-8", "surrogatepass") for text in texts])
    if found is not None:
        return [Tree(tuple(part), _offsets(text, base)) for (base, part), text in zip(found, texts, strict=True)]
    half = len(texts) // 2
    return _batch(texts[:half]) + _batch(texts[half:])


def _together(texts: list[bytes]) -> list[tuple[int, list[Json]]] | None:
    """(byte offset, statements) of each text, or None where they cannot be parsed as one."""
    joined = bytearray()
    starts, cuts = [], []
    for number, text in enumerate(texts):
        starts.append(len(joined))
        joined += text + b"\n"
        cuts.append(len(joined))
        joined += b"rbc_cut_%d\n" % number
    output = _run(bytes(joined))
    if isinstance(output, str):
        return None
    try:
        statements = json.loads(output)["Stmts"]
    except RecursionError:
        return None
    parts: list[list[Json]] = [[]]
    for statement in statements:
        if len(parts) <= len(cuts) and statement["Pos"]["Offset"] == cuts[len(parts) - 1]:
            if statement["End"]["Offset"] != cuts[len(parts) - 1] + len(b"rbc_cut_%d" % (len(parts) - 1)):
                return None
            parts.append([])
        else:
            parts[-1].append(statement)
    if len(parts) != len(texts) + 1 or parts[-1]:
        return None
    return list(zip(starts, parts[:-1], strict=True))


def _single(text: str) -> Tree | Failure:
    output = _run(text.encode("utf-8", "surrogatepass"))
    if isinstance(output, str):
        return _failure(output, text)
    try:
        return Tree(tuple(json.loads(output).get("Stmts") or ()), _offsets(text, 0))
    except RecursionError:
        return Failure(_TOO_MUCH[5:], 0)


def _run(text: bytes) -> bytes | str:
    """The JSON, or shfmt's message."""
    try:
        process = subprocess.Popen([tool(), "--to-json", "-ln", "bash"], stdin=PIPE, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        raise _unusable(f"`shfmt` could not be started: {error.strerror}") from error
    if sys.platform == "linux":
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (_MEMORY, _MEMORY))  # it has read nothing yet
    with process:
        feeder = threading.Thread(target=_feed, args=(process.stdin, text), daemon=True)
        watch = threading.Timer(_SECONDS, process.kill)
        watch.start()
        feeder.start()
        output = process.stdout.read(_LARGEST + 1) if process.stdout else b""
        if len(output) > _LARGEST:
            process.kill()
        errors = process.stderr.read() if process.stderr else b""
        code = process.wait()
        timed_out = watch.finished.is_set()
        watch.cancel()
        feeder.join()
    if len(output) > _LARGEST:
        return _TOO_MUCH
    if timed_out:
        return f"1:1: it could not be parsed within {_SECONDS} seconds"
    if code == 0:
        return output
    message = errors.decode("utf-8", "replace").strip()
    if "max depth" in message or "out of memory" in message or "cannot allocate memory" in message:
        return _TOO_MUCH
    if code != 1 or not _ERROR.match(message):
        raise _unusable(f"`shfmt` failed with exit code {code}: {message[:200] or 'no message'}")
    return message


def _feed(pipe: IO[bytes] | None, text: bytes) -> None:
    """Writes the input while the output is read; a process that has ended early says why by itself."""
    with suppress(OSError):
        if pipe:
            pipe.write(text)
            pipe.close()


def _unusable(message: str) -> Refused:
    return Refused([Diagnostic("RB404", message, fix="install it into the same environment as rbc: `pip install shfmt-py`")])


def _failure(message: str, text: str) -> Failure:
    match = _ERROR.match(message)
    if match is None:
        return Failure(message, 0)
    line, column = (1 if number == "?" else int(number) for number in match.groups()[:2])
    what = match.group(3).splitlines()[0]
    lines = text.split("\n")
    if line > len(lines):
        return Failure(what, len(text))
    start = sum(len(one) + 1 for one in lines[: line - 1])
    before = lines[line - 1].encode("utf-8", "surrogatepass")[: column - 1].decode("utf-8", "ignore")
    return Failure(what, start + len(before))


def _offsets(text: str, base: int) -> Callable[[int], int]:
    if text.isascii():
        return lambda byte: byte - base
    table: list[int] = []
    for index, character in enumerate(text):
        table += [index] * len(character.encode("utf-8", "surrogatepass"))
    table.append(len(text))
    return lambda byte: table[min(max(byte - base, 0), len(table) - 1)]
