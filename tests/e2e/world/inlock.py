"""The Inlock host of `specs/inlock.rb`: a git checkout with its stack of pinned images, an origin, and everything well."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from . import images
from .host import CA_BUNDLE, REGISTRY, Host
from .terminal import Clock

DIR = "/home/comzis/inlock"
ORIGIN = "/home/origin/inlock.git"
WORK = "/home/dev/inlock"
BIN = "/home/comzis/bin"
STACK = "docker compose -f compose/services/stack.yml --env-file .env"
PORTS = {"oauth2-proxy": 4180, "alertmanager": 9093, "cadvisor": 8081, "loki": 3100, "promtail": 9080}
NAMES = ("inlock.ai", "mail.inlock.ai", "grafana.inlock.ai", "auth.inlock.ai")

_CADDYFILE = f"""\
{{
  admin off
  skip_install_trust
}}
{", ".join(NAMES[:3])} {{
  tls internal
  respond OK
}}
{NAMES[3]} {{
  tls internal
  reverse_proxy 127.0.0.1:{PORTS["oauth2-proxy"]}
}}
"""

_CADDY = f"""\
services:
  caddy:
    image: {REGISTRY}/caddy:2
    network_mode: host
    restart: unless-stopped
    environment: {{XDG_DATA_HOME: /data, XDG_CONFIG_HOME: /data, HOME: /data}}
    volumes: ["/usr:/usr:ro", "/srv/Caddyfile:/etc/caddy/Caddyfile:ro", "/srv/data:/data"]
