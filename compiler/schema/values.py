"""The types of arguments: what a word may be, and what it is then.

Every type reads one word whose constants are already in place. A value that may hold `$name` becomes a `plan.model.Value`;
whether such a name is known is asked later, by `compiler.resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from compiler.diagnostics import did_you_mean
from compiler.plan.model import Lit, Outcome, Value, Var
from compiler.schema import ere, promql
from compiler.schema.times import days, duration, hours, moment
from compiler.schema.wrong import Wrong as Wrong
from compiler.schema.wrong import short
from compiler.syntax.tree import Quote, Reference, Word


@dataclass(frozen=True)
class Given:
    """A word as it was written, and its text with all constants in place (None where one is unknown, which was reported)."""

    word: Word
    text: str | None


@dataclass(frozen=True)
class Type:
    """One kind of argument. `what` completes "is not …" and "needs …"; `doc` is its line in the language reference.

    `refers` names what a reference points at; `quoted` says that the word stands in quotes. `phrases` are all that a type of
    several words can be; its reader takes the words joined by blanks.
    """

    word: str
    what: str
    doc: str
    reader: Callable[[str], Any]
    refers: tuple[str, ...] = ()
    quoted: bool = False
    phrases: tuple[str, ...] = ()

    def read(self, given: Given) -> Any:
        """The value, or `Wrong`. A word whose constants are unknown gives None: its mistake is reported already."""
        if self.quoted and given.word.quote is Quote.BARE and not any(isinstance(p, Reference) for p in given.word.parts):
            return Wrong(f"`{short(given.word.text)}` is not {self.what}", f'put it in quotes: `"{short(given.word.text)}"`')
        if given.text is None:
            return None
        return self.reader(given.text)

    def accepts(self, given: Given) -> bool:
        """Whether the word could be meant as one of these."""
        return not isinstance(self.read(given), Wrong)


# ── text ──────────────────────────────────────────────────────────────────────────────────────────────────────────

NAME = re.compile(r"[a-z][a-z0-9_]*")
_SIZE = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?(B|[kMGTP]B|[KMGTP]iB)")
_SIZE_BYTES: dict[str, int] = {
    "B": 1,
    **{f"{p}B": 1000**n for n, p in enumerate("kMGTP", 1)},
    **{f"{p}iB": 1024**n for n, p in enumerate("KMGTP", 1)},
}
_STATUS = re.compile(r"[1-5][0-9][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:[-+~][0-9A-Za-z.]+)*")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_LABELS = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s/?#<>\"\\^`{|}]+[^\s<>\"\\^`{|}]*", re.IGNORECASE)
OPERATORS = (">=", "<=", "=", ">", "<")


def _name(text: str) -> str | Wrong:
    if not NAME.fullmatch(text):
        near = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
        fix = f"write `{near}`" if NAME.fullmatch(near) else None
        return Wrong(f"`{short(text)}` is not a name: small letters, digits and `_`, a letter first", fix, "RB211")
    if text.startswith("rbc_"):
        return Wrong(f"`{text}`: names that begin with `rbc_` belong to the script itself", "choose another name", "RB211")
    return text


def _line(text: str) -> str | Wrong:
    if not text.strip():
        return Wrong("an empty text says nothing", "write it, or leave the setting out")
    return Wrong("this must be a single line", 'a text of several lines goes into a `note """…"""`') if "\n" in text else text


def _text(text: str) -> str | Wrong:
    return text if text.strip() else Wrong("an empty text says nothing", "write it, or leave the setting out")


def _word(what: str, pattern: str, fix: str | None = None) -> Callable[[str], str | Wrong]:
    compiled = re.compile(pattern)

    def read(text: str) -> str | Wrong:
        return text if compiled.fullmatch(text) else Wrong(f"`{short(text)}` is not {what}", fix)

    return read


def _pattern(text: str) -> str | Wrong:
    bad = ere.refuse(text)
    if bad is not None:
        return Wrong(f"bash refuses this pattern: {bad.message}", "patterns are POSIX extended regular expressions", "RB210")
    odd = ere.trap(text)
    return text if odd is None else Wrong(f"this pattern does not mean what it seems to: {odd}", None, "RB210")


# ── numbers and units ─────────────────────────────────────────────────────────────────────────────────────────────


def _time(text: str) -> Value | Wrong:
    """A duration in seconds, or a single `$name`."""
    if text.startswith("$"):
        value = value_of(text)
        if isinstance(value, Wrong) or len(value.parts) == 1:
            return value
        return Wrong(f"`{short(text)}` is more than one `$name`", "name the parameter alone")
    seconds = duration(text)
    return seconds if isinstance(seconds, Wrong) else Value((Lit(str(seconds)),))


def _size(text: str) -> int | Wrong:
    match = _SIZE.fullmatch(text)
    if match is None:
        fix = "say the unit: `MiB`, `GiB`, …" if text.isdigit() else None
        return Wrong(f"`{short(text)}` is not a size such as `500MiB` or `10GiB`", fix)
    unit = _SIZE_BYTES[match[3]]
    decimals = match[2] or ""
    return int(match[1] + decimals) * unit // int("1" + "0" * len(decimals))


def _percent(text: str) -> int | Wrong:
    number = text.removesuffix("%")
    if not (text.endswith("%") and number.isascii() and number.isdigit() and len(number) <= 3 and int(number) <= 100):
        return Wrong(f"`{short(text)}` is not a percentage such as `85%`")
    return int(number)


def _int(text: str) -> int | Wrong:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return Wrong(f"`{short(text)}` is not a whole number such as `3`")
    return int(text)


def _status(text: str) -> tuple[int, int] | Wrong:
    first, dash, last = text.partition("-")
    numbers = [int(part) for part in ((first, last) if dash else (first, first)) if _STATUS.fullmatch(part)]
    if len(numbers) == 2 and numbers[0] <= numbers[1]:
        return numbers[0], numbers[1]
    return Wrong(f"`{short(text)}` is not a status of HTTP such as `200`, or a range such as `200-399`")


def _port(text: str) -> int | Wrong:
    number = _int(text)
    return number if isinstance(number, int) and 1 <= number <= 65535 else Wrong(f"`{short(text)}` is not a port from 1 to 65535")


def _date(text: str) -> str | Wrong:
    if _DATE.fullmatch(text):
        from datetime import date

        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return Wrong(f"there is no day `{text}`")
    return Wrong(f"`{short(text)}` is not a date such as `2026-02-03`")


def _operator(text: str) -> str | Wrong:
    fix = "write `=`" if text == "==" else None
    return text if text in OPERATORS else Wrong(f"`{short(text)}` is not one of `>=`, `<=`, `=`, `>`, `<`", fix)


def _version(text: str) -> str | Wrong:
    fix = f"write `{text[1:]}`" if _VERSION.fullmatch(text[1:]) else None
    return text if _VERSION.fullmatch(text) else Wrong(f"`{short(text)}` is not a version such as `24` or `2.26.1`", fix)


# ── values that may hold `$name` ──────────────────────────────────────────────────────────────────────────────────


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


def _valued(check: Callable[[str, Value], Wrong | None]) -> Callable[[str], Value | Wrong]:
    """A reader that cuts the text and asks `check` about the text and the cut."""

    def read(text: str) -> Value | Wrong:
        value = value_of(text)
        if isinstance(value, Wrong):
            return value
        return check(text, value) or value

    return read


def _check_path(text: str, value: Value) -> Wrong | None:
    if not text:
        return Wrong("an empty path")
    if text.startswith("~"):
        return Wrong("`~` is not expanded in a path", f"write `$HOME{text[1:]}`")
    return None


def _check_url(text: str, value: Value) -> Wrong | None:
    if isinstance(value.parts[0], Var):
        return None
    filled = "".join(p.text if isinstance(p, Lit) else "x" for p in value.parts)
    if _URL.fullmatch(filled):
        return None
    fix = f"write `https://{short(text)}`" if text and not _SCHEME.match(text) and "://" not in text else None
    return Wrong(f"`{short(text)}` is not a URL such as `https://x.example/health`", fix)


def _is_ip(text: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _check_address(text: str, value: Value) -> Wrong | None:
    filled = "".join(p.text if isinstance(p, Lit) else "x" for p in value.parts)
    if _LABELS.fullmatch(filled) or (":" in filled and _is_ip(filled)):
        return None
    fix = "write only the host, without scheme, port and path" if "/" in text or ":" in text else None
    return Wrong(f"`{short(text)}` is not a host name or an IP address", fix)


def _check_endpoint(text: str, value: Value) -> Wrong | None:
    wrong = Wrong(f"`{short(text)}` is not a host and port such as `db.example:5432`")
    last = value.parts[-1]
    if isinstance(last, Var):
        return None if len(value.parts) == 1 or text.rfind(":") > 0 else wrong
    host, colon, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not host or isinstance(_port(port), Wrong):
        return wrong
    inner = value_of(host)
    return wrong if isinstance(inner, Wrong) or _check_address(host, inner) else None


def _number(decimals: bool) -> Callable[[str], Value | Wrong]:
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


def _outcome(text: str) -> Outcome | Wrong:
    try:
        return Outcome(text)
    except ValueError:
        known = [o.value for o in Outcome]
        fix = did_you_mean(text, known) or f"one of {', '.join(f'`{o}`' for o in known)}"
        return Wrong(f"`{short(text)}` is not an outcome", fix)


def _any_value(text: str) -> str:
    return text


# ── the types ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _reference(word: str, what: str, *kinds: str) -> Type:
    return Type(word, what, f"{what[0].upper()}{what[1:]}.", _name, refers=kinds)


# fmt: off  (a table reads by its columns)
_ALL = (
    Type("NAME", "a name", "A new name: `[a-z][a-z0-9_]*`. Names that begin with `rbc_` belong to the script.", _name),
    Type("TITLE", "a title in quotes", 'A single line in quotes: `"DNS resolves"`. Plain text, no Markdown.', _line, quoted=True),
    Type("TEXT", "a text in quotes", 'Markdown in quotes, `"…"` or `"""…"""`.', _text, quoted=True),
    Type("LABEL", "a word, or a text in quotes", 'A word, or a single line in quotes: `ops`, `"ops / home server"`.', _line),
    Type("WORD", "a word", "One word without blanks.", _word("one word without blanks", r"\S+")),
    Type("INT", "a whole number such as `3`", "A whole number from 0: `3`.", _int),
    Type(
        "WHOLE",
        "a whole number or a `$name`",
        "A whole number, also negative, or the `$name` of a capture or parameter.",
        _number(False),
    ),
    Type("NUMBER", "a number such as `0.5`", "A number, also with decimals, or a `$name`.", _number(True)),
    Type("STATUS", "a status of HTTP such as `200`", "A status of HTTP from 100 to 599, or a range: `302`, `200-399`.", _status),
    Type("PORT", "a port such as `443`", "A TCP port from 1 to 65535.", _port),
    Type(
        "DURATION",
        "a duration such as `5s`",
        "A whole number with its unit, `s`, `m`, `h` or `d`: `90s`, `15m`, `2h`, `1d`.",
        duration,
    ),
    Type("TIME", "a duration such as `15m` or a `$name`", "A duration, or the `$name` of a duration parameter.", _time),
    Type(
        "MOMENT",
        "a time seen from T such as `T-24h`",
        "`T`, the time that the work is planned for, or a duration before or after it: `T-24h`, `T+30m`.",
        moment,
    ),
    Type("DAY", "a day such as `Sun`", "`Mon` to `Sun`, several in a row such as `Mon-Fri`, or `daily`.", days),
    Type("HOURS", "a part of a day such as `02:00-04:00`", "Begin and end, 24 hours a day: `02:00-04:00`.", hours),
    Type(
        "ZONE",
        "a time zone such as `Europe/Berlin`",
        "A name of the time zone database: `Europe/Berlin`, `UTC`.",
        _word("a time zone such as `Europe/Berlin`", r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*"),
    ),
    Type("SIZE", "a size such as `10GiB`", "A number with its unit: `500MiB`, `1.5GiB`, `2TB`.", _size),
    Type("PERCENT", "a percentage such as `85%`", "From `0%` to `100%`.", _percent),
    Type("DATE", "a date such as `2026-02-03`", "Year, month, day: `2026-02-03`.", _date),
    Type("OP", "a comparison such as `>=`", "One of `>=`, `<=`, `=`, `>`, `<`.", _operator),
    Type(
        "VERSION",
        "a version such as `24` or `2.26.1`",
        "Numbers with dots, compared part by part: `24`, `2.26.1`, `1.2-rc1`.",
        _version,
    ),
    Type("URL", "a URL such as `https://x.example/health`", "`http://…` or `https://…`. May hold `$name`.", _valued(_check_url)),
    Type(
        "PATH",
        "a path such as `/opt/gw`",
        "A file or folder, absolute or seen from the folder that holds there. May hold `$name`.",
        _valued(_check_path),
    ),
    Type(
        "FILE",
        "a file name such as `compose.yml`",
        "A file that is known when the spec is compiled: no `$name` in it.",
        _word("a file name without `$` and control characters", r"[^$~\x00-\x1f\x7f][^$\x00-\x1f\x7f]*"),
    ),
    Type("ADDRESS", "a host name or an IP address", "A host name or an IP address. May hold `$name`.", _valued(_check_address)),
    Type(
        "IP",
        "an IP address such as `192.0.2.7`",
        "An IPv4 or IPv6 address.",
        lambda text: text if _is_ip(text) else Wrong(f"`{short(text)}` is not an IP address such as `192.0.2.7`"),
    ),
    Type(
        "ENDPOINT",
        "a host and port such as `db.example:5432`",
        "Host and port: `db.example:5432`, `[2001:db8::1]:443`. May hold `$name`.",
        _valued(_check_endpoint),
    ),
    Type(
        "PATTERN",
        "a pattern in quotes such as `'^[0-9]+$'`",
        "A POSIX extended regular expression, as bash's `=~` takes it, best in `'…'`. Checked when the spec is compiled.",
        _pattern,
    ),
    Type(
        "SHA", "a commit such as `3f9a2c1`", "7 to 64 hexadecimal digits.", _word("a commit such as `3f9a2c1`", r"[0-9a-f]{7,64}")
    ),
    Type(
        "TOOL",
        "a tool such as `git`",
        'A program, or two words in quotes: `git`, `"docker compose"`.',
        _word('a tool such as `git` or `"docker compose"`', r"[A-Za-z0-9_][\w.+-]*(?: [A-Za-z0-9_][\w.+-]*)?"),
    ),
    Type(
        "UNIT", "a systemd unit such as `caddy.service`", "A systemd unit.", _word("a systemd unit", r"[A-Za-z0-9_][\w.@:\\-]*")
    ),
    Type(
        "PART",
        "a part of a service",
        "The name that a container has in the compose file.",
        _word("a part such as `web`", r"[A-Za-z0-9_][\w.-]*"),
    ),
    Type(
        "VARIABLE",
        "a variable such as `APP_TOKEN`",
        "An environment variable.",
        _word("a variable such as `APP_TOKEN`", r"(?!(?i:rbc_))[A-Za-z_][A-Za-z0-9_]*"),
    ),
    Type(
        "METRIC",
        "a metric such as `up`",
        'A Prometheus metric, in quotes with its labels: `up`, `"up{job=\\"gw\\"}"`.',
        _word("a metric such as `up`", r"[A-Za-z_:][A-Za-z0-9_:]*(?:\{[^\n]*\})?"),
    ),
    Type(
        "STATEMENT",
        "the name of a statement such as `up`",
        "The name of a statement in a phase or in the rollback; where several have it, with what holds them: `up`, `image.up`.",
        _word("the name of a statement such as `up` or `image.up`", r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"),
    ),
    Type(
        "OUTCOME",
        "an outcome such as `rolled back verified`",
        f"How it ends: {', '.join(f'`{o.value}`' for o in Outcome)}.",
        _outcome,
        phrases=tuple(o.value for o in Outcome),
    ),
    Type(
        "PROMQL",
        "a PromQL expression",
        "An expression of Prometheus' query language, best in `'…'`: `'sum(rate(errors_total[5m]))'`. Quotes and brackets are"
        " checked.",
        promql.query,
    ),
    Type(
        "LIMIT",
        "a threshold such as `5%`",
        "A number, alone or with a unit: `1000`, `5%`, `500ms`, `7d`, `10GiB`.",
        promql.limit,
    ),
    Type("VALUE", "a value", "Any word or text. May hold `$name`.", _any_value),
    _reference("PROBE", "the name of a probe", "probe"),
    _reference("SERVICE", "the name of a service", "service"),
    _reference("HOST", "the name of a host", "host"),
    _reference("TARGET", "the name of a service or a host", "service", "host"),
    _reference("TROUBLE", "the name of a trouble", "trouble"),
    _reference("AUTOMATION", "the name of an automation", "automation"),
    _reference("PARAM", "the name of a parameter", "param"),
    _reference("SHOWN", "the name of a parameter or a capture", "param", "capture"),
)

# fmt: on

TYPES: Mapping[str, Type] = {t.word: t for t in _ALL}

# What a parameter's type asks of its default.
PARAM_TYPES: Mapping[str, Callable[[str], Any]] = {
    "string": _line,
    "int": _number(False),
    "path": TYPES["PATH"].reader,
    "url": TYPES["URL"].reader,
    "host": TYPES["ADDRESS"].reader,
    "sha": TYPES["SHA"].reader,
    "duration": duration,
}
