"""`expect`: what it is about, found by kind and name; what is not there, or cannot be, is an error."""

from __future__ import annotations

import json
import re

import pytest

from compiler.diagnostics import Diagnostic
from compiler.plan import view
from compiler.plan.model import Expectation, Outcome, Plan, Strike
from compiler.plan.procedures import lower_everywhere
from compiler.resolve import resolve
from compiler.schema.check import check
from compiler.schema.reference import reference
from compiler.source import Source
from compiler.syntax.parser import parse
from tests.plan.compiling import HEAD, UP, Nowhere

WORK = """
phase before "Before" {
  check up
  capture seen "Seen" $ echo /srv
}
phase work "Work" {
  choose way "Way" {
    option fast "Fast" default {
      step swap "Swap" {
        $ true
        undo $ true
      }
    }
    option slow "Slow" {
      step swap_slowly "Swap" {
        $ true
        undo "nothing"
        verify up
      }
    }
  }
  confirm go "Go?"
  manual look "Look" {
    readonly
  }
  hold soak "Soak" {
    for 1m
    watch up every 10s
  }
  background server "Server" {
    until up
    $ true
  }
  check up
}
rollback "Back" {
  step mend "Mend" $ true
  verify up
}
"""


def compiled(text: str) -> tuple[tuple[Plan, ...], tuple[Diagnostic, ...]]:
    document, wrong = parse(Source("specs/demo.rb", HEAD + UP + text))
    assert not wrong, wrong
    model, wrong = resolve(document, Nowhere())
    if model is None:
        return (), wrong
    return lower_everywhere((model,))


def expected(words: str) -> Expectation:
    plans, found = compiled(WORK + f"expect {words}\n")
    assert not found
    return plans[0].expectations[0]


def finding(words: str) -> Diagnostic:
    plans, found = compiled(WORK + f"expect {words}\n")
    assert not plans
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("words", "items"),
    [
        ("step swap fails -> rolled back verified", ("work.way.fast.swap",)),
        ("step fast.swap fails -> rolled back verified", ("work.way.fast.swap",)),
        ("step work.way.fast.swap in work fails -> rolled back verified", ("work.way.fast.swap",)),
        ("step mend fails -> person needed", ("rollback.mend",)),
        ("capture seen fails -> stopped", ("before.seen",)),
        ("probe up in before fails -> stopped", ("before.up",)),
        (
            "probe up in work fails -> rolled back verified",
            ("work.way.slow.swap_slowly", "work.soak", "work.server", "work.up"),
        ),
        ("hold soak fails -> changes left", ("work.soak",)),
        ("background server fails -> rolled back unproven", ("work.server",)),
        ("confirm go declined -> declined", ("work.go",)),
        ("manual look declined -> paused", ("work.look",)),
        ("undo swap fails -> person needed", ("work.way.fast.swap",)),
        ("verify up fails -> person needed", ("rollback.verify.up",)),
        ("kill in step swap -> resumable", ("work.way.fast.swap",)),
        ("kill in undo swap -> rolled back verified", ("work.way.fast.swap",)),
    ],
)
def test_an_expectation_knows_what_it_is_about(words: str, items: tuple[str, ...]) -> None:
    made = expected(words)
    assert (made.text, made.items) == (words, items)
    assert made.span.text == f"expect {words}"


def test_an_expectation_is_typed() -> None:
    made = expected("kill in undo swap -> rolled back verified")
    assert (made.strike, made.kind, made.name, made.outcome) == (Strike.KILLED, "undo", "swap", Outcome.VERIFIED)
    assert [outcome.code for outcome in Outcome] == [0, 1, 3, 4, 5, 6, 8, 9, 0]


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        ("step swop fails -> stopped", "there is no step called `swop`", "did you mean `swap`?"),
        ("step go fails -> stopped", "`go` is no step", "write `expect confirm go declined -> …`"),
        ("undo swap_slowly fails -> stopped", "the step `swap_slowly` has no undo of its own", "leave it out"),
        ("probe upp fails -> stopped", "nothing asks a probe called `upp`", "did you mean `up`?"),
        ("probe up in wrk fails -> stopped", "there is no phase called `wrk`", "did you mean `work`?"),
        ("step swap in before fails -> stopped", "the step `swap` does not stand in `before`", "it stands in `work`"),
    ],
)
def test_what_is_not_there_is_named_with_what_is_near(words: str, message: str, fix: str) -> None:
    found = finding(words)
    assert (found.code, found.message) == ("RB540", message)
    assert found.fix is not None
    assert fix in found.fix


