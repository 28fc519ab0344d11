"""The scripts of specs/ralf.rb against a Semaphore server that is held to the published description of its API."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from compiler.emit import bash
from compiler.plan.procedures import lower_everywhere
from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse

from .world.semaphore import PROJECT, TOKEN, Going, Semaphore

sys.path.insert(0, str(Path(__file__).parents[1] / "script"))

import audited
from worlds import NoFiles, World, finish

SPEC = Path(__file__).parents[2] / "specs" / "ralf.rb"
GROUPS = ("Vault", "Automation", "Communication", "AI")
SINGLE = ("Vaultwarden", "N8N", "Synapse", "Mail", "Exo")
NAMES = (
    *(f"RALF {group} {kind}" for group in GROUPS for kind in ("Apply", "Smoke")),
    *(f"RALF {service} Apply" for service in SINGLE),
    "RALF Phase1 Config Apply",
    "RALF Phase1 Smoke",
)
ORDER = list(NAMES[:8])
FAILED = Going(("running", "error"), ("tofu: Error acquiring the state lock", "the last line of the task"))
GOES_ON = Going(("running",))


@cache
def scripts(port: int) -> dict[str, str]:
    """The scripts of all procedures, for a server at this port that is looked at more often than the real one."""
    text = SPEC.read_text(encoding="utf-8")
    for old, new in (("https://10.10.40.10", f"https://127.0.0.1:{port}"), ("every   5s for 10m", "every   1s for 2s")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    document, found = parse(Source("specs/ralf.rb", text))
    model, more = resolve(document, NoFiles())
    assert model is not None, [*found, *more]
    plans, last = lower_everywhere((model,))
    assert plans, last
    return {plan.script: bash.emit(plan).text for plan in plans}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Semaphore:
    server = Semaphore(tmp_path_factory.mktemp("certificate"), ())
    server.certify()
    return server


@pytest.fixture
def semaphore(certificate: Semaphore) -> Iterator[Semaphore]:
    """The server; at its end nothing that it was asked, or said, was against the description."""
    port = certificate.port
    with Semaphore(certificate.folder, NAMES, port=port) as server:
        certificate.port = server.port
        yield server
    assert server.wrong == []


Started = Callable[..., World]


@pytest.fixture
def ralf(tmp_path: Path, semaphore: Semaphore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """The script of a procedure beside a checkout of RALF. What its processes could be seen with is kept in `seen`."""
    repo = tmp_path / "repo"
    (repo / "bootstrap").mkdir(parents=True)
    for name in ("smoke.sh", "cleanroom-phase1.sh"):
        (repo / "bootstrap" / name).write_text(f'echo "{name} $*" >>"{tmp_path}/log"\n')
    (tmp_path / "bin").mkdir()
    for tool in ("curl", "jq"):
        real = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
        wrapper = tmp_path / "bin" / tool
        environment = 'tr "\\0" " " <"/proc/$$/environ"'
        wrapper.write_text(f'#!/bin/bash\n{{ echo "$0 $*"; {environment}; echo; }} >>"{tmp_path}/seen"\nexec {real} "$@"\n')
        wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    def made(procedure: str) -> World:
        path = tmp_path / f"{procedure}.sh"
        path.write_text(scripts(semaphore.port)[path.name])
        path.chmod(0o755)
        return World(tmp_path, path)

    yield made
    audited.hold(sorted(tmp_path.glob("state/**/audit.jsonl")))
    kept = "".join(p.read_text(errors="replace") for p in (tmp_path / "state").glob("**/*") if p.is_file())
    seen = tmp_path / "seen"
    assert TOKEN not in kept + (seen.read_text() if seen.exists() else "")


def options(world: World, semaphore: Semaphore) -> list[str]:
    return [
        f"--semaphore-projekt={PROJECT}",
        f"--semaphore-ca={semaphore.ca}",
        f"--repo={world.folder / 'repo'}",
    ]


def run(world: World, semaphore: Semaphore, *arguments: str, token: str = TOKEN) -> tuple[int, str]:
    done = world.run(*arguments, *options(world, semaphore), env={"SEMAPHORE_TOKEN": token})
    assert TOKEN not in done.out + done.err
    return done.code, done.out + done.err


def test_the_standard_order_is_done_one_job_after_the_other(ralf: Started, semaphore: Semaphore) -> None:
    world = ralf("standard")
    code, out = run(world, semaphore, "--yes")
    assert code == 0, out
    assert semaphore.started == ORDER
    # Each look at a task comes before the next start: nothing ever runs beside something else.
    paths = [path for path in semaphore.asked if "/tasks/1" in path or path.startswith("POST")]
    assert [p for p in paths if p.startswith("POST")] == [f"POST /api/project/{PROJECT}/tasks"] * 8
    assert len(world.events("task")) == 3 * 8
    assert "PLAY RECAP" not in out, "the output of a good task is in its log"
    assert "ok: [localhost]\nPLAY RECAP\n" in (world.run_folder / "steps" / "reihenfolge.ralf_vault_apply.log").read_text()


def test_a_plan_starts_nothing_and_shows_every_job(ralf: Started, semaphore: Semaphore) -> None:
    code, out = run(ralf("standard"), semaphore, "plan")
    assert code == 0, out
    assert semaphore.started == []
    assert all(f"semaphore_start '{name}'" in out for name in ORDER)


def test_a_failing_task_pauses_with_its_output_and_is_started_again_by_a_person(ralf: Started, semaphore: Semaphore) -> None:
    semaphore.will["RALF Automation Apply"] = FAILED
    world = ralf("standard")
    code, out = run(world, semaphore, "--yes")
    assert code == 9, out
    assert semaphore.started == ORDER[:3]
    assert "the last line of the task" in out
    assert "Task 102 endete mit „error“" in out
    assert "tofu-Fehler" in out and "smoke-Fehler" in out
    # Nobody is there to say that an Apply may be started again.
    code, out = run(world, semaphore, "resume", "--yes")
    assert (code, semaphore.started) == (9, ORDER[:3]), out
    del semaphore.will["RALF Automation Apply"]
    child = world.terminal("resume", *options(world, semaphore))
    child.timeout = 240  # six more jobs, on a machine that may be busy
    child.expect("semaphore-token")
    child.sendline(TOKEN)
    child.expect("RALF Automation Apply")
    child.expect("ochmal|och einmal")
    child.sendline("n")
    assert finish(child) == 0
    assert semaphore.started == [*ORDER[:3], *ORDER[2:]]


def test_a_stopped_task_is_a_failure(ralf: Started, semaphore: Semaphore) -> None:
    semaphore.will["RALF Vault Smoke"] = Going(("running", "stopping", "stopped"))
    code, out = run(ralf("standard"), semaphore, "--yes")
    assert (code, semaphore.started) == (9, ORDER[:2]), out
    assert "endete mit „stopped“" in out


def test_an_unknown_template_is_refused_before_anything_starts(ralf: Started, semaphore: Semaphore) -> None:
    semaphore.names = tuple(name.replace("RALF AI Smoke", "RALF Ai-Smoke") for name in NAMES)
    world = ralf("standard")
    code, out = run(world, semaphore, "--yes")
    assert code == 7, out
    assert "RALF AI Smoke" in out
    near = out.split("Ähnlich: ")[1].split("\n")[0].split(", ")
    assert near[0] == "RALF Ai-Smoke"
    assert semaphore.tasks == [] and world.log == []


def test_a_name_that_two_templates_have_is_refused(ralf: Started, semaphore: Semaphore) -> None:
    semaphore.names = (*NAMES, "RALF Vault Apply")
    code, out = run(ralf("standard"), semaphore, "--yes")
    assert (code, semaphore.tasks) == (7, []), out
    assert f"(1 {len(NAMES) + 1})" in out


def test_an_expired_token_is_refused_in_so_many_words(ralf: Started, semaphore: Semaphore) -> None:
    code, out = run(ralf("standard"), semaphore, "--yes", token="long-gone-token")
    assert code == 7, out
    assert "Token wird nicht angenommen (401)" in out
    assert semaphore.tasks == []


def test_a_token_that_expires_meanwhile_loses_no_task(ralf: Started, semaphore: Semaphore) -> None:
    semaphore.expires_at = "RALF Vault Apply"
    world = ralf("standard")
    code, out = run(world, semaphore, "--yes")
    assert code == 9, out
    assert "(401)" in out and "Task 100 kann auf dem Server weiterlaufen" in out
    semaphore.tokens.add("another-token-for-it")
    code, out = run(world, semaphore, "resume", "--yes", token="another-token-for-it")
    assert code == 0, out
    assert "Task 100 steht im Protokoll" in out
    assert semaphore.started == ORDER


def test_the_old_endpoint_is_gone_and_never_asked(ralf: Started, semaphore: Semaphore) -> None:
    world = ralf("einzel")
    old = subprocess.run(
        ["curl", "-sS", "--cacert", str(semaphore.ca), "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST",
         f"{semaphore.url}/api/project/{PROJECT}/templates/1/tasks"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert old.stdout == "404"
    semaphore.asked.clear()
    code, out = run(world, semaphore, "--yes", "--dienst", "mail")
    assert code == 0, out
    assert semaphore.started == ["RALF Mail Apply", "RALF Communication Smoke"]
    assert not any(path.endswith("/templates/1/tasks") or path.count("/templates/") for path in semaphore.asked)


def test_a_wrong_project_is_said_as_such(ralf: Started, semaphore: Semaphore) -> None:
    world = ralf("einzel")
    done = world.run(
        "--yes", "--dienst", "n8n", *options(world, semaphore)[1:], "--semaphore-projekt", "77", env={"SEMAPHORE_TOKEN": TOKEN}
    )
    assert done.code == 7, done.out
    assert "(404)" in done.err and "Adresse und Projekt" in done.err


def test_a_server_that_goes_away_is_waited_for(ralf: Started, semaphore: Semaphore) -> None:
    """In the middle, and for good: the run pauses. `resume` finds the task again, and starts no second one."""
    semaphore.dies_at = "RALF Automation Apply"
    world = ralf("standard")
    code, out = run(world, semaphore, "--yes")
    assert code == 9, out
    assert "Der Server antwortet nicht" in out
    assert "Task 102 kann auf dem Server weiterlaufen" in out
    assert semaphore.started == ORDER[:3]
    code, out = run(world, semaphore, "resume", "--yes")
    assert code == 7, "a server that is not there is no server to go on with"
    semaphore.open()
    code, out = run(world, semaphore, "resume", "--yes")
    assert code == 0, out
    assert "Task 102 steht im Protokoll" in out
    assert semaphore.started == ORDER


def test_a_start_whose_answer_is_lost_is_found_again(ralf: Started, semaphore: Semaphore) -> None:
    semaphore.mute_at = "RALF Exo Apply"
    code, out = run(ralf("einzel"), semaphore, "--yes", "--dienst", "exo")
    assert code == 0, out
    assert semaphore.started == ["RALF Exo Apply", "RALF AI Smoke"]


def test_a_driver_that_is_killed_finds_its_task_again(ralf: Started, semaphore: Semaphore) -> None:
    semaphore.will["RALF N8N Apply"] = GOES_ON
    world = ralf("einzel")
    arguments = [str(world.path), "--yes", "--dienst", "n8n", *options(world, semaphore)]
    with subprocess.Popen(
        arguments, cwd=world.folder, env={**world.environment, "SEMAPHORE_TOKEN": TOKEN}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as driver:  # fmt: skip
        until = time.monotonic() + 30
        while not any("/tasks/100" in path for path in semaphore.asked) and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(driver.pid, signal.SIGKILL)
    time.sleep(0.3)
    semaphore.tasks[0].states = ["success"]
    code, out = run(world, semaphore, "resume", "--yes", "--dienst", "n8n")
    assert code == 0, out
    assert semaphore.started == ["RALF N8N Apply", "RALF Automation Smoke"]


def test_only_the_groups_that_are_named_are_smoked(ralf: Started, semaphore: Semaphore) -> None:
    world = ralf("cleanroom")
    code, out = run(world, semaphore, "--yes", "--gruppen", "Vault,AI")
    assert code == 0, out
    assert semaphore.started == ["RALF Phase1 Smoke", "RALF Vault Smoke", "RALF AI Smoke"]
    assert world.log == ["cleanroom-phase1.sh"]


def test_a_pattern_needs_the_push_first(ralf: Started, semaphore: Semaphore) -> None:
    world = ralf("muster_b")
    repo = world.folder / "repo"
    git = ["git", "-C", str(repo), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(repo), str(world.folder / "origin")], check=True)
    subprocess.run([*git, "remote", "add", "origin", str(world.folder / "origin")], check=True)
    for words in (["fetch", "-q"], ["branch", "-q", "-u", "origin/main"], ["commit", "-qm", "two", "--allow-empty"]):
        subprocess.run([*git, *words], check=True)
    code, out = run(world, semaphore, "--yes", "--accept", "code")
    assert (code, semaphore.started) == (9, []), out
    subprocess.run([*git, "push", "-q"], check=True)
    code, out = run(world, semaphore, "resume", "--yes")
    assert code == 0, out
    assert semaphore.started == ["RALF Phase1 Config Apply", "RALF Phase1 Smoke", *ORDER[1::2]]
