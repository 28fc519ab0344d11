"""How the tests are spread over processes (`pytest -n auto`), and what these share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

# Their tests build on each other, in the order of the file, or all begin from the same, which takes long to make.
TOGETHER = (
    "tests/e2e/test_hauski.py",
    "tests/e2e/test_inlock.py",
    "tests/build/test_environments.py",
    "tests/rehearse/test_rehearsal.py",
)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests of a run, those of other processes too: ShellCheck reads the runtime once."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "rbc-cache"


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
