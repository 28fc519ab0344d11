"""The world of one test of a generated script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .worlds import World, compile_text


@pytest.fixture
def world(tmp_path: Path) -> Callable[[str], World]:
    def make(spec: str) -> World:
        path = tmp_path / "t.sh"
        path.write_text(compile_text(spec).text)
        path.chmod(0o755)
        return World(tmp_path, path)

    return make
