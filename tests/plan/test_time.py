"""Time in the Plan: windows, sittings, budgets, conditions, holds, background parts and guards."""

from __future__ import annotations

import json

import pytest

from compiler.plan import view, windows
from compiler.plan.model import (
    BackgroundItem,
    Condition,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    Patience,
    Var,
    Way,
    Window,
    walk,
)
from compiler.plan.moments import duration
from compiler.plan.sittings import shown
from plan.compiling import HEAD, UP, codes, item, lowered, plan, step

OLD = 'probe old "Is old" {\n  file /srv/old\n}\n'
BACK = 'rollback "Back" {\n  verify up\n}\n'


def head(*settings: str) -> str:
    return "runbook demo {\n" + "".join(f"  {line}\n" for line in ('title "Demo"', *settings)) + "}\n"


def phase(body: str, name: str = "change") -> str:
    return f'phase {name} "{name}" {{\n{body}}}\n'


def change(name: str, settings: str = "", undo: str = "$ rm -f /srv/flag") -> str:
    return f'  step {name} "{name}" {{\n    $ touch /srv/flag\n{settings}    undo {undo}\n  }}\n'


def hold(length: str = "15m", watch: str = "    watch up every 30s tolerate 2\n", settings: str = "") -> str:
    return f'  hold soak "Watch" {{\n    for {length}\n{watch}{settings}  }}\n'


def guard(steps: str, length: str = "5m") -> str:
    return f'  guarded lockout "Guard" {{\n    for {length}\n{steps}  }}\n'


# ── windows and budgets ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "expected", "hours"),
    [
        ("Sun 02:00-04:00 Europe/Berlin", Window((7,), 120, 240, "Europe/Berlin"), 2),
        ("Sat,Sun 22:00-02:30 UTC", Window((6, 7), 1320, 150, "UTC"), 4.5),
        ("Mon-Wed, Fri 08:00-12:00 Asia/Kathmandu", Window((1, 2, 3, 5), 480, 720, "Asia/Kathmandu"), 4),
        ("Sat-Mon, Sun 00:00-24:00 UTC", Window((1, 6, 7), 0, 1440, "UTC"), 72),
        ("Tue 00:00-24:00 UTC", Window((2,), 0, 1440, "UTC"), 24),
        ("daily 00:00-24:00 UTC", Window((1, 2, 3, 4, 5, 6, 7), 0, 1440, "UTC"), 168),
    ],
)
def test_windows(written: str, expected: Window, hours: float) -> None:
    built = plan(head(f"window {written}", "window Wed 10:00-11:00 UTC", "budget 30m") + UP + phase("  check up\n"))
    assert built.meta.windows == (expected, Window((3,), 600, 660, "UTC"))
    assert built.meta.budget == 1800
    assert windows.length(expected) == hours * 3600


@pytest.mark.parametrize("zone", ["Europe/Berln", "Europe", "CET/CEST", "europe/berlin"])
def test_zones_that_do_not_exist(zone: str) -> None:
    (found,) = lowered(head(f"window Sun 02:00-04:00 {zone}") + UP + phase("  check up\n"))[1]
    assert found.code == "RB528"
    assert found.span is not None
    assert found.span.text == zone


def test_a_misspelt_zone_is_named() -> None:
    (found,) = lowered(head("window Sun 02:00-04:00 Europe/Berln") + UP + phase("  check up\n"))[1]
    assert found.fix == "did you mean `Europe/Berlin`?"


# ── sittings ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        (("", "", ""), [None, None, None]),
        (("T-24h", "", ""), [-86400, 0, 0]),
        (("T-24h", "T-24h", "T"), [-86400, -86400, 0]),
        (("", "T+1h", ""), [0, 3600, 3600]),
        (("T-15m", "T", "T+90s"), [-900, 0, 90]),
    ],
)
def test_when_phases_begin(written: tuple[str, ...], begins: list[int | None]) -> None:
    text = "".join(phase((f"  at {at}\n" if at else "") + "  check up\n", f"p{n}") for n, at in enumerate(written))
    assert [p.at for p in plan(HEAD + UP + text).phases] == begins


