from __future__ import annotations

import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tools() -> Path:
    """Where this environment's shellcheck and shfmt are."""
    return Path(sys.executable).parent
