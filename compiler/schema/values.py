"""Values that may hold `$name`: what only a run knows. Whether such a name is known is asked later, by `compiler.resolve`.

Each reader gives a `plan.model.Value`, or `Wrong`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from compiler.plan.model import Lit, Value, Var
from compiler.schema import words
from compiler.schema.times import duration
from compiler.schema.wrong import Wrong, short
from compiler.syntax.words import NAME

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_LABELS = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s/?#<>\"\\^`{|}]++[^\s<>\"\\^`{|}]*", re.IGNORECASE)


def value_of(text: str) -> Value | Wrong:
    """The text cut at its `$name`s."""
    if bad := next((c for c in text if c < " " or c == "\x7f"), None):
        return Wrong(f"this word holds a control character (U+{ord(bad):04X})")
    parts: list[Lit | Var] = []
    done = 0
    while (at := text.find("$", done)) >= 0:
        match = _VARIABLE.match(text, at)
        if match is None:
            return Wrong("a `$` begins a name here", "`$name` stands for a parameter or a capture")
        if at > done:
            parts.append(Lit(text[done:at]))
        parts.append(Var(match[1] or match[2]))
        done = match.end()
    if done < len(text) or not parts:
        parts.append(Lit(text[done:]))
    return Value(tuple(parts))


def time(text: str) -> Value | Wrong:
    """A duration in seconds, or a single `$name`."""
    if text.startswith("$"):
        value = value_of(text)
        if isinstance(value, Wrong) or len(value.parts) == 1:
            return value
        return Wrong(f"`{short(text)}` is more than one `$name`", "name the parameter alone")
    seconds = duration(text)
    return seconds if isinstance(seconds, Wrong) else Value((Lit(str(seconds)),))


def number(decimals: bool) -> Callable[[str], Value | Wrong]:
    """A reader of numbers (with `decimals`) or whole numbers; a parameter or capture is named with or without its `$`."""
    pattern = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?" if decimals else r"-?[0-9]{1,15}")
    example = "a number such as `0.5`" if decimals else "a whole number such as `3`"

    def read(text: str) -> Value | Wrong:
        if pattern.fullmatch(text):
            return Value((Lit(text),))
        if NAME.fullmatch(text):
            return Value((Var(text),))
        value = value_of(text)
        if isinstance(value, Value) and len(value.parts) == 1 and isinstance(value.parts[0], Var):
            return value
        return Wrong(f"`{short(text)}` is not {example} or a `$name`")

    return read


def path(text: str) -> Value | Wrong:
    """A file or folder."""
    if not text:
        return Wrong("an empty path")
    if text.startswith("~"):
        return Wrong("`~` is not expanded in a path", f"write `$HOME{text[1:]}`")
    return value_of(text)


def url(text: str) -> Value | Wrong:
    """`http://…` or `https://…`; one that begins with a `$name` is known only when run."""
    value = value_of(text)
    if isinstance(value, Wrong) or isinstance(value.parts[0], Var) or _URL.fullmatch(_filled(value)):
        return value
    fix = f"write `https://{short(text)}`" if text and not _SCHEME.match(text) and "://" not in text else None
    return Wrong(f"`{short(text)}` is not a URL such as `https://x.example/health`", fix)


def address(text: str) -> Value | Wrong:
    """A host name or an IP address."""
    value = value_of(text)
    if isinstance(value, Wrong):
        return value
    filled = _filled(value)
    if _LABELS.fullmatch(filled) or (":" in filled and _is_ip(filled)):
        return value
    fix = "write only the host, without scheme, port and path" if "/" in text or ":" in text else None
    return Wrong(f"`{short(text)}` is not a host name or an IP address", fix)


def endpoint(text: str) -> Value | Wrong:
    """A host and its TCP port."""
    value = value_of(text)
    if isinstance(value, Wrong):
        return value
    wrong = Wrong(f"`{short(text)}` is not a host and port such as `db.example:5432`")
    if isinstance(value.parts[-1], Var):
        return value if len(value.parts) == 1 or text.rfind(":") > 0 else wrong
    host, _, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    refused = not host or isinstance(words.port(port), Wrong) or isinstance(address(host), Wrong)
    return wrong if refused else value


def ip(text: str) -> str | Wrong:
    """An IPv4 or IPv6 address."""
    return text if _is_ip(text) else Wrong(f"`{short(text)}` is not an IP address such as `192.0.2.7`")


def _filled(value: Value) -> str:
    """The text with a letter for each `$name`."""
    return "".join(part.text if isinstance(part, Lit) else "x" for part in value.parts)


def _is_ip(text: str) -> bool:
    from ipaddress import ip_address  # few specs hold an address of numbers: the others do not pay for it

    try:
        ip_address(text)
    except ValueError:
        return False
    return True
