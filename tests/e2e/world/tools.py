"""What a world is made of, and what of it this machine lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

ENGINE_DIR = Path(os.environ.get("RBC_ENGINE_DIR", "/var/cache/rbc/engine"))
"""Where `.ci/engine` unpacks a Docker newer than the distribution's own."""

PLUGIN_DIRS = (
    ENGINE_DIR / "cli-plugins",
    Path.home() / ".docker/cli-plugins",
    Path("/usr/local/lib/docker/cli-plugins"),
    Path("/usr/local/libexec/docker/cli-plugins"),
    Path("/usr/lib/docker/cli-plugins"),
    Path("/usr/libexec/docker/cli-plugins"),
)

ENGINE = ("dockerd", "docker", "containerd", "runc", "docker-registry", "caddy", "busybox")
PROGRAMS = (
    "ip",
    "iptables",
    "sudo",
    "unshare",
    "nsenter",
    "setpriv",
    "curl",
    "git",
)


def program(name: str) -> Path | None:
    """The program that a world uses: the unpacked one first."""
    found = shutil.which(name, path=f"{ENGINE_DIR / 'bin'}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    return Path(found) if found else None


def compose_plugin() -> Path | None:
    return next((d / "docker-compose" for d in PLUGIN_DIRS if os.access(d / "docker-compose", os.X_OK)), None)


@cache
def missing(engine: bool = True) -> tuple[str, ...]:
    """What is not there, in words; empty where a world can be made, with an engine or without."""
    if os.geteuid() != 0:
        return ("root",)
    lacking = [name for name in (*(ENGINE if engine else ()), *PROGRAMS) if program(name) is None]
    if engine and compose_plugin() is None:
        lacking.append("docker compose (the Compose v2 plugin)")
    if engine and "busybox" not in lacking and _dynamic(program("busybox")):
        lacking.append("busybox, statically linked")
    if not {"unshare", "ip"} & set(lacking):
        tried = subprocess.run(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "ip", "link", "set", "lo", "up"],
            capture_output=True,
            text=True,
        )
        if tried.returncode != 0:
            lacking.append(f"namespaces ({tried.stderr.strip()})")
    return tuple(lacking)


def _dynamic(path: Path | None) -> bool:
    listed = subprocess.run(["ldd", str(path)], capture_output=True, text=True)
    return listed.returncode == 0 and "statically" not in listed.stdout
