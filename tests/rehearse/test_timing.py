"""How long it takes: each way, each way back, and what the budgets say to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from compiler.cli import cli
from compiler.plan.model import Plan
from compiler.rehearse import timing_view
from compiler.rehearse.timing import Allowed, Timing, findings, span, timing
from tests.plan.compiling import HEAD, UP, plan

STEP = (
    '  step {name} "{name}" {{\n    $ true\n    timeout {timeout}\n'
    "    undo {{\n      $ true\n      timeout {undo}\n    }}\n  }}\n"
)


def step(name: str, timeout: str = "1m", undo: str = "2m") -> str:
    return STEP.format(name=name, timeout=timeout, undo=undo)


def phase(body: str, name: str = "work") -> str:
    return f'phase {name} "{name}" {{\n{body}}}\n'


def back(budget: str = "", block: str = "") -> str:
    return f'rollback "Back" {{\n{budget}{block}  verify up\n}}\n'


def timed(text: str, head: str = HEAD) -> Timing:
    return timing(plan(head + UP + text))


def backs(this: Timing, way: int = 0) -> list[tuple[str, int, int | None]]:
    found = this.ways[way].backs
    return [("block" if b.item is None else b.item.id, b.takes.least, b.takes.most) for b in found]


def allowed(this: Timing) -> dict[str, str]:
    return {one.what: one.verdict for one in this.allowed}


def test_a_run_is_the_sum_of_its_phases() -> None:
    this = timed(phase(step("a")) + phase("  check up every 5s for 1m\n", "after") + back())
    (way,) = this.ways
    assert [(takes.least, takes.most) for _, takes in way.phases] == [(1, 60), (1, 60 + 10)]
    assert (way.run.least, way.run.most) == (2, 130)
    assert way.name == ""


def test_from_each_change_everything_before_it_is_taken_back_too() -> None:
    this = timed(phase(step("a", undo="2m") + step("b", undo="3m") + "  check up\n") + back())
    assert backs(this) == [("work.a", 2, 120 + 10), ("work.b", 3, 300 + 10)]


def test_what_needs_nothing_or_only_reads_takes_no_time_back() -> None:
    rest = '  step b "b" {\n    $ true\n    undo "nothing"\n  }\n  step c "c" {\n    $ true\n    readonly\n  }\n'
    assert backs(timed(phase(step("a") + rest + "  check up\n") + back())) == [("work.a", 2, 130), ("work.b", 2, 130)]


def test_the_block_counts_where_something_asks_for_it_and_by_itself() -> None:
    asks = '  step b "b" {\n    $ true\n    undo rollback\n  }\n'
    block = '  step r "r" {\n    $ true\n    timeout 5m\n  }\n'
    this = timed(phase(step("a") + asks + "  check up\n") + back(block=block))
    assert backs(this) == [("work.a", 2, 130), ("work.b", 3, 120 + 300 + 10), ("block", 2, 310)]


def test_each_way_has_its_own_times_and_is_named_by_what_matters() -> None:
    options = f'    option fast "Fast" default {{\n{step("a")}    }}\n    option slow "Slow" {{\n{step("b", "9m", "8m")}    }}\n'
    block = '  choose depth "Depth" {\n    option little "L" default {\n      step r "r" $ true\n    }\n  }\n'
    this = timed(phase(f'  choose way "Way" {{\n{options}  }}\n  check up\n') + back(block=block))
    assert [way.name for way in this.ways] == ["way=fast", "way=slow"]
    assert [way.run.most for way in this.ways] == [70, 550]
    assert [backs(this, way)[0] for way in (0, 1)] == [("work.way.fast.a", 2, 130), ("work.way.slow.b", 2, 490)]


def test_what_has_no_limit_is_named_and_the_rest_is_summed() -> None:
    text = phase(step("a") + '  step b "b" {\n    $ true\n    undo $ true\n  }\n  confirm go "Go?"\n  check up\n') + back()
    this = timed(text)
    (way,) = this.ways
    assert way.run.most is None
    assert way.run.known == 60 + 1 + 10
    assert [item.name for item in way.run.open] == ["b", "go"]
    assert (way.backs[-1].takes.most, way.backs[-1].takes.known) == (None, 1 + 120 + 10)
    shown = timing_view.text([this])
    assert "  the run               3 s  1 min 11 s + 1.2 + 1.3\n" in shown
    assert "  no limit, has no timeout: 1.2\n  no limit, waits for a person: 1.3\n" in shown


@pytest.mark.parametrize(
    ("budget", "verdict", "words"),
    [
        ("2m", "fits", "the budget of the run: 2 min: kept, 1 min 10 s at most"),
        ("1m", "may not", "the budget of the run: 1 min: MAY BE EXCEEDED, by 10 s at the worst"),
    ],
)
def test_a_run_is_held_against_its_budget(budget: str, verdict: str, words: str) -> None:
    this = timed(phase(step("a") + "  check up\n") + back(), HEAD.replace("}", f"  budget {budget}\n}}"))
    assert allowed(this) == {"run": verdict}
    assert words in timing_view.text([this])
    assert findings(this) == ()


def test_a_budget_that_depends_on_what_has_no_limit() -> None:
    head = HEAD.replace("}", "  budget 2m\n}")
    this = timed(phase('  confirm go "Go?"\n' + step("a") + "  check up\n") + back(), head)
    assert allowed(this) == {"run": "may not"}
    assert "the budget of the run: 2 min: kept if 1.1 takes no longer than 50 s" in timing_view.text([this])


def test_windows_and_phases_are_budgets_too() -> None:
    head = HEAD.replace("}", "  window Sun 02:00-02:01 UTC\n}")
    this = timed(phase("  budget 10m\n" + step("a") + "  check up\n") + back(), head)
    assert allowed(this) == {"window": "may not", "phase work": "fits"}


def test_what_is_prepared_before_t_takes_none_of_it() -> None:
    head = HEAD.replace("}", "  budget 2h\n}")
    early = phase("  at T-1h\n" + step("a", timeout="3h"), "early")
    late = phase("  at T+1h\n  check up\n", "late")
    this = timed(early + late + back(), head)
    assert (this.ways[0].run.least, this.ways[0].run.most) == (3601, 3610)
    assert allowed(this) == {"run": "fits"}


@pytest.mark.parametrize(("budget", "codes"), [("5m", []), ("310s", []), ("309s", ["RB629"])])
def test_a_way_back_that_does_not_fit_is_an_error(budget: str, codes: list[str]) -> None:
    text = phase(step("a", undo="2m") + step("b", undo="3m") + "  check up\n") + back(f"  budget {budget}\n")
    if budget == "5m":
        text = text.replace("timeout 3m", "timeout 2m")
    found = findings(timed(text))
    assert [one.code for one in found] == codes
    for one in found:
        assert one.span is not None and one.span.text == f"budget {budget}"
        assert "from 1.2 b may take 5 min 10 s" in one.message


def test_what_is_known_alone_can_be_too_much() -> None:
    text = phase(step("a", undo="2m") + '  step b "b" {\n    $ true\n    undo $ true\n  }\n  check up\n')
    (found,) = findings(timed(text + back("  budget 1m\n")))
    assert "may take 2 min 11 s and more" in found.message


def test_programs_read_the_same() -> None:
    this = timed(phase(step("a") + "  check up\n") + back("  budget 3m\n"))
    data = json.loads(timing_view.as_json([this]))
    (way,) = data["scripts"][0]["ways"]
    assert way["run"] == {"least": 2, "most": 70, "known": 70, "open": []}
    assert way["backs"] == [{"from": "work.a", "least": 2, "most": 130, "known": 130, "open": []}]
    assert [(one["what"], one["verdict"], one["seconds"]) for one in way["allowed"]] == [("rollback", "fits", 180)]


def test_what_cannot_be_kept_is_said_so() -> None:
    built: Plan = plan(HEAD + UP + phase(step("a") + "  check up\n") + back())
    way = timing(built).ways[0]
    assert Allowed("run", 1, way.run, way.path).verdict == "cannot"


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0 s"), (61, "1 min 1 s"), (7200, "2 h")])
def test_times_for_people(seconds: int, shown: str) -> None:
    assert span(seconds) == shown


@pytest.mark.parametrize(("budget", "code"), [("3m", 0), ("1m", 1)])
def test_the_command(budget: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rbc.toml").touch()
    spec = tmp_path / "demo.rb"
    spec.write_text(HEAD + UP + phase(step("a") + "  check up\n") + back(f"  budget {budget}\n"))
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(cli, ["rehearse", "--timing", "demo.rb"])
    assert ended.exit_code == code
    assert "  back from 1.1 a       2 s  2 min 10 s\n" in ended.stdout
    assert ("error[RB629]" in ended.stderr) == bool(code)
    assert "RB524" not in ended.stderr
    as_json = CliRunner().invoke(cli, ["rehearse", "--timing", "--format", "json", "demo.rb"])
    assert json.loads(as_json.stdout)["scripts"][0]["spec"] == "demo.rb"
    assert CliRunner().invoke(cli, ["rehearse", "--timing", "--format", "junit", "demo.rb"]).exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.rb", "rbc.toml"]
