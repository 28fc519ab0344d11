"""The types of arguments: what a word may be, and what it is then.

Every type reads one word whose constants are already in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from compiler.plan.model import Outcome
from compiler.schema import promql, values, words
from compiler.schema.times import days, duration, hours, moment
from compiler.schema.wrong import Wrong, short
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


def _reference(word: str, what: str, *kinds: str) -> Type:
    return Type(word, what, f"{what[0].upper()}{what[1:]}.", words.name, refers=kinds)


# fmt: off  (a table reads by its columns)
_ALL = (
    Type("NAME", "a name", "A new name: `[a-z][a-z0-9_]*`. Names that begin with `rbc_` belong to the script.", words.name),
    Type(
        "TITLE",
        "a title in quotes",
        'A single line in quotes: `"DNS resolves"`. Plain text, no Markdown.',
        words.line,
        quoted=True,
    ),
    Type("TEXT", "a text in quotes", 'Markdown in quotes, `"…"` or `"""…"""`.', words.prose, quoted=True),
    Type("LABEL", "a word, or a text in quotes", 'A word, or a single line in quotes: `ops`, `"ops / home server"`.', words.line),
    Type("WORD", "a word", "One word without blanks.", words.formed("one word without blanks", r"\S+")),
    Type("INT", "a whole number such as `3`", "A whole number from 0: `3`.", words.whole),
    Type(
        "WHOLE",
        "a whole number or a `$name`",
        "A whole number, also negative, or the `$name` of a capture or parameter.",
        values.number(False),
    ),
    Type("NUMBER", "a number such as `0.5`", "A number, also with decimals, or a `$name`.", values.number(True)),
    Type(
        "STATUS",
        "a status of HTTP such as `200`",
        "A status of HTTP from 100 to 599, or a range: `302`, `200-399`.",
        words.status,
    ),
    Type("PORT", "a port such as `443`", "A TCP port from 1 to 65535.", words.port),
    Type(
        "DURATION",
        "a duration such as `5s`",
        "A whole number with its unit, `s`, `m`, `h` or `d`: `90s`, `15m`, `2h`, `1d`.",
        duration,
    ),
    Type("TIME", "a duration such as `15m` or a `$name`", "A duration, or the `$name` of a duration parameter.", values.time),
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
        words.formed("a time zone such as `Europe/Berlin`", r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*"),
    ),
    Type("SIZE", "a size such as `10GiB`", "A number with its unit: `500MiB`, `1.5GiB`, `2TB`.", words.size),
    Type("PERCENT", "a percentage such as `85%`", "From `0%` to `100%`.", words.percent),
    Type("DATE", "a date such as `2026-02-03`", "Year, month, day: `2026-02-03`.", words.date),
    Type("OP", "a comparison such as `>=`", "One of `>=`, `<=`, `=`, `>`, `<`.", words.operator),
    Type(
        "VERSION",
        "a version such as `24` or `2.26.1`",
        "Numbers with dots, compared part by part: `24`, `2.26.1`, `1.2-rc1`.",
        words.version,
    ),
    Type("URL", "a URL such as `https://x.example/health`", "`http://…` or `https://…`. May hold `$name`.", values.url),
    Type(
        "PATH",
        "a path such as `/opt/gw`",
        "A file or folder, absolute or seen from the folder that holds there. May hold `$name`.",
        values.path,
    ),
    Type(
        "FILE",
        "a file name such as `compose.yml`",
        "A file that is known when the spec is compiled: no `$name` in it.",
        words.formed("a file name without `$` and control characters", r"[^$~\x00-\x1f\x7f][^$\x00-\x1f\x7f]*"),
    ),
    Type("ADDRESS", "a host name or an IP address", "A host name or an IP address. May hold `$name`.", values.address),
    Type(
        "IP",
        "an IP address such as `192.0.2.7`",
        "An IPv4 or IPv6 address.",
        values.ip,
    ),
    Type(
        "ENDPOINT",
        "a host and port such as `db.example:5432`",
        "Host and port: `db.example:5432`, `[2001:db8::1]:443`. May hold `$name`.",
        values.endpoint,
    ),
    Type(
        "PATTERN",
        "a pattern in quotes such as `'^[0-9]+$'`",
        "A POSIX extended regular expression, as bash's `=~` takes it, best in `'…'`. Checked when the spec is compiled.",
        words.pattern,
    ),
    Type(
        "SHA",
        "a commit such as `3f9a2c1`",
        "7 to 64 hexadecimal digits.",
        words.formed("a commit such as `3f9a2c1`", r"[0-9a-f]{7,64}"),
    ),
    Type(
        "TOOL",
        "a tool such as `git`",
        'A program, or two words in quotes: `git`, `"docker compose"`.',
        words.formed('a tool such as `git` or `"docker compose"`', r"[A-Za-z0-9_][\w.+-]*(?: [A-Za-z0-9_][\w.+-]*)?"),
    ),
    Type(
        "UNIT",
        "a systemd unit such as `caddy.service`",
        "A systemd unit.",
        words.formed("a systemd unit", r"[A-Za-z0-9_][\w.@:\\-]*"),
    ),
    Type(
        "PART",
        "a part of a service",
        "The name that a container has in the compose file.",
        words.formed("a part such as `web`", r"[A-Za-z0-9_][\w.-]*"),
    ),
    Type(
        "VARIABLE",
        "a variable such as `APP_TOKEN`",
        "An environment variable.",
        words.formed("a variable such as `APP_TOKEN`", r"(?!(?i:rbc_))[A-Za-z_][A-Za-z0-9_]*"),
    ),
    Type(
        "METRIC",
        "a metric such as `up`",
        'A Prometheus metric, in quotes with its labels: `up`, `"up{job=\\"gw\\"}"`.',
        words.formed("a metric such as `up`", r"[A-Za-z_:][A-Za-z0-9_:]*(?:\{[^\n]*\})?"),
    ),
    Type(
        "STATEMENT",
        "the name of a statement such as `up`",
        "The name of a statement in a phase or in the rollback; where several have it, with what holds them: `up`, `image.up`.",
        words.formed("the name of a statement such as `up` or `image.up`", r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"),
    ),
    Type(
        "OUTCOME",
        "an outcome such as `rolled back verified`",
        f"How it ends: {', '.join(f'`{o.value}`' for o in Outcome)}.",
        words.outcome,
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
    Type("VALUE", "a value", "Any word or text. May hold `$name`.", str),
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
    "string": words.line,
    "int": values.number(False),
    "path": TYPES["PATH"].reader,
    "url": TYPES["URL"].reader,
    "host": TYPES["ADDRESS"].reader,
    "sha": TYPES["SHA"].reader,
    "duration": duration,
}
