"""The scripts of the platform on real parts: engine, compose, a registry with tags of commits (`world/platform.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .world.host import Host
from .world.platform import DIR, FIRST, SECOND, UNWELL, Platform

pytestmark = pytest.mark.engine


@pytest.fixture
def platform(host: Host) -> Iterator[Platform]:
    """The first release runs in production."""
    world = Platform(host)
    world.bring("prod/promotion.sh", "stage/staging.sh")
    yield world


def promote(platform: Platform, sha: str, known_good: str = FIRST) -> tuple[int, str]:
    ran = platform.run("prod/promotion.sh", "--yes", "--accept", "stage_stabil", "--sha", sha, "--known-good-sha", known_good)
    return ran.returncode, ran.stdout + ran.stderr


def test_production_takes_commits_only_and_goes_back_to_the_last_that_was_good(platform: Platform) -> None:
    up = "docker compose -f docker-compose.prod.yml --env-file .env.prod up -d"
    platform.host.must(up, cwd=DIR)
    compose = platform.host.path(f"{DIR}/docker-compose.prod.yml")

    for moving in ("stage", "latest"):
        assert promote(platform, moving)[0] == 2, "a tag that moves is no parameter"
        compose.write_text(compose.read_text().replace(f"api:{FIRST}", f"api:{moving}"))
        code, said = promote(platform, SECOND)
        assert code == 7, said
        assert f"api:{moving}" in said
        assert "Production MUSS einen SHA-Tag verwenden" in said
        compose.write_text(compose.read_text().replace(f"api:{moving}", f"api:{FIRST}"))
    assert platform.runs()["api"] == FIRST

    code, said = promote(platform, UNWELL)
    assert code == 4, said
    assert "Health Check liefert 503" in said
    assert (platform.runs()["api"], platform.answers()) == (FIRST, FIRST[:7])
    assert f"api:{FIRST}" in compose.read_text()

    code, said = promote(platform, SECOND)
    assert code == 0, said
    assert (platform.runs()["api"], platform.runs()["worker"], platform.answers()) == (SECOND, SECOND, SECOND[:7])
    assert "notforlogs" not in said

    back = platform.run("prod/promotion.sh", "rollback", "--fresh", "--yes")
    assert back.returncode == 0, back.stdout + back.stderr
    assert (platform.runs()["api"], platform.runs()["worker"], platform.answers()) == (FIRST, FIRST, FIRST[:7])


def test_stage_runs_the_moving_tag_and_stripes_event_arrives(platform: Platform) -> None:
    ran = platform.run("stage/staging.sh", "--yes", "--accept", "stripe", "--known-good-sha", FIRST)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert platform.runs()["api"] == "stage"
    assert platform.answers() == SECOND[:7]
    logs = "".join(path.read_text() for path in platform.host.path("/var/lib/rbc").glob("**/*") if path.is_file())
    assert "notforlogs" not in logs + ran.stdout + ran.stderr
