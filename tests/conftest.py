"""How the tests are spread over processes: `pytest -n auto`."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: much of the suite waits for scripts that wait."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Tests that build on each other (`xdist_group`) stay together, and every other one goes to whoever is free."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "loadgroup"
    elif hasattr(config, "workerinput"):  # a worker reads the command line only, and would not know
        config.option.loadgroup = True
