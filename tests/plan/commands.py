"""Commands of checks as a script runs them, and a server for them to ask."""

from __future__ import annotations

import http.server
import os
import subprocess
from pathlib import Path

from compiler.plan import checks
from compiler.plan.model import Value, Var

HERE = "127.0.0.1"


def run(text: str, *, path: Path | None = None, **names: str) -> subprocess.CompletedProcess[str]:
    """As a script runs a body: a fresh `bash -p -euo pipefail`."""
    search = os.environ["PATH"] if path is None else f"{path}:{os.environ['PATH']}"
    environment = {"PATH": search, "HOME": "/nowhere", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-p", "-euo", "pipefail", "-c", text],
        env=environment | names,
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def holds(text: str, *, path: Path | None = None, **names: str) -> None:
    result = run(text, path=path, **names)
    assert result.returncode == 0, (text, result.stdout, result.stderr)


def fails(text: str, message: str, *, path: Path | None = None, **names: str) -> None:
    result = run(text, path=path, **names)
    assert result.returncode != 0, (text, result.stdout)
    assert message in result.stderr, (text, result.stderr)


def var(name: str) -> Value:
    return Value((Var(name),))


def fake(folder: Path, name: str, script: str) -> Path:
    (folder / name).write_text(f"#!/bin/bash\n{script}\n")
    (folder / name).chmod(0o755)
    return folder


def wrapped(around: tuple[str, str, str], body: str) -> str:
    name, before, after = around
    opening, closing = checks.around(body)
    return "\n".join(filter(None, (before, f"{name}={opening}{body}{closing}", after)))


class Handler(http.server.BaseHTTPRequestHandler):
    METRICS = (
        b"# HELP up Whether it is up\n# TYPE up gauge\n"
        b'up{job="a b",path="}x"} 1\nup{job="c"} 3.5e+01 1395066363000\n'
        b"upper 0\nbig 9.3e+18\ntemperature -1.25\nbroken NaN\nendless +Inf\n"
    )

    def do_GET(self) -> None:  # the name is http.server's
        status, body = {
            "/health": (200, b'{"ok": true}\n'),
            "/created": (201, b"made"),
            "/moved": (302, b""),
            "/broken": (503, b"sorry"),
            "/metrics": (200, self.METRICS),
        }.get(self.path, (404, b"no"))
        self.send_response(status)
        self.send_header("Location", "/health")
        self.send_header("X-Version", "1.2.3")
        self.send_header("X-Version", "beta; `id`")
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.send_response(302 if self.path == "/login" else 200)
        self.send_header("X-Version", "1.2.3")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass
