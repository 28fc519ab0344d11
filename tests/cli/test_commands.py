from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from compiler.cli import COMMANDS, cli
from compiler.commands.explain import codes
from compiler.commands.new import STARTER
from compiler.version import __version__

Rbc = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[..., Path]


def test_version(rbc: Rbc) -> None:
    assert rbc("--version").stdout == f"rbc {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_a_text_for_each_option(command: str) -> None:
    found = cli.get_command(click.Context(cli), command)
    assert found is not None and found.help
    assert all(getattr(parameter, "help", "") for parameter in found.params if parameter.param_type_name == "option")


def test_starting_imports_no_parser_and_no_template_engine(rbc: Rbc, write: Write, project: Path) -> None:
    write("a")
    rbc("build", "specs")
    for arguments in (("--version",), ("build", "specs")):
        imported = rbc(*arguments, PYTHONPROFILEIMPORTTIME="1").stderr
        names = set(re.findall(r"\| +([\w.]+)$", imported, re.MULTILINE))
        assert "click" in names
        assert not {name for name in names if name.split(".")[0] in ("lark", "jinja2", "yaml", "subprocess", "multiprocessing")}


def test_check_reports_and_writes_nothing(project: Path, rbc: Rbc, write: Write) -> None:
    write("a")
    (project / "specs/library.rb").write_text("values v {\n  key one\n}\n")
    assert rbc("check", "specs").stdout == "2 specs: no errors\n"
    (project / "specs/library.rb").write_text("valuse v {}\n")
    done = rbc("check", "specs", check=1)
    assert "did you mean `values`?" in done.stderr
    assert json.loads(rbc("check", "specs", "--format", "json", check=1).stdout)["errors"] == 1
    assert sorted(path.name for path in project.iterdir()) == ["rbc.toml", "specs"]


def test_plan_for_people_and_as_json(rbc: Rbc, write: Write) -> None:
    write("a")
    shown = rbc("plan", "specs/a.rb").stdout
    assert "1 Look" in shown
    assert "  1.1 check Here" in shown
    assert "/etc/hostname" in shown
    plan = json.loads(rbc("plan", "specs/a.rb", "--json").stdout)
    assert plan["meta"]["title"] == "a"
    assert plan["phases"][0]["items"][0]["kind"] == "check"
    assert plan["phases"][0]["items"][0]["span"].startswith("specs/a.rb:")


def test_a_library_has_no_plan(project: Path, rbc: Rbc) -> None:
    (project / "library.rb").write_text("values v {\n  key one\n}\n")
    assert "RB609" in rbc("plan", "library.rb", check=1).stderr


def test_plan_of_a_wrong_spec(rbc: Rbc, write: Write) -> None:
    write("a", "nonsense {}")
    done = rbc("plan", "specs/a.rb", check=1)
    assert done.stdout == ""
    assert "nonsense" in done.stderr


@pytest.mark.parametrize("code", ["RB604", "rb604"])
def test_explain_prints_the_page(rbc: Rbc, code: str) -> None:
    assert rbc("explain", code).stdout.startswith("# RB604: ")


def test_explain_of_shellcheck_leads_to_its_wiki(rbc: Rbc) -> None:
    assert "https://www.shellcheck.net/wiki/SC2086" in rbc("explain", "SC2086").stdout


@pytest.mark.parametrize("code", ["RB999", "", "SC99", "../../README", "RB60"])
def test_explain_of_what_is_no_code(rbc: Rbc, code: str) -> None:
    assert "there is no code" in rbc("explain", code, check=2).stderr


def test_explain_says_what_was_probably_meant(rbc: Rbc) -> None:
    assert re.search(r"did you mean `RB6\d4`\?", rbc("explain", "RB6O4", check=2).stderr)


def test_a_new_spec_builds_without_a_finding(project: Path, rbc: Rbc) -> None:
    done = rbc("new", "web_2")
    assert done.stdout.startswith("wrote specs/web_2.rb\n")
    built = rbc("build", "specs/web_2.rb")
    assert (built.stdout, built.stderr) == ("built out/web_2\n", "")
    text = (project / "specs/web_2.rb").read_text()
    assert "starter" not in text
    assert "runbook web_2 {" in text
    assert max(len(line) for line in text.split("\n")) <= 100


