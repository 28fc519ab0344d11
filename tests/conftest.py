"""How the tests are spread over processes: `pytest -n auto`."""

from __future__ import annotations

import os
from typing import Any

import pytest

# Their tests build on each other, in the order of the file.
TOGETHER = ("tests/e2e/test_hauski.py", "tests/e2e/test_inlock.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: much of the suite waits for scripts that wait."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Every test goes to whoever is free, but those of a file in `TOGETHER` to one process."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file.endswith(TOGETHER) else nodeid

    return Scheduling(config, log)
