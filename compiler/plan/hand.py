"""What a person types for a check, where the script's own command is longer: it shows what the runbook's line then names.

The script decides; a person reads. So nothing here compares, counts or explains. Each function is the companion of the one of
the same name in `plan.checks` or `plan.compose`, and asks the same tool the same question. What a person has on every host is
used besides: `grep`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from compiler.emit.shell import quote, word
from compiler.plan import checks
from compiler.plan.checks import VERIFIED, Tls
from compiler.plan.model import Value
from compiler.plan.words import as_word

_OVER_LINES = re.compile(r"[\^$.\[\n]")  # what may mean another thing in a text of many lines than in one of them


def http_status(url: Value, limit: int, tls: Tls = VERIFIED, *, head: bool = False) -> str:
    """Prints the status."""
    return checks.curl(url, limit, tls, "-o", "/dev/null", "-w", r"'%{http_code}\n'", head=head)


def http_header(url: Value, header: str, limit: int, tls: Tls = VERIFIED, *, head: bool = False) -> str:
    """Prints the header's lines."""
    request = checks.curl(url, limit, tls, "-o", "/dev/null", "-D", "-", head=head)
    return f"{request} | grep -i {quote(f'^{header}:')}"


def http_body(url: Value, pattern: str, limit: int, tls: Tls = VERIFIED) -> str:
    """Prints the body, or how many of its lines match, where a line shows it."""
    request = checks.curl(url, limit, tls)
    return request if _OVER_LINES.search(pattern) else f"{request} | grep -cE {quote(pattern)}"


def listens(ports: Sequence[Value]) -> str:
    """Prints the sockets."""
    return f"ss -Hltn {word(' or '.join(f'sport = :{port.constant}' for port in ports))}"


def dns(name: Value, *, all_addresses: bool = False) -> str:
    """Prints what the name resolves to."""
    return f"getent {'ahosts' if all_addresses else 'hosts'} {as_word(name)}"


def compose_ps(args: tuple[str, ...], parts: tuple[str, ...]) -> str:
    """Prints each container with its state."""
    return " ".join(("docker compose", *args, "ps --all", *parts))


def unit_active(name: Value) -> str:
    """Prints `active`."""
    return f"systemctl is-active {as_word(name)}"


def exists(path: Value, kind: str) -> str:
    """Prints nothing; `kind` is `f` (a file) or `d` (a folder)."""
    return f"test -{kind} {as_word(path)}"


def git_clean(path: Value) -> str:
    """Prints what is changed."""
    return f"git -C {as_word(path)} status --short"


def disk(path: Value) -> str:
    """Prints what is used and free."""
    return f"df -h {as_word(path)}"


def metric(url: Value, name: str, limit: int) -> str:
    """Prints the series of that name."""
    series = re.sub(r"[][\\.*^$]", r"\\\g<0>", name)
    end = " " if "{" in name else "[{ ]"
    return f"{checks.curl(url, limit, VERIFIED, '--fail')} | grep {quote(f'^{series}{end}')}"


def journal_errors(since: int | None) -> str:
    """Prints the entries."""
    start = f"-{since}s" if since is not None else f'"@{checks.JOURNAL_START}"'
    return f"journalctl -q --no-pager --priority=err --since={start}"


def cert_days(host: Value) -> str:
    """Prints the day on which the certificate ends."""
    address, name = checks.endpoint(host)
    server_name = "" if name is None else f" -servername {as_word(name)}"
    shown = f"openssl s_client -connect {as_word(address)}{server_name} </dev/null 2>/dev/null"
    return f"{shown} | openssl x509 -noout -enddate"


def tool_version(tool: str) -> str:
    """Prints the version."""
    return checks.version_command(tool)
