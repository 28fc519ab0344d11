from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.build import manifest

Rbc = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[..., Path]


def snapshot(folder: Path) -> dict[str, tuple[bytes | None, bool]]:
    return {name: (content, program) for name, content, program in manifest.contents(folder)}


def test_a_spec_becomes_a_folder(project: Path, rbc: Rbc, write: Write) -> None:
    write("web/a")
    done = rbc("build", "specs/web/a.rb")
    assert done.stdout == "built out/web/a\n"
    assert sorted(snapshot(project / "out")) == ["web/a/README.md", "web/a/a.sh", "web/a/manifest.json"]
    assert os.access(project / "out" / "web" / "a" / "a.sh", os.X_OK)
    said = json.loads((project / "out" / "web" / "a" / "manifest.json").read_text())
    assert said["spec"] == "specs/web/a.rb"
    assert set(said["sources"]) == {"specs/web/a.rb"}
    assert set(said["outputs"]) == {"README.md", "a.sh"}
    for name, expected in said["outputs"].items():
        assert manifest.digest((project / "out" / "web" / "a" / name).read_bytes()) == expected
    assert str(project) not in json.dumps(said)


def test_again_there_is_nothing_to_do_until_something_changes(
    project: Path, rbc: Rbc, write: Write, cache: Path, tmp_path: Path
) -> None:
    write("a")
    rbc("build", "specs")
    before = {path: path.stat().st_mtime_ns for path in (project / "out").rglob("*")}
    assert rbc("build", "specs").stdout == "nothing to do\n"
    own = tmp_path / "own"
    shutil.copytree(cache, own, ignore=shutil.ignore_patterns("builds"))
    assert rbc("build", "specs", XDG_CACHE_HOME=str(own)).stdout == "nothing to do\n"
    assert {path: path.stat().st_mtime_ns for path in (project / "out").rglob("*")} == before, "equal folders stay as they are"
    write("a", "# changed")
    assert rbc("build", "specs").stdout == "built out/a\n"


def test_a_used_library_is_an_input_and_builds_nothing(project: Path, rbc: Rbc, write: Write) -> None:
    (project / "specs").mkdir()
    library = project / "specs" / "library.rb"
    library.write_text("values v {\n  key one\n}\n")
    write("a", "use library.rb")
    assert rbc("build", "specs").stdout == "built out/a\n"
    assert rbc("build", "specs").stdout == "nothing to do\n"
    assert set(json.loads((project / "out/a/manifest.json").read_text())["sources"]) == {"specs/a.rb", "specs/library.rb"}
    library.write_text("values v {\n  key two\n}\n")
    assert rbc("build", "specs/a.rb").stdout == "built out/a\n"


def test_one_wrong_spec_and_nothing_is_written(project: Path, rbc: Rbc, write: Write) -> None:
    write("a")
    rbc("build", "specs")
    before = snapshot(project / "out")
    write("a", "# changed")
    write("b", "nonsense {}")
    write("c")
    done = rbc("build", "specs", check=1)
    assert "nonsense" in done.stderr
    assert "specs/b.rb" in done.stderr
    assert done.stdout == ""
    assert snapshot(project / "out") == before


def test_findings_as_json(rbc: Rbc, write: Write) -> None:
    write("b", "nonsense {}")
    done = rbc("build", "specs", "--format", "json", check=1)
    (found,) = json.loads(done.stdout)["diagnostics"]
    assert found["file"] == "specs/b.rb"
    assert done.stderr == ""
    write("b")
    assert json.loads(rbc("build", "specs", "--format", "json").stdout)["diagnostics"] == []


def test_many_processes_give_the_same_bytes_and_findings(project: Path, rbc: Rbc, write: Write) -> None:
    for number in range(4):
        write(f"s{number}")
    rbc("build", "specs", "-o", "one", "--jobs", "1")
    rbc("build", "specs", "-o", "four", "--jobs", "4")
    assert snapshot(project / "one") == snapshot(project / "four")
    write("s1", "nonsense {}")
    write("s3", "nonsense {}")
    one, four = (rbc("check", "specs", "--jobs", jobs, check=1).stderr for jobs in ("1", "4"))
    assert one == four
    assert one.index("specs/s1.rb") < one.index("specs/s3.rb")


def test_check_writes_nothing_and_shows_what_differs(project: Path, rbc: Rbc, write: Write) -> None:
    write("a")
    write("b")
    write("c")
    missing = rbc("build", "specs", "--check", check=1)
    assert "+++ out/a/a.sh" in missing.stdout
    assert not (project / "out").exists()
    rbc("build", "specs")
    assert rbc("build", "specs", "--check").stdout == "nothing to do\n"
    (project / "out/a/a.sh").write_text("edited\n")
    (project / "out/b/README.md").unlink()
    (project / "specs/c.rb").unlink()
    before = snapshot(project / "out")
    done = rbc("build", "--check", "specs", check=1)
    assert "-edited" in done.stdout
    for line in ("out/a/a.sh: changed", "out/b/README.md: missing", "out/c/c.sh: left over"):
        assert line in done.stderr
    codes = {
        found["code"] for found in json.loads(rbc("build", "--check", "specs", "--format", "json", check=1).stdout)["diagnostics"]
    }
    assert codes == {"RB608"}
    assert snapshot(project / "out") == before


