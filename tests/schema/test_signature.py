"""The signature mini language: what it reads, how it names arguments, how it says what is wrong."""

from __future__ import annotations

import pytest

from compiler.plan.model import Lit, Value
from compiler.schema.match import match
from compiler.schema.signature import parse
from compiler.schema.table import ROWS
from compiler.schema.types import TYPES, Given
from compiler.source import Source
from compiler.syntax.tree import Literal, Quote, Word
from tests.schema.support import args, wrong


def names(signature: str) -> list[str]:
    return [name for name, _ in parse(signature).arguments()]


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("NAME TITLE", ["name", "title"]),
        ("DURATION for DURATION", ["duration", "for"]),
        ("PROBE, … [every DURATION for DURATION]", ["probe", "every", "for"]),
        ("URL [header WORD matches PATTERN] [body matches PATTERN]", ["url", "header", "matches", "body_matches"]),
        ("PATH free >= SIZE | PATH used <= PERCENT", ["path", "free", "path", "used"]),
        ("SERVICE [only PART, …] is running|healthy", ["service", "only", "is"]),
        ("errors <= INT since start|DURATION", ["errors", "since"]),
        ("TEXT | rollback | $ …", ["text", "rollback"]),
        ("UNIT is active", ["unit", "is_active"]),
        ("NAME [int] TITLE $ …", ["name", "int", "title"]),
        ("en|de", ["which"]),
        ("hostname ADDRESS | command $ …", ["hostname", "command"]),
        ("", []),
    ],
)
def test_how_arguments_are_named(signature: str, expected: list[str]) -> None:
    assert names(signature) == expected


@pytest.mark.parametrize("signature", ["[NAME", ", … NAME", "NAME ]", "literal, …"])
def test_a_signature_that_is_not_well_formed_is_a_bug(signature: str) -> None:
    with pytest.raises(ValueError, match="signature"):
        parse(signature)


def test_every_row_of_the_table_has_known_types() -> None:
    for row in ROWS:
        for form in row.pattern.forms:
            for word in form.text.replace("[", " ").replace("]", " ").replace(",", " ").replace("|", " ").split():
                assert not word.isupper() or word in TYPES, f"{row.keyword}: {word}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("listens 80, 443", {"port": (80, 443)}),
        ("compose web only app, db is healthy", {"service": "web", "only": ("app", "db"), "is": "healthy"}),
        ("compose web is running", {"service": "web", "is": "running"}),
        ("journal errors <= 0 since start", {"errors": 0, "since": "start"}),
        ("journal errors <= 3 since 15m", {"errors": 3, "since": 900}),
        ("disk / used <= 85%", {"path": Value((Lit("/"),)), "used": 85}),
        ("disk / free >= 1GiB", {"path": Value((Lit("/"),)), "free": 1024**3}),
        ('tool "docker compose" >= 2.20', {"tool": "docker compose", "op": ">=", "version": "2.20"}),
        ("git /srv is clean", {"path": Value((Lit("/srv"),)), "is_clean": True}),
        (
            "http https://x.example body matches '^ok' status 204 insecure \"own CA\"",
            {"url": Value((Lit("https://x.example"),)), "body_matches": "^ok", "status": ((204, 204),), "insecure": "own CA"},
        ),
        (
            "http https://x.example header Server matches 'Caddy'",
            {"url": Value((Lit("https://x.example"),)), "header": "Server", "matches": "Caddy"},
        ),
        ("output matches 'x' $ echo x", {"matches": "x"}),
    ],
)
def test_words_become_arguments(words: str, expected: dict[str, object]) -> None:
    assert args(words) == expected


HTTP = (
    "write it as `http URL [status STATUS, …] [head] [header WORD matches PATTERN] [body matches PATTERN] [ca PATH]"
    " [insecure TEXT]`"
)


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        ("http status 200", "`http` takes a URL such as `https://x.example/health` first", HTTP),
        ("http https://x.example stauts 200", "unknown word `stauts` in `http`", f"did you mean `status`? {HTTP}"),
        ("http https://x.example status 200 status 201", "`status` does not fit here, or stands twice", HTTP),
        ("http https://x.example status", "`status` needs a status of HTTP such as `200`", HTTP),
        ("listens 80 443", "a comma is missing before `443`", "entries of a list have commas between them"),
        ("tcp a:1, b:2", "`tcp` takes no list here", "write it as `tcp ENDPOINT`"),
        (
            "compose web running",
            "`compose` needs `is` before `running`",
            "write it as `compose SERVICE [only PART, …] is running|healthy`",
        ),
        ("unit caddy is actve", "unknown word `actve` in `unit`", "did you mean `active`? write it as `unit UNIT is active`"),
        (
            "disk / fre >= 1GiB",
            "unknown word `fre` in `disk`",
            "did you mean `free`? write it as `disk PATH free >= SIZE` or `disk PATH used <= PERCENT`",
        ),
        ("succeeds", "`succeeds` needs commands: `$ …`, or a block of them", "write it as `succeeds $ …`"),
        ("file /a /b", "`/b` is too much in `file`", "words with blanks in them stand in quotes; write it as `file PATH`"),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_signature(words: str, message: str, fix: str) -> None:
    assert wrong(words) == (message, fix)


def test_patience_without_its_end() -> None:
    message, fix = wrong("http https://x.example\n  every 5s")
    assert message == "`every` needs `for`"
    assert fix == "write it as `every DURATION for DURATION`"


def test_a_quoted_word_is_never_a_literal() -> None:
    span = Source("t", "x").span(0, 1)
    word = Word(Quote.STRING, (Literal("rollback", span),), span)
    found, errors = match(parse("TEXT | rollback"), "undo", [Given(word, "rollback")], span, shell=False)
    assert not errors
    assert found.args == {"text": "rollback"}


def test_a_word_with_an_unknown_constant_takes_part_in_silence() -> None:
    span = Source("t", "x").span(0, 1)
    word = Word(Quote.BARE, (Literal("?", span),), span)
    found, errors = match(parse("INT every DURATION"), "retry", [Given(word, None)] * 1, span, shell=False)
    assert [e.message for e in errors] == ["`retry` needs `every`"]
    assert not found.complete
