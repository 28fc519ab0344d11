"""The gateway's runbook: what an operator has in hand at night."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from structure import Read
from syrupy.assertion import SnapshotAssertion

from compiler.emit.markdown import emit, rendered
from compiler.emit.overview import everything
from compiler.plan.model import CaptureItem, CheckItem, Plan, StepItem, Value, Way, walk
from compiler.plan.words import as_word

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def runbook(gateway: Plan) -> str:
    return emit(gateway)


@pytest.fixture(scope="session")
def read(runbook: str) -> Read:
    return Read(runbook)


def test_it_reads_so(runbook: str, snapshot: SnapshotAssertion) -> None:
    assert runbook == snapshot


def test_the_same_plan_gives_the_same_bytes(gateway: Plan, runbook: str) -> None:
    assert emit(gateway) == runbook


def test_headings_have_anchors_of_their_own_and_skip_no_level(read: Read) -> None:
    assert len(set(read.anchors)) == len(read.anchors)
    assert [h.level for h in read.headings].count(1) == 1
    assert all(b.level <= a.level + 1 for a, b in pairwise(read.headings))


def test_links_lead_somewhere(read: Read) -> None:
    assert len(read.links) > 20
    assert set(read.links) <= set(read.anchors)


def test_links_lead_to_the_heading_that_they_name(read: Read, runbook: str) -> None:
    texts = dict(zip(read.anchors, (h.text for h in read.headings), strict=True))
    assert texts["health--200"] == "Health != 200"
    assert texts["r1a-zurück-zu-vorherigen-tags"] == "R.1a Zurück zu vorherigen Tags"
    assert "[DNS bricht](#dns-bricht)" in runbook


def test_tables_have_equal_columns(read: Read) -> None:
    assert len(read.tables) == 5  # glance, parameters, undo, outcomes, origin
    for table in read.tables:
        assert len({len(row) for row in table}) == 1


def test_nothing_is_html_and_no_fence_is_open(read: Read, runbook: str) -> None:
    assert read.html == []
    assert sum(line.startswith("```") for line in runbook.splitlines()) == 2 * len(read.fences)
    assert {f.info for f in read.fences} == {"bash", "mermaid"}


def test_pymarkdown_finds_nothing(runbook: str, tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(runbook)
    config = ROOT / ".pymarkdown.json"
    done = subprocess.run(
        [sys.executable, "-m", "pymarkdown", "--config", str(config), "scan", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_pymarkdown_has_three_rules_eased() -> None:
    """Long lines; a heading that chapters repeat; anchors, which tests of ours hold to GitHub's rule."""
    eased = {"md013": {"enabled": False}, "md024": {"siblings_only": True}, "md051": {"enabled": False}}
    assert json.loads((ROOT / ".pymarkdown.json").read_text()) == {"plugins": eased}


def test_steps_and_their_ways_back_stand_word_for_word(gateway: Plan, read: Read) -> None:
    blocks = read.code()
    steps = [i for i in everything(gateway) if isinstance(i, StepItem)]
    assert len(steps) == 5
    assert gateway.rollback is not None
    for step in (*steps, *(i for i in walk(gateway.rollback.items) if isinstance(i, StepItem))):
        assert _with_folder(step.dir, step.body.text) in blocks
        if step.back.way is Way.UNDO and step.back.body is not None:
            assert _with_folder(step.dir, step.back.body.text) in blocks


def test_probes_stand_as_people_type_them(gateway: Plan, read: Read) -> None:
    blocks = read.code()
    for probe in gateway.probes:
        for single in probe.checks:
            assert _with_folder(probe.dir, single.shown.text) in blocks
        shown = {single.shown.text for single in probe.checks}
        for body in probe.diagnose:
            assert body.text in shown or any(body.text in block for block in blocks)
    assert max(single.shown.text.count("\n") for probe in gateway.probes for single in probe.checks if single.hand) == 0


def test_captures_stand_word_for_word(gateway: Plan, read: Read) -> None:
    captures = [i for i in everything(gateway) if isinstance(i, CaptureItem)]
    assert {c.variable for c in captures} == {"leitstand_images", "leitstand_before", "acs_before"}
    for capture in captures:
        assert any(
            block.startswith(_with_folder(capture.dir, f"{capture.variable}=$(")) and capture.body.text in block
            for block in read.code()
        )


