from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .world.host import Host
from .world.tools import missing


@pytest.fixture(scope="session")
def _engine_possible() -> None:
    lacking = missing()
    if lacking:
        why = f"a world of real parts lacks: {', '.join(lacking)} (.ci/engine installs them)"
        if os.environ.get("RBC_REQUIRE_ENGINE") == "1":
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture
def host(_engine_possible: None) -> Iterator[Host]:
    """A private host with an engine and an empty registry; nothing of it outlives the test."""
    with Host() as host:
        yield host
