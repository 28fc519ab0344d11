"""The gateway of `specs/gateway.rb` on a private host: Caddy with its own CA in front of two services, everything well."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from . import images
from .host import CA_BUNDLE, HOME, REGISTRY, Host

DIR = "/opt/heimgewebe/gateway"
REPOS = f"{HOME}/repos/heimgewebe"
NAME = "leitstand.heimgewebe.home.arpa"
SCRIPT = f"{HOME}/gateway.sh"
SERVICES = {"leitstand": 3000, "agent-control-surface": 3001}

_COMPOSE = f"""\
name: gateway
services:
  caddy:
    image: {REGISTRY}/caddy:2
    network_mode: host
    restart: unless-stopped
    environment: {{XDG_DATA_HOME: /data, XDG_CONFIG_HOME: /data, HOME: /data}}
    volumes: ["/usr:/usr:ro", "./Caddyfile:/etc/caddy/Caddyfile:ro", "./data:/data"]
""" + "".join(
    f"""\
  {name}:
    image: {REGISTRY}/{name}:latest
    build: {REPOS}/{name}
    network_mode: host
    restart: unless-stopped
    environment: {{PORT: {port}}}
"""
    for name, port in SERVICES.items()
)

_CADDYFILE = f"""\
{{
  admin off
  skip_install_trust
}}
{NAME} {{
  tls internal
  handle_path /api/ops/* {{
    reverse_proxy 127.0.0.1:{SERVICES["agent-control-surface"]}
  }}
  reverse_proxy 127.0.0.1:{SERVICES["leitstand"]}
}}
"""


class Gateway:
    """`before` is what ran when it was set up: service -> image id."""

    def __init__(self, host: Host, script: Path) -> None:
        self.host = host
        images.caddy(host, f"{REGISTRY}/caddy:2")
        images.push(host, f"{REGISTRY}/caddy:2")
        images.web(host, f"{REGISTRY}/base:latest", "base")
        images.push(host, f"{REGISTRY}/base:latest")
        for name in SERVICES:
            images.web(host, f"{REGISTRY}/{name}:latest", f"{name} 1")
            images.push(host, f"{REGISTRY}/{name}:latest")
        host.write(f"{DIR}/compose.gateway.yml", _COMPOSE)
        host.write(f"{DIR}/Caddyfile", _CADDYFILE)
        host.path(f"{DIR}/data").mkdir()
        host.write(SCRIPT, script.read_text(encoding="utf-8"), mode=0o755)
        host.must("iptables -N DOCKER-USER && iptables -A DOCKER-USER -j RETURN")
        self.name_is_known()
        host.must("docker compose -f compose.gateway.yml up -d", cwd=DIR)
        self.certificate_is_trusted()
        until = time.monotonic() + 30
        while self.health() != "leitstand 1":
            assert time.monotonic() < until, f"the gateway does not come up: {self.health()}"
            time.sleep(0.2)
        self.before = self.running()

    def name_is_known(self, known: bool = True) -> None:
        self.host.write("/run/world/hosts", "127.0.0.1 localhost\n" + (f"127.0.0.1 {NAME}\n" if known else ""))

    def certificate_is_trusted(self, trusted: bool = True) -> None:
        """Put Caddy's root into the host's trust store, or take the store back to what it was."""
        original = Path(CA_BUNDLE).read_text(encoding="utf-8")
        root = self.host.path(f"{DIR}/data/caddy/pki/authorities/local/root.crt")
        until = time.monotonic() + 30
        while not root.exists() or not root.read_text(encoding="utf-8"):
            assert time.monotonic() < until, "Caddy has made no CA"
            time.sleep(0.1)
        self.host.path(CA_BUNDLE).write_text(original + (root.read_text(encoding="utf-8") if trusted else ""), encoding="utf-8")

    def health(self) -> str:
        """What an operator's browser would be told, or the failure of curl."""
        asked = self.host.shell(f"curl -sS --fail --max-time 10 https://{NAME}/health")
        return (asked.stdout or asked.stderr).strip()

    def running(self) -> dict[str, str]:
        """Service -> id of the image that its running container has."""
        listed = self.host.must(
            "for id in $(docker ps --quiet); do"
            """ docker inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.Image}}' "$id"; done"""
        )
        return {line.split()[0]: line.split()[1] for line in listed.splitlines()}

    def containers(self) -> set[str]:
        return set(self.host.must("docker ps --all --quiet --no-trunc").split())

    def release(self, name: str, text: str, status: str = images.OK) -> str:
        """Others publish a new image of a service; its id."""
        return images.release(self.host, name, text, status)

    def clone_sources(self) -> None:
        """Both repositories, with an origin each and a first commit that is built as what runs now."""
        for name in SERVICES:
            self.host.must(
                f"git init --quiet --bare --initial-branch main {HOME}/origin/{name}.git\n"
                f"git clone --quiet {HOME}/origin/{name}.git {HOME}/work/{name} 2>/dev/null"
            )
            self.commit(name, f"{name} source 1")
            self.host.must(f"git clone --quiet {HOME}/origin/{name}.git {REPOS}/{name}")

    def commit(self, name: str, text: str, status: str = images.OK, dockerfile: str | None = None) -> str:
        """Others push a commit; its hash."""
        work = f"{HOME}/work/{name}"
        self.host.write(f"{work}/Dockerfile", dockerfile or f"FROM {REGISTRY}/base:latest\nCOPY answer /answer\n")
        self.host.write(f"{work}/answer", images.answer(text, status), mode=0o755)
        author = "git -c user.name=dev -c user.email=dev@example.invalid"
        return self.host.must(
            f"git add --all && {author} commit --quiet -m next\ngit push --quiet origin HEAD:main\ngit rev-parse HEAD",
            cwd=work,
        )

    def head(self, name: str) -> str:
        return self.host.must(f"git -C {REPOS}/{name} rev-parse HEAD")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The script as a cron job would run it: no terminal, a clean environment."""
        return self.host.run(SCRIPT, *arguments, cwd=HOME, timeout=280)
