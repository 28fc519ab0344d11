"""What a person types for a check: executed, linted, and never longer than a line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from compiler.plan import checks, hand
from compiler.plan.words import literal as lit
from plan.commands import HERE, Handler, run, var
from plan.compiling import HEAD, plan
from plan.test_checks import tls, web

__all__ = ["Handler", "tls", "web"]  # fixtures of the checks themselves


def test_it_shows_what_the_line_names(web: str, tls: int, tmp_path: Path) -> None:
    port = web.rpartition(":")[2]
    shown = {
        hand.http_status(lit(f"{web}/broken"), 5): "503\n",
        hand.http_status(var("url"), 5): "302\n",
        hand.http_status(lit(f"https://{HERE}:{tls}/health"), 5, checks.Tls(insecure=True)): "200\n",
        hand.http_status(lit(f"{web}/login"), 5, head=True): "302\n",
        hand.http_header(lit(f"{web}/health"), "x-version", 5): "X-Version: 1.2.3\nX-Version: beta; `id`\n",
        hand.http_body(lit(f"{web}/metrics"), "# (TYPE|HELP) ", 5): "2\n",
        hand.http_body(lit(f"{web}/health"), "^.*true", 5): '{"ok": true}\n',
        hand.metric(lit(f"{web}/metrics"), "up", 5): 'up{job="a b",path="}x"} 1\nup{job="c"} 3.5e+01 1395066363000\n',
        hand.metric(lit(f"{web}/metrics"), 'up{job="c"}', 5): 'up{job="c"} 3.5e+01 1395066363000\n',
        checks.connects(lit(f"{HERE}:{port}"), 5): "",
        checks.connects(var("endpoint"), 5): "",
        hand.exists(lit(str(tmp_path)), "d"): "",
        hand.tool_version("bash"): None,
        hand.disk(lit("/")): None,
        hand.cert_days(lit(f"{HERE}:{tls}")): None,
    }
    for text, output in shown.items():
        done = run(text, url=f"{web}/moved", endpoint=f"{HERE}:{port}")
        assert done.returncode == 0, (text, done.stderr)
        assert done.stdout == output if output is not None else done.stdout, text
    assert run(hand.cert_days(lit(f"{HERE}:{tls}"))).stdout.startswith("notAfter=")
    assert run(hand.exists(lit("/nowhere"), "f")).returncode == 1


def test_a_changed_working_tree_is_listed(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "new file").touch()
    assert run(hand.git_clean(lit(str(tmp_path)))).stdout == '?? "new file"\n'


SPEC = r"""
host here {
  needs docker
}
service app on here {
  dir     /srv/app
  compose compose.yml
}
probe all "All" {
  http     http://127.0.0.1/health status 200 header Server matches '^x' body matches 'ok'
  tcp      127.0.0.1:22
  listens  80, 443
  dns      a.example
  dns      a.example is 192.0.2.1
  compose  app only web is running
  unit     ssh is active
  file     /etc/hosts
  dir      /etc
  git      /srv/app is clean
  disk     / free >= 10GiB
  disk     / used <= 85%
  metric   http://127.0.0.1/metrics up = 1
  journal  errors <= 3 since 1h
  journal  errors <= 3 since start
  cert     a.example days >= 14
  tool     docker >= 24
  output   matches '^a' $ cat /etc/hostname
  number   >= 1 $ wc -l </etc/hosts
  succeeds $ true
}
phase one "One" {
  check all
}
"""


@pytest.fixture(scope="module")
def lines() -> dict[str, str]:
    (probe,) = plan(HEAD + SPEC).probes
    return {f"{n} {single.kind}": single.shown.text for n, single in enumerate(probe.checks)}


def test_each_is_one_line_that_shellcheck_passes(lines: dict[str, str]) -> None:
    assert len(lines) == 22
    for name, text in lines.items():
        assert "\n" not in text and len(text) <= 120, (name, text)
    script = "\n".join(("#!/bin/bash", "set -euo pipefail", "declare -x rbc_begun", *lines.values(), ""))
    found = subprocess.run(
        [Path(sys.executable).parent / "shellcheck", "--norc", "-o", "all", "-"],
        input=script,
        text=True,
        capture_output=True,
        check=False,
    )
    assert found.stdout == ""


def test_they_ask_what_the_scripts_ask(lines: dict[str, str]) -> None:
    texts = list(lines.values())
    for text in (
        "ss -Hltn 'sport = :80 or sport = :443'",
        "getent ahosts a.example",
        "docker compose -f compose.yml ps --all web",
        "systemctl is-active ssh",
        "git -C /srv/app status --short",
        "df -h /",
        "journalctl -q --no-pager --priority=err --since=-3600s",
        "docker --version",
        "cat /etc/hostname",
        "true",
    ):
        assert text in texts
