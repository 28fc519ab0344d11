"""POSIX extended regular expressions: is a pattern one that bash's `[[ … =~ … ]]` accepts?

A reader for the syntax that glibc's `regcomp(…, REG_EXTENDED)` takes, which is what bash calls. It follows glibc's
`posix/regcomp.c` (RE_SYNTAX_POSIX_EXTENDED) where POSIX leaves things open: an empty alternative is fine, `)` alone is a
character, `a**` is fine, a repetition after an anchor is not, back references are known. Ranges are compared by code
point, and only ASCII ones are taken: others depend on the locale. A property test holds it against bash.
"""

from __future__ import annotations

PRACTICAL_REPEAT = 255  # POSIX's own RE_DUP_MAX: more is not portable, and large counts cost memory
_CLASSES = frozenset(
    ("alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit")
)
_ANCHOR_ESCAPES = "<>bB`'"
_REPEATS = "*+?{"
_KNOWN_ESCAPES = "123456789bBwWsS"  # of the letters and digits; all of them but back references are GNU's
_END = ""


class BadPattern(Exception):
    """Why bash refuses the pattern; `at` is the offset of the place."""

    def __init__(self, message: str, at: int) -> None:
        self.message = message
        self.at = at
        super().__init__(message)


def refuse(pattern: str) -> BadPattern | None:
    """Why bash would refuse the pattern, or None if it takes it."""
    try:
        _Reader(pattern).alternatives(0)
    except BadPattern as error:
        return error
    return None


def trap(pattern: str) -> str | None:
    """Why a pattern that bash takes does not mean what it says elsewhere, or None. For patterns that `refuse` lets pass."""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "[":
            at = _after_bracket(pattern, at)
            continue
        escape = pattern[at + 1 : at + 2]
        if char == "\\":
            if escape.isascii() and escape.isalnum() and escape not in _KNOWN_ESCAPES:
                cure = {"d": "`[0-9]`", "D": "`[^0-9]`", "t": "`[[:blank:]]`"}.get(escape)
                return f"`\\{escape}` is just `{escape}` in such a pattern" + (f"; write {cure}" if cure else "")
            at += 1
        at += 1
    return None


def _after_bracket(pattern: str, at: int) -> int:
    """The offset behind the `[…]` that begins at `at`."""
    at += 1 + (pattern[at + 1 : at + 2] == "^")
    first = at
    while at < len(pattern) and (pattern[at] != "]" or at == first):
        if pattern[at] == "[" and (kind := pattern[at + 1 : at + 2]) and kind in ".=:":
            at = max(pattern.find(kind + "]", at + 2) + 1, at + 1)
        at += 1
    return at + 1


