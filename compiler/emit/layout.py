"""Which lines of a body may be indented without a change of meaning.

A line that begins inside a quote, a here-document or a word is part of a value. `compiler.shell` knows these lines from the
syntax tree (`Facts.frozen`); this module decides from the text alone, and says "none" wherever it is not sure.
"""

from __future__ import annotations

import re

_SUBSTITUTION = r"\$\((?:[^\"'`\\()$#]|\$\w|\$\{\w+\}|\"(?:[^\"`\\$]|\$\w|\$\{\w+\})*\")*\)"
_TOKEN = re.compile(
    rf"""
    \s+ (?: \#.* )?                                     # white space; a comment to the end of the line
  | \\.                                                 # an escaped character
  | \$?'(?:(?<=\$')(?:\\.|[^'\\])*|(?<!\$')[^']*)'      # '…' and $'…'
  | "(?: [^"\\`$] | \\. | \$(?![({{]) | \$\{{[^{{}}'"\\`\s$]*\}} | {_SUBSTITUTION} )*"
  | \$\{{[^{{}}'"\\`\s]*\}}
  | <<<
  | [^\s\\'"`$<] | \$(?![{{'"]) | <(?!<)
    """,
    re.VERBOSE,
)
_COMMENT_LINE = re.compile(r"\s*#")
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\$")


def frozen_lines(text: str) -> frozenset[int]:
    """The 0-based lines of a body that must keep their place.

    Each line is read by itself, as if it began outside of any quote. If all of them also end outside, that was true for each;
    if one does not, or holds what is not read here (a here-document, a backtick, nested quotes), every line but the first is
    frozen.
    """
    lines = text.split("\n")
    frozen = set()
    joined = ""
    for number, line in enumerate(lines):
        continued = not _COMMENT_LINE.match(line) and _CONTINUED.search(line) is not None
        if continued:
            line = line[:-1]
            following = lines[number + 1] if number + 1 < len(lines) else ""
            if not line[-1:].isspace() and not following[:1].isspace():  # a word that goes on in the next line
                frozen.add(number + 1)
        # Also as bash joins them: a `#` that goes on with a word begins no comment, and what follows it may open a quote.
        joined += line
        if not (_plain(line) and _plain(joined)):
            return frozenset(range(1, len(lines)))
        if not continued:
            joined = ""
    return frozenset(frozen)


def _plain(line: str) -> bool:
    if _COMMENT_LINE.match(line):
        return True
    at = 0
    while at < len(line):
        token = _TOKEN.match(line, at)
        if token is None:
            return False
        at = token.end()
    return True
