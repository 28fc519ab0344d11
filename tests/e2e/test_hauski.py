"""The four shipped scripts of HausKI, unmodified, on a real Cargo workspace with real git (`world/hauski.py`).

A person at a terminal answers. Only the clock is not real: during a hold it is put ahead, for bash alone (`world/ahead.c`), since
nobody waits for the quarter of an hour that the document asks for at the least.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from .world.hauski import REPO, TEXT, Hauski, toolchain
from .world.host import HOME, Host
from .world.terminal import attend
from .world.tools import missing

sys.path.insert(0, str(Path(__file__).parents[1] / "script"))

import audited

pytestmark = pytest.mark.engine

SCRIPTS = Path(__file__).parents[2] / "out/hauski"
RELEASE = ("--stage", "keine", "--rollout", "blau_gruen")
POLICY = ("--laden", "neustart", "--policy", "limits", "--policy-branch")
WATCHING = "Blick 1, "  # of the line that counts down


@pytest.fixture(scope="module")
def hauski() -> Iterator[Hauski]:
    """One checkout for all of them: each test leaves it committed, with a release that serves."""
    lacking = [*missing(engine=False), *([] if toolchain() else ["cargo and rustc"]), *([] if shutil.which("cc") else ["cc"])]
    if lacking:
        why = f"a world of real parts lacks: {', '.join(lacking)} (.ci/engine installs them)"
        if os.environ.get("RBC_REQUIRE_ENGINE") == "1":
            pytest.fail(why)
        pytest.skip(why)
    with Host(engine=False) as host:
        yield Hauski(host, SCRIPTS)
        audited.hold(sorted(host.path("/var/lib/rbc").glob("*/*/audit.jsonl")))


def run(
    hauski: Hauski, script: str, *arguments: str, at: Mapping[str, Callable[[], object]] | None = None, no: tuple[str, ...] = ()
) -> tuple[int, str]:
    """At a terminal: yes to every question but those in `no`; after a failure: roll back."""
    return attend(hauski.host, f"{HOME}/bin/{script}.sh", *arguments, cwd=REPO, env=hauski.env, at=at, no=no, next_word="z")


def clean(hauski: Hauski) -> bool:
    return hauski.must("git status --porcelain") == ""


def test_a_release_is_built_tried_rolled_out_watched_and_looked_at_a_day_later(hauski: Hauski) -> None:
    hauski.source("release 2")
    hauski.commit("release 2")
    do = {"dann umschalten: erledigt": hauski.deploy, WATCHING: lambda: hauski.clock.put_ahead(15 * 60)}
    code, shown = run(hauski, "app_release", *RELEASE, at=do)
    assert code == 9, shown  # the first day is another sitting
    assert hauski.serves() == "release 2"
    assert "mkdocs: command not found" in shown and "8.6" in shown  # there is none here, and that does not count
    assert not hauski.smoke_server_runs()
    code, shown = run(hauski, "app_release", "resume")
    assert code == 0, shown
    assert "9.5" in shown


def test_a_release_that_does_not_get_ready_is_not_rolled_out_and_its_server_is_stopped(hauski: Hauski) -> None:
    hauski.source("release 3", ready="503 Service Unavailable")
    hauski.commit("release 3")
    tried = {"✓\x1b[0m 3.1 Auf 8080": lambda: hauski.clock.put_ahead(30)}
    code, shown = run(hauski, "app_release", *RELEASE, at=tried)
    assert code == 3, shown  # the phase says stop: what was built may stay
    assert "HTTP 503, expected 200 to 299" in shown
    assert not hauski.smoke_server_runs()
    assert hauski.serves() == "release 2"


def test_more_errors_while_it_is_watched_bring_the_last_release_back(hauski: Hauski) -> None:
    hauski.source("release 4", rate="0.4")
    hauski.commit("release 4")
    do = {
        "dann umschalten: erledigt": hauski.deploy,
        WATCHING: lambda: hauski.clock.put_ahead(30),  # two looks in a row must fail
        "zurückschalten.": hauski.back,
    }
    code, shown = run(hauski, "app_release", *RELEASE, at=do)
    assert code == 4, shown
    assert "hauski_error_rate 0.4, expected <= 0.01" in shown
    assert hauski.serves() == "release 2"
    assert not hauski.smoke_server_runs()


def test_a_new_snapshot_is_built_and_committed(hauski: Hauski) -> None:
    hauski.source("release 5")
    hauski.dependency(TEXT + "// newer\n")
    code, shown = run(hauski, "vendor_snapshot")
    assert code == 0, shown
    assert hauski.must("git log -1 --format=%s") == "vendor: refresh snapshot"
    assert "// newer" in hauski.must("cat vendor/exposition/src/lib.rs")
    assert clean(hauski)


def test_a_snapshot_that_does_not_build_is_taken_back(hauski: Hauski) -> None:
    hauski.dependency("pub fn other() {}\n")
    head = hauski.must("git rev-parse HEAD")
    code, shown = run(hauski, "vendor_snapshot")
    assert code == 4, shown
    assert "cannot find function `text`" in shown and "Build bricht" in shown
    assert hauski.must("git rev-parse HEAD") == head
    assert "// newer" in hauski.must("cat vendor/exposition/src/lib.rs")
    assert clean(hauski)
    hauski.dependency(TEXT)


def test_a_policy_is_loaded_and_watched(hauski: Hauski) -> None:
    hauski.branch("policy/slower", "p95_ms: 120\n")
    code, shown = run(hauski, "policies", *POLICY, "policy/slower", at={WATCHING: lambda: hauski.clock.put_ahead(15 * 60)})
    assert code == 9, shown
    assert "hauski_latency_p95_ms 120\n" in hauski.serves("/metrics")
    code, shown = run(hauski, "policies", "resume")
    assert code == 0, shown
    hauski.commit("policy")


def test_a_policy_that_makes_errors_is_put_back_and_the_core_loads_the_old_one(hauski: Hauski) -> None:
    hauski.branch("policy/errors", "error_rate: 0.3\n")
    do = {WATCHING: lambda: hauski.clock.put_ahead(30)}
    code, shown = run(hauski, "policies", *POLICY, "policy/errors", at=do)
    assert code == 4, shown
    assert "hauski_error_rate 0.3, expected <= 0.01" in shown
    assert hauski.must("cat policies/limits.yaml") == "p95_ms: 120"
    assert "hauski_latency_p95_ms 120\n" in hauski.serves("/metrics")
    assert clean(hauski)


def test_a_toolchain_that_ci_refuses_is_taken_back_by_hand(hauski: Hauski) -> None:
    def change() -> None:
        hauski.host.write(f"{REPO}/toolchain.versions.yml", "rust: '1.99'\n")

    do = {
        "toolchain.versions.yml anpassen: erledigt": change,
        "git restore toolchain.versions.yml": lambda: hauski.must("git restore toolchain.versions.yml"),
    }
    code, shown = run(hauski, "toolchain", at=do, no=("CI mit der neuen Toolchain",))
    assert code == 4, shown
    assert clean(hauski)
    code, shown = run(hauski, "toolchain", at={"toolchain.versions.yml anpassen: erledigt": change})
    assert code == 0, shown
    assert hauski.must("cat toolchain.versions.yml") == "rust: '1.99'"
    hauski.commit("toolchain")
