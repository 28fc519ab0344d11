from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compiler.build import exchange, manifest, staging
from compiler.build.staging import Change, publish
from compiler.diagnostics import Refused


def tree(files: dict[str, str], spec: str = "specs/x.rb") -> dict[str, bytes]:
    """The files of one spec's folder, with the manifest that makes them ours."""
    contents = {name: text.encode() for name, text in files.items()}
    contents[manifest.NAME] = manifest.render(spec, {spec: "0"}, contents, compiler="1", shellcheck="2", verdict="3")
    return contents


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {name: content for name, content, _ in manifest.contents(folder)}


OLD = tree({"x.sh": "old\n", "README.md": "old\n"})
NEW = tree({"x.sh": "new\n", "README.md": "new\n", "more.sh": "more\n"})


def code(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def test_publishes_into_a_new_folder_with_scripts_executable(tmp_path: Path) -> None:
    publish(tmp_path / "a" / "out", [Change("web/x", NEW)])
    place = tmp_path / "a" / "out" / "web" / "x"
    assert snapshot(place) == NEW
    assert (place / "x.sh").stat().st_mode & 0o777 == 0o755
    assert (place / "README.md").stat().st_mode & 0o777 == 0o644
    assert place.stat().st_mode & 0o777 == 0o755
    assert sorted(p.name for p in (tmp_path / "a" / "out").iterdir()) == ["web"]


@pytest.mark.parametrize("kernel", [True, False], ids=["exchange", "two-renames"])
def test_replaces_removes_and_leaves_others_alone(tmp_path: Path, kernel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kernel:
        monkeypatch.setattr(staging, "exchange", lambda one, other: False)
    publish(tmp_path, [Change("x", OLD), Change("gone/y", OLD), Change("other", OLD)])
    publish(tmp_path, [Change("x", NEW), Change("gone/y", None), Change("fresh", NEW)])
    assert snapshot(tmp_path / "x") == NEW
    assert snapshot(tmp_path / "other") == OLD
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fresh", "other", "x"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.sh", "edited\n"), ("notes.txt", "mine\n"), ("sub/notes.txt", "mine\n")],
    ids=["edited", "added", "below"],
)
@pytest.mark.parametrize("files", [NEW, None], ids=["replace", "remove"])
def test_a_file_that_is_not_ours_refuses_everything(tmp_path: Path, name: str, text: str, files: dict[str, bytes] | None) -> None:
    publish(tmp_path, [Change("a", OLD), Change("x", OLD)])
    path = tmp_path / "x" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    before = snapshot(tmp_path)
    with pytest.raises(Refused) as caught:
        publish(tmp_path, [Change("a", NEW), Change("x", files)])
    assert code(caught) == ["RB605"]
    assert f"`{name}`" in caught.value.diagnostics[0].message
    assert snapshot(tmp_path) == before


def test_an_edit_that_equals_the_new_output_is_no_loss(tmp_path: Path) -> None:
    publish(tmp_path, [Change("x", OLD)])
    (tmp_path / "x" / "x.sh").write_bytes(NEW["x.sh"])
    publish(tmp_path, [Change("x", NEW)])
    assert snapshot(tmp_path / "x") == NEW


def test_a_folder_without_our_manifest_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "x.sh").write_text("somebody's\n")
    with pytest.raises(Refused) as caught:
        publish(tmp_path, [Change("x", NEW)])
    assert code(caught) == ["RB605"]
    assert (tmp_path / "x" / "x.sh").read_text() == "somebody's\n"


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b'{"format": 1, "spec": 1, "outputs": {}}', b"\xff", b"[" * 10**5])
def test_a_damaged_manifest_vouches_for_nothing(tmp_path: Path, damage: bytes) -> None:
    publish(tmp_path, [Change("x", OLD)])
    (tmp_path / "x" / manifest.NAME).write_bytes(damage)
    with pytest.raises(Refused) as caught:
        publish(tmp_path, [Change("x", NEW)])
    assert code(caught) == ["RB605"]


def test_a_pipe_in_the_place_of_a_manifest_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    os.mkfifo(tmp_path / "x" / manifest.NAME)
    assert manifest.read(tmp_path / "x") is None
    with pytest.raises(Refused) as caught:
        publish(tmp_path, [Change("x", NEW)])
    assert code(caught) == ["RB605"]


@pytest.mark.parametrize("listed", ['["../kept"]', '["/etc"]', '[7, null, {"a": 1}, [""]]', "7", "null", "[" * 10**5, "", None])
def test_a_list_of_moved_folders_that_is_not_ours_moves_nothing(tmp_path: Path, listed: str | None) -> None:
    out = tmp_path / "out"
    stage = out / f"{staging.PREFIX}0123456789abcdef"
    (stage / "old").mkdir(parents=True)
    (stage / "kept").mkdir()  # what `old/../kept` would name
    if listed is None:
        os.mkfifo(stage / "moved.json")
    else:
        (stage / "moved.json").write_text(listed)
    publish(out, [Change("x", NEW)])
    assert snapshot(out) == {f"x/{name}": content for name, content in NEW.items()}
    assert not (tmp_path / "kept").exists()


def test_a_name_that_no_file_can_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        publish(tmp_path / ("o" * 300), [Change("x", NEW)])
    assert code(caught) == ["RB606"]


