"""Does a POSIX extended regular expression match, as bash's `[[ … =~ … ]]` has it? For patterns that `ere.refuse` lets pass.

Python's own `re` reads such patterns differently (`[[:alpha:]]`), and takes exponential time for some (`(a+)+$`). Here all ways
through the pattern are followed at once, one character at a time (Thompson's construction, as Pike's machine runs it): the time
is the length of the text times that of the pattern.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

_MOST = 20_000  # steps of a pattern; `(a{255}){255}` would have more
_LONGEST = 5_000_000  # steps of a pattern times characters of a text
_SPACE = " \t\n\r\v\f"
_ASCII = frozenset(map(chr, range(128)))
_CLASSES: dict[str, frozenset[str]] = {
    "alnum": frozenset(string.ascii_letters + string.digits),
    "alpha": frozenset(string.ascii_letters),
    "blank": frozenset(" \t"),
    "cntrl": frozenset(c for c in _ASCII if c < " " or c == "\x7f"),
    "digit": frozenset(string.digits),
    "graph": frozenset(c for c in _ASCII if "!" <= c <= "~"),
    "lower": frozenset(string.ascii_lowercase),
    "print": frozenset(c for c in _ASCII if " " <= c <= "~"),
    "punct": frozenset(string.punctuation),
    "space": frozenset(_SPACE),
    "upper": frozenset(string.ascii_uppercase),
    "xdigit": frozenset(string.hexdigits),
}
_WORD = _CLASSES["alnum"] | {"_"}
_ESCAPED = {"w": _WORD, "W": _ASCII - _WORD, "s": _CLASSES["space"], "S": _ASCII - _CLASSES["space"]}
_ELSEWHERE = frozenset("123456789bB<>`'")  # back references and GNU's anchors: only bash can tell


class _Unknown(Exception):
    """Only bash can tell."""


@dataclass(frozen=True)
class _Start:
    """`^`."""


@dataclass(frozen=True)
class _End:
    """`$`."""


@dataclass(frozen=True)
class _Split:
    """Go on at both of these distances from here."""

    one: int
    other: int


_Step = frozenset[str] | _Start | _End | _Split
_Code = list[_Step]


def search(pattern: str, text: str) -> bool | None:
    """Whether the pattern matches somewhere in the text; None where only bash can tell (its locale, back references, `\\b`)."""
    if not text.isascii() or "\n" in text:
        return None
    try:
        code = _Compiler(pattern).alternatives(0)
    except _Unknown:
        return None
    if len(code) * len(text) > _LONGEST:
        return None
    now: set[int] = set()
    for at in range(len(text) + 1):
        _follow(code, now, [*now, 0], first=at == 0, last=at == len(text))
        if len(code) in now:
            return True
        char = text[at : at + 1]
        now = {step + 1 for step in now if isinstance(known := code[step], frozenset) and char in known}
    return False


def _follow(code: _Code, reached: set[int], waiting: list[int], *, first: bool, last: bool) -> None:
    """Everything that can be reached without another character; `reached` is filled."""
    seen: set[int] = set()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        step = code[at] if at < len(code) else None
        if isinstance(step, _Split):
            waiting += (at + step.one, at + step.other)
        elif (isinstance(step, _Start) and first) or (isinstance(step, _End) and last):
            waiting.append(at + 1)
    reached |= seen


class _Compiler:
    """The pattern as steps, by recursive descent; `ere.refuse` has bounded its depth."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def alternatives(self, depth: int) -> _Code:
        branches = [self.branch(depth)]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.branch(depth))
        end = sum(len(branch) + 2 for branch in branches[:-1]) + len(branches[-1])
        code: _Code = []
        for branch in branches[:-1]:
            code += (_Split(1, len(branch) + 2), *branch)
            code.append(_Split(end - len(code), end - len(code)))
        return _bounded(code + branches[-1])

    def branch(self, depth: int) -> _Code:
        code: _Code = []
        while (char := self.peek()) and char != "|" and not (char == ")" and depth):
            code += self.repeated(self.atom(depth))
            _bounded(code)
        return code

    def atom(self, depth: int) -> _Code:
        char = self.peek()
        self.at += 1
        if char == "(":
            inside = self.alternatives(depth + 1)
            self.at += 1
            return inside
        if char == "[":
            return [self.bracket()]
        if char == "\\":
            escape = self.peek()
            self.at += 1
            if escape in _ELSEWHERE:
                raise _Unknown
            return [_ESCAPED.get(escape, frozenset(escape))]
        special: dict[str, _Step] = {"^": _Start(), "$": _End(), ".": _ASCII}
        return [special.get(char, frozenset(char))]

    def repeated(self, code: _Code) -> _Code:
        while (char := self.peek()) and char in "*+?{":
            self.at += 1
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(char) or self.interval()
            code = _times(code, least, most)
        return code

    def interval(self) -> tuple[int, int | None]:
        end = self.text.index("}", self.at)
        low, comma, high = self.text[self.at : end].replace("\\,", ",").partition(",")
        self.at = end + 1
        least = int(low or "0")
        return least, int(high) if high else None if comma else least

    def bracket(self) -> frozenset[str]:
        negated = self.peek() == "^"
        self.at += negated
        found: set[str] = set()
        first = True
        while first or self.peek() != "]":
            first = False
            low = self.element()
            if len(low) == 1 and self.peek() == "-" and self.text[self.at + 1 : self.at + 2] != "]":
                self.at += 1
                (start,), (stop,) = low, self.element()
                found |= set(map(chr, range(ord(start), ord(stop) + 1)))
            else:
                found |= low
        self.at += 1
        return frozenset(_ASCII - found if negated else found)

    def element(self) -> frozenset[str]:
        """A character, a class, or `[.x.]`."""
        kind = self.text[self.at + 1 : self.at + 2]
        if self.peek() != "[" or not kind or kind not in ".=:":
            self.at += 1
            return frozenset(self.text[self.at - 1])
        end = self.text.index(kind + "]", self.at + 2)
        name = self.text[self.at + 2 : end]
        self.at = end + 2
        return _CLASSES[name] if kind == ":" else frozenset(name)


def _times(code: _Code, least: int, most: int | None) -> _Code:
    """The steps so many times in a row."""
    if len(code) * (least if most is None else most) > _MOST:
        raise _Unknown
    made: list[_Step] = code * least
    size = len(code)
    if most is None:
        return _bounded([*made, _Split(1, size + 2), *code, _Split(-size - 1, -size - 1)])
    for _ in range(most - least):
        made += (_Split(1, size + 1), *code)
    return _bounded(made)


def _bounded(code: _Code) -> _Code:
    if len(code) > _MOST:
        raise _Unknown
    return code