def test_every_block_is_bash(read: Read) -> None:
    for block in read.code():
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_every_item_has_its_heading(gateway: Plan, read: Read) -> None:
    headings = [h.text for h in read.headings]
    for phase in gateway.phases:
        assert f"{phase.number} {phase.title}" in headings
    assert gateway.rollback is not None
    for item in (*everything(gateway), *walk(gateway.rollback.items)):
        assert f"{item.number} {item.title}" in headings


def test_what_is_asked_again_is_one_line_with_a_link(gateway: Plan, runbook: str) -> None:
    running = next(p for p in gateway.probes if p.name == "running")
    asked = [i for i in everything(gateway) if isinstance(i, CheckItem) and i.use.probe == "running"]
    assert [i.number for i in asked] == ["1.3", "3.3"]
    command = running.checks[0].shown.text
    (again,) = runbook[runbook.index("### 3.3 ") :].split("\n#", 1)[0].strip().splitlines()[2:]
    assert again.startswith("Noch einmal wie bei [1.3 ") and again.endswith(f"&& {command}`")


def test_the_proof_of_the_way_back_is_a_list(gateway: Plan, runbook: str) -> None:
    assert gateway.rollback is not None
    proof = runbook[runbook.index("### Zum Schluss prüfen") :]
    for item in gateway.rollback.verify:
        line = next(line for line in proof.splitlines() if line.startswith(f"- {item.number} ["))
        assert f"[{item.title}](#" in line


def test_the_way_back_is_the_other_way_round(gateway: Plan, read: Read) -> None:
    undo = read.tables[2]
    assert undo[0] == ["Schritt", "Weg", "Rückweg"]
    numbers = [row[0].split()[0] for row in undo[1:]]
    assert numbers == ["2.1b.7", "2.1b.6", "2.1b.4", "2.1a.3", "2.1a.2"]


def test_the_spec_and_its_hash_are_named(gateway: Plan, runbook: str) -> None:
    assert gateway.spec.sha256 in runbook
    assert "`specs/gateway.rb`" in runbook
    assert runbook.endswith("\nDie Spec ändern, nicht diese Datei.\n")


def test_commands_know_their_origin(gateway: Plan) -> None:
    text = rendered(gateway)
    wanted = 'git -C "${repo_root}/leitstand" pull --ff-only'
    place = text.place(text.text.index(wanted))
    assert place is not None
    assert place.source.line(place.line).strip() == '$ git -C "$repo_root/leitstand" pull --ff-only'


def test_whole_documents_facts(runbook: str) -> None:
    """What the old document said, and the new one must not lose."""
    for fact in (
        "ops.runbook.leitstand-gateway.updates",
        "2026-02-03",
        "OPERATIV · PROZEDURAL",
        "Heimserver-only",
        "ops / Heimserver",
        "ops.runbook.leitstand-gateway.md",
        "Keine Auto-Updates by default",
        "auditierbar",
        "WireGuard oder LAN",
        "/opt/heimgewebe/gateway",
        "compose.gateway.yml",
        "Caddyfile",
        "ghcr.io/",
        "docker compose -f compose.gateway.yml pull",
        "docker compose -f compose.gateway.yml build --pull",
        "git pull",
        "getent hosts leitstand.heimgewebe.home.arpa",
        "docker ps",
        "ss -lnt",
        "sudo iptables -S DOCKER-USER",
        "HG_REPO_ROOT",
        "repos/heimgewebe",
        "agent-control-surface",
        "/health",
        "curl -k -I",
        "/api/ops/audit/git",
        "logs --tail=100 --no-color",
        "Pinning",
        "nano",
        "down",
        "Downtime",
        "FritzBox",
        "/etc/hosts",
        "Trust Store",
        "tls internal",
        "sudo netfilter-persistent reload",
        "logs --tail=200 leitstand",
        "Watchtower",
        "im selben PR",
    ):
        assert fact in runbook, fact


def _with_folder(folder: Value | None, text: str) -> str:
    return text if folder is None else f"cd {as_word(folder)}\n{text}"
