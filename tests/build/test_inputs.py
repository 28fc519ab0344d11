from __future__ import annotations

import os
from pathlib import Path

import pytest

from compiler.build import layout
from compiler.build.inputs import Spec, collect
from compiler.diagnostics import Refused


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "rbc.toml").touch()
    for name in (
        "specs/b.rb",
        "specs/a.rb",
        "specs/web/c.rb",
        "specs/.hidden.rb",
        "specs/.cache/x.rb",
        "specs/notes.txt",
        "top.rb",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def test_a_folder_is_walked_in_order_without_hidden_entries(project: Path) -> None:
    assert [spec.name for spec in collect([project / "specs"]).specs] == ["specs/a.rb", "specs/b.rb", "specs/web/c.rb"]


def test_a_spec_reached_twice_is_taken_once(project: Path) -> None:
    found = collect([project / "specs" / "b.rb", project / "specs", project / "specs" / "web" / ".." / "a.rb"]).specs
    assert [spec.name for spec in found] == ["specs/b.rb", "specs/a.rb", "specs/web/c.rb"]


def test_links_are_left_out_of_a_walk_and_followed_when_named(project: Path) -> None:
    (project / "specs" / "loop").symlink_to(project / "specs")
    (project / "specs" / "link.rb").symlink_to("a.rb")
    (project / "specs" / "self.rb").symlink_to("self.rb")
    assert [spec.name for spec in collect([project / "specs"]).specs] == ["specs/a.rb", "specs/b.rb", "specs/web/c.rb"]
    assert [spec.name for spec in collect([project / "specs" / "link.rb"]).specs] == ["specs/a.rb"]


@pytest.mark.parametrize(
    ("name", "code"), [("missing.rb", "RB601"), ("specs/notes.txt", "RB601"), ("empty", "RB602"), ("loop.rb", "RB601")]
)
def test_paths_that_name_no_spec(project: Path, name: str, code: str) -> None:
    (project / "empty").mkdir()
    (project / "loop.rb").symlink_to("loop.rb")
    with pytest.raises(Refused) as caught:
        collect([project / name, project / "specs"])
    assert codes(caught) == [code]


@pytest.mark.parametrize("name", [b"new\nline.rb", b"\xff.rb", b"esc\x1b[31m.rb"])
def test_names_that_cannot_be_shown_are_refused_and_shown_escaped(project: Path, name: bytes) -> None:
    (Path(os.fsdecode(os.fsencode(project / "specs") + b"/" + name))).touch()
    with pytest.raises(Refused) as caught:
        collect([project / "specs"])
    assert codes(caught) == ["RB603"]
    caught.value.diagnostics[0].message.encode("ascii")


def test_a_folder_that_cannot_be_read(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refusing(folder: Path) -> object:
        if str(folder).endswith("web"):
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(Refused) as caught:
        collect([project / "specs"])
    assert codes(caught) == ["RB603"]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("specs/gateway.rb", "gateway"),
        ("specs/web/gateway.rb", "web/gateway"),
        ("gateway.rb", "gateway"),
        ("ops/gateway.rb", "ops/gateway"),
        ("specs.rb", "specs"),
        ("ops/specs/gateway.rb", "ops/specs/gateway"),
    ],
)
def test_where_a_spec_is_built(name: str, folder: str) -> None:
    assert layout.folder(name).as_posix() == folder


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("specs/a.rb", "a.rb", True),
        ("specs/a.rb", "specs/a/b.rb", True),
        ("specs/A.rb", "specs/a.rb", True),
        ("specs/a.rb", "specs/ab.rb", False),
        ("specs/a/b.rb", "specs/a/c.rb", False),
    ],
)
def test_two_specs_in_one_folder(tmp_path: Path, one: str, other: str, clash: bool) -> None:
    specs = [Spec(tmp_path / name, tmp_path, name) for name in (one, other)]
    found = list(layout.collisions((spec, layout.out_of(spec, None) / layout.folder(spec.name)) for spec in specs))
    assert [diagnostic.code for diagnostic in found] == (["RB604"] if clash else [])


def test_two_projects_in_one_out_clash_and_in_their_own_do_not(tmp_path: Path) -> None:
    specs = [Spec(tmp_path / root / "a.rb", tmp_path / root, "a.rb") for root in ("one", "two")]

    def clashes(out: Path | None) -> int:
        return len(list(layout.collisions((spec, layout.out_of(spec, out) / layout.folder(spec.name)) for spec in specs)))

    assert (clashes(None), clashes(tmp_path / "out")) == (0, 1)
