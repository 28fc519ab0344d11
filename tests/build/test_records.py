from __future__ import annotations

import os
from pathlib import Path

import pytest

from compiler.build import cache, manifest
from compiler.build.cache import Records, fingerprint
from compiler.build.inputs import Spec

FILES = {"x.sh": b"#!/bin/bash\n", "README.md": b"# x\n", manifest.NAME: b"{}\n"}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Records, Spec, Path]:
    """A spec that uses a library and looked for a compose file in vain, built, with its record."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "x.rb").write_text("runbook x {}\n")
    (tmp_path / "library.rb").write_text("host h {}\n")
    spec = Spec(tmp_path / "x.rb", tmp_path, "x.rb")
    place = tmp_path / "out" / "x"
    place.mkdir(parents=True)
    for name, content in FILES.items():
        (place / name).write_bytes(content)
    (place / "x.sh").chmod(0o755)
    records = Records("compiler 1")
    inputs = {tmp_path / name: cache.hash_of(tmp_path / name) for name in ("x.rb", "library.rb", "compose.yml")}
    assert inputs[tmp_path / "compose.yml"] is None
    records.keep(spec, place, inputs, FILES)
    return records, spec, place


def test_a_record_holds_while_nothing_changes(kept: tuple[Records, Spec, Path]) -> None:
    records, spec, place = kept
    assert records.fresh(spec, place)
    assert Records("compiler 1").fresh(spec, place)
    os.utime(spec.path, (0, 0))
    assert records.fresh(spec, place), "a touched file is not a changed one"


CHANGES = {
    "spec": lambda place: (place.parents[1] / "x.rb").write_text("runbook x {} #\n"),
    "library": lambda place: (place.parents[1] / "library.rb").unlink(),
    "file that was missing": lambda place: (place.parents[1] / "compose.yml").touch(),
    "pipe in a source's place": lambda place: (
        (place.parents[1] / "library.rb").unlink(),
        os.mkfifo(place.parents[1] / "library.rb"),
    ),
    "output edited": lambda place: (place / "README.md").write_text("# y\n"),
    "output gone": lambda place: (place / "README.md").unlink(),
    "output added": lambda place: (place / "more").touch(),
    "output not executable": lambda place: (place / "x.sh").chmod(0o644),
    "text made executable": lambda place: (place / "README.md").chmod(0o755),
    "output a link": lambda place: ((place / "x.sh").rename(place.parent / "x.sh"), (place / "x.sh").symlink_to("../x.sh")),
    "folder gone": lambda place: place.rename(place.parent / "y"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_input_or_output_ends_it(kept: tuple[Records, Spec, Path], change: str) -> None:
    records, spec, place = kept
    CHANGES[change](place)
    assert not records.fresh(spec, place)


def test_another_compiler_spec_or_place_has_no_record(kept: tuple[Records, Spec, Path], tmp_path: Path) -> None:
    records, spec, place = kept
    assert not Records("compiler 2").fresh(spec, place)
    assert not records.fresh(Spec(spec.path, spec.root, "y.rb"), place)
    assert not records.fresh(spec, tmp_path / "other" / "x")


@pytest.mark.parametrize(
    "damage",
    [b"", b"\0", b"rbc 1 compiler 1\x00x", b"rbc 1 compiler 1\x000\0", b"rbc 1 compiler 1\0-9\0end", b"\0" * 10**5],
)
def test_a_damaged_record_is_ignored(kept: tuple[Records, Spec, Path], damage: bytes) -> None:
    records, spec, place = kept
    (record,) = records.folder.iterdir()
    whole = record.read_bytes()
    record.write_bytes(damage)
    assert not records.fresh(spec, place)
    for end in range(len(whole)):
        record.write_bytes(whole[:end])
        assert not records.fresh(spec, place), end


@pytest.mark.parametrize("where", ["/proc/nowhere", "relative/path", "/dev/null"])
def test_a_cache_that_cannot_be_written_is_no_error(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", where)
    monkeypatch.setenv("HOME", "/dev/null")
    monkeypatch.chdir(tmp_path)
    records = Records("c")
    records.keep(Spec(tmp_path / "x.rb", tmp_path, "x.rb"), tmp_path, {}, {})
    assert not records.fresh(Spec(tmp_path / "x.rb", tmp_path, "x.rb"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_old_records_are_dropped(kept: tuple[Records, Spec, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    records, spec, place = kept
    monkeypatch.setattr(cache, "_KEPT", 3)
    for number in range(5):
        records.keep(spec, place / str(number), {}, {})
    records.prune()
    assert len(list(records.folder.iterdir())) == 3


def copy_of_compiler(folder: Path) -> Path:
    """A package folder with one module and one template, in the place of the compiler's own."""
    package = folder / "compiler"
    (package / "emit").mkdir(parents=True)
    (package / "emit" / "bash.py").write_text("1\n")
    (folder / "templates").mkdir()
    (folder / "templates" / "script.sh.j2").write_text("1\n")
    return package


def test_the_fingerprint_is_of_compiler_templates_and_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = copy_of_compiler(tmp_path)
    monkeypatch.setattr(cache, "_PACKAGE", package)
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setattr("sys.executable", str(tools / "python"))
    for tool in cache._TOOLS:
        (tools / tool).write_text("1\n")
    seen = {fingerprint()}
    assert seen == {fingerprint()}
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.pyc").touch()
    assert seen == {fingerprint()}, "bytecode is no part of the compiler"
    for path in (package / "emit" / "bash.py", tmp_path / "templates" / "script.sh.j2", tools / "shellcheck", tools / "shfmt"):
        path.write_text("22\n")
        seen.add(fingerprint())
    (package / "emit" / "new.py").touch()
    seen.add(fingerprint())
    (package / "_templates").mkdir()
    seen.add(fingerprint())
    monkeypatch.setattr("sys.version", "4.0")
    seen.add(fingerprint())
    assert len(seen) == 8