def test_new_never_overwrites(project: Path, rbc: Rbc, write: Write) -> None:
    path = write("a")
    before = path.read_text()
    assert "exists already" in rbc("new", "a", check=2).stderr
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("name", "cure"),
    [("My-App", "my_app"), ("1st", "st"), ("a.rb", "a"), ("../x", "x"), ("ä", None), ("", None), ("A\nB", "a_b")],
)
def test_new_takes_names_only(project: Path, rbc: Rbc, name: str, cure: str | None) -> None:
    said = rbc("new", name, check=2).stderr
    assert "is not a name" in said
    assert ("would be one" in said) == (cure is not None)
    assert cure is None or f"`{cure}`" in said
    assert not (project / "specs").exists()


def test_the_starter_is_a_spec_of_its_own_name() -> None:
    assert "runbook starter {" in STARTER.read_text()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(rbc: Rbc, shell: str) -> None:
    assert "_RBC_COMPLETE" in rbc("completion", shell).stdout


def test_completion_knows_commands_and_codes(rbc: Rbc) -> None:
    words = rbc(_RBC_COMPLETE="bash_complete", COMP_WORDS="rbc ", COMP_CWORD="1", check=None).stdout
    assert set(COMMANDS) == {line.split(",")[1] for line in words.split()}
    words = rbc(_RBC_COMPLETE="bash_complete", COMP_WORDS="rbc explain rb60", COMP_CWORD="2", check=None).stdout
    assert {line.split(",")[1] for line in words.split()} == {code for code in codes() if code.startswith("RB60")}


def test_a_fault_of_ours_is_one_paragraph_and_70(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from compiler import cli as module
    from compiler.build import session

    def broken(*arguments: object) -> None:
        raise KeyError("\x1b[31m odd")

    monkeypatch.setattr(session, "build", broken)
    monkeypatch.setattr("sys.argv", ["rbc", "build", str(Path(__file__).parent)])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 70
    said = capsys.readouterr().err
    assert said.startswith("rbc: internal error: KeyError: ")
    assert f"rbc {__version__}, Python " in said
    assert "compiler/commands/build.py:" in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 5


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_fault_says_where_it_was_in_every_process(
    jobs: str, project: Path, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from compiler import cli as module
    from compiler import pipeline

    def broken(*arguments: object) -> None:
        raise KeyError("odd")

    write("a")
    write("b")
    monkeypatch.setattr(pipeline, "compile", broken)
    monkeypatch.setattr("sys.argv", ["rbc", "check", "--jobs", jobs, str(project / "specs")])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 70
    said = capsys.readouterr().err
    assert "compiler/build/compiling.py:" in said
    assert "KeyError: 'odd'" in said
    assert "Traceback" not in said


def test_a_worker_that_is_killed_is_a_finding(project: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    from compiler import pipeline
    from compiler.build.compiling import compile_all
    from compiler.build.inputs import collect
    from compiler.diagnostics import Refused

    write("a")
    write("b")
    monkeypatch.setattr(pipeline, "compile", lambda *arguments: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(Refused) as caught:
        list(compile_all(collect([project]).specs, 2))
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["RB607"]


def test_a_reader_that_goes_away_is_no_fault(rbc: Rbc, project: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | true', "bash", *rbc("--version").args[:3], "explain", "RB604"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


def on_a_terminal(project: Path, cache: Path, *arguments: str, **environment: str) -> str:
    """What `rbc` writes to standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", "from compiler.cli import main; main()", *arguments],
        cwd=project,
        env=os.environ
        | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"}
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        said += part
    child.wait()
    os.close(ours)
    return said.decode()


def test_a_bar_for_many_specs_on_a_terminal_only(project: Path, cache: Path, rbc: Rbc, write: Write) -> None:
    for number in range(5):
        write(f"s{number}")
    said = on_a_terminal(project, cache, "check", "specs")
    assert "Compiling" in said
    assert "100%" in said
    assert rbc("check", "specs").stderr == ""
    assert "Compiling" not in on_a_terminal(project, cache, "check", "specs/s1.rb")


def test_colour_on_a_terminal_unless_it_is_not_wanted(project: Path, cache: Path, rbc: Rbc, write: Write) -> None:
    write("a", "nonsense {}")
    assert "\x1b[" in on_a_terminal(project, cache, "check", "specs", NO_COLOR="")
    assert "\x1b[" not in on_a_terminal(project, cache, "check", "specs", NO_COLOR="1")
    assert "\x1b[" not in rbc("check", "specs", check=1).stderr


def test_help_of_the_group_runs_without_a_process() -> None:
    assert CliRunner().invoke(cli, ["--help"]).exit_code == 0
