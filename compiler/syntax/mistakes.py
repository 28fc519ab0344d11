"""The mistakes of a line's shape: code, what is wrong, what to do."""

from __future__ import annotations

from typing import NamedTuple

from compiler.diagnostics import Diagnostic
from compiler.source import Span


class Mistake(NamedTuple):
    """One kind of mistake."""

    code: str
    message: str
    fix: str

    def at(self, span: Span) -> Diagnostic:
        """The mistake at its place."""
        return Diagnostic(self.code, self.message, span, self.fix)


_BRACES = "a word that holds braces needs quotes"

STRAY_CLOSING = Mistake("RB105", "this `}` closes nothing", "drop it, or look above for a block that was closed too early")
OPENING_ALONE = Mistake("RB108", "a `{` stands at the end of its statement's line", "move it to the end of the line above")
OPENING_OF_NOTHING = Mistake("RB108", "this `{` belongs to no statement", f"write the keyword before it; {_BRACES}")
AFTER_OPENING = Mistake("RB108", "after a `{` its line ends", f"write what follows on the next line; {_BRACES}")
BEFORE_CLOSING = Mistake("RB109", "a `}` stands on a line of its own", f"put it on the next line; {_BRACES}")
AFTER_CLOSING = Mistake("RB109", "after a `}` its line ends", "write what follows on the next line")
COMMA_MISPLACED = Mistake("RB111", "a comma stands between two words", "drop the comma, or write the word that is missing")
COMMA_LAST = Mistake("RB111", "a list ends in a comma", "drop the comma, or write the next word, without a blank line between")
COMMAND_OUTSIDE = Mistake(
    "RB113",
    "a command stands outside of every block",
    "put it into the block of a step, a probe or another statement that runs commands",
)
COMMAND_EMPTY = Mistake("RB114", "there is no command after the `$`", "write the command on the same line")
FENCE_EMPTY = Mistake("RB114", "there is no command in this fence", "write the commands between its lines")
COMMAND_CUT = Mistake("RB115", "the command goes on after the `\\`, but the file ends here", "write its rest, or drop the `\\`")
FENCE_NOT_ALONE = Mistake(
    "RB116",
    "a fence stands alone on its line",
    "end the line before it with a `{` and put the fence into the block",
)