def test_phases_do_not_go_back_in_time() -> None:
    text = phase("  at T\n  check up\n", "a") + phase("  check up\n", "b") + phase("  at T-1h\n  check up\n", "c")
    (found,) = lowered(HEAD + UP + text)[1]
    assert (found.code, found.span and found.span.text) == ("RB529", "at T-1h")
    assert [note.span.text for note in found.notes] == ["at T"]


@pytest.mark.parametrize(("seconds", "text"), [(0, "T"), (-86400, "T-24h"), (5400, "T+90m"), (-61, "T-61s")])
def test_a_time_is_shown_as_it_is_written(seconds: int, text: str) -> None:
    assert shown(seconds) == text


# ── conditions ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_conditions() -> None:
    text = change("a", "    unless old\n") + '  confirm b "B?" {\n    when old\n  }\n'
    text += '  manual c "C" {\n    when old\n    readonly\n  }\n' + hold(settings="    unless old\n")
    built = plan(HEAD + UP + OLD + phase("  when up\n" + text + "  check up\n") + BACK)
    conditions = [built.phases[0].condition, *(i.condition for i in built.phases[0].items)]
    assert [(c.holds, c.probe) for c in conditions if isinstance(c, Condition)] == [
        (True, "up"),
        (False, "old"),
        (True, "old"),
        (True, "old"),
        (False, "old"),
    ]
    assert conditions[-1] is None
    assert codes(HEAD + UP + OLD + phase("  when up\n" + text + "  check up\n") + BACK) == []


def test_a_condition_uses_its_probe_with_all_that_it_needs() -> None:
    probe = 'probe old "Is old" {\n  output matches \'^1\' $ sqlite3 "$db" "select 1"\n  optional "not everywhere"\n}\n'
    text = "param db path {\n  default /srv/db\n}\n" + probe + phase(change("a", "    unless old\n") + "  check up\n") + BACK
    built = plan(HEAD + UP + text)
    assert codes(HEAD + UP + text) == []
    assert "sqlite3" in [n.tool for n in built.needs]
    assert built.params[0].needed_when == ((),)


def test_a_capture_of_a_phase_that_may_be_skipped_stays_in_it() -> None:
    capture = '  capture kernel "Kernel" $ uname -r\n'
    reader = '  step tell "Tell" {\n    $ echo "$kernel"\n    readonly\n  }\n'
    assert codes(HEAD + UP + phase("  when up\n" + capture + reader)) == []
    (found,) = lowered(HEAD + UP + phase("  when up\n" + capture) + phase(reader, "later"))[1]
    assert found.code == "RB505"
    assert "only where the phase `change` is not skipped" in found.message
    assert codes(HEAD + UP + phase(capture) + phase(reader + "  check up\n", "later")) == []


# ── a phase that cannot go back ───────────────────────────────────────────────────────────────────────────────────


def test_irreversible_holds_for_all_that_says_nothing_else() -> None:
    service = "service web {\n  dir     /srv/web\n  compose compose.web.yml\n}\n"
    text = '  irreversible "the schema"\n  step a "A" $ true\n' + change("b") + '  step c "C" {\n    $ true\n    readonly\n  }\n'
    text += (
        '  manual d "D" {}\n  update web\n  choose way "Way" {\n    option x "X" default {\n      step e "E" $ true\n    }\n  }\n'
    )
    built = plan(HEAD + UP + service + phase(text) + phase('  step f "F" {\n    $ true\n    undo "x"\n  }\n', "after"))
    ways = {i.name: i.back.way for p in built.phases for i in walk(p.items) if hasattr(i, "back")}
    assert ways == {
        "a": Way.IRREVERSIBLE,
        "b": Way.UNDO,
        "c": Way.READONLY,
        "d": Way.IRREVERSIBLE,
        "web_pull": Way.UNDO,
        "web_up": Way.IRREVERSIBLE,
        "e": Way.IRREVERSIBLE,
        "f": Way.NOTHING,
    }
    assert step(built, "change.a").back.text == "the schema"
    assert step(built, "change.web_up").back.symbol is None


