"""The scripts that faults strike: every kind of statement, each with a body that notes itself and does as a fault says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tests.script.specs import HEAD
from tests.script.worlds import compile_text

# `act NAME [half]` does what stands in the file `fault`, once: NAME KIND. The driver's number stands in the lock's file.
ACT = r"""#!/bin/sh
read -r name kind 2>/dev/null <fault || exit 0
case "$kind:$2" in half: | *:half) [ "$kind:$2" = half:half ] || exit 0 ;; esac
[ "$name" = "$1" ] || exit 0
rm -f fault
driver=$(sed -n 's/.*PID \([0-9]*\).*/\1/p;q' state/*.lock)
case "$kind" in
  fail | half) exit 41 ;;
  exit0) : >stop ;;
  hang) sleep 60 ;;
  stubborn) trap '' TERM; sleep 60 ;;
  driver) kill -KILL "$driver"; sleep 0.4 ;;
  tree) kill -KILL "-$driver"; kill -KILL 0 ;;
  TERM | INT | HUP) kill "-$kind" "$driver"; sleep 0.5 ;;
  closed) : >ready; while [ ! -e closed ]; do sleep 0.05; done; sleep 0.3 ;;
  daemon) setsid sleep 293 & ;;
  silent) setsid sleep 293 >/dev/null 2>&1 & ;;
esac
exit 0
"""

KINDS = ("fail", "half", "exit0", "hang", "stubborn", "driver", "tree", "TERM", "INT", "HUP", "closed", "daemon", "silent")


def body(name: str, last: str = "") -> str:
    """Shell that notes its beginning, its middle and its end. `return 77` becomes `exit 0`, which no spec may say."""
    return (
        f"```\necho {name} >>log\n./act {name}\nif rm stop 2>/dev/null; then return 77; fi\necho {name}-half >>log\n"
        f"./act {name} half\necho {name}-done >>log\n{last}\n```\n"
    )


def undo(name: str) -> str:
    return f"undo {{\n```\necho undo-{name} >>log\n./act undo-{name}\necho undo-{name}-done >>log\n```\ntimeout 2s\n}}\n"


def step(name: str, back: str = "", settings: str = "") -> str:
    return f'step {name} "Step {name}" {{\ntimeout 2s\n{settings}{body(name)}{back or undo(name)}}}\n'


@dataclass(frozen=True)
class Subject:
    """A script; `back` says the way back of each of its statements that have one; `before` are the words of the command line."""

    text: str
    names: tuple[str, ...]
    back: dict[str, str]
    words: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    retried: frozenset[str] = frozenset()
    verified: frozenset[str] = frozenset()


PROBES = 'probe fine "Fine" {\n  file good\n}\nprobe absent "Absent" {\n  file nowhere\n}\nprobe up "Up" {\n  file up\n}\n'

EVERYTHING = (
    HEAD
    + PROBES
    + 'phase one "One" {\ncheck fine\n'
    + f'capture seen "Seen" {{\ntimeout 2s\n{body("seen", "echo value")}}}\n'
    + step("a")
    + 'confirm sure "Sure?" {}\nbackground server "Server" {\n```\necho server >>log\n./act server\ntouch up\nsleep 287\n```\n'
    + "until up every 1s for 3s\n}\n"
    + step("b", settings="verify fine\n")
    + '}\nphase two "Two" {\n'
    + 'choose way "Way" {\noption short "Short" default {\n'
    + step("c", settings="retry 1 every 1s\n")
    + '}\noption long "Long" {\n'
    + step("never")
    + "}\n}\n"
    + step("opt", settings='optional "not needed"\n')
    + step("left_out", settings="unless fine\n")
    + 'hold calm "Calm" {\nfor 1s\nwatch fine every 1s\n}\n'
    + 'guarded door "Door" {\nfor 90s\n'
    + step("d")
    + "}\n"
    + step("block", back="undo rollback\n")
    + step("nothing", back='undo "nothing to do"\n')
    + step("look", back="readonly\n")
    + step("last")
    + '}\nrollback "Back" {\n'
    + f'step mend "Mend" {{\ntimeout 2s\n{body("mend")}}}\n'
    + "verify fine\n}\n"
)

# A probe that a hold watches, one that a question asks first, a step that talks, two questions.
PEOPLE = (
    HEAD
    + 'probe fine "Fine" {\n  file good\n}\n'
    + "".join(f'probe {name} "{name}" {{\ntimeout 2s\nsucceeds {{\n{body(name)}}}\n}}\n' for name in ("watched", "asked"))
    + 'phase one "One" {\n'
    + step("a")
    + 'hold calm "Calm" {\nfor 1s\nwatch watched every 1s\n}\n'
    + 'confirm sure "Sure?" {\ncheck asked\n}\n'
    + step("talk", settings="interactive\n").replace("timeout 2s\n", "", 1)
    + 'manual hand "Hand" {\nundo "Take it back"\n}\n'
    + step("z")
    + '}\nrollback "Back" {\nverify fine\n}\n'
)

UNDONE = ("a", "b", "c", "opt", "d", "last")
SMALL = (
    HEAD
    + PROBES
    + 'phase one "One" {\n'
    + step("a")
    + step("b")
    + '}\nphase two "Two" {\n'
    + step("c")
    + "}\n"
    + ('rollback "Back" {\nverify fine\n}\n')
)


@cache
def everything() -> Subject:
    """One script with every kind of statement that needs no person at a terminal."""
    names = ("seen", "a", "server", "b", "c", "opt", "d", "block", "nothing", "look", "last")
    back = {**dict.fromkeys(UNDONE, "undo"), "block": "rollback", "nothing": "nothing"}
    return Subject(
        compiled(EVERYTHING),
        names,
        back,
        ("--accept", "sure", "--accept", "door", "--way", "short"),
        frozenset({"opt"}),
        frozenset({"c"}),
        frozenset({"b"}),
    )


@cache
def people() -> Subject:
    """One script with what a person sees, answers and does."""
    return Subject(compiled(PEOPLE), ("a", "talk", "z"), dict.fromkeys(("a", "talk", "hand", "z"), "undo"))


@cache
def small() -> Subject:
    """Three steps, for faults that strike at very many places."""
    return Subject(compiled(SMALL), ("a", "b", "c"), dict.fromkeys(("a", "b", "c"), "undo"))


def compiled(spec: str) -> str:
    return compile_text(spec).text.replace("return 77", "exit 0")
