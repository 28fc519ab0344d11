"""The world of one test of a generated script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import audited
from .worlds import World, compile_text


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "tampered: the test leaves a log behind that it changed itself")


@pytest.fixture(autouse=True)
def _audit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """After every test its logs are read: records by the schema, chains that are whole."""
    yield
    if request.node.get_closest_marker("tampered") is None:
        audited.hold(sorted(tmp_path.glob("**/audit.jsonl")))


@pytest.fixture
def world(tmp_path: Path) -> Callable[[str], World]:
    def make(spec: str) -> World:
        path = tmp_path / "t.sh"
        path.write_text(compile_text(spec).text)
        path.chmod(0o755)
        return World(tmp_path, path)

    return make
