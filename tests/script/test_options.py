"""Which command takes which option: as `docs/script.md` says, each executed; what means nothing is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .specs import HEAD, THREE, step
from .worlds import World, compile_text

Make = Callable[[str], World]
PAGE = Path(__file__).parents[2] / "docs/script.md"
COMMANDS = ("run", "plan", "check", "rollback", "resume", "accept", "status", "log", "receipt")
FLAGS = {"--yes", "--anew", "--outside-window", "--fresh", "--verify", "--quiet", "--no-color"}
VALUES = {"--accept": "door", "--from": "b", "--only": "one", "--skip": "b", "--keep": "3", "--where": "/srv", "--how": "fast"}
SAID = {
    "en": ("{} belongs to {}, not to {}: leave it out.", "Unknown option --nosuch."),
    "de": ("{} gehört zu {}, nicht zu {}: bitte weglassen.", "Unbekannte Option --nosuch."),
}
EVERYTHING = (
    HEAD.replace("}\n", "  window daily 00:00-24:00 Europe/Berlin\n}\n")
    + "param where path {\n  default /srv\n}\n"
    + 'phase one "One" {\n  guarded door "Door" {\n    for 5m\n'
    + step("a")
    + '  }\n  choose how "How" {\n    option fast "Fast" default {\n'
    + step("b", 'echo "$where"')
    + "    }\n  }\n}\n"
)


def documented() -> dict[str, list[str]]:
    """Each option of the page with its commands in their order; a parameter's and a choice's as it stands there."""
    takes: dict[str, list[str]] = {}
    text = PAGE.read_text(encoding="utf-8").partition("## Options")[2].partition("\n## ")[0]
    for names, commands in re.findall(r"^\| (`--.*?) \| (.*?) \|", text, re.MULTILINE):
        for option in re.findall(r"--[A-Za-z-]+", names):
            for own in ("--where", "--how") if option == "--NAME" else (option,):
                said = set(COMMANDS if commands == "all" else commands.split(", ")) | set(takes.get(own, ()))
                takes[own] = [command for command in COMMANDS if command in said]
    return takes


TAKES = documented()


@pytest.fixture(scope="module", params=SAID)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def rich(lang: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("options")
    (folder / "t.sh").write_text(compile_text(EVERYTHING.replace("lang en", f"lang {lang}")).text)
    (folder / "t.sh").chmod(0o755)
    return World(folder, folder / "t.sh")


def reasons(said: str) -> list[str]:
    return [line.removeprefix("  - ") for line in said.splitlines() if line.startswith("  - ")]


@pytest.mark.parametrize("option", sorted(TAKES))
def test_each_command_takes_its_options_and_no_other(rich: World, lang: str, option: str) -> None:
    elsewhere, unknown = SAID[lang]
    words = [option] if option in FLAGS else [option, VALUES.get(option, str(rich.folder / "state"))]
    bare = tuple(words)
    # What belongs to it, so that nothing else is wrong with the command line.
    words += {"--head": ["--verify"], "--why": ["--skip", "b"]}.get(option, [])
    words += ["--why", "x"] if option in ("--skip", "--anew", "--outside-window") else []
    for command in COMMANDS:
        # One word that is wrong everywhere, so that nothing is run where the option is right.
        done = rich.run(command, *words, "--nosuch")
        if command in TAKES[option]:
            assert reasons(done.err) == [unknown], command
        else:
            line = elsewhere.format(option, ", ".join(TAKES[option]), command)
            assert line in reasons(done.err), command
            assert rich.run(command, *bare).code == 2, command
        assert done.code == 2
    assert [path.name for path in rich.folder.iterdir()] == ["t.sh"], "something was written"


def test_the_page_names_every_option(rich: World) -> None:
    text = rich.path.read_text()
    (table,) = re.findall(r"^readonly -a RBC_TAKES=\(\n(.*?)^\)\n", text, re.MULTILINE | re.DOTALL)
    found = set(re.findall(r"^  (--[a-z-]+) ", table, re.MULTILINE))
    assert found == set(TAKES) - {"--where", "--how"}


def test_without_a_command_it_is_run_that_is_meant(rich: World, lang: str) -> None:
    done = rich.run("--fresh")
    assert done.code == 2
    assert reasons(done.err) == [SAID[lang][0].format("--fresh", "rollback", "run")]


def test_under_a_command_that_is_none_no_option_is_blamed(rich: World) -> None:
    assert len(reasons(rich.run("logg", "--verify", "--where", "/srv").err)) == 1


@pytest.mark.parametrize("word", ["", "--", "--yes --from", "--NAME", "=", "a[$(echo evil >>log)]"])
def test_an_odd_word_is_no_option(rich: World, lang: str, word: str) -> None:
    done = rich.run("run", word, *(["x"] if word.startswith("--") else []))
    assert done.code == 2
    assert reasons(done.err)[0] == SAID[lang][1].replace("--nosuch", word)
    assert "subscript" not in done.err
    assert rich.log == []


def test_a_head_without_its_chain_is_refused(rich: World) -> None:
    done = rich.run("log", "--head", "0" * 64)
    assert done.code == 2
    (reason,) = reasons(done.err)
    assert "--head" in reason
    assert "--verify" in reason


@pytest.mark.parametrize("words", ["--outside-window --why x", "--accept door", "--where x"])
def test_what_the_runbook_has_no_use_for_is_unknown(world: Make, words: str) -> None:
    w = world(THREE)
    option = words.split()[0]
    done = w.run("--yes", *words.split())
    assert done.code == 2
    assert f"Unknown option {option}." in reasons(done.err)
    assert f"{option} " not in w.run("--help").out
    assert w.log == []
