import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_plans import SPAN, body

from compiler.emit import resources
from compiler.emit.locale import KINDS, LANGUAGES, check_line, duration, fill, load, placeholders
from compiler.plan.model import ProbeCheck

COMPILER = Path(__file__).parents[2] / "compiler"


@pytest.mark.parametrize("kind", KINDS)
def test_every_language_says_the_same(kind: str) -> None:
    english, german = (load(kind, lang) for lang in ("en", "de"))
    assert list(english) == list(german)
    assert {k: placeholders(v) for k, v in english.items()} == {k: placeholders(v) for k, v in german.items()}


def _kinds() -> Iterator[str]:
    """The kinds of checks, read from where they are made."""
    text = (COMPILER / "plan/probes.py").read_text()
    listed = text.split('"""')[1].split("check.KIND")[1]
    yield from re.findall(r"\b([a-z]+(?:_[a-z]+)*)(?:, [a-z_]+)? \(", listed)
    yield from ("update", "update_parts")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_check_has_its_line(lang: str) -> None:
    known = {k.removeprefix("check.") for k in load("check", lang) if k.startswith("check.")}
    assert set(_kinds()) <= known


@pytest.mark.parametrize(
    ("kind", "facts", "line"),
    [
        ("dns", {"name": "a.example"}, "a.example löst auf"),
        ("number", {"op": ">=", "value": "24", "command": "x"}, "die Ausgabe ist eine ganze Zahl, mindestens 24"),
        ("journal", {"count": "3", "seconds": "3600"}, "im Journal stehen höchstens 3 Fehler aus den letzten 1 h"),
        ("file", {"path": "{path}"}, "die Datei {path} ist vorhanden"),
    ],
)
def test_the_line_of_a_check(kind: str, facts: dict[str, str], line: str) -> None:
    assert check_line(ProbeCheck(kind, facts, body("true"), SPAN), "de") == line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_outcome_has_a_short_word_and_a_sentence(lang: str) -> None:
    words = load("outcome", lang)
    for code in range(10):
        assert words[f"outcome.{code}"] == words[f"outcome.{code}"].upper()
        assert words[f"outcome.{code}.text"].endswith(".")
        assert len(f"{words[f'outcome.{code}']} ({code})") < 60  # one line of 80 columns holds more behind it


def test_german_is_typeset() -> None:
    for kind in ("runbook", "check", "outcome"):
        text = resources.read(f"locale/{kind}.de.yaml").text
        for sentence in load(kind, "de").values():
            assert '"' not in sentence and "'" not in sentence, sentence
        assert not re.search(r"\b(Sie|Ihr|Ihre|Ihnen|[Ff]uer|[Uu]eber|[Pp]ruef\w*|[Zz]urueck\w*)\b", text)


def test_a_missing_value_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        fill("{a}", {})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (90, "1 min 30 s"), (150, "2 min 30 s"), (3600, "1 h"), (3661, "1 h 1 min 1 s"), (86400, "24 h")],
)
def test_durations(seconds: int, text: str) -> None:
    assert duration(seconds) == text