"""

# What the package manager and the journal of the host would say; one package, and a quiet night.
_STAND_INS = {
    "dpkg-query": "cat /run/world/libexpat1",
    "apt-cache": 'echo "libexpat1:"; echo "  Candidate: 2.5.0-1+deb12u2"',
    "apt": '[[ "$1" != list ]] || echo "libexpat1/stable-security 2.5.0-1+deb12u2 amd64 [upgradable]"',
    "journalctl": ":",
}
_UPDATE_PACKAGE = "printf 2.5.0-1+deb12u2 >/run/world/libexpat1"
_UPDATE_SERVICES = f"cd {DIR}\n{STACK} config >/dev/null\n{STACK} pull --quiet\n{STACK} up -d\n{STACK} ps"


class Inlock:
    """Everything runs in its first version."""

    def __init__(self, host: Host, scripts: Path) -> None:
        self.host = host
        self.clock = Clock(host)
        self.env = {"ROLLBACK_OWNER": "Kim", **self.clock.env}
        host.must("mount -t tmpfs none /usr/local/sbin && mount -t tmpfs none /srv\necho vmi2953354 >/proc/sys/kernel/hostname")
        for name, text in _STAND_INS.items():
            host.write(f"/usr/local/sbin/{name}", f"#!/bin/bash\n{text}\n", 0o755)
        host.write("/run/world/libexpat1", "2.5.0-1+deb12u1")
        host.write("/run/world/hosts", "127.0.0.1 localhost\n" + "".join(f"127.0.0.1 {name}\n" for name in NAMES))
        host.write("/srv/Caddyfile", _CADDYFILE)
        host.path("/srv/data").mkdir()
        host.write("/home/ops/.gitconfig", "[user]\nname = dev\nemail = dev@example.invalid\n[init]\ndefaultBranch = main\n")
        images.caddy(host, f"{REGISTRY}/caddy:2")
        images.push(host, f"{REGISTRY}/caddy:2")
        self.versions = dict.fromkeys(PORTS, "v1")
        for name in PORTS:
            self.publish(name, "v1")
        host.must(f"git init --quiet --bare {ORIGIN}\ngit clone --quiet {ORIGIN} {WORK} 2>/dev/null")
        host.write(f"{WORK}/scripts/maintenance/update-libexpat1.sh", f"#!/bin/bash\n{_UPDATE_PACKAGE}\n", 0o755)
        update = f"#!/bin/bash\nset -euo pipefail\n{_UPDATE_SERVICES}\n"
        host.write(f"{WORK}/scripts/maintenance/update-inlock-compose-services.sh", update, 0o755)
        host.write(f"{WORK}/scripts/test-endpoints.sh", "#!/bin/bash\ncurl -sI https://inlock.ai\n", 0o755)
        host.write(f"{WORK}/.gitignore", ".env\n")
        self.commit("the stack")
        host.must(f"git clone --quiet {ORIGIN} {DIR}")
        host.write(f"{DIR}/.env", "TZ=UTC\n")
        for script in sorted(scripts.glob("*.sh")):
            host.write(f"{BIN}/{script.name}", script.read_text(encoding="utf-8"), 0o755)
        self.must(f"{STACK} up -d")
        self._trust()

    def must(self, text: str) -> str:
        return self.host.must(text, cwd=DIR)

    def publish(self, name: str, version: str, crashing: bool = False) -> None:
        """A new image of a service, in the registry only."""
        tag = f"{REGISTRY}/{name}:{version}"
        if crashing:
            images.crashing(self.host, tag)
        else:
            images.web(self.host, tag, f"{name} {version}", "302 Found" if name == "oauth2-proxy" else images.OK)
        images.push(self.host, tag)
        self.host.must(f"docker rmi {tag}")

    def commit(self, message: str, **versions: str) -> str:
        """Others pin versions (`oauth2_proxy="v2"`) and push; the commit's hash."""
        self.versions |= {name.replace("_", "-"): version for name, version in versions.items()}
        self.host.must("git pull --quiet --ff-only 2>/dev/null || true", cwd=WORK)
        self.host.write(f"{WORK}/compose/services/stack.yml", self.stack(self.versions))
        self.host.must(f"git add --all && git commit --quiet -m '{message}' && git push --quiet", cwd=WORK)
        return self.host.must("git rev-parse HEAD", cwd=WORK)

    def stack(self, versions: dict[str, str]) -> str:
        """The compose file with these versions."""
        return _CADDY + "".join(
            f"  {name}:\n    image: {REGISTRY}/{name}:{versions[name]}\n    network_mode: host\n"
            f"    restart: unless-stopped\n    environment: {{PORT: {port}}}\n"
            for name, port in PORTS.items()
        )

    def running(self) -> dict[str, str]:
        """Service -> the version that its container was made with."""
        listed = self.host.must(
            "docker ps --quiet | while read -r id; do"
            """ docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}}' "$id"; done"""
        )
        pairs = (line.split() for line in listed.splitlines())
        return {name: image.rpartition(":")[2] for name, image in pairs if name != "caddy"}

    def container(self, name: str) -> str:
        return self.must(f"{STACK} ps --quiet {name}")

    def head(self) -> str:
        return self.must("git rev-parse HEAD")

    def _trust(self) -> None:
        """Caddy's root into the host's trust store, as soon as there is one; then all answers."""
        root = self.host.path("/srv/data/caddy/pki/authorities/local/root.crt")
        until = time.monotonic() + 60
        while not root.exists() or not root.read_text(encoding="utf-8"):
            assert time.monotonic() < until, "Caddy has made no CA"
            time.sleep(0.1)
        bundle = Path(CA_BUNDLE).read_text(encoding="utf-8") + root.read_text(encoding="utf-8")
        self.host.path(CA_BUNDLE).write_text(bundle, encoding="utf-8")
        while self._asked().returncode != 0:
            assert time.monotonic() < until, f"the stack does not come up: {self._asked().stderr}"
            time.sleep(0.2)

    def _asked(self) -> subprocess.CompletedProcess[str]:
        ports = [f"http://127.0.0.1:{port}" for port in PORTS.values()]
        return self.host.shell("\n".join(f"curl -sS -o /dev/null {url}" for url in (*ports, *(f"https://{n}" for n in NAMES))))
