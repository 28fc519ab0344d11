"""Findings at the operator's own place, verdicts in two halves, and never a build without ShellCheck."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from two_parts import OWN, RUNTIME

from compiler.diagnostics import Diagnostic, Refused
from compiler.emit import render, shellcheck, shellcheck_process
from compiler.emit.leaves import Code
from compiler.emit.render import Rendered, environment
from compiler.emit.shellcheck import Cache, InternalFinding, lint_bodies, lint_composed, lint_script
from compiler.plan.model import Body, Origin, Piece
from compiler.source import Source

INDENT = 6


def spec_body(*lines: str, constant: str | None = None) -> Body:
    """A body whose lines stand in a spec, each after six columns; `@` is a reference to a constant, `^name^` was braced."""
    shown = [line.replace("@", "${a.b}").replace("^", "") for line in lines]
    source = Source("specs/a.rb", "step x {\n" + "".join(" " * INDENT + line + "\n" for line in shown) + "}\n")
    pieces: list[Piece] = []
    for number, line in enumerate(lines):
        at = source.line_starts[number + 1] + INDENT
        if number:
            pieces.append(Piece("\n", source.span(at - INDENT - 1, at - INDENT), Origin.SOURCE))
        opened = False
        for part in line.replace("@", "\0@\0").replace("^", "\0^\0").split("\0"):
            if part == "@":
                pieces.append(Piece(constant or "value", source.span(at, at + 6), Origin.CONSTANT))
                at += 6
            elif part == "^":
                opened = not opened
                pieces.append(Piece("{" if opened else "}", source.span(at - 1, at), Origin.INSERTED))
            elif part:
                pieces.append(Piece(part, source.span(at, at + len(part)), Origin.SOURCE))
                at += len(part)
    return Body(tuple(pieces))


def told(found: tuple[Diagnostic, ...]) -> list[tuple[str, int, int, str]]:
    assert all(d.span is not None for d in found)
    return [(d.code, d.span.line, d.span.column, d.span.text) for d in found if d.span is not None]


# ── bodies ────────────────────────────────────────────────────────────────────


def test_a_finding_is_at_the_operators_line_and_column() -> None:
    found = lint_bodies([spec_body("true", "cp -- $^repo^ /x")], [["repo"]])
    assert told(found) == [("SC2086", 3, INDENT + 7, "$repo")]
    assert found[0].corrected == '      cp -- "$repo" /x'
    assert found[0].message == "Double quote to prevent globbing and word splitting"
    assert found[0].fix is not None and '"${x}"' in found[0].fix


def test_columns_count_code_points_and_tabs_as_one() -> None:
    found = lint_bodies([spec_body("printf '%s\\n' 'ä😀'\t$^x^")], [["x"]])
    assert told(found) == [("SC2086", 2, INDENT + len("printf '%s\\n' 'ä😀'\t") + 1, "$x")]


def test_a_finding_about_a_constant_is_at_its_reference() -> None:
    found = lint_bodies([spec_body("[ -d @ ]", constant="/opt/gw")], [[]])
    assert told(found) == [("SC2292", 2, INDENT + 1, "[ -d ${a.b} ]")]
    assert found[0].corrected == "      [[ -d ${a.b} ]]"


@pytest.mark.parametrize(
    ("line", "code", "corrected"),
    [
        ("echo '$HOME/x'", "SC2016", '      echo "\\$HOME/x"'),
        ("ls $(date)", "SC2046", '      ls "$(date)"'),
        ('cd /tmp/x; x=$1; ls "${x}"', None, None),
        ('x=`date`; echo "${x}"', "SC2006", '      x=$(date); echo "${x}"'),
        ('for f in $^list^; do echo "${f}"; done', None, None),
    ],
)
def test_the_corrected_line(line: str, code: str | None, corrected: str | None) -> None:
    found = lint_bodies([spec_body(line)], [["list"]])
    if code is None:
        assert [d.corrected for d in found if d.corrected is not None] == []
    else:
        assert corrected in [d.corrected for d in found if d.code == code]


@pytest.mark.parametrize(
    ("line", "code", "fix"),
    [
        ('ssh h "ls ${x}"', "SC2029", "<<'E'"),
        ("source ./env", "SC1091", "# shellcheck source=/dev/null"),
        ('source "${x}"', "SC1090", "# shellcheck source=/dev/null"),
        ('ls "$(date)"', "SC2312", "x=$(…)"),
    ],
)
def test_known_cures_are_shown(line: str, code: str, fix: str) -> None:
    found = [d for d in lint_bodies([spec_body(line)], [["x"]]) if d.code == code]
    assert found and found[0].fix is not None and fix in found[0].fix


def test_the_cure_for_source_is_one() -> None:
    assert lint_bodies([spec_body("# shellcheck source=/dev/null", "source ./env")], [[]]) == ()


def test_each_finding_says_what_to_do() -> None:
    found = lint_bodies([spec_body("tr '[a-z]' '[A-Z]'", "sudo echo a > /etc/x", "let i=1")], [[]])
    assert found and all(d.fix or d.corrected for d in found)


@pytest.mark.parametrize(
    "directive",
    [
        "# shellcheck disable=SC2086",
        "#shellcheck disable=all",
        "#  shellcheck shell=sh disable=SC2086",
        "true # shellcheck disable=SC2086",
    ],
)
def test_no_directive_silences_a_finding(directive: str) -> None:
    found = lint_bodies([spec_body(directive, "ls $^x^")], [["x"]])
    assert ("SC2086", 3, INDENT + 4, "$x") in told(found)


@pytest.mark.parametrize(("name", "value"), [("SHELLCHECK_OPTS", "-e SC2086"), ("LC_ALL", "C"), ("LANG", "C")])
def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert told(lint_bodies([spec_body("echo 'ä' $^x^")], [["x"]])) == [("SC2086", 2, INDENT + 10, "$x")]


def test_an_rc_file_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".shellcheckrc").write_text("disable=all\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert lint_bodies([spec_body("ls $^x^")], [["x"]]) != ()


def test_bodies_are_linted_unwrapped_and_under_errexit() -> None:
    assert lint_bodies([spec_body("ls", "}", "evil() {")], [[]]) != ()
    assert "SC2310" in [d.code for d in lint_bodies([spec_body("f() { true; }", "if f; then ls; fi")], [[]])]


def test_a_name_is_opaque() -> None:
    assert [d.code for d in lint_bodies([spec_body('rm -r "$^x^/"', "ls $^x^")], [["x"]])] == ["SC2115", "SC2086"]


@pytest.mark.parametrize(
    "line", ["if true; then", "echo 'a", 'echo "a', "cat <<E", "for", "(", "x=$(", "case", ")", "echo a |", "fi", "f() {"]
)
def test_what_does_not_parse_is_the_operators_too(line: str) -> None:
    found = lint_bodies([spec_body("true", line)], [[]])
    assert found
    assert all(d.span is not None and 2 <= d.span.line <= 4 for d in found)


def test_many_bodies_keep_their_findings_apart() -> None:
    bodies = [spec_body("true", "ls $^x^") if n % 3 == 0 else spec_body("true") for n in range(30)]
    found = lint_bodies(bodies, [["x"]] * 30, jobs=2)
    assert sorted(id(d.span.source) for d in found if d.span) == sorted(id(b.span.source) for b in bodies[::3])


def test_a_finding_in_our_own_command_is_our_fault() -> None:
    source = Source("specs/a.rb", "http x\n")
    with pytest.raises(InternalFinding, match="SC2086"):
        lint_bodies([Body((Piece("ls ${x}", source.span(0, 6), Origin.INSERTED),))], [["x"]])


# ── whole scripts ─────────────────────────────────────────────────────────────


def script(template: str, body: Body) -> Rendered:
    return render._render(environment("bash").from_string(template), {"b": Code(body, 2)})


def test_a_script_is_clean_or_says_where() -> None:
    good = "#!/bin/bash -p\nf() {\n{{ b }}\n}\n{ f; }\n"
    assert lint_script(script(good, spec_body("ls"))) == ()
    assert told(lint_script(script(good, spec_body("true", "", "ls $^HOME^/*x")))) == [("SC2086", 4, INDENT + 4, "$HOME")]


def test_a_finding_outside_of_operators_text_is_our_fault() -> None:
    with pytest.raises(InternalFinding, match=r"SC2086 in generated text, line 5: .*`ls \$\{HOME\}`"):
        lint_script(script("#!/bin/bash -p\nf() {\n{{ b }}\n}\nls ${HOME}\nf\n", spec_body("ls")))


# ── cache ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many texts each run of ShellCheck got."""
    seen: list[int] = []
    real = shellcheck_process.run

    def run(texts: list[str], jobs: int = 1) -> list[tuple[shellcheck_process.Finding, ...]]:
        seen.append(len(texts))
        return real(texts, jobs)

    monkeypatch.setattr(shellcheck_process, "run", run)
    yield seen