class _Reader:
    """Recursive descent over the pattern; recursion is bounded by `MAX_GROUPS`."""

    MAX_GROUPS = 200

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.opened = 0
        self.completed: set[int] = set()

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else _END

    def alternatives(self, depth: int) -> None:
        """`branch | branch …` up to the end, or (inside a group) the `)`, which is left."""
        if depth > self.MAX_GROUPS:
            raise BadPattern("the groups are nested too deeply", self.at)
        before = frozenset(self.completed)
        seen: set[int] = set()
        while True:
            self.branch(depth)
            seen |= self.completed
            if self.peek() != "|":
                break
            self.at += 1
            self.completed = set(before)
        self.completed = seen

    def branch(self, depth: int) -> None:
        while (char := self.peek()) not in (_END, "|") and not (char == ")" and depth > 0):
            self.expression(depth)

    def expression(self, depth: int) -> None:
        """One atom with its repetitions. A repetition after an anchor stands at the start of the next atom, and is refused."""
        start, char = self.at, self.peek()
        if char in _REPEATS:
            if char == "?" and self.text[start - 1 : start] == "(":
                raise BadPattern("`(?…)` is not known in POSIX patterns; `(…)` groups", start)
            raise BadPattern(f"nothing stands before `{char}` that could be repeated", start)
        self.at += 1
        if char in "^$":
            return
        if char == "\\":
            if self.peek() == _END:
                raise BadPattern("a `\\` stands at the end", start)
            escape = self.peek()
            self.at += 1
            if escape in _ANCHOR_ESCAPES:
                return
            if escape in "123456789" and int(escape) not in self.completed:
                raise BadPattern(f"`\\{escape}` means a group that is not there", start)
        elif char == "(":
            self.opened += 1
            number = self.opened
            self.alternatives(depth + 1)
            if self.peek() != ")":
                raise BadPattern("a `(` is not closed", start)
            self.at += 1
            if number <= 9:
                self.completed.add(number)
        elif char == "[":
            self.bracket(start)
        self.repetitions()

    def repetitions(self) -> None:
        while (char := self.peek()) != _END and char in _REPEATS:
            self.at += 1
            if char == "{":
                self.interval()

    def interval(self) -> None:
        """`{n}`, `{n,}`, `{,m}`, `{n,m}` after the brace."""
        start = self.at - 1
        end = self.text.find("}", self.at)
        if end < 0:
            raise BadPattern("a `{` is not closed; a brace itself is `\\{`", start)
        inside = self.text[self.at : end].replace("\\,", ",")
        low, comma, high = inside.partition(",")
        if not (inside and all(c in "0123456789" for c in low + high)):
            raise BadPattern(f"`{{{inside}}}` is not a repetition such as `{{2}}` or `{{1,3}}`; a brace itself is `\\{{`", start)
        least = int(low or "0") if len(low) <= 6 else PRACTICAL_REPEAT + 1
        most = (int(high) if len(high) <= 6 else PRACTICAL_REPEAT + 1) if high else (None if comma else least)
        if most is not None and least > most:
            raise BadPattern(f"`{{{inside}}}` counts downwards", start)
        if max(least, most or 0) > PRACTICAL_REPEAT:
            raise BadPattern(f"`{{{inside}}}` repeats more than {PRACTICAL_REPEAT} times, which is not portable", start)
        self.at = end + 1

    # ── bracket expressions ───────────────────────────────────────────────────────────────────────────────────────

    def bracket(self, start: int) -> None:
        """`[…]` after the opening bracket."""
        if self.peek() == "^":
            self.at += 1
        first = True
        while True:
            char = self.peek()
            if char == _END:
                raise BadPattern("a `[` is not closed", start)
            if char == "]" and not first:
                self.at += 1
                return
            low = self.element(start, hyphen=first)
            first = False
            if low is not None and self.peek() == "-":
                if self.at + 1 >= len(self.text):
                    raise BadPattern("a `[` is not closed", start)
                if self.text[self.at + 1] != "]":
                    self.range_end(low, start)

    def range_end(self, low: str, start: int) -> None:
        begin = self.at
        self.at += 1
        high = self.element(start, hyphen=True)
        if high is None:
            raise BadPattern("a range ends in a class", begin)
        if not (low + high).isascii():
            raise BadPattern(f"the range `{low}-{high}` is not of ASCII characters: bash refuses it in some locales", begin)
        if low > high:
            raise BadPattern(f"the range `{low}-{high}` goes backwards", begin)

    def element(self, start: int, *, hyphen: bool) -> str | None:
        """One element; its character, or None for a class (which can begin no range)."""
        char = self.peek()
        begin = self.at
        if char == "[" and self.text[begin + 1 : begin + 2] in (".", "=", ":") and begin + 1 < len(self.text):
            return self.symbol(start)
        self.at += 1
        if char == "-" and not hyphen and self.peek() != "]":
            raise BadPattern("a `-` between brackets stands first or last", begin)
        return char

    def symbol(self, start: int) -> str | None:
        """`[:alpha:]`, `[.x.]`, `[=x=]`."""
        begin = self.at
        kind = self.text[begin + 1]
        end = self.text.find(kind + "]", begin + 2)
        if end < 0 or len(self.text[begin + 2 : end].encode()) >= 32:
            raise BadPattern(f"a `[{kind}` is not closed", begin)
        name = self.text[begin + 2 : end]
        self.at = end + 2
        if self.at >= len(self.text):
            raise BadPattern("a `[` is not closed", start)
        if kind == ":":
            if name not in _CLASSES:
                raise BadPattern(f"`[:{name}:]` is no class", begin)
            return None
        if len(name.encode()) != 1:
            raise BadPattern(f"`[{kind}{name}{kind}]` is not one character", begin)
        return name if kind == "." else None
