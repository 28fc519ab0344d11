"""What a tired person sees on a terminal of 80 columns."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from .specs import HEAD, OK_PROBE, ROLLBACK, THREE, step
from .worlds import World, finish

Make = Callable[[str], World]
LONG = "A title that is so long that no terminal of eighty columns has room for it and for a time behind it"
PATIENT = f'probe fine "{LONG}" {{\n  file good\n  every 1s for 3s\n}}\n'
SLOW = (
    HEAD
    + f'phase one "One" {{\n  step a "{LONG}" {{\n    ```\n    sleep 1.6\n    echo said\n    ```\n    undo "nothing"\n  }}\n}}\n'
)


def drawn(text: str) -> list[str]:
    """Every line and every state of a line that was shown, without colours."""
    return [re.sub(r"\x1b\[[0-9;]*[mK]", "", part) for part in re.split(r"\r\n|\r|\n", text)]


def test_nothing_is_wider_than_the_terminal_and_a_countdown_is_always_seen(world: Make) -> None:
    w = world(HEAD + PATIENT + 'phase one "One" {\n' + step("a") + "  check fine\n  on failure rollback\n}\n" + ROLLBACK)
    child = w.terminal("--yes")
    code = finish(child)
    assert code == 6
    lines = drawn(child.before or "")
    assert [line for line in lines if len(line) > 80 and str(w.folder) not in line] == []
    assert any(re.fullmatch(r"  … 1\.2 A title .*… · \d\.\d s left, try \d: no file good", line) for line in lines), lines


def test_a_step_that_says_nothing_shows_how_long_it_has_been_running(world: Make) -> None:
    w = world(SLOW)
    child = w.terminal("--yes")
    child.expect(r"… · [01]\.\d s")
    child.expect("said")
    assert finish(child) == 0


def test_what_was_cut_while_it_waited_stands_in_full_above_the_output(world: Make) -> None:
    w = world(SLOW)
    child = w.terminal("--yes")
    child.expect("said")
    lines = drawn(child.before or "")
    first = max(i for i, line in enumerate(lines) if line.startswith("  ▸ 1.1"))
    assert " ".join(" ".join(lines[first:]).split()) == f"▸ 1.1 {LONG}"
    assert finish(child) == 0


def test_ctrl_c_at_a_question_is_seen_at_once(world: Make) -> None:
    w = world(THREE)
    child = w.terminal()
    child.expect("Go on")
    child.sendintr()
    child.expect(r"DECLINED \(8\)", timeout=10)
    assert finish(child) == 8
    assert w.log == []


def test_ctrl_c_once_more_than_needed_is_no_answer(world: Make) -> None:
    w = world(THREE)
    (w.folder / "broken").touch()
    child = w.terminal("--yes")
    child.expect("What next")
    child.sendintr()
    child.expect("What next", timeout=10)
    assert "undo-c" not in w.log
    child.sendline("p")
    assert finish(child) == 9


def test_the_line_that_failed_is_named(world: Make) -> None:
    body = '    ```\n    echo before >>log\n    f() {\n      false\n    }\n    echo "$HOME" | grep nosuch | cat\n    ```\n'
    w = world(HEAD + 'phase one "One" {\n  step a "A" {\n' + body + '    undo "nothing"\n  }\n}\n')
    done = w.run("--yes")
    assert '      At: echo "${HOME}" | grep nosuch | cat\n' in done.out
    w = world(HEAD + 'phase one "One" {\n' + step("a") + step("b", "sh -c 'exit 7'") + "}\n")
    done = w.run("--yes")
    assert "      At: sh -c 'exit 7'\n      Exit code 7.\n" in done.out
    assert done.out.count("At: ") == 1


@pytest.mark.parametrize(("lang", "on", "back"), [("en", "Go on:", "Back: "), ("de", "Weiter:", "Zurück:")])
def test_after_a_pause_it_says_how_to_go_on_and_back(world: Make, lang: str, on: str, back: str) -> None:
    spec = THREE.replace("lang en", f"lang {lang}").replace('phase one "One" {', 'phase one "One" {\n  on failure pause')
    w = world(spec)
    (w.folder / "broken").touch()
    paused = w.run("--yes")
    assert paused.code == 9
    said = [f"{on} {w.path} resume", f"{back} {w.path} rollback"]
    assert paused.out.splitlines()[-3:-1] == said
    status = w.run("status").out
    assert status.splitlines()[-2:] == said
    (w.folder / "good").touch()
    undone = w.run("rollback", "--yes")
    assert undone.code == 0
    assert "3 steps" in undone.out or "3 Schritte" in undone.out
    assert on not in w.run("status").out


def test_status_of_a_paused_run_shows_what_is_still_ahead(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n  on failure pause\n' + step("a", "[[ ! -e broken ]]") + step("b") + "}\n")
    (w.folder / "broken").touch()
    assert w.run("--yes").code == 9
    lines = w.run("status").out.splitlines()
    assert any(re.fullmatch(r"  ✗ 1\.1 Step a +failed", line) for line in lines)
    assert any(re.fullmatch(r"  · 1\.2 Step b +still ahead", line) for line in lines)
    assert [line for line in lines if len(line) > 80 and str(w.folder) not in line] == []
    (w.folder / "broken").unlink()
    assert w.run("resume", "--yes").code == 0
    assert "still ahead" not in w.run("status").out


def test_after_a_failed_way_back_it_says_what_to_do(world: Make) -> None:
    w = world(HEAD + OK_PROBE + 'phase one "One" {\n' + step("a") + step("b", "false") + "}\n" + ROLLBACK)
    failed = w.run("--yes")
    assert failed.code == 6
    assert f"back again: {w.path} rollback" in failed.out
