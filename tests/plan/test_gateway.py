"""The gateway's spec holds the whole of the old document, and its Plan is what it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from compiler.plan.model import AnyItem, ChooseItem, Option, Plan, StepItem
from compiler.policy import check
from plan.compiling import lowered

SPEC = Path(__file__).resolve().parents[2] / "specs" / "gateway.rb"


@pytest.fixture(scope="module")
def gateway() -> Plan:
    built, wrong = lowered(SPEC.read_text(encoding="utf-8"))
    assert built is not None
    assert wrong == ()
    return built


def test_the_rules_find_nothing(gateway: Plan) -> None:
    assert list(check(gateway)) == []


def outline(plan: Plan) -> Iterator[str]:
    for phase in plan.phases:
        yield f"{phase.number} {phase.name} {phase.title} {phase.on_failure or ''}".rstrip()
        yield from entries(phase.items)
    assert plan.rollback is not None
    yield f"R {plan.rollback.title}"
    yield from entries(plan.rollback.items)
    yield from entries(plan.rollback.verify)
    for probe in plan.probes:
        kinds = ", ".join(c.kind for c in probe.checks)
        yield f"{probe.symbol}: {kinds} in {probe.dir.shown if probe.dir else '-'} reads {probe.reads}"
    for param in plan.params:
        yield f"{param.option} {param.type} {param.default.shown if param.default else '-'} {param.needed_when}"
    for need in plan.needs:
        yield f"{need.tool} {need.op} {need.version} {need.needed_when}"
    yield f"{plan.script} {plan.least} {plan.most}"


def entries(items: tuple[AnyItem, ...]) -> Iterator[str]:
    for item in items:
        kind = type(item).__name__.removesuffix("Item").lower()
        yield f"  {item.number} {kind} {item.id}: {item.title}"
        if isinstance(item, StepItem):
            yield f"      {item.symbol} {item.back.way.value} {item.back.symbol or ''} reads {item.reads}"
        if isinstance(item, ChooseItem):
            for option in item.options:
                yield from option_entries(option)


def option_entries(option: Option) -> Iterator[str]:
    yield f"  {option.letter}) {option.name} {'default' if option.default else ''} {option.title}"
    yield from entries(option.items)


def test_outline(gateway: Plan, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(outline(gateway)) == snapshot


# Every command and every fact of the document that the spec came from.
FACTS = """
ops.runbook.leitstand-gateway.updates | 2026-02-03 | OPERATIV · PROZEDURAL | Heimserver-only | compose.gateway.yml
ops / Heimserver
sichere Sequenz für Updates des Leitstand-Gateways | ops.runbook.leitstand-gateway.md | Keine Auto-Updates by default
bewusst, manuell ausgelöst und auditierbar | WireGuard oder LAN | /opt/heimgewebe/gateway | Caddyfile
Image-based Deploy | vorgebauten Images | ghcr.io/ | Build-based Deploy | lokalem Source-Code
Stelle sicher, dass das System gesund ist, bevor du etwas änderst | leitstand.heimgewebe.home.arpa | docker ps | 80, 443
sudo iptables -S DOCKER-USER | HG_REPO_ROOT | $HOME/repos/heimgewebe | /leitstand | /agent-control-surface | pull --ff-only
update leitstand build | https://leitstand.heimgewebe.home.arpa | /health | curl -k -I | /api/ops/audit/git
logs --tail=100 --no-color | Postflight schlägt fehl | vorherigen Tags | nano /opt/heimgewebe/gateway/compose.gateway.yml | up -d
Hard Reset (Downtime) | down | getent hosts | /etc/hosts | FritzBox | meckert | CA | Trust Store | tls internal
Zugriff aus dem LAN | sudo netfilter-persistent reload | Health != 200 | logs --tail=200 | ${leitstand.args} ps | Watchtower
neue Health-Checks | im selben PR
"""


@pytest.mark.parametrize("fact", [f.strip() for line in FACTS.strip().splitlines() for f in line.split("|")])
def test_the_spec_says_what_the_document_said(fact: str) -> None:
    assert fact in SPEC.read_text(encoding="utf-8")