@pytest.mark.parametrize(
    "words",
    [
        "kill in step swap -> done",
        "kill in undo swap -> resumable",
        "step swap fails -> resumable",
        "step swap fails -> paused\nexpect step fast.swap fails -> stopped",
        "step swap fails -> paused\nexpect step swap fails -> paused",
        "kill in step swap -> paused\nexpect kill in step swap -> resumable",
        "probe up in work fails -> paused\nexpect probe up fails -> stopped",
    ],
)
def test_what_cannot_be_is_an_error(words: str) -> None:
    assert finding(words).code == "RB541"


def test_a_kill_may_be_followed_by_either_way_on() -> None:
    plans, found = compiled(WORK + "expect kill in step swap -> resumable\nexpect kill in step swap -> person needed\n")
    assert not found
    assert len(plans[0].expectations) == 2


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        ("step swap fails -> rolld back", "`rolld back` is not an outcome", "did you mean"),
        ("step swap fails", "`expect` needs `->`", "write it as"),
        ("step swap fails ->", "`->` needs an outcome such as `rolled back verified`", "write it as"),
        ("step swap fails -> stopped now", "`now` is too much in `expect`", "write it as"),
        ("stpe swap fails -> stopped", "unknown word `stpe` in `expect`", "did you mean `step`?"),
        ("confirm go declind -> stopped", "unknown word `declind` in `expect`", "did you mean `declined`?"),
    ],
)
def test_mistakes_in_the_words(words: str, message: str, fix: str) -> None:
    found = finding(words)
    assert found.message == message
    assert found.fix is not None
    assert fix in found.fix


SHARED = """
phase shared "Shared" {
  step both "Both" {
    $ true
    undo "nothing"
  }
}
procedure a "A" {
  phase shared
  phase own "Own" {
    step mine "Mine" {
      $ true
      undo "nothing"
    }
    check up
  }
  expect step mine fails -> rolled back verified
}
procedure b "B" {
  phase shared
  phase last "Last" {
    check up
  }
}
"""


def test_outside_of_procedures_it_holds_for_each_that_has_it() -> None:
    both = "expect step both fails -> stopped\nexpect step own.mine fails -> stopped\n"
    plans, found = compiled(SHARED.replace("  expect step mine fails -> rolled back verified\n", "") + both)
    assert not found
    assert [[one.name for one in plan.expectations] for plan in plans] == [["both", "own.mine"], ["both"]]


def test_one_of_a_procedure_is_its_own() -> None:
    plans, found = compiled(SHARED)
    assert not found
    assert [[one.name for one in plan.expectations] for plan in plans] == [["mine"], []]


def test_what_no_procedure_has_is_said_once() -> None:
    plans, found = compiled(SHARED + "expect step min fails -> stopped\n")
    assert not plans
    assert [(one.code, one.fix) for one in found] == [("RB540", "did you mean `mine`?")]
    assert [one.code for one in compiled(SHARED + "expect probe up in shared fails -> done\n")[1]] == ["RB540"]


def test_the_plan_shows_them() -> None:
    plans, _ = compiled(WORK + "expect step swap fails -> rolled back verified\n")
    assert "\nexpected\n  step swap fails -> rolled back verified  [specs/demo.rb:" in view.text(plans[0])
    shown = json.loads(view.as_json(plans[0]))["expectations"][0]
    assert (shown["strike"], shown["outcome"], shown["items"]) == ("fails", "rolled back verified", ["work.way.fast.swap"])


def test_the_examples_of_the_reference_are_right() -> None:
    examples = re.findall(r"^expect .*$", reference(), re.MULTILINE)
    assert len(examples) == 7
    document, _ = parse(Source("t.rb", "\n".join(examples) + "\n"))
    assert check(document.statements, lambda word: word.text)[1] == []
