"""Reading files: any file at all gives a text or a diagnostic, soon."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.decode import MAX_FILE, MAX_LINE, decode
from compiler.diagnostics import Diagnostic, Refused
from compiler.project import Project, find_root
from compiler.source import Source, Span


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    (root / "specs").mkdir(parents=True)
    (root / "pyproject.toml").touch()
    return Project(root)


def refused(project: Project, path: Path, span: Span | None = None) -> Diagnostic:
    with pytest.raises(Refused) as caught:
        project.read(path, span)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def not_decoded(data: bytes) -> tuple[Diagnostic, ...]:
    with pytest.raises(Refused) as caught:
        decode("a.rb", data)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a\n", "a\n"),
        (b"\xef\xbb\xbfa\n", "a\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"a\x0cb\n\x0c\n", "a b\n \n"),
        (b"a\tb", "a\tb"),
        ("ä日😀\u00a0".encode(), "ä日😀\u00a0"),
    ],
)
def test_what_is_normalised(data: bytes, text: str) -> None:
    assert decode("a.rb", data).text == text


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"ok\nab\0c", "RB009", 2, 3),
        (b"ok\n\xc3\xa4\xff", "RB008", 2, 2),
        (b"ok\r\n\xed\xa0\x80", "RB008", 2, 1),
        (b"a\x1b[31m", "RB010", 1, 2),
        (b"a\rb", "RB010", 1, 2),
        (b"\x7f", "RB010", 1, 1),
        ("\u0085".encode(), "RB010", 1, 1),
        ("a\n\u2028".encode(), "RB010", 2, 1),
        ("a \u202e b".encode(), "RB011", 1, 3),
        ("\u200f".encode(), "RB011", 1, 1),
    ],
)
def test_what_is_refused_has_a_place(data: bytes, code: str, line: int, column: int) -> None:
    (found,) = not_decoded(data)
    assert found.span is not None
    assert (found.code, found.span.line, found.span.column) == (code, line, column)


def test_several_control_characters_are_told() -> None:
    assert len(not_decoded(b"a\x01\nb\x02\n\xe2\x80\xae")) == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named(encoding: str) -> None:
    (found,) = not_decoded("host web {\n}\n".encode(encoding))
    assert found.code == "RB008" and "UTF-16" in found.message


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_line_limit_is_exact(ending: bytes) -> None:
    fits = b"x\n" + b"a" * MAX_LINE + ending
    assert decode("a.rb", fits).text.startswith("x\na")
    (found,) = not_decoded(b"x\n" + b"a" * (MAX_LINE + 1) + ending + b"y\n")
    assert found.code == "RB007" and found.message.startswith("line 2 ")


def test_file_limit_is_exact(project: Project) -> None:
    fits, large = project.root / "fits.rb", project.root / "large.rb"
    fits.write_bytes(b"\n" * MAX_FILE)
    large.write_bytes(b"\n" * (MAX_FILE + 1))
    assert len(project.read(fits).text) == MAX_FILE
    assert refused(project, large).code == "RB006"


@given(st.binary(max_size=200))
def test_any_bytes_give_a_text_or_a_diagnostic(data: bytes) -> None:
    try:
        source = decode("a.rb", data)
    except Refused as error:
        assert all(d.code in ("RB008", "RB009", "RB010", "RB011") for d in error.diagnostics)
    else:
        assert decode("a.rb", source.text.encode()).text == source.text or source.text.startswith("\ufeff")


def test_a_file_is_read_once_under_its_name(project: Project) -> None:
    path = project.root / "specs" / "a.rb"
    path.write_text("a\n")
    (project.root / "alias.rb").symlink_to(path)
    source = project.read(path)
    assert source.name == "specs/a.rb"
    assert project.read(project.root / "specs" / ".." / "specs" / "a.rb") is source
    assert project.read(project.root / "alias.rb") is source


def test_a_missing_file_names_its_neighbour(project: Project) -> None:
    (project.root / "specs" / "gateway.rb").touch()
    found = refused(project, project.root / "specs" / "gatway.rb")
    assert (found.code, found.fix) == ("RB001", "did you mean `gateway.rb`?")
    assert refused(project, project.root / "nowhere" / "a.rb").message.endswith("its folder neither")
    assert refused(project, project.root / "specs" / "gateway.rb" / "x").code == "RB001"


def test_what_is_not_a_file_is_refused_without_waiting(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    fifo, sock = project.root / "fifo.rb", project.root / "s"
    os.mkfifo(fifo)
    monkeypatch.chdir(project.root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        assert refused(project, sock).code == "RB004"
    assert refused(project, fifo).code == "RB004"
    assert refused(project, Path("/dev/zero")).code == "RB004"
    assert refused(project, project.root / "specs").code == "RB003"


def test_links_that_lead_nowhere(project: Project) -> None:
    loop, dangling = project.root / "loop.rb", project.root / "dangling.rb"
    loop.symlink_to(loop)
    dangling.symlink_to("nothing")
    assert refused(project, loop).code == "RB005"
    assert refused(project, dangling).code == "RB001"


def test_an_unreadable_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project.root / "a.rb"
    path.touch()

    def forbid(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbid)
    found = refused(project, path)
    assert found.code == "RB002" and "Permission denied" in found.message


def test_a_file_that_changes_while_it_is_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project.root / "a.rb"
    path.write_bytes(b"a\n")
    read = os.read

    def read_and_write(descriptor: int, count: int) -> bytes:
        data = read(descriptor, count)
        if path.stat().st_size == 2:
            path.write_bytes(b"changed\n")
        return data

    monkeypatch.setattr(os, "read", read_and_write)
    assert refused(project, path).code == "RB013"


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "a\nb", "\udcff"])
def test_odd_names(project: Project, name: str) -> None:
    assert refused(project, project.root / name).code in ("RB001", "RB002")


class TestUse:
    def spec(self, project: Project) -> Span:
        path = project.root / "specs" / "a.rb"
        path.write_text("use b.rb\n")
        return project.read(path).span(4, 8)

    def test_is_relative_to_the_file_that_says_it(self, project: Project) -> None:
        span = self.spec(project)
        (project.root / "specs" / "b.rb").write_text("b\n")
        (project.root / "hosts.yml").write_text("h: 1\n")
        assert project.load("b.rb", span.source, span).name == "specs/b.rb"
        assert project.load("../hosts.yml", span.source, span).text == "h: 1\n"

    def test_of_a_source_that_was_not_read_here_goes_by_its_name(self, project: Project) -> None:
        (project.root / "specs" / "b.rb").write_text("b\n")
        source = Source("specs/x.rb", "use b.rb")
        assert project.load("b.rb", source, source.span(0, 3)).text == "b\n"

    @pytest.mark.parametrize("name", ["../../outside.rb", "/etc/passwd", "link.rb", "folder/outside.rb", "../../nothing.rb", ""])
    def test_never_leaves_the_project(self, project: Project, name: str) -> None:
        span = self.spec(project)
        outside = project.root.parent / "outside.rb"
        outside.write_text("secret\n")
        (project.root / "specs" / "link.rb").symlink_to(outside)
        (project.root / "specs" / "folder").symlink_to(project.root.parent)
        with pytest.raises(Refused) as caught:
            project.load(name, span.source, span)
        (found,) = caught.value.diagnostics
        assert (found.code, found.span) == ("RB012", span)
        assert "secret" not in str(caught.value)

    def test_mistakes_point_at_the_use(self, project: Project) -> None:
        span = self.spec(project)
        with pytest.raises(Refused) as caught:
            project.load("b.rb", span.source, span)
        assert [(d.code, d.span) for d in caught.value.diagnostics] == [("RB001", span)]


class TestRoot:
    @pytest.mark.parametrize("marker", ["rbc.toml", "pyproject.toml", ".git"])
    def test_is_the_nearest_marked_folder_upward(self, tmp_path: Path, marker: str) -> None:
        deep = tmp_path / "a" / "b" / "c"
        deep.mkdir(parents=True)
        (tmp_path / ".git").touch()
        (tmp_path / "a" / marker).touch()
        assert find_root(deep / "x.rb") == tmp_path / "a"
        assert find_root(deep) == tmp_path / "a"

    def test_is_the_own_folder_where_nothing_is_marked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("compiler.root.MARKERS", ("no-such-marker",))
        (tmp_path / "x.rb").touch()
        assert find_root(tmp_path / "x.rb") == tmp_path
        assert find_root(tmp_path) == tmp_path

    def test_of_a_loop_does_not_raise(self, tmp_path: Path) -> None:
        (tmp_path / ".git").touch()
        (tmp_path / "loop").symlink_to("loop")
        assert find_root(tmp_path / "loop" / "x.rb") == tmp_path
