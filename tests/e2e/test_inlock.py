"""The two shipped scripts of the Inlock host, unmodified, on a real engine with real git (`world/inlock.py`).

A person at a terminal answers, over the sittings of the window. Only the clock is not real: during the hold it is put ahead, for
bash alone (`world/ahead.c`), since the quarter of an hour is the document's and no parameter. The package manager and the journal
are stand-ins: a test installs nothing.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from .world.host import Host
from .world.inlock import BIN, DIR, PORTS, STACK, Inlock
from .world.terminal import attend
from .world.tools import missing

sys.path.insert(0, str(Path(__file__).parents[1] / "script"))

import audited

pytestmark = pytest.mark.engine

SCRIPTS = Path(__file__).parents[2] / "out/inlock"
HOLD = "look 1, "  # of the line that counts down


@pytest.fixture(scope="module")
def inlock() -> Iterator[Inlock]:
    """One host for all of them, in the order of the file: what one test brings is what the next one finds."""
    lacking = [*missing(), *([] if shutil.which("cc") else ["cc"])]
    if lacking:
        why = f"a world of real parts lacks: {', '.join(lacking)} (.ci/engine installs them)"
        if os.environ.get("RBC_REQUIRE_ENGINE") == "1":
            pytest.fail(why)
        pytest.skip(why)
    with Host() as host:
        yield Inlock(host, SCRIPTS)
        audited.hold(sorted(host.path("/var/lib/rbc").glob("*/*/audit.jsonl")))


def run(
    inlock: Inlock, *words: str, at: Mapping[str, Callable[[], object]] | None = None, no: tuple[str, ...] = ()
) -> tuple[int, str]:
    """At a terminal: yes to every question but those in `no`; after a failure: roll back."""
    script, *rest = words
    return attend(inlock.host, f"{BIN}/{script}.sh", *rest, cwd=DIR, env=inlock.env, at=at, no=no, next_word="r")


def window(inlock: Inlock, script: str, at: Mapping[str, Callable[[], object]] | None = None) -> tuple[int, str]:
    """The day before, a quarter of an hour before, and the window itself, in which happens what `at` says."""
    for words in ((script,), (script, "resume")):
        code, shown = run(inlock, *words)
        assert code == 9, shown
    return run(inlock, script, "resume", at=at or {HOLD: lambda: inlock.clock.put_ahead(15 * 60)})


def everything(version: str, **more: str) -> dict[str, str]:
    return dict.fromkeys(PORTS, version) | more


def test_the_window_brings_package_and_services_up_to_date(inlock: Inlock) -> None:
    for name in PORTS:
        inlock.publish(name, "v2")
    commit = inlock.commit("v2", oauth2_proxy="v2", alertmanager="v2", cadvisor="v2", loki="v2", promtail="v2")
    code, shown = window(inlock, "window")
    assert code == 0, shown
    assert inlock.running() == everything("v2")
    assert inlock.head() == commit
    assert inlock.must("cat /run/world/libexpat1") == "2.5.0-1+deb12u2"
    evidence = inlock.must("cat /tmp/inlock-maintenance-*/image-ids-before.txt")
    assert evidence.count(":v1 sha256:") == len(PORTS)
    assert "oauth2-proxy:v1" in inlock.must("cat /tmp/inlock-maintenance-*/stack-config-before.yml")


def test_afterwards_the_commit_is_reverted_and_the_old_images_run(inlock: Inlock) -> None:
    code, shown = run(inlock, "window", "rollback", "--fresh", "--extent", "whole")
    assert code == 0, shown
    assert inlock.running() == everything("v1")
    assert inlock.must("git log -1 --format=%s").startswith('Revert "v2"')
    inlock.must("git push --quiet")  # what the runbook's note asks for
    inlock.versions = everything("v1")


def test_a_container_that_crash_loops_in_phase_2_takes_its_blast_radius_back(inlock: Inlock) -> None:
    inlock.publish("cadvisor", "v3", crashing=True)
    head = inlock.head()
    inlock.commit("v3", oauth2_proxy="v2", cadvisor="v3")
    untouched = {name: inlock.container(name) for name in ("loki", "promtail")}
    waits = {"6.4 alertmanager, cadvisor runs": lambda: inlock.clock.put_ahead(3 * 60)}
    code, shown = window(inlock, "window", waits)
    assert code == 4, shown
    assert "cadvisor: container" in shown
    assert "7 Phase 3: logging plane" not in shown
    assert inlock.running() == everything("v1")
    assert inlock.head() == head
    assert {name: inlock.container(name) for name in untouched} == untouched
    containers = inlock.must("docker ps --quiet --no-trunc")
    inlock.must(f"{STACK} up -d")
    assert inlock.must("docker ps --quiet --no-trunc") == containers, "a plain up -d later changes nothing"


def test_drift_on_the_host_is_asked_about(inlock: Inlock) -> None:
    inlock.host.write(f"{DIR}/local-change", "kept?\n")
    code, shown = run(inlock, "window", no=("There is local drift.",))
    assert code in (3, 4), shown
    assert "There is local drift." in shown
    code, shown = run(inlock, "window")
    assert code == 9, shown  # kept: the next sitting
    code, shown = run(inlock, "window", "rollback")
    assert code == 0, shown
    assert inlock.must("git status --short") == "?? local-change"
    inlock.must("rm local-change")


def test_the_fast_path_does_it_in_one_step_and_one_service_goes_back_alone(inlock: Inlock) -> None:
    inlock.publish("loki", "v4")
    inlock.commit("v4", oauth2_proxy="v2", cadvisor="v2", loki="v4")
    code, shown = window(inlock, "fast")
    assert code == 0, shown
    assert inlock.running() == everything("v1", **{"oauth2-proxy": "v2", "cadvisor": "v2", "loki": "v4"})
    old = inlock.stack(inlock.versions | {"loki": "v1"})
    do = {
        "Put the old image of this service back: done?": lambda: inlock.host.write(f"{DIR}/compose/services/stack.yml", old),
    }
    code, shown = run(inlock, "fast", "rollback", "--fresh", "--extent", "service", "--service-name", "loki", at=do)
    assert code == 0, shown
    assert inlock.running() == everything("v1", **{"oauth2-proxy": "v2", "cadvisor": "v2"})
