"""A private host: its own network, mounts, processes, name and an engine, all of it gone when its first process ends."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .tools import compose_plugin, program

HOME = "/home/ops"
REGISTRY = "127.0.0.1:5000"
DOCKERD = (
    "dockerd --data-root /run/engine/data --exec-root /run/engine/exec --pidfile /run/engine/pid -H unix:///run/docker.sock"
    " --bridge=none --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false --storage-driver=vfs"
)
PATH = "/run/world/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

# Everything that a run could leave behind lies on memory that only this host sees. `sleep` is not the first process: bash
# reaps what the engine orphans.
_INIT = f"""
set -euo pipefail
mount --make-rprivate /
ip link set lo up
for dir in /opt /home /run /var/lib; do mount -t tmpfs -o mode=0755 none "$dir"; done
for dir in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777 none "$dir"; done
mkdir -p /run/world/bin {HOME}/.docker/cli-plugins && mkdir -m 1777 /run/lock
cp /etc/hosts /run/world/hosts && mount --bind /run/world/hosts /etc/hosts
cp {CA_BUNDLE} /run/world/ca && mount --bind /run/world/ca {CA_BUNDLE}
while read -r name target; do [[ -z "$name" ]] || ln -s "$target" "$name"; done <<<"$LINKS"
cat >/run/world/registry.yml <<'YML'
version: 0.1
storage: {{filesystem: {{rootdirectory: /run/registry}}}}
http: {{addr: "{REGISTRY}"}}
YML
[[ -z "$ENGINE" ]] || docker-registry serve /run/world/registry.yml &>/run/world/registry.log &
touch /run/world/ready
while :; do sleep 3600 & wait -n || true; done
"""

_UNSHARE = [
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    "--net",
    "--mount",
    "--pid",
    "--uts",
    "--fork",
    "--kill-child",
    "--mount-proc",
]


class Host:
    """Use as a context manager. `path` gives a file of this host to Python; `run` runs a program on it.

    Without `engine` it is a host that has no Docker.
    """

    def __init__(self, engine: bool = True) -> None:
        links = [(f"{HOME}/.docker/cli-plugins/docker-compose", compose_plugin())] if engine else []
        links += [(f"/run/world/bin/{name}", program(name)) for name in ("docker", "dockerd") if engine]
        self._with_engine = engine
        self._outer = subprocess.Popen(
            [*_UNSHARE, "bash", "-c", _INIT],
            env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "LINKS": "\n".join(f"{name} {target}" for name, target in links),
                "ENGINE": "yes" if engine else "",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._inner = 0  # the first process's number out here
        self._engine: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Host:
        try:
            self._wait(self._born, "the namespaces")
            self._wait(self.path("/run/world/ready").exists, "the host's set-up")
            if not self._with_engine:
                return self
            self.start_engine()
            self._wait(lambda: self.shell(f"curl -sf http://{REGISTRY}/v2/").returncode == 0, "the registry")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process of this host; its mounts and its network go with the last one."""
        if self._engine and self._engine.poll() is None:
            self.shell("docker ps --all --quiet | while read -r id; do docker rm --force $id; done")  # else their cgroups stay
        self._outer.kill()
        self._outer.wait()
        if self._outer.stderr:
            self._outer.stderr.close()

    def path(self, inside: str) -> Path:
        """A path of this host as Python sees it from outside (symlinks in it lead outside)."""
        return Path(f"/proc/{self._inner}/root{inside}")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def command(self, argv: Sequence[str], cwd: str = "/", env: Mapping[str, str] | None = None) -> list[str]:
        """The command line that runs `argv` on this host, in a clean environment."""
        variables = {"HOME": HOME, "USER": "root", "PATH": PATH, "LANG": "C.UTF-8", **(env or {})}
        enter = ["nsenter", "--target", str(self._inner), "--net", "--mount", "--pid", "--uts", "--"]
        return [*enter, "env", "-i", f"--chdir={cwd}", *(f"{k}={v}" for k, v in variables.items()), *argv]

    def run(
        self, *argv: str, cwd: str = "/", env: Mapping[str, str] | None = None, timeout: float = 180
    ) -> subprocess.CompletedProcess[str]:
        """Run without a terminal; both outputs as text."""
        return subprocess.run(
            self.command(argv, cwd, env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            start_new_session=True,
        )

    def shell(self, text: str, cwd: str = "/", env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run text as a step does: a fresh strict bash."""
        return self.run("bash", "-p", "-euo", "pipefail", "-c", f"shopt -s inherit_errexit\n{text}", cwd=cwd, env=env)

    def must(self, text: str, cwd: str = "/") -> str:
        """What the text prints; it has to succeed."""
        done = self.shell(text, cwd)
        assert done.returncode == 0, f"{text}\nended {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def start_engine(self) -> None:
        self._engine = subprocess.Popen(
            self.command(["bash", "-c", f"exec {DOCKERD} >>/run/world/engine.log 2>&1"]),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait(lambda: self.shell("docker version").returncode == 0, "the engine")

    def stop_engine(self) -> None:
        """As `systemctl stop docker`: containers end too."""
        if self._engine and self._engine.poll() is None:
            self.shell("kill $(cat /run/engine/pid)")
            self._engine.wait(30)

    def _born(self) -> bool:
        if self._outer.poll() is not None and self._outer.stderr:
            raise RuntimeError(f"no private host: {self._outer.stderr.read().decode()}")
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
        self._inner = int(children[0]) if children else 0
        return bool(self._inner)

    def _wait(self, done: Callable[[], bool], what: str, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while not done():
            if time.monotonic() > until or (self._inner and self._outer.poll() is not None):
                log = self.path("/run/world/engine.log")
                raise RuntimeError(f"{what} did not come up\n{log.read_text()[-3000:] if log.exists() else ''}")
            time.sleep(0.05)
