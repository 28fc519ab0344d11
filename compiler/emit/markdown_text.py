"""Markdown that means what it should: plain text escaped, and an author's Markdown kept inside of its place.

GitHub-flavoured. Only what can mean something where it stands is escaped, so that the source stays readable:
`leitstand_gateway` needs no backslash, `*` always does.
"""

from __future__ import annotations

import re

from compiler.emit.leaves import visible

_ALWAYS = re.compile(r"[\\`*\[\]<|~$]")
_ENTITY = re.compile(r"&(?=[A-Za-z#])")
_UNDERSCORE = re.compile(r"_+")
_EMOJI = re.compile(r":(?=[a-z0-9_+-]+:)")
_BARE_URL = re.compile(r"(?i)\b(https?|ftp):(?=//)")  # a title with an address is no link
_AT_START = re.compile(r"[#>+=-]|\d+(?=[.)](?:\s|$))")
_HASH_RUN = re.compile(r"(?<=\s)#")

_FENCE = re.compile(r"(?P<indent>[ ]*)(?P<run>`{3,}|~{3,})(?P<info>.*)")
_DEFINITION = re.compile(r"( {0,3})\[(?=[^\]]*\]:)")
_BACKTICKS = re.compile(r"`+")
_AUTOLINK = re.compile(r"<(?:https?://|mailto:)[^\s<>\\`]*>")
_BLOCK_START = re.compile(r"\s*(?:[-*+>#|=]|\d+[.)]|`{3}|~{3}|$)| {4}|\t")


def escaped(text: str) -> str:
    """Plain text on one line of Markdown: anywhere in a paragraph, heading, list item, table cell or link text."""
    text = visible(text)
    text = _ALWAYS.sub(r"\\\g<0>", text)
    text = _ENTITY.sub(r"\\&", text)
    text = _EMOJI.sub(r"\\:", text)
    text = _BARE_URL.sub(r"\1\\:", text)
    text = _UNDERSCORE.sub(lambda m: m[0] if _inside_word(m) else "\\_" * len(m[0]), text)
    text = _HASH_RUN.sub(r"\\#", text)
    start = _AT_START.match(text)
    if start is None:
        return text
    return f"\\{text}" if not text[0].isdigit() else f"{start[0]}\\{text[start.end() :]}"


def _inside_word(match: re.Match[str]) -> bool:
    """An underscore between letters or digits opens and closes nothing."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return before.isalnum() and after.isalnum()


def code_span(code: str, *, cell: bool = False) -> str:
    """Code in a line: as many backticks as it takes. In a table cell a `|` needs its backslash even here."""
    code = visible(code) or " "
    runs = {len(run) for run in _BACKTICKS.findall(code)}
    length = next(n for n in range(1, len(runs) + 2) if n not in runs)
    pad = " " if code[0] == "`" or code[-1] == "`" else ""
    return "`" * length + pad + (code.replace("|", "\\|") if cell else code) + pad + "`" * length


def fence(text: str) -> str:
    """The backticks that hold a block of this text: one more than its longest run, three at least."""
    return "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))


def prose_line(text: str, *, cell: bool = False) -> str:
    """An author's Markdown as the inline content of one place: lines folded, blocks and HTML without meaning."""
    text = _inline(" ".join(visible(line) for line in text.split("\n")).strip())
    if cell:
        text = text.replace("|", "\\|")
    start = _AT_START.match(text)
    if start is not None:
        text = f"\\{text}" if not text[0].isdigit() else f"{start[0]}\\{text[start.end() :]}"
    if text.startswith("~~~"):  # a run of backticks has its partner on the line, and so opens no fence
        text = "\\" + text
    text = _DEFINITION.sub(r"\1\\[", text)
    return _ended(text)


def prose_block(text: str) -> list[str]:
    """An author's Markdown as lines of blocks: HTML is text, an open fence is closed, a link definition is text."""
    lines: list[str] = []
    paragraph: list[str] = []
    closing = ""  # the fence to close, with its indentation
    for raw in text.strip("\n").split("\n"):
        line = _tidy(raw)
        if closing:
            lines.append(_within(line, closing))
            if lines[-1] == closing:
                closing = ""
            continue
        opening = _FENCE.fullmatch(line)
        opens = opening is not None and ("`" not in opening["info"] or opening["run"][0] == "~")
        if opening is not None and opens and (len(opening["indent"]) <= 3 or not (paragraph or (lines and lines[-1]))):
            lines += _flush(paragraph)
            closing = opening["indent"] + opening["run"]
            lines.append(opening["indent"] + opening["run"] + (" " + visible(opening["info"])).rstrip())
            continue
        if _BLOCK_START.match(line):
            lines += _flush(paragraph)
        paragraph.append(line)
    lines += _flush(paragraph)
    if closing:
        lines.append(closing)
    else:
        lines[-1] = _ended(lines[-1])
    return lines


def _tidy(line: str) -> str:
    """One line without what cannot be seen; its indentation and a hard break at its end are kept."""
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)].expandtabs(4)
    hard = body.endswith("  ")
    body = visible_keeping_blanks(body).rstrip()
    return indent + body + ("\\" if hard and body and not body.endswith("\\") else "") if body else ""


def visible_keeping_blanks(text: str) -> str:
    """As `visible`, but blanks and tabs stay as they are."""
    return "".join(c if c in " \t" else visible(c) or f"\\u{{{ord(c):x}}}" for c in text)


def _within(line: str, closing: str) -> str:
    """A line inside of a fence, never outdented: the end of a list would end it. The closing one is written like the opening."""
    bare = closing.lstrip(" ")
    indent = closing[: len(closing) - len(bare)]
    stripped = line.strip()
    if (
        stripped
        and set(stripped) == {bare[0]}
        and len(stripped) >= len(bare)
        and len(line) - len(line.lstrip()) <= len(indent) + 3
    ):
        return closing
    return line if not line or line.startswith(indent) else indent + line.lstrip()


def _flush(paragraph: list[str]) -> list[str]:
    """The lines of a paragraph with their inline text made safe: code spans may go over its lines, nothing else may."""
    if not paragraph:
        return []
    marker = _FENCE.fullmatch(paragraph[0])
    text = "\n".join(paragraph)
    paragraph.clear()
    if marker is not None and (
        "`" not in marker["info"] or marker["run"][0] == "~"
    ):  # it opened no fence, and must not where it lands
        text = marker["indent"] + "".join(f"\\{tick}" for tick in marker["run"]) + text[marker.end("run") :]
    return _DEFINITION.sub(r"\1\\[", _inline(text)).split("\n")


def _inline(text: str) -> str:
    """`<` outside of code spans and links to the web is text; a run of backticks without a partner is text too."""
    out: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            out.append(text[at : at + 2])
            at += 2
        elif char == "`":
            run = _BACKTICKS.match(text, at)
            length = 0 if run is None else len(run[0])
            close = next((m for m in _BACKTICKS.finditer(text, at + length) if len(m[0]) == length), None)
            if close is None:
                out.append("\\`" * length)
                at += length
            else:
                out.append(text[at : close.end()])
                at = close.end()
        elif char == "<":
            link = _AUTOLINK.match(text, at)
            out.append("\\<" if link is None else link[0])
            at += 1 if link is None else len(link[0])
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _ended(text: str) -> str:
    """A backslash at the end must not reach what the template says next."""
    slashes = len(text) - len(text.rstrip("\\"))
    return text + "\\" if slashes % 2 else text