def test_what_is_clean_is_not_checked_again(tmp_path: Path, runs: list[int]) -> None:
    bodies = [spec_body("ls"), spec_body("ls"), spec_body("ls /"), spec_body("ls $^x^")]
    for expected in ([3], [3, 1], [3, 1, 1]):
        assert len(lint_bodies(bodies, [["x"]] * 4, Cache(tmp_path))) == 1
        assert runs == expected
    assert lint_bodies([spec_body("ls /")], [["x"]], Cache(tmp_path)) == ()
    assert runs == [3, 1, 1]


def test_the_machinery_is_checked_once_for_all_own_parts(tmp_path: Path, runs: list[int]) -> None:
    for extra in ("#2", "  ls /", '  i=1\n  echo "${i}"'):
        assert lint_composed(Rendered(OWN.replace("#2", extra)), RUNTIME, Cache(tmp_path)) == ()
    functions_and_what_is_left = 4
    assert runs == [1 + functions_and_what_is_left, 1, 1]


def test_a_function_is_checked_once_for_all_selections_of_pieces(tmp_path: Path, runs: list[int]) -> None:
    more = 'rbc_extra() {\n  local word=$1\n  rbc_say "${word}"\n}\n'
    assert lint_composed(Rendered(OWN), RUNTIME, Cache(tmp_path)) == ()
    own = OWN.replace("#3", "  rbc_extra b\n#3")
    assert lint_composed(Rendered(own), more + RUNTIME, Cache(tmp_path)) == ()
    assert runs[1:] == [2]  # the own part and the new function


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"abc\n\n", b"0" * 64, b"\0" * 100])
def test_a_damaged_cache_is_none(tmp_path: Path, runs: list[int], content: bytes) -> None:
    lint_bodies([spec_body("ls")], [[]], Cache(tmp_path))
    file = next(tmp_path.iterdir())
    file.write_bytes(content)
    lint_bodies([spec_body("ls")], [[]], Cache(tmp_path))
    lint_bodies([spec_body("ls")], [[]], Cache(tmp_path))
    assert runs[:2] == [1, 1]
    assert len(runs) == (3 if b"\xff" in content else 2)


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/nothing")):
        cache = Cache(folder)
        assert lint_bodies([spec_body("ls")], [[]], cache) == ()
        assert cache.clean(shellcheck.body_alone(spec_body("ls"), []).text)


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Cache.default().remember(["a"])
    file = next((tmp_path / "cache" / "rbc").iterdir())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    Cache.default().remember(["a"])
    assert (tmp_path / ".cache" / "rbc").is_dir() and not Path("relative").exists()


