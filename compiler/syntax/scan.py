"""A file that does not parse, cut where a mistake cannot reach: at words in column 0, outside of fences and texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from compiler.syntax.lexer import Lexeme

# A line in column 0 that opens a block: where an unclosed fence or text must have ended.
_OPENS_A_BLOCK = re.compile(r"^[a-z][a-z0-9_]*(?:[ \t][^\n(){}]*)?[ \t]\{[ \t]*$", re.MULTILINE)
FENCE_OPENING = re.compile(r"(?P<ticks>`{3,})[ \t]*(?P<info>[^`\n]*)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A stretch of the text: its offsets, and its lexemes where the file has been scanned."""

    start: int
    end: int
    lexemes: list[Lexeme] = field(default_factory=list)
    cut_short: bool = False  # there was too much to scan; the end is not the part's own


def parts(text: str, pattern: re.Pattern[str], most: int) -> list[Part]:
    """The file's parts, in order. Scanning stops after `most` places that are no terminal."""
    lexemes, complete = _scan(text if text.endswith("\n") else text + "\n", pattern, most)
    cuts = _cuts(text, lexemes)
    made: list[Part] = []
    first = 0
    for at, index in [*cuts, (len(text), len(lexemes))]:
        start = made[-1].end if made else 0
        made.append(Part(start, at, lexemes[first:index], cut_short=index == len(lexemes) and not complete))
        first = index
    return made


def _scan(text: str, pattern: re.Pattern[str], most: int) -> tuple[list[Lexeme], bool]:
    """All lexemes; a BAD one reaches to the place where the next line can be read again. False if it was given up."""
    lexemes: list[Lexeme] = []
    at, bad = 0, 0
    while match := pattern.match(text, at):
        kind = match.lastgroup or "BAD"
        start, end = match.start(kind), match.end()
        if kind in ("FENCE", "TEXT") and (start == 0 or text[start - 1] != "\n"):
            swallowed = _OPENS_A_BLOCK.search(text, start, end)
            if swallowed is not None:
                kind, end = "BAD", swallowed.start() - 1
        elif kind == "BAD":
            end = _after_bad(text, start)
        lexemes.append(Lexeme(kind, text[start:end], start, end))
        at = end
        bad += kind == "BAD"
        if bad > most:
            return lexemes, False
    return lexemes, True


def _after_bad(text: str, start: int) -> int:
    """Where to go on after a character that begins no terminal: at the end of its line, or of the fence or text."""
    end_of_line = text.index("\n", start)
    opening = FENCE_OPENING.match(text, start)
    if opening is not None and not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t"):
        closing = re.compile(rf"^[ \t]*{opening['ticks']}[ \t]*$", re.MULTILINE).search(text, end_of_line)
        if opening["info"].strip() not in ("", "bash") and closing is not None:
            return closing.end()
    elif not text.startswith('"""', start) or text.find('"""', start + 3) >= 0:
        return end_of_line
    resume = _OPENS_A_BLOCK.search(text, end_of_line + 1)
    return len(text) - 1 if resume is None else resume.start() - 1


def _cuts(text: str, lexemes: list[Lexeme]) -> list[tuple[int, int]]:
    """Offset and index of the words at which a new part begins.

    Where the braces of the whole file match, or most of them do not indent what stands in them, a word in column 0 begins a
    part only outside of all blocks.
    """
    words: list[tuple[int, int, int]] = []
    depth = 0
    strays = False
    flat = 0  # blocks whose first line is not indented, less those whose first line is
    for index, lexeme in enumerate(lexemes):
        before = depth
        if index > 1 and lexemes[index - 2].type == "LBRACE" and lexeme.type != "RBRACE":
            flat += 1 if text[lexeme.start_pos - 1] == "\n" else -1
        if lexeme.type == "LBRACE" or (lexeme.type == "BAD" and opens_at_end(lexeme.value)):
            depth += 1
        elif lexeme.type == "RBRACE":
            strays = strays or depth == 0
            depth = max(0, depth - 1)
        if lexeme.type in ("NAME", "BARE", "BAD") and _begins_a_line(text, lexeme) and lexemes[index - 1].type == "_NL":
            words.append((lexeme.start_pos, index, before))
    only_outside = flat > 0 or (depth == 0 and not strays)
    return [(at, index) for at, index, level in words if level == 0 or not only_outside]


def _begins_a_line(text: str, lexeme: Lexeme) -> bool:
    at = lexeme.start_pos
    return at > 0 and text[at - 1] == "\n" and lexeme.value[0].isalpha()


def opens_at_end(line: str) -> bool:
    """Whether an unreadable rest of a line ends in a `{`."""
    return re.search(r"\{[ \t]*(?:[ \t]#[^\n]*)?\Z", line) is not None
