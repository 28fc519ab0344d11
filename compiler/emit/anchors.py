"""The anchors that GitHub gives to headings, so that links in a runbook can name them.

The rule is GitHub's own (html-pipeline's table of contents filter): lower case; everything dropped that is not a letter, a mark,
a digit (decimal or Roman), a connector (`_`), `-` or a space; each space a `-`. A second heading of the same anchor gets `-1`,
and so on.
"""

from __future__ import annotations

import unicodedata

_KEPT = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"))


def slug(heading: str) -> str:
    """The anchor of a heading's text (as it is read, without Markdown's escapes), before it is made unique."""
    kept = (c for c in heading.lower() if c in "- " or unicodedata.category(c) in _KEPT)
    return "".join(kept).replace(" ", "-")


class Anchors:
    """The anchors of one document. Headings must be announced in the document's order."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def of(self, heading: str) -> str:
        """The anchor that this heading gets; each call is one more heading."""
        base = anchor = slug(heading)
        while anchor in self._given:
            self._given[base] += 1
            anchor = f"{base}-{self._given[base]}"
        self._given[anchor] = 0
        return anchor