def test_a_symbolic_link_on_the_way_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    out = tmp_path / "out"
    out.mkdir()
    (out / "web").symlink_to(elsewhere)
    with pytest.raises(Refused) as caught:
        publish(out, [Change("web/x", NEW)])
    assert code(caught) == ["RB605"]
    assert not list(elsewhere.iterdir())


def test_a_file_in_the_place_of_out_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(Refused) as caught:
        publish(tmp_path / "out", [Change("x", NEW)])
    assert code(caught) == ["RB606"]


def test_a_failure_between_two_folders_puts_the_first_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, [Change("a", OLD), Change("b", OLD)])
    before = snapshot(tmp_path)

    def failing(one: Path, other: Path) -> bool:
        if other.name == "b":
            raise OSError(errno.EACCES, "Permission denied")
        return exchange.exchange(one, other)

    monkeypatch.setattr(staging, "exchange", failing)
    with pytest.raises(Refused) as caught:
        publish(tmp_path, [Change("a", NEW), Change("b", NEW)])
    assert code(caught) == ["RB606"]
    assert snapshot(tmp_path) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", out], check=True)
    try:
        publish(out, [Change("x", OLD)])
        before = snapshot(out)
        with pytest.raises(Refused) as caught:
            publish(out, [Change("x", tree({"x.sh": "x" * 500_000})), Change("y", NEW)])
        assert code(caught) == ["RB606"]
        assert "No space left" in caught.value.diagnostics[0].message
        assert snapshot(out) == before
    finally:
        subprocess.run(["umount", out], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="a read-only mount needs root")
def test_a_read_only_out_is_an_error_and_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, [Change("x", OLD)])
    subprocess.run(["mount", "--bind", out, out], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", out], check=True)
        with pytest.raises(Refused) as caught:
            publish(out, [Change("x", NEW)])
        assert code(caught) == ["RB606"]
        assert "Read-only" in caught.value.diagnostics[0].message
        assert snapshot(out / "x") == OLD
    finally:
        subprocess.run(["umount", out], check=True)


# The child publishes NEW over OLD and is killed at its Nth call of the operating system that changes a name or syncs.
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {project!r}]
from compiler.build import staging
from test_staging import NEW
left = int(sys.argv[2])
def audit(event, args):
    global left
    if event in ("os.rename", "os.mkdir", "os.rmdir", "os.remove", "open", "os.chmod", "ctypes.dlsym") and armed:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
armed = False
sys.addaudithook(audit)
if sys.argv[3] == "two-renames":
    staging.exchange = lambda one, other: False
armed = True
staging.publish(Path(sys.argv[1]), [staging.Change(n, NEW) for n in ("a", "b")] + [staging.Change("gone", None)])
armed = False
print("done")
"""


@pytest.mark.parametrize("way", ["exchange", "two-renames"])
def test_a_build_killed_anywhere_leaves_whole_folders_and_the_next_one_cleans_up(tmp_path: Path, way: str) -> None:
    program = tmp_path / "killed.py"
    program.write_text(KILLED.format(tests=str(Path(__file__).parent), project=str(Path(__file__).parents[2])))
    finished, killed = False, 0
    for point in range(1, 200, 3):
        out = tmp_path / f"out{point}"
        publish(out, [Change(name, OLD) for name in ("a", "b", "gone", "other")])
        child = subprocess.run([sys.executable, program, out, str(point), way], capture_output=True, text=True, check=False)
        if child.returncode == 0:
            finished = True
            break
        assert child.returncode == -signal.SIGKILL, child.stderr
        killed += 1
        if way == "exchange":
            assert all(snapshot(out / name) in (OLD, NEW) for name in ("a", "b"))
        publish(out, [Change("unrelated", NEW)])
        assert sorted(p.name for p in out.iterdir()) in (
            ["a", "b", "gone", "other", "unrelated"],
            ["a", "b", "other", "unrelated"],
        )
        assert all(snapshot(out / name) in (OLD, NEW) for name in ("a", "b"))
        assert snapshot(out / "gone") in (OLD, {})
        assert snapshot(out / "other") == OLD
    assert finished
    assert killed > 10


def test_a_second_build_waits_for_the_first(tmp_path: Path) -> None:
    program = f"""
import sys; from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from compiler.build.staging import Change, publish
from test_staging import NEW
publish(Path({str(tmp_path)!r}), [Change("x", NEW)])
"""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    child = subprocess.Popen([sys.executable, "-c", program])
    time.sleep(0.5)
    assert child.poll() is None
    assert not list(tmp_path.iterdir())
    os.close(descriptor)
    assert child.wait() == 0
    assert snapshot(tmp_path / "x") == NEW


def test_many_builds_at_once_leave_one_whole_result(tmp_path: Path) -> None:
    program = f"""
import sys; from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from compiler.build.staging import Change, publish
from test_staging import NEW, OLD
for turn in range(10):
    publish(Path({str(tmp_path)!r}), [Change(n, (NEW, OLD)[turn % 2]) for n in ("x", "y")])
"""
    children = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert snapshot(tmp_path / "x") == snapshot(tmp_path / "y") == OLD
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x", "y"]


def test_an_interrupt_during_the_exchange_is_held_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, [Change("a", OLD), Change("b", OLD)])

    def interrupting(one: Path, other: Path) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return exchange.exchange(one, other)

    monkeypatch.setattr(staging, "exchange", interrupting)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, [Change("a", NEW), Change("b", NEW)])
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b") == NEW
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]
