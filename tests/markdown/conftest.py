"""The gateway's Plan, lowered from its spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.pipeline import plan
from compiler.plan.model import Plan
from compiler.project import Project

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def gateway() -> Plan:
    project = Project(ROOT)
    made, found = plan(project.read(ROOT / "specs/gateway.rb"), project)
    assert made is not None, found
    return made
