from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .world.host import Host
from .world.tools import missing

sys.path.insert(0, str(Path(__file__).parents[1] / "script"))

import audited


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
    """A private host with an engine and an empty registry; nothing of it outlives the test. Its logs are read at the end."""
    with Host() as host:
        yield host
        audited.hold(sorted(host.path("/var/lib/rbc").glob("*/*/audit.jsonl")))
