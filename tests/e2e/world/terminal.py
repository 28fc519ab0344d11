"""A person at a terminal of a private host, who answers yes and does what is asked, and a clock that can be put ahead."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect

from .host import Host

_SOURCE = Path(__file__).with_name("ahead.c")
_LIBRARY = "/run/world/ahead.so"
_YES = r"\[(?:j/N|y/N)\] "
_WHICH = r"\? \[(?!j/N|y/N)[^\]\r\n]+\] "
_WHAT_NEXT = r"\[(?:l\]assen, wie es ist|l\]eave it so):[ ]"


class Clock:
    """What every bash of the host is told when it asks for the time; other programs see the real one."""

    def __init__(self, host: Host) -> None:
        built = ["cc", "-O2", "-shared", "-fPIC", "-o", str(host.path(_LIBRARY)), str(_SOURCE)]
        subprocess.run(built, check=True, capture_output=True)
        self._file = host.path("/run/world/ahead")
        self._seconds = 0

    env: Mapping[str, str] = {"LD_PRELOAD": _LIBRARY}

    def put_ahead(self, seconds: int) -> None:
        """A moment from now it is so much later: what has just said that it waits has begun to."""
        time.sleep(0.5)
        self._seconds += seconds
        new = self._file.with_name("ahead.new")
        new.write_text(str(self._seconds))
        new.rename(self._file)


def attend(
    host: Host,
    *argv: str,
    cwd: str,
    env: Mapping[str, str] | None = None,
    at: Mapping[str, Callable[[], object]] | None = None,
    no: tuple[str, ...] = (),
    next_word: str = "",
    timeout: int = 90,
) -> tuple[int, str]:
    """Run on a terminal; exit code and all that was shown.

    Every question is answered with yes, but those that hold a text of `no`, and a choice with its default; `next_word` answers
    what is asked after a failure. When one of the texts in `at` is shown for the first time, its function is called.
    """
    command = host.command(argv, cwd, {"TERM": "xterm", **(env or {})})
    child: pexpect.spawn[str] = pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=timeout, dimensions=(60, 200))
    waiting = dict(at or {})
    shown = ""
    while True:
        texts = list(waiting)
        found = child.expect([_YES, _WHAT_NEXT, pexpect.EOF, pexpect.TIMEOUT, _WHICH, *(re.escape(text) for text in texts)])
        shown += (child.before or "") + (child.after if isinstance(child.after, str) else "")
        if found == 2:
            break
        if found == 0:
            question = (child.before or "").splitlines()[-1]
            child.sendline("n" if any(text in question for text in no) else "j" if "j/N" in child.after else "y")
        elif found == 1:
            child.sendline(next_word)
        elif found == 4:
            child.sendline("")
        else:
            assert found != 3, f"nothing came for {timeout} s\n{shown}"
            waiting.pop(texts[found - 5])()
    child.close()
    assert child.exitstatus is not None, f"ended by signal {child.signalstatus}\n{shown}"
    return child.exitstatus, shown