# ── never without it ──────────────────────────────────────────────────────────


def fake(folder: Path, text: str) -> Path:
    program = folder / "shellcheck"
    program.write_text(text)
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\nexit 2\n",
        "#!/bin/sh\necho '{'\n",
        "#!/bin/sh\nexit 0\n",
        "#!/bin/sh\necho '{\"comments\": 1}'\n",
        "#!/bin/sh\necho '[]'; exit 1\n",
        "#!/bin/sh\nkill -9 $$\n",
        "#!/nonexistent\n",
    ],
)
def test_a_checker_that_fails_is_a_build_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    program = str(fake(tmp_path, text))
    monkeypatch.setattr(shellcheck_process, "binary", lambda: program)
    with pytest.raises(Refused) as refused:
        lint_bodies([spec_body("ls")], [[]])
    assert [d.code for d in refused.value.diagnostics] == ["RB430"]


def test_a_missing_checker_is_a_build_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shellcheck_process.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(shellcheck_process.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    shellcheck_process.binary.cache_clear()
    try:
        with pytest.raises(Refused, match="RB430"):
            lint_bodies([spec_body("ls")], [[]])
        program = fake(tmp_path, "#!/bin/sh\n")
        assert shellcheck_process.binary() == str(program)
    finally:
        shellcheck_process.binary.cache_clear()


def test_the_pinned_version_is_the_one_that_runs(shellcheck: str) -> None:
    assert Path(shellcheck).samefile(shellcheck_process.binary())
    assert shellcheck_process.version() == "0.11.0"