# ── hold, background, guarded, gates ──────────────────────────────────────────────────────────────────────────────


def test_a_hold() -> None:
    built = plan(HEAD + UP + OLD + phase(hold(watch="    watch up, old every 30s tolerate 2\n")))
    found = item(built, "change.soak")
    assert isinstance(found, HoldItem)
    assert (found.number, found.duration.constant, found.watch, found.every, found.tolerate) == (
        "1.1",
        "900",
        ("up", "old"),
        30,
        2,
    )


def test_a_hold_as_long_as_a_parameter_says() -> None:
    soak = "param soak duration {\n  default 15m\n}\n"
    built = plan(HEAD + UP + soak + phase(hold("$soak")))
    found = item(built, "change.soak")
    assert isinstance(found, HoldItem)
    assert found.duration.parts == (Var("soak"),)
    assert built.params[0].needed_when == ((),)
    assert built.least == 1
    assert built.most is None


@pytest.mark.parametrize("declared", ["param soak string {}\n", "param soak int {\n  default 5\n}\n"])
def test_a_hold_of_no_duration(declared: str) -> None:
    assert codes(HEAD + UP + declared + phase(hold("$soak"))) == ["RB530"]


def test_a_background_part() -> None:
    text = '  background server "Server" {\n    in /srv/x\n    $ ./serve "$port"\n    until up every 1s for 30s\n  }\n'
    built = plan(HEAD + UP + "param port int {\n  default 8080\n}\n" + phase(text))
    found = item(built, "change.server")
    assert isinstance(found, BackgroundItem)
    assert found.symbol == "background_server"
    assert found.body.text == './serve "${port}"'
    assert found.dir is not None
    assert found.dir.constant == "/srv/x"
    assert found.reads == ("port",)
    assert found.until is not None
    assert (found.until.probe, found.until.patience) == ("up", Patience(1, 30))


def test_until_has_the_patience_of_its_probe() -> None:
    patient = UP.replace("}\n", "  every 2s for 20s\n}\n")
    built = plan(HEAD + patient + phase('  background server "Server" {\n    $ ./serve\n    until up\n  }\n'))
    found = item(built, "change.server")
    assert isinstance(found, BackgroundItem)
    assert found.until is not None
    assert found.until.patience == Patience(2, 20)


def test_a_guard_and_its_steps() -> None:
    built = plan(HEAD + UP + phase("  check up\n" + guard(change("a") + change("b"))) + BACK)
    found = item(built, "change.lockout")
    assert isinstance(found, GuardedItem)
    assert (found.number, found.duration) == ("1.2", 300)
    assert [(s.number, s.id, s.guarded, s.back.symbol) for s in found.items] == [
        ("1.2.1", "change.lockout.a", "change.lockout", "undo_a"),
        ("1.2.2", "change.lockout.b", "change.lockout", "undo_b"),
    ]
    assert [i.number for i in walk(built.phases[0].items)] == ["1.1", "1.2", "1.2.1", "1.2.2"]


@pytest.mark.parametrize(
    ("way", "found"),
    [
        ("undo $ true", []),
        ("undo {\n      $ true\n      timeout 5s\n    }", []),
        ('undo "nothing"', ["RB525"]),
        ("undo rollback", ["RB525"]),
        ('irreversible "gone"', ["RB525"]),
        ("readonly", ["RB525"]),
    ],
)
def test_a_guarded_step_needs_commands_that_lead_back(way: str, found: list[str]) -> None:
    steps = f'  step a "a" {{\n    $ true\n    {way}\n  }}\n'
    back = 'rollback "Back" {\n  step r "R" $ true\n  verify up\n}\n'
    assert [c for c in codes(HEAD + UP + phase(guard(steps) + "  check up\n") + back) if c == "RB525"] == found


