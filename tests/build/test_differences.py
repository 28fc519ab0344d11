from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from compiler.build.differences import differences
from compiler.build.staging import Change, publish


def kinds(out: Path, change: Change) -> list[tuple[str, str]]:
    return [(difference.path, difference.kind) for difference in differences(out, change)]


def test_nothing_where_all_is_as_built(tmp_path: Path) -> None:
    change = Change("x", {"x.sh": b"a\n", "sub/README.md": b"", "bare": b"no newline"})
    publish(tmp_path / "out", [change])
    assert kinds(tmp_path / "out", change) == []


def test_changed_missing_left_over_and_mode(tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(out, [Change("x", {"x.sh": b"a\n", "old.sh": b"", "mode.sh": b""})])
    (out / "x" / "mode.sh").chmod(0o644)
    (out / "x" / "link").symlink_to("x.sh")
    assert kinds(out, Change("x", {"x.sh": b"b\n", "new.sh": b"", "mode.sh": b""})) == [
        ("out/x/link", "left over"),
        ("out/x/mode.sh", "changed"),
        ("out/x/new.sh", "missing"),
        ("out/x/old.sh", "left over"),
        ("out/x/x.sh", "changed"),
    ]
    assert kinds(out, Change("x", None))[-1] == ("out/x/x.sh", "left over")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a\nb\n", b"a\nc\n"),
        (b"a\nb", b"a\nb\n"),
        (b"", b"a"),
        (b"a\r\nb\n", b"a\nb\n"),
        ("ä\x0cb\u2028c\n".encode(), "ä\x0cb\u2028d\n".encode()),
    ],
    ids=["line", "newline-at-end", "from-empty", "crlf", "odd-separators"],
)
def test_the_diff_is_one_that_patch_applies(tmp_path: Path, old: bytes, new: bytes) -> None:
    out = tmp_path / "out"
    publish(out, [Change("x", {"f": old})])
    change = Change("x", {"f": new})
    (difference,) = differences(out, change)
    text = "\n".join(difference.lines) + "\n"
    subprocess.run(["patch", "--binary", "-p0"], input=text.encode(), cwd=tmp_path, check=True, capture_output=True)
    assert (out / "x" / "f").read_bytes() == new
