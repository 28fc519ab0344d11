"""Every type: what it takes, what it makes of it, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.plan.model import Lit, Value, Var
from compiler.schema.times import Hours
from compiler.schema.types import TYPES, Given
from compiler.schema.values import value_of
from compiler.schema.wrong import Wrong
from compiler.source import Source
from compiler.syntax.tree import Literal, Quote, Word


def read(kind: str, text: str, quote: Quote = Quote.STRING) -> Any:
    span = Source("t", text or " ").span(0, len(text))
    return TYPES[kind].read(Given(Word(quote, (Literal(text, span),), span), text))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("DURATION", "90s", 90),
        ("DURATION", "15m", 900),
        ("DURATION", "2h", 7200),
        ("DURATION", "1d", 86400),
        ("SIZE", "10GiB", 10 * 1024**3),
        ("SIZE", "1.5KiB", 1536),
        ("SIZE", "2MB", 2_000_000),
        ("SIZE", "7B", 7),
        ("PERCENT", "85%", 85),
        ("INT", "3", 3),
        ("PORT", "443", 443),
        ("DATE", "2026-02-03", "2026-02-03"),
        ("OP", ">=", ">="),
        ("VERSION", "2.26.1", "2.26.1"),
        ("IP", "2001:db8::1", "2001:db8::1"),
        ("TOOL", "docker compose", "docker compose"),
        ("SHA", "3f9a2c1", "3f9a2c1"),
        ("METRIC", 'up{job="gw"}', 'up{job="gw"}'),
        ("PATH", "/opt/gw", Value((Lit("/opt/gw"),))),
        ("PATH", "$repo_root/web", Value((Var("repo_root"), Lit("/web")))),
        ("PATH", "${HOME}/x", Value((Var("HOME"), Lit("/x")))),
        ("URL", "https://x.example:8443/a?b=c", Value((Lit("https://x.example:8443/a?b=c"),))),
        ("URL", "http://$host/health", Value((Lit("http://"), Var("host"), Lit("/health")))),
        ("URL", "$base/health", Value((Var("base"), Lit("/health")))),
        ("ADDRESS", "leitstand.home.arpa", Value((Lit("leitstand.home.arpa"),))),
        ("ADDRESS", "::1", Value((Lit("::1"),))),
        ("ENDPOINT", "db.example:5432", Value((Lit("db.example:5432"),))),
        ("ENDPOINT", "[2001:db8::1]:443", Value((Lit("[2001:db8::1]:443"),))),
        ("ENDPOINT", "$db:5432", Value((Var("db"), Lit(":5432")))),
        ("WHOLE", "-3", Value((Lit("-3"),))),
        ("WHOLE", "$before", Value((Var("before"),))),
        ("WHOLE", "before", Value((Var("before"),))),
        ("NUMBER", "0.5", Value((Lit("0.5"),))),
        ("TIME", "15m", Value((Lit("900"),))),
        ("TIME", "$soak", Value((Var("soak"),))),
        ("MOMENT", "T", 0),
        ("MOMENT", "T-24h", -86400),
        ("MOMENT", "T+90s", 90),
        ("DAY", "Sun", frozenset({7})),
        ("DAY", "Mon-Fri", frozenset({1, 2, 3, 4, 5})),
        ("DAY", "Sat-Mon", frozenset({6, 7, 1})),
        ("DAY", "daily", frozenset(range(1, 8))),
        ("HOURS", "02:00-04:30", Hours(120, 270)),
        ("HOURS", "22:00-02:00", Hours(1320, 120)),
        ("HOURS", "00:00-24:00", Hours(0, 1440)),
    ],
)
def test_takes(kind: str, text: str, value: object) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "fix"),
    [
        ("DURATION", "90", "say the unit: `s`, `m`, `h` or `d`"),
        ("DURATION", "0s", "say at least `1s`"),
        ("DURATION", "1.5h", None),
        ("DURATION", "$wait", "a `$name` cannot stand here: this duration is needed when the spec is compiled"),
        ("SIZE", "10", "say the unit: `MiB`, `GiB`, …"),
        ("SIZE", "10gb", None),
        ("TIME", "15", "say the unit: `s`, `m`, `h` or `d`"),
        ("TIME", "$a$b", "name the parameter alone"),
        ("MOMENT", "24h", None),
        ("MOMENT", "T-0h", "say at least `1s`"),
        ("MOMENT", "T+5", "say the unit: `s`, `m`, `h` or `d`"),
        ("DAY", "sunday", "write `Sun`"),
        ("DAY", "So", None),
        ("DAY", "Mon-", None),
        ("HOURS", "2:00-4:00", "two digits each, 24 hours a day"),
        ("HOURS", "24:00-01:00", "two digits each, 24 hours a day"),
        ("HOURS", "22:00-24:30", "two digits each, 24 hours a day"),
        ("HOURS", "02:00-02:00", "the whole day is `00:00-24:00`"),
        ("ZONE", "../etc/passwd", None),
        ("PERCENT", "101%", None),
        ("PERCENT", "85", None),
        ("INT", "-1", None),
        ("INT", "٣", None),
        ("PORT", "0", None),
        ("PORT", "65536", None),
        ("DATE", "2026-02-30", None),
        ("DATE", "3.2.2026", None),
        ("OP", "==", "write `=`"),
        ("VERSION", "v24", "write `24`"),
        ("URL", "x.example/health", "write `https://x.example/health`"),
        ("URL", "ftp://x.example", None),
        ("PATH", "~/x", "write `$HOME/x`"),
        ("PATH", "", None),
        ("PATH", "a$/b", "`$name` stands for a parameter or a capture"),
        ("ADDRESS", "https://x.example", "write only the host, without scheme, port and path"),
        ("ADDRESS", "a b", None),
        ("ENDPOINT", "localhost", None),
        ("ENDPOINT", "x:99999", None),
        ("IP", "999.1.1.1", None),
        ("NAME", "oauth2-proxy", "write `oauth2_proxy`"),
        ("NAME", "rbc_run", "choose another name"),
        ("VARIABLE", "RBC_STATE", None),
        ("FILE", "$x.yml", None),
        ("TITLE", "a\nb", 'a text of several lines goes into a `note """…"""`'),
        ("TEXT", "  ", "write it, or leave the setting out"),
    ],
)
def test_refuses(kind: str, text: str, fix: str | None) -> None:
    wrong = read(kind, text)
    assert isinstance(wrong, Wrong)
    assert wrong.fix == fix
    assert wrong.message


def test_a_title_stands_in_quotes() -> None:
    wrong = read("TITLE", "Health", Quote.BARE)
    assert isinstance(wrong, Wrong)
    assert wrong.fix == 'put it in quotes: `"Health"`'


@given(st.sampled_from(sorted(TYPES)), st.text(), st.sampled_from(Quote))
def test_any_text_is_read_or_refused(kind: str, text: str, quote: Quote) -> None:
    value = read(kind, text, quote)
    assert value is not None
    if isinstance(value, Wrong):
        assert "\n" not in value.message


@given(
    st.lists(st.one_of(st.from_regex(r"[a-z/.]+", fullmatch=True).map(Lit), st.sampled_from(["root", "HOME", "_a1"]).map(Var)))
)
def test_a_value_is_its_text(parts: list[Lit | Var]) -> None:
    text = "".join(p.text if isinstance(p, Lit) else f"${{{p.name}}}" for p in parts)
    value = value_of(text)
    assert isinstance(value, Value)
    assert "".join(p.text if isinstance(p, Lit) else f"${{{p.name}}}" for p in value.parts) == text
    assert [p for p in value.parts if isinstance(p, Var)] == [p for p in parts if isinstance(p, Var)]
