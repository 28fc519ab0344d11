"""Tools that the tests of the backends run."""

from __future__ import annotations

import shutil
import sysconfig

import pytest


@pytest.fixture(scope="session")
def shellcheck() -> str:
    """The pinned ShellCheck, as the build finds it."""
    found = shutil.which("shellcheck", path=sysconfig.get_path("scripts")) or shutil.which("shellcheck")
    assert found
    return found
