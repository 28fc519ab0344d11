"""What is kept for the ticket: what was chosen, what people saw when they agreed, what was left out and why, how it ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .specs import HEAD, step
from .worlds import World, finish

Make = Callable[[str], World]
CHOICE = (
    HEAD
    + 'param where string {\n  note "where to."\n}\nparam word string {\n  secret\n}\n'
    + 'phase one "One" {\n  capture version "Version" $ echo 7.1\n  choose way "Way" {\n    option near "Near" default {\n'
    + step("a", 'printf "%s" "$where" | grep -q here; printf "%s" "$word" >/dev/null')
    + '    }\n    option far "Far" {\n'
    + step("b")
    + '    }\n  }\n  confirm sure "Sure?" {\n    show version, where\n  }\n'
    + step("c")
    + "}\n"
)


def test_what_was_chosen_and_what_was_shown_at_a_gate_is_in_the_chain(world: Make) -> None:
    w = world(CHOICE)
    done = w.run("--yes", "--where", "here", "--accept", "sure", env={"WORD": "x"})
    assert done.code == 2, "the secret has no other way in than its option, its environment or a question"
    w = world(CHOICE.replace("  secret\n", "  secret\n  env WORD\n"))
    assert w.run("--yes", "--where", "here", "--accept", "sure", env={"WORD": "canary-1"}).code == 0
    assert w.records[0]["values"] == "where=here, way=near"
    (gate,) = (r for r in w.records if r["event"] == "gate" and r["step"] == "one.sure")
    assert (gate["by"], gate["why"]) == ("accept", "version=7.1, where=here")
    assert "canary-1" not in (w.run_folder / "audit.jsonl").read_text()


def test_a_record_stays_in_one_piece_however_long_its_values_are(world: Make) -> None:
    spec = CHOICE.replace("grep -q here", "cat >/dev/null").replace("show version, where", "show version")
    w = world(spec.replace("  secret\n", "  secret\n  env WORD\n"))
    long = "ä" * 400 + "\udcff" * 900
    assert w.run("--yes", "--where", long, "--accept", "sure", env={"WORD": "canary-1"}).code == 0
    assert max(len(line) for line in (w.run_folder / "audit.jsonl").read_bytes().splitlines()) < 8192
    assert w.run("log", "--verify").code == 0


@pytest.mark.parametrize(("lang", "words"), [("en", "DONE"), ("de", "FERTIG")])
def test_the_outcome_has_the_same_words_everywhere(world: Make, lang: str, words: str) -> None:
    w = world(HEAD.replace("lang en", f"lang {lang}") + 'phase one "One" {\n' + step("a") + "}\n")
    said = w.run("--yes").out.splitlines()[-1]
    assert said.startswith(f"{words} (0)")
    assert w.records[-1]["words"] == words
    for command in ("status", "receipt"):
        assert f"{words} (0)" in w.run(command).out
    assert f"end exit=0: {words}" in w.run("log").out


def test_a_receipt_names_what_was_left_out_and_why(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n' + step("a") + step("b") + "}\n")
    assert w.run("--yes", "--skip", "a", "--why", "done by hand | twice").code == 0
    rows = [line for line in w.run("receipt").out.splitlines() if line.startswith("| 2")]
    assert ["1.1 Step a" in row and "--skip a: done by hand \\| twice" in row for row in rows] == [True, False]
    assert "1.2 Step b" in rows[1]


def test_who_loses_the_terminal_at_a_gate_has_not_declined(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n  confirm sure "Sure?" {}\n' + step("a") + "}\n")
    child = w.terminal("--yes")
    child.expect("Sure?")
    child.kill(1)
    assert finish(child) == 1
    child = w.terminal("--yes")
    child.expect("Sure?")
    child.sendline("n")
    assert finish(child) == 8


def test_everything_that_stops_a_run_is_in_one_list(world: Make) -> None:
    head = 'host h {\n  needs nosuchtool\n}\nparam where string {\n  note "where"\n}\n'
    w = world(HEAD + head + 'phase one "One" {\n  confirm sure "Sure?" {}\n' + step("a", 'printf "%s" "$where"') + "}\n")
    refused = w.run()
    assert refused.code == 7
    for part in ("--where is missing", "nosuchtool", "--accept sure", "--yes"):
        assert part in refused.err
    assert not (w.folder / "state" / "t").exists(), "a command line that is wrong leaves nothing behind"


def test_a_run_that_waits_pauses_and_does_not_end_and_a_way_back_that_is_declined_is_refused(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n  on failure pause\n' + step("a", "[[ ! -e broken ]]") + "}\n")
    (w.folder / "broken").touch()
    assert w.run("--yes").code == 9
    assert (w.records[-1]["event"], w.records[-1]["words"]) == ("pause", "PAUSED")
    child = w.terminal("rollback")
    child.expect("back\\? ")
    child.sendline("n")
    assert finish(child) == 7
    assert (w.records[-1]["event"], w.records[-1]["why"]) == ("refuse", "rollback")
    assert "PAUSED (9)" in w.run("status").out
    (w.folder / "broken").unlink()
    assert w.run("resume", "--yes").code == 0
    assert [r["event"] for r in w.records if r["event"] in ("pause", "refuse", "resume", "end")] == [
        "pause",
        "refuse",
        "resume",
        "end",
    ]
