"""A person at a terminal: says no once, where that is what is rehearsed, and yes to everything else."""

from __future__ import annotations

import os
import re
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Person:
    """`say` are the sentences of the script's language; with `declines` the first question is answered with no.

    A question about what to do next gets an empty answer: the one that the script itself proposes.
    """

    say: Mapping[str, str]
    declines: bool
    seen: list[str] = field(default_factory=list)
    _master: int = -1

    @contextmanager
    def terminal(self) -> Iterator[int]:
        """The line end of a new terminal without echo: what can be read from the other end is what the script asks."""
        self._master, line = os.openpty()
        try:
            settings = termios.tcgetattr(line)
            settings[3] &= ~termios.ECHO
            termios.tcsetattr(line, termios.TCSANOW, settings)
            yield line
        finally:
            os.close(self._master)
            os.close(line)

    def attend(self, process: subprocess.Popen[bytes], state: Path, longest: float) -> None:
        """Answer until the process has ended, or `longest` seconds have passed. A second person answers in `state`."""
        asked, until = "", time.monotonic() + longest
        while process.poll() is None and time.monotonic() < until:
            readable, _, _ = select.select([self._master], [], [], 0.02)
            if readable:
                asked += os.read(self._master, 65536).decode("utf-8", "replace")
            elif asked.endswith(" "):
                self.seen.append(asked.rstrip().rpartition("\n")[2].strip())
                os.write(self._master, self._answer(asked.rstrip()).encode() + b"\n")
                asked = ""
            else:
                _second_person(state)

    def _answer(self, question: str) -> str:
        if question.endswith(self.say["accept_name"].strip()):
            return "second person"
        if not question.endswith(self.say["prompt_yes_no"]):
            return ""
        if self.declines:
            self.declines = False
            return "n"
        return next(letter for letter in "yjYJosx1" if re.match(self.say["prompt_yes"], letter))


def _second_person(state: Path) -> None:
    """Where a run waits for another login: what `accept` leaves there. A rehearsal is one user on one machine."""
    for note in state.glob("*/[0-9]*/waiting.*"):
        answer = note.with_name(note.name.replace("waiting.", "accept.", 1))
        if note.read_text().rstrip().endswith(" other") and not answer.exists():
            beside = answer.with_name(f".{answer.name}")
            beside.write_text("unproven second person\n")
            beside.replace(answer)
