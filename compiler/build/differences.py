"""What `rbc build --check` prints: a unified diff from what lies in OUT to what a build would write."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compiler.build import manifest
from compiler.build.staging import Change

_NOWHERE = "/dev/null"


@dataclass(frozen=True)
class Difference:
    """One file that is not as a build would write it. `lines` are those of the diff, without newlines."""

    path: str
    kind: str  # changed, missing, left over
    lines: tuple[str, ...]


def differences(out: Path, change: Change) -> Iterator[Difference]:
    """What one folder differs in from the change, by file name; nothing where it is as it should be."""
    wanted = dict(change.files or {})
    there = {name: (content, program) for name, content, program in manifest.contents(out / change.folder)}
    for name in sorted(wanted.keys() | there.keys()):
        shown = f"{out.name}/{change.folder}/{name}"
        if name not in there:
            yield Difference(shown, "missing", tuple(_diff(_NOWHERE, shown, b"", wanted[name])))
            continue
        content, program = there[name]
        if content is None:
            yield Difference(shown, "left over", (f"{shown}: not a regular file",))
        elif name not in wanted:
            yield Difference(shown, "left over", tuple(_diff(shown, _NOWHERE, content, b"")))
        elif content != wanted[name] or program != manifest.executable(name):
            lines = list(_diff(shown, shown, content, wanted[name]))
            if program != manifest.executable(name):
                lines.append(f"{shown}: {'must not be' if program else 'is not'} executable")
            yield Difference(shown, "changed", tuple(lines))


def _diff(old_name: str, new_name: str, old: bytes, new: bytes) -> Iterator[str]:
    if old == new:  # an empty file on one side only has no lines to show
        yield from () if old_name == new_name else (f"--- {old_name}", f"+++ {new_name}")
        return
    for line in difflib.unified_diff(_lines(old), _lines(new), old_name, new_name, lineterm="\n"):
        if line.endswith("\n"):
            yield line[:-1]
        else:
            yield from (line, "\\ No newline at end of file")


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", errors="backslashreplace")
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
