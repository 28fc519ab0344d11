"""The platform of `specs/platform.rb` on a private host: API, worker, database and queue behind Caddy, images from "ghcr.io".

The registry answers as `ghcr.io`, through Caddy, with a certificate that the engine trusts. PostgreSQL and Redis are stand-ins
that speak the first words of their protocols; the API asks both before it calls itself ready. `stripe` is a stand-in of Stripe's
program: `listen` says that it is ready and passes on what `trigger` makes, to the real webhook address.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from compiler import pipeline
from compiler.emit import bash
from compiler.project import Project
from compiler.source import Source, Span

from . import images
from .host import CA_BUNDLE, HOME, REGISTRY, Host

ROOT = Path(__file__).resolve().parents[3]
DIR = "/opt/platform"
API = "api.example.com"
OWNER = "masterofmakros/obsidian-nextcloud-platform"
FIRST, SECOND, UNWELL = ("1" * 40, "2" * 40, "3" * 40)
_READY = (
    "printf 'PING\\r\\n' | nc -w 2 127.0.0.1 6379 | grep -q PONG"
    " && [ \"$(printf '\\0\\0\\0\\10\\4\\322\\26\\57' | nc -w 2 127.0.0.1 5432 | head -c 1)\" = N ]"
)
_ANSWER = """\
#!/bin/sh
read -r request
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
status='200 OK'
case "$request" in *readyz*) READY || status='503 Service Unavailable' ;; esac
printf 'HTTP/1.0 %s\\r\\nContent-Type: text/plain\\r\\nConnection: close\\r\\n\\r\\n' "STATUS"
echo '# TYPE release_VERSION gauge'
"""
_REDIS = "#!/bin/sh\nread -r line\ncase \"$line\" in PING*) printf '+PONG\\r\\n' ;; *) printf -- '-ERR\\r\\n' ;; esac\n"
_POSTGRES = "#!/bin/sh\nhead -c 8 >/dev/null\nprintf N\n"
_STRIPE = """\
#!/bin/sh
case "$1" in
  listen)
    rm -f /run/world/event
    echo "Ready! Your webhook signing secret is whsec_notforlogs"
    until [ -e /run/world/event ]; do sleep 0.1; done
    status=$(curl -s -o /dev/null -w '%{http_code}' --data @/run/world/event "$3")
    echo "<-- [$status] POST $3"
    sleep 60
    ;;
  trigger) echo "{\\"type\\": \\"$2\\"}" >/run/world/event ;;