def test_a_second_person_is_said_behind_the_question_or_in_the_block() -> None:
    text = '  confirm a "A?" by other\n  confirm b "B?" {\n    by other\n  }\n  confirm c "C?"\n'
    items = plan(HEAD + UP + phase(text)).phases[0].items
    assert [i.other for i in items if isinstance(i, ConfirmItem)] == [True, True, False]


def test_interactive() -> None:
    text = HEAD + UP + phase(change("a", "    interactive\n") + "  check up\n") + BACK
    assert step(plan(text), "change.a").interactive
    assert plan(text).most is None
    assert codes(text) == []
    assert codes(text.replace("    interactive\n", "    interactive\n    retry 1 every 5s\n    timeout 5s\n")) == ["RB522"] * 2


# ── how long ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "least", "most"),
    [
        ("  check up\n", 1, 10),
        (hold(), 900, 910),
        (hold(settings="    unless up\n"), 1, 920),
        (hold("1h", ""), 3600, 3600),
        (guard(change("a", "    timeout 10s\n") + change("b")), 2, 300),
        ('  background s "S" {\n    $ ./serve\n    until up every 1s for 30s\n  }\n', 1, 40),
        ('  background s "S" $ ./serve\n', 1, 1),
        (change("a", "    timeout 10s\n    when up\n    verify up\n"), 1, 30),
        (change("a", "    timeout 10s\n    interactive\n"), 1, None),
    ],
)
def test_least_and_most(body: str, least: int, most: int | None) -> None:
    document = plan if "interactive" not in body else (lambda text: plan(text.replace("    timeout 10s\n", "")))
    built = document(HEAD + UP + phase(body))
    assert (built.least, built.most) == (least, most)


def test_a_phase_that_may_be_skipped_takes_the_time_to_ask() -> None:
    built = plan(HEAD + UP + phase("  when up\n" + hold()) + phase("  check up\n", "after"))
    assert (built.least, built.most) == (2, 900 + 10 + 10 + 10)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (head("budget 14m") + UP + phase(hold()), ["RB523"]),
        (head("budget 15m") + UP + phase(hold()), []),
        (head() + UP + phase("  budget 14m\n" + hold()), ["RB523"]),
        (head("window daily 10:00-10:10 UTC", "window Sun 10:00-11:00 UTC") + UP + phase(hold()), ["RB523"]),
        (head("budget 10m") + UP + phase("  at T-1h\n" + hold()) + phase("  check up\n", "b"), []),
        (head("budget 50m") + UP + phase("  check up\n") + phase("  at T+1h\n  check up\n", "b"), ["RB523"]),
        (head("budget 61m") + UP + phase("  check up\n") + phase("  at T+1h\n  check up\n", "b"), []),
        (head() + UP + phase(guard(change("a") + change("b") + change("c"), "2s") + "  check up\n") + BACK, ["RB523"]),
        (head() + UP + phase(guard(change("a") + change("b"), "2s") + "  check up\n") + BACK, []),
    ],
)
def test_whether_there_is_time(text: str, found: list[str]) -> None:
    assert codes(text) == found


@pytest.mark.parametrize(
    ("undo", "budget", "found"),
    [
        ("$ true", "10s", []),  # without a timeout nothing can be said
        ("{\n      $ true\n      timeout 5m\n    }", "10m", []),
        ("{\n      $ true\n      timeout 5m\n    }", "310s", []),
        ("{\n      $ true\n      timeout 5m\n    }", "309s", ["RB524"]),
        ('"nothing"', "9s", ["RB524"]),
    ],
)
def test_whether_there_is_time_to_go_back(undo: str, budget: str, found: list[str]) -> None:
    back = f'rollback "Back" {{\n  budget {budget}\n  verify up\n}}\n'
    assert codes(HEAD + UP + phase(change("a", undo=undo) + "  check up\n") + back) == found


