"""Every check's command is clean under ShellCheck and laid out as shfmt has it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from compiler.plan import checks
from compiler.plan.model import Lit, Value, Var
from compiler.plan.words import literal as lit
from plan.commands import var, wrapped


def every_command() -> dict[str, str]:
    url, path = lit("https://gw.example/health"), lit("/opt/a b")
    hostile = 'it\'s \\n $(id) `id` "q" é!'
    return {
        "http": checks.http_status(url, (), 9),
        "http var": checks.http_status(
            Value((Lit("https://"), Var("host"), Lit("/"))), ((200, 200),), 9, checks.Tls(insecure=True)
        ),
        "http range": checks.http_status(url, ((200, 399), (404, 404)), 9, checks.Tls(ca=lit("/etc/our own.pem")), head=True),
        "http header": checks.http_header(url, "Content-Type", hostile, 9),
        "http body": checks.http_body(url, hostile, 9),
        "tcp": checks.tcp(lit("gw.example:443"), 9),
        "tcp var": checks.tcp(Value((Var("host"), Lit(":443"))), 9),
        "listens": checks.listens([lit("443")]),
        "listens var": checks.listens([var("port")]),
        "listens two": checks.listens([lit("443"), var("port")]),
        "dns": checks.dns(lit("gw.example")),
        "dns is": checks.dns_is(lit("gw.example"), lit("10.0.0.1")),
        "unit": checks.unit_active(lit("caddy.service")),
        "file": checks.file_exists(path),
        "file var": checks.file_exists(Value((Var("HOME"), Lit("/x")))),
        "dir": checks.dir_exists(path),
        "git": checks.git_clean(path),
        "disk free": checks.disk_free(path, ">=", 10 * 2**30, "10GiB"),
        "disk used": checks.disk_used(path, "<=", 85),
        "metric": checks.metric(url, 'up{job="it\'s"}', ">=", lit("0.5"), 9),
        "metric var": checks.metric(url, "up", "=", var("host"), 9),
        "journal": checks.journal_errors(0, "<=", 900, 9),
        "journal start": checks.journal_errors(0, "<=", None, 9),
        "cert": checks.cert_days(lit("gw.example"), ">=", 14, 9),
        "cert var": checks.cert_days(var("host"), ">=", 14, 9),
        "tool": checks.tool_version("docker compose", ">=", "2"),
        "tool is": checks.tool_version("bash", "=", "5"),
        "output": wrapped(checks.output_matches(hostile), "uname -a"),
        "number": wrapped(checks.number_compares(">=", lit("3")), "nproc"),
        "number var": wrapped(checks.number_compares(">=", var("port")), "nproc"),
    }


@pytest.mark.parametrize("name", every_command())
def test_shellcheck_and_shfmt_have_nothing_to_say(name: str, tmp_path: Path, tools: Path) -> None:
    text = every_command()[name]
    script = tmp_path / "check.bash"
    script.write_text(f"#!/bin/bash\nset -euo pipefail\ndeclare -x host port\n{text}\n")
    linted = subprocess.run(
        [tools / "shellcheck", "--norc", "-o", "all", "-f", "gcc", script], capture_output=True, text=True, check=False
    )
    assert linted.stdout == "", text
    formatted = subprocess.run([tools / "shfmt", "-i", "2", "-ci", "-d", script], capture_output=True, text=True, check=False)
    assert formatted.stdout == "", text
    assert max(map(len, text.splitlines())) <= 130, text
