"""Made-up values: what a stand-in prints, what a parameter is given. The same on every machine."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.plan.model import CaptureItem, JobItem, Need, Param, Plan, walk

_OF_TYPE: Mapping[str, str] = {
    "string": "rehearsal",
    "int": "1",
    "path": "/rehearsal",
    "url": "https://rehearsal.invalid/",
    "host": "rehearsal.invalid",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "duration": "1m",
}
_CLASSES: Mapping[str, str] = {
    "alnum": "a", "alpha": "a", "blank": " ", "digit": "1", "graph": "a", "lower": "a", "print": "a", "punct": ".",
    "space": " ", "upper": "A", "xdigit": "1",
}  # fmt: skip
_REPEATS = "*+?{"
_SECRET = "rehearsal-secret-value"


def capture(item: CaptureItem) -> str:
    """What a capture's command prints: one line that it accepts."""
    if item.matches is not None:
        return matching(item.matches)
    return "1" if item.integer else "rehearsal"


def jobs(plan: Plan) -> dict[str, str]:
    """What the servers of jobs answer: they know every template, and each task ends well."""
    items = [item for phase in plan.phases for item in walk(phase.items)]
    items += walk(plan.rollback.items) if plan.rollback is not None else ()
    found: dict[str, str] = {}
    for server in plan.automations:
        mine = [item for item in items if isinstance(item, JobItem) and item.automation == server.name]
        titles = dict.fromkeys(item.title for item in mine)
        found[server.commands["templates"].name] = "\n".join(f"{number} {title}" for number, title in enumerate(titles, 1))
        found[server.commands["newest"].name] = "1"
        found[server.commands["state"].name] = "success"
        found |= {item.symbol: "2" for item in mine}
    return found


def param(this: Param) -> str:
    """A value that a parameter accepts."""
    if this.choices:
        return this.choices[0]
    if this.secret:
        return secret(this.matches)
    return matching(this.matches) if this.matches is not None else _OF_TYPE.get(this.type, "rehearsal")


def secret(pattern: str | None) -> str:
    """A value for a variable of an env file, long enough to be redacted."""
    if pattern is None:
        return _SECRET
    made = _Maker(pattern, often=24).branches(0)
    return made if pattern.endswith("$") else made + _SECRET


def version(need: Need) -> str:
    """A version that satisfies a need."""
    wanted = (need.version or "1").split(".")
    number = int("".join(c for c in wanted[-1] if c.isdigit()) or 0)
    match need.op:
        case ">":
            wanted[-1] = str(number + 1)
        case "<" if number > 0:
            wanted[-1] = str(number - 1)
        case "<":
            wanted = [str(max(0, int(wanted[0]) - 1)), *("0" for _ in wanted[1:])]
        case _:
            pass
    return ".".join(wanted)


def unmet(need: Need) -> str | None:
    """A version that does not satisfy a need; None where every one does."""
    if need.version is None or need.op is None:
        return None
    first, *rest = (int("".join(c for c in part if c.isdigit()) or 0) for part in need.version.split("."))
    match need.op:
        case ">=" | ">":
            return "0" if first or any(rest) else None
        case _:
            return str(first + 1)


def matching(pattern: str) -> str:
    """A short text that a POSIX extended regular expression matches, for the patterns that people write.

    Takes the first branch, the least repetition (but one of what may be left out by `*`, so that texts are not empty) and the
    first character of a bracket. What it makes is tried by the script itself, which says so where it does not match.
    """
    return _Maker(pattern).branches(0)


class _Maker:
    """`often` is how often what may be repeated without an end is repeated."""

    def __init__(self, pattern: str, often: int = 1) -> None:
        self.text, self.at, self.often = pattern, 0, often

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def branches(self, depth: int) -> str:
        found = [self.branch(depth)]
        while self.peek() == "|":
            self.at += 1
            found.append(self.branch(depth))
        return found[0]

    def branch(self, depth: int) -> str:
        made = ""
        while self.peek() and self.peek() != "|" and not (self.peek() == ")" and depth > 0):
            atom = self.atom(depth)
            count = 1
            while self.peek() and self.peek() in _REPEATS:
                count = self.repeats()
            made += atom * count
        return made

    def repeats(self) -> int:
        sign = self.peek()
        self.at += 1
        if sign != "{":
            return 1 if sign == "?" else self.often
        end = self.text.index("}", self.at)
        least = self.text[self.at : end].partition(",")[0]
        self.at = end + 1
        return int(least or 0)

    def atom(self, depth: int) -> str:
        char = self.peek()
        self.at += 1
        if char == "(":
            inner = self.branches(depth + 1)
            self.at += 1
            return inner
        if char == "[":
            return self.bracket()
        if char == "\\":
            char = self.peek()
            self.at += 1
            return {"w": "a", "W": "-", "s": " ", "S": "a"}.get(char, "" if char in "<>bB`'" else char)
        return {"^": "", "$": "", ".": "a"}.get(char, char)

    def bracket(self) -> str:
        negated = self.peek() == "^"
        self.at += negated
        allowed = ""
        first = True
        while self.peek() != "]" or first:
            first = False
            if self.text.startswith("[:", self.at):
                end = self.text.index(":]", self.at)
                allowed += _CLASSES.get(self.text[self.at + 2 : end], "a")
                self.at = end + 2
                continue
            low = self.peek()
            self.at += 1
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                high = self.text[self.at + 1]
                self.at += 2
                allowed += "".join(map(chr, range(ord(low), ord(high) + 1)))
            else:
                allowed += low
        self.at += 1
        if not negated:
            return allowed[0]
        return next(c for c in "aA1-_./:x" + "".join(map(chr, range(33, 127))) if c not in allowed)