def test_outputs_of_a_spec_that_is_gone_are_removed_unless_edited(project: Path, rbc: Rbc, write: Write) -> None:
    for name in ("a", "web/b", "c"):
        write(name)
    rbc("build", "specs")
    (project / "specs/web/b.rb").unlink()
    write("c").write_text("values v {\n  key one\n}\n")
    assert rbc("build", "specs/a.rb").stdout == "nothing to do\n"
    (project / "out/web/b/b.sh").write_text("edited\n")
    assert "RB605" in rbc("build", "specs", check=1).stderr
    assert (project / "out/c").exists()
    (project / "out/web/b/b.sh").unlink()
    done = rbc("build", "specs")
    assert done.stdout == "removed out/c: its spec is gone\nremoved out/web/b: its spec is gone\n"
    assert sorted(path.name for path in (project / "out").iterdir()) == ["a"]


def test_a_hand_edited_output_stops_the_build(project: Path, rbc: Rbc, write: Write) -> None:
    write("a")
    rbc("build", "specs")
    (project / "out/a/a.sh").write_text("edited\n")
    assert "RB605" in rbc("build", "specs", check=1).stderr
    assert (project / "out/a/a.sh").read_text() == "edited\n"


def test_two_specs_of_one_folder_are_refused_before_anything_is_written(project: Path, rbc: Rbc, write: Write) -> None:
    write("a").rename(project / "a.rb")
    write("a")
    assert "RB604" in rbc("build", "specs", "a.rb", check=1).stderr
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("build",),
        ("build", "missing.rb"),
        ("build", "--jobs", "0", "specs"),
        ("build", "--nonsense", "specs"),
        ("nonsense",),
        ("build", "-o", "specs/a.rb", "specs"),
    ],
)
def test_a_wrong_command_line_ends_2(rbc: Rbc, write: Write, arguments: tuple[str, ...]) -> None:
    write("a")
    done = rbc(*arguments, check=2)
    assert "Error:" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\xef\xbb\xbfrunbook x {\r\n}\r\n",
        b"\xff\xfe\x00",
        b"{" * 10_000,
        b"runbook " * 100_000,
        b"\x1b[31m",
        b"use x.rb\n",
        b"use ../../etc/passwd.rb\n",
    ],
    ids=["empty", "nul", "bom-crlf", "utf16", "braces", "long-line", "escape", "missing-use", "outside"],
)
def test_any_input_gives_findings_and_leaves_out_alone(project: Path, rbc: Rbc, write: Write, content: bytes) -> None:
    write("a")
    rbc("build", "specs")
    before = snapshot(project / "out")
    (project / "specs/b.rb").write_bytes(content)
    done = rbc("build", "specs", check=None)
    assert done.returncode in (0, 1)
    assert done.returncode == 0 or "error" in done.stderr
    assert "\x1b" not in done.stderr
    assert snapshot(project / "out") == before


def test_the_place_the_time_and_the_locale_make_no_difference(tmp_path: Path, project: Path, rbc: Rbc, write: Write) -> None:
    spec = write("a", 'values v {\n  key "ä"\n}')
    rbc("build", "specs")
    elsewhere = tmp_path / "ä n o t h e r"
    (elsewhere / "specs").mkdir(parents=True)
    (elsewhere / "rbc.toml").touch()
    (elsewhere / "specs" / "a.rb").write_bytes(spec.read_bytes())
    odd = {
        "LC_ALL": "C",
        "TZ": "Pacific/Kiritimati",
        "PYTHONHASHSEED": "7",
        "HOME": "/nowhere",
        "USER": "nobody",
        "SOURCE_DATE_EPOCH": "1",
    }
    rbc("build", elsewhere / "specs", **odd)
    assert snapshot(elsewhere / "out") == snapshot(project / "out")


def test_an_interrupt_leaves_the_old_outputs_and_says_so(project: Path, rbc: Rbc, write: Write, cache: Path) -> None:
    for number in range(6):
        write(f"s{number}")
    rbc("build", "specs", "--jobs", "1")
    before = snapshot(project / "out")
    for number in range(6):
        write(f"s{number}", "# changed")
    child = subprocess.Popen(
        [sys.executable, "-c", "from compiler.cli import main; main()", "build", "specs", "--jobs", "2"],
        cwd=project,
        env=os.environ | {"XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while child.poll() is None and not Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text():
        time.sleep(0.01)  # until its workers are there
    os.killpg(child.pid, signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 130, said
    assert "interrupted" in said
    assert "Traceback" not in said
    assert snapshot(project / "out") == before
