"""A person at a terminal: says no once, where that is what is rehearsed, and yes to everything else."""

from __future__ import annotations

import os
import re
import select
import string
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

    A question about what to do next gets the first answer that `answer`, a key of these sentences, describes; without one an
    empty answer: what the script itself proposes.
    """

    say: Mapping[str, str]
    declines: bool
    answer: str = ""
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
            return self._letter(self.answer) if self.answer else ""
        if self.declines:
            self.declines = False
            return "n"
        return self._letter("prompt_yes")

    def _letter(self, key: str) -> str:
        return next(letter for letter in string.ascii_letters if re.match(self.say[key], letter))


def _second_person(state: Path) -> None:
    """Where a run waits for another login: what `accept` leaves there. A rehearsal is one user on one machine."""
    for note in state.glob("*/[0-9]*/waiting.*"):
        answer = note.with_name(note.name.replace("waiting.", "accept.", 1))
        if note.read_text().rstrip().endswith(" other") and not answer.exists():
            beside = answer.with_name(f".{answer.name}")
            beside.write_text("unproven second person\n")
            beside.replace(answer)
