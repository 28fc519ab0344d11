"""The shipped script of the gateway, unmodified, on real parts (a world is described in `world/gateway.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .world import images
from .world.gateway import DIR, REPOS, Gateway
from .world.host import REGISTRY, Host

pytestmark = pytest.mark.engine

SCRIPT = Path(__file__).parents[2] / "out/gateway/gateway.sh"


@pytest.fixture
def gateway(host: Host) -> Iterator[Gateway]:
    """The gateway, well and up to date."""
    yield Gateway(host, SCRIPT)


def unchanged(gateway: Gateway, containers: set[str]) -> None:
    assert gateway.containers() == containers
    assert gateway.running() == gateway.before


def test_an_update_to_a_new_image_is_done(gateway: Gateway) -> None:
    new = gateway.release("leitstand", "leitstand 2")
    ran = gateway.run("--yes")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert gateway.running() == {**gateway.before, "leitstand": new}
    assert gateway.health() == "leitstand 2"


def test_an_image_that_is_not_healthy_is_rolled_back(gateway: Gateway) -> None:
    bad = gateway.release("leitstand", "out of order", images.UNWELL)
    fine = gateway.release("agent-control-surface", "agent-control-surface 2")
    ran = gateway.run("--yes", "--strategy", "image")
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert gateway.running() == gateway.before
    assert gateway.health() == "leitstand 1"
    said = ran.stdout + ran.stderr
    assert "503" in said
    assert "Health != 200" in said
    containers = gateway.containers()
    gateway.host.must("docker compose -f compose.gateway.yml up -d", cwd=DIR)
    assert gateway.containers() == containers, "a plain up -d later does not bring the bad image back"
    assert {bad, fine} <= set(gateway.host.must("docker images --quiet --no-trunc").split()), "it had been fetched"


def name_is_missing(gateway: Gateway) -> None:
    gateway.name_is_known(False)


def port_is_closed(gateway: Gateway) -> None:
    gateway.host.write(f"{DIR}/Caddyfile", "{\n  admin off\n}\n:80 {\n  respond OK\n}\n")
    gateway.host.must("docker restart gateway-caddy-1")


def certificate_is_untrusted(gateway: Gateway) -> None:
    gateway.certificate_is_trusted(False)


def firewall_is_gone(gateway: Gateway) -> None:
    gateway.host.must("iptables -F DOCKER-USER\niptables -X DOCKER-USER")


@pytest.mark.parametrize(
    ("broken", "trouble"),
    [
        (name_is_missing, "DNS bricht"),
        (port_is_closed, "443"),
        (certificate_is_untrusted, "TLS Untrusted"),
        (firewall_is_gone, "DOCKER-USER fehlt"),
    ],
)
def test_preflight_finds_it_and_nothing_is_changed(gateway: Gateway, broken: Callable[[Gateway], None], trouble: str) -> None:
    gateway.release("leitstand", "leitstand 2")
    broken(gateway)
    containers = gateway.containers()
    ran = gateway.run("--yes")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert trouble in ran.stdout + ran.stderr
    unchanged(gateway, containers)


def test_a_stopped_daemon_is_found_and_nothing_is_changed(gateway: Gateway) -> None:
    gateway.release("leitstand", "leitstand 2")
    containers = gateway.containers()
    gateway.host.stop_engine()
    ran = gateway.run("--yes")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Docker daemon" in ran.stdout + ran.stderr
    assert "Health != 200" in ran.stdout + ran.stderr, "the entry that the probe names"
    gateway.host.start_engine()
    assert gateway.containers() == containers


def test_the_build_path_is_done(gateway: Gateway) -> None:
    gateway.clone_sources()
    commits = {name: gateway.commit(name, f"{name} source 2") for name in ("leitstand", "agent-control-surface")}
    ran = gateway.run("--yes", "--strategy", "build", "--repo-root", REPOS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {name: gateway.head(name) for name in commits} == commits
    assert gateway.health() == "leitstand source 2"
    assert gateway.running()["caddy"] == gateway.before["caddy"]


def test_a_build_that_fails_is_rolled_back_to_the_commits_and_images_before(gateway: Gateway) -> None:
    gateway.clone_sources()
    commits = {name: gateway.head(name) for name in ("leitstand", "agent-control-surface")}
    gateway.commit("leitstand", "leitstand source 2")
    gateway.commit("agent-control-surface", "never", dockerfile=f"FROM {REGISTRY}/base:latest\nCOPY missing /\n")
    containers = gateway.containers()
    ran = gateway.run("--yes", "--strategy", "build")
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert {name: gateway.head(name) for name in commits} == commits
    unchanged(gateway, containers)
    gateway.host.must("docker compose -f compose.gateway.yml up -d", cwd=DIR)
    assert gateway.running() == gateway.before, "what was built is not started later either"


def test_a_built_image_that_does_not_start_is_rolled_back(gateway: Gateway) -> None:
    """The failure comes when the old container is gone already."""
    gateway.clone_sources()
    commits = {name: gateway.head(name) for name in ("leitstand", "agent-control-surface")}
    gateway.commit("leitstand", "never", dockerfile=f'FROM {REGISTRY}/base:latest\nCMD ["/missing"]\n')
    ran = gateway.run("--yes", "--strategy", "build")
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert {name: gateway.head(name) for name in commits} == commits
    assert gateway.running() == gateway.before
    assert gateway.health() == "leitstand 1"


def test_a_repository_that_is_missing_is_found_before_any_change(gateway: Gateway) -> None:
    gateway.clone_sources()
    gateway.host.must(f"rm -r {REPOS}/agent-control-surface")
    head, containers = gateway.head("leitstand"), gateway.containers()
    ran = gateway.run("--yes", "--strategy", "build")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert gateway.head("leitstand") == head
    unchanged(gateway, containers)


def test_plan_and_check_change_nothing(gateway: Gateway) -> None:
    gateway.release("leitstand", "leitstand 2")
    containers = gateway.containers()
    assert gateway.run("plan").returncode == 0
    assert gateway.run("check").returncode == 0
    unchanged(gateway, containers)
    gateway.certificate_is_trusted(False)
    assert gateway.run("check", "health").returncode == 1


def test_on_another_host_nothing_runs(host: Host) -> None:
    """The engine is there, the gateway's folder is not."""
    host.write("/home/ops/gateway.sh", SCRIPT.read_text(encoding="utf-8"), 0o755)
    # Every program that the script could use is watched: none but the guard's own may talk to the engine.
    host.write("/run/world/watch/docker", '#!/bin/sh\necho "$*" >>/run/world/asked\nexec /run/world/bin/docker "$@"\n', 0o755)
    ran = host.run("/home/ops/gateway.sh", "--yes", env={"PATH": "/run/world/watch:/usr/bin:/bin:/usr/sbin:/sbin"})
    assert ran.returncode == 7, ran.stdout + ran.stderr
    assert "/opt/heimgewebe/gateway" in ran.stdout + ran.stderr
    asked = host.path("/run/world/asked")
    lines = asked.read_text().splitlines() if asked.exists() else []
    assert [line for line in lines if "version" not in line] == []