def test_a_rollback_that_cannot_fit() -> None:
    steps = "".join(f'  step r{n} "R" $ true\n' for n in range(3))
    back = f'rollback "Back" {{\n  budget 3s\n{steps}  verify up\n}}\n'
    assert codes(HEAD + UP + phase(change("a", undo="rollback") + "  check up\n") + back) == ["RB523"]


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (5400, "1 h 30 min"), (0, "0 s")])
def test_spans_in_messages(seconds: int, text: str) -> None:
    assert duration(seconds) == text


# ── as people and programs read it ────────────────────────────────────────────────────────────────────────────────


def test_the_plan_says_it_all() -> None:
    text = head("window Sat,Sun 22:00-02:00 Europe/Berlin", "budget 1h") + UP + OLD
    text += phase("  at T-1h\n  check up\n", "prepare")
    text += phase("  at T\n  budget 40m\n  when old\n" + guard(change("a", "    interactive\n    unless up\n")) + hold())
    text += (
        phase('  background s "S" {\n    $ ./serve\n    until up every 1s for 9s\n  }\n  confirm go "Go?" by other\n', "end")
        + BACK
    )
    built = plan(text)
    lines = [line.split("  [")[0].rstrip() for line in view.text(built).splitlines()]
    for line in (
        "  window Sat, Sun 22:00-02:00 Europe/Berlin",
        "  budget 3600 s",
        "1 prepare (at T-1h)",
        "2 change (at T, budget 2400 s, when Is old)",
        "  2.1 guarded Guard",
        "        for 300 s, confirmed with: accept lockout",
        "  2.1.1 step a",
        "        unless It answers",
        "        interactive",
        "        for 900 s",
        "        every 30 s, tolerate 2",
        "        until It answers, every 1 s for 9 s",
        "        by other",
    ):
        assert line in lines, line
    data = json.loads(view.as_json(built))
    assert data["meta"]["windows"] == [{"days": [6, 7], "start": 1320, "end": 120, "zone": "Europe/Berlin"}]
    guarded = data["phases"][1]["items"][0]
    assert guarded["kind"] == "guarded"
    assert guarded["items"][0]["guarded"] == "change.lockout"
    assert guarded["items"][0]["condition"]["probe"] == "up"


# ── the way back ──────────────────────────────────────────────────────────────────────────────────────────────────


UNDO = "{\n      $ true\n      timeout 5m\n    }"


@pytest.mark.parametrize(
    ("steps", "back", "most"),
    [
        (change("a", undo=UNDO), BACK, 300 + 10),
        (change("a", undo=UNDO) + change("b", undo=UNDO), BACK, 600 + 10),
        (change("a", undo='"nothing"'), BACK, 10),
        (change("a", undo="$ true"), BACK, None),
        (change("a", undo=UNDO) + '  manual m "M" {\n    undo "by hand"\n  }\n', BACK, None),
        (change("a", undo=UNDO), 'rollback "Back" {\n  step r "R" $ true\n  verify up\n}\n', 300 + 10),
        (change("a", undo="rollback"), 'rollback "Back" {\n  step r "R" $ true\n  verify up\n}\n', None),
    ],
    ids=["one", "two", "nothing", "no timeout", "a person", "block not asked for", "block asked for"],
)
def test_how_long_the_way_back_takes_at_most(steps: str, back: str, most: int | None) -> None:
    built, _ = lowered(HEAD + UP + phase(steps + "  check up\n") + back)
    assert built is not None
    assert built.back_most == most


def test_each_try_is_proven_and_what_is_optional_is_taken_back() -> None:
    def most(settings: str, undo: str = '"nothing"') -> int | None:
        return plan(HEAD + UP + phase(change("a", f"    timeout 1m\n{settings}", undo=undo) + "  check up\n") + BACK).most

    assert most("") == 60 + 10
    assert most("    retry 2 every 5s\n    verify up\n") == 3 * (60 + 10) + 2 * 5 + 10
    assert most('    optional "not needed"\n', UNDO) == 60 + 300 + 10
    assert most('    optional "not needed"\n    diagnose $ true\n') == 60 + 30 + 10
    assert most('    optional "not needed"\n', "$ true") is None