esac
"""
_CADDYFILE = f"""\
{{
  admin off
  skip_install_trust
}}
{API} {{
  tls internal
  reverse_proxy 127.0.0.1:3011
}}
ghcr.io {{
  tls internal
  reverse_proxy {REGISTRY}
}}
"""


def _image(name: str, tag: str) -> str:
    return f"ghcr.io/{OWNER}/{name}:{tag}"


def _compose(tag: str) -> str:
    parts = {"api": (tag, 3011), "worker": (tag, 9110), "postgres": (FIRST, 5432), "redis": (FIRST, 6379)}
    services = "".join(
        f"  {name}:\n    image: {_image(name, tag)}\n    network_mode: host\n    restart: unless-stopped\n"
        f"    environment: {{PORT: {port}}}\n"
        for name, (tag, port) in parts.items()
    )
    return f"services:\n{services}"


def _environment_file(stripe: str) -> str:
    return "".join(
        f"{name}={value}\n"
        for name, value in {
            "ROOT_DOMAIN": "example.com",
            "LETSENCRYPT_EMAIL": "ops@example.com",
            "DATABASE_URL": "postgresql://platform:notforlogs@127.0.0.1:5432/platform",
            "REDIS_URL": "redis://127.0.0.1:6379",
            "STRIPE_SECRET_KEY": f"{stripe}notforlogs",
            "STRIPE_WEBHOOK_SECRET": "whsec_notforlogs",
            "CORS_ALLOW_ORIGINS": "https://example.com",
            "LICENSE_PRIVATE_KEY_B64": "bm90Zm9ybG9ncw==",
            "LICENSE_PUBLIC_KEY_B64": "cHVibGlj",
            "LICENSE_KEY_VERSION": "1",
            "ADMIN_API_KEY": "notforlogs-admin",
        }.items()
    )


class Impatient(Project):
    """The project with seconds of patience where the specs have two minutes: a test that fails must not wait for them."""

    def read(self, path: Path, span: Span | None = None) -> Source:
        source = super().read(path, span)
        return Source(source.name, source.text.replace("5s for 2m", "1s for 6s"))


class Platform:
    """Both environments' files lie there; nothing is started yet. `bring` compiles its scripts."""

    def __init__(self, host: Host) -> None:
        self.host = host
        host.write("/run/world/hosts", f"127.0.0.1 localhost\n127.0.0.1 {API} ghcr.io\n")
        host.write("/run/world/bin/stripe", _STRIPE, 0o755)
        host.write("/run/caddy/Caddyfile", _CADDYFILE)
        self._serve()
        for tag in (FIRST, SECOND):
            self.release(tag)
        self.release(UNWELL, well="503 Service Unavailable")
        for name, port, program in (("postgres", 5432, _POSTGRES), ("redis", 6379, _REDIS)):
            self._publish(name, FIRST, program, port)
        host.write(f"{DIR}/docker-compose.prod.yml", _compose(FIRST))
        host.write(f"{DIR}/docker-compose.stage.yml", _compose("stage"))
        host.write(f"{DIR}/.env.prod", _environment_file("sk_live_"), 0o600)
        host.write(f"{DIR}/.env.stage", _environment_file("sk_test_"), 0o600)

    def release(self, tag: str, well: str = "") -> None:
        """CI publishes API and worker under a commit's hash, and as `stage`."""
        for name, port in (("api", 3011), ("worker", 9110)):
            program = _ANSWER.replace("READY", _READY if name == "api" else "true").replace("VERSION", tag[:7])
            self._publish(name, tag, program.replace("STATUS", well if well and name == "api" else "$status"), port)
            if not well:
                self.host.must(
                    f"docker tag {_image(name, tag)} {_image(name, 'stage')}\ndocker push --quiet {_image(name, 'stage')}"
                )

    def _publish(self, name: str, tag: str, program: str, port: int) -> None:
        images.program(self.host, _image(name, tag), program, f"exec nc -ll -p {port} -e /answer")
        self.host.must(f"docker push --quiet {_image(name, tag)}")

    def _serve(self) -> None:
        """Caddy, trusted by this host and its engine (which reads the trust store when it starts)."""
        start = "XDG_DATA_HOME=/run/caddy HOME=/run/caddy caddy run --config /run/caddy/Caddyfile --adapter caddyfile"
        self.host.must(f"({start}) </dev/null &>/run/caddy/log & disown")
        root = self.host.path("/run/caddy/caddy/pki/authorities/local/root.crt")
        until = time.monotonic() + 60
        while not root.exists() or not root.read_text(encoding="utf-8"):
            assert time.monotonic() < until, "Caddy has made no CA"
            time.sleep(0.1)
        trusted = Path(CA_BUNDLE).read_text(encoding="utf-8") + root.read_text(encoding="utf-8")
        self.host.path(CA_BUNDLE).write_text(trusted, encoding="utf-8")
        self.host.stop_engine()
        self.host.start_engine()

    def runs(self) -> dict[str, str]:
        """Service -> tag of the reference that its running container has."""
        listed = self.host.must(
            "for id in $(docker ps --quiet); do docker inspect --format"
            """ '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}}' "$id"; done"""
        )
        return {line.split()[0]: line.rsplit(":", 1)[1] for line in listed.splitlines()}

    def answers(self) -> str:
        """What the platform says of its release, to everybody."""
        return self.host.must(f"curl -sS --fail --max-time 10 https://{API}/metrics").split("_")[1].split()[0]

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A script without a terminal, as `stage/staging.sh`."""
        return self.host.run(f"{HOME}/{script}", *arguments, cwd=HOME, timeout=280)

    def bring(self, *scripts: str) -> None:
        """Compile the spec, as it is but for its patience, and copy scripts to the host."""
        project = Impatient(ROOT)
        plans, found = pipeline.plans(project.read(ROOT / "specs/platform.rb"), project)
        assert not pipeline.has_errors(found)
        for plan in plans:
            if plan.path in scripts:
                self.host.write(f"{HOME}/{plan.path}", bash.emit(plan).text, 0o755)
