"""What a person meant by characters that are no terminal of the grammar."""

from __future__ import annotations

import re
import unicodedata

from compiler.diagnostics import Diagnostic
from compiler.source import Source
from compiler.syntax.lexer import Lexeme
from compiler.syntax.scan import FENCE_OPENING
from compiler.syntax.words import NAME

_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"')
_RAW = re.compile(r"'[^'\n]*'")
_BARE = re.compile(r"(?:\$\{[^\s\"',{}]*\}|[^\s\"',{}])+")


def explain_bad(source: Source, bad: Lexeme) -> Diagnostic:
    """Why nothing begins at the first character of a BAD lexeme."""
    text, start = source.text, bad.start_pos
    first = text[start : start + 1]
    if first == "`":
        return _backticks(source, bad)
    if bad.type == "BAD" and text.startswith('"""', start):
        end = text.find('"""', start + 3)
        if end < 0 or end >= bad.end_pos:
            return Diagnostic(
                "RB102",
                'this text has no closing `"""`',
                source.span(start, start + 3),
                'write `"""` where it ends',
            )
        return _runs_together(source, start, end + 3)
    if first in ('"', "'"):
        match = (_STRING if first == '"' else _RAW).match(text, start)
        if match is not None:
            return _runs_together(source, start, match.end())
        several = ', or write a text of several lines as `"""…"""`' if first == '"' else ""
        return Diagnostic(
            "RB103",
            f"this string has no closing `{first}`",
            source.span(start, end_of_line(text, start)),
            f"close it with `{first}` on the same line{several}",
        )
    match = _BARE.match(text, start)
    if match is not None and match.end() < len(text):
        return _runs_together(source, start, match.end())
    name = unicodedata.name(first, "a character without a name") if first else "nothing"
    return Diagnostic(
        "RB117",
        f"U+{ord(first):04X} ({name}) is not white space here" if first.isspace() else f"`{first}` cannot stand here",
        source.span(start, min(start + 1, len(text))),
        "replace it by a space; inside quotes it may stand",
    )


def no_keyword(source: Source, lexeme: Lexeme) -> Diagnostic:
    """A statement that begins with another word than a keyword."""
    word = lexeme.value
    span = source.span(lexeme.start_pos, lexeme.end_pos)
    line, column = span.source.line(span.line), span.column - 1
    rest = line[column + len(word) :] if "\n" not in word else ""
    if lexeme.type == "BARE" and re.match(r"//|--|;|/\*", word):
        return Diagnostic("RB112", "a comment begins with `#`", span, f"write `#` in place of `{word[:2]}`")
    likely = re.sub(r"[:=;]+\Z", "", word.lower()).replace("-", "_")
    if lexeme.type == "BARE" and NAME.fullmatch(likely):
        return Diagnostic(
            "RB112",
            f"`{word}` cannot be a keyword: a keyword is made of `a-z`, `0-9` and `_`, and white space follows it",
            span,
            f"did you mean `{likely}`?",
            corrected=line[:column] + likely + rest,
        )
    fix = "write the keyword before it, or end the line above with a comma where the list goes on"
    return Diagnostic("RB112", "a statement begins with a keyword", span, fix)


def _backticks(source: Source, bad: Lexeme) -> Diagnostic:
    text, start = source.text, bad.start_pos
    line_start = text.rfind("\n", 0, start) + 1
    end = end_of_line(text, start)
    opening = FENCE_OPENING.match(text, start)
    if not text.startswith("```", start):
        word = text[start:end].split()[0]
        return Diagnostic(
            "RB107",
            "a bare word never begins with a backtick",
            source.span(start, start + len(word)),
            'put the text into `"…"`; a command is written as `$ …`',
        )
    if opening is None or text[line_start:start].strip(" \t"):
        return Diagnostic(
            "RB116",
            "a fence stands alone on its line",
            source.span(start, end),
            "put the backticks on a line of their own, the commands on the lines below",
        )
    ticks, info = opening["ticks"], opening["info"].strip()
    if info not in ("", "bash"):
        return Diagnostic(
            "RB116",
            f"a fence holds bash: `bash` or nothing follows its backticks, not `{info}`",
            source.span(start, end),
            "write `bash` in its place, or nothing",
            corrected=text[line_start:start] + ticks + "bash",
        )
    return Diagnostic(
        "RB101",
        "this fence is not closed",
        source.span(start, start + len(ticks)),
        f"write a line of {len(ticks)} backticks where it ends",
    )


def _runs_together(source: Source, start: int, end: int) -> Diagnostic:
    """A word, and what follows it without white space."""
    text = source.text
    following = text[end : end + 1]
    line_start, line_end = text.rfind("\n", 0, end) + 1, end_of_line(text, end)
    word = text[start:end] if "\n" not in text[start:end] and end - start <= 40 else "the word"
    shown = f"`{word}`" if word != "the word" else word
    spaced = text[line_start:end] + " " + text[end:line_end]
    place = source.span(end, min(end + 1, len(text)))
    if following == "{" and not text[end + 1 : line_end].split(" #")[0].strip(" \t}"):
        return Diagnostic("RB110", "white space is missing before the `{`", place, "write a space before it", corrected=spaced)
    if following in ("{", "}"):
        message = f"{shown} runs into a `{following}`"
        fix = "a word that holds braces needs quotes"
        if following == "}":
            return Diagnostic("RB109", message, place, fix + "; a `}` that closes a block stands on a line of its own")
        return Diagnostic("RB108", message, place, fix + "; a `{` that opens a block ends its line, after a space")
    if text[start] in "\"'":
        message = f"white space is missing after {shown}"
        return Diagnostic("RB110", message, place, "write a space or a comma between two words", corrected=spaced)
    return Diagnostic(
        "RB110",
        f"{shown} runs into a `{following}`",
        place,
        "a word that holds quotes needs quotes around all of it; between two words there is white space",
    )


def end_of_line(text: str, at: int) -> int:
    """The offset of the next newline, or of the end of the text."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end
