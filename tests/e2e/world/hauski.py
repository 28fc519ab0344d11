"""HausKI's repository on a private host: a Cargo workspace with `vendor/`, and a release of it that serves."""

from __future__ import annotations

import subprocess
import time
from functools import cache
from pathlib import Path

from .host import HOME, Host
from .terminal import Clock

REPO = f"{HOME}/hauski"
DEPENDENCY = f"{HOME}/exposition"
SERVICE = "http://127.0.0.1:9090"
RELEASE = "/srv/hauski-core"

_MAIN = r"""
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

const READY: &str = "@READY@";
const ERROR_RATE: &str = "@RATE@";

fn main() {
    let port = std::env::var("HAUSKI_PORT").unwrap_or_else(|_| "8080".into());
    let limits = std::fs::read_to_string("policies/limits.yaml").expect("policies/limits.yaml");
    let p95 = limits.lines().find_map(|l| l.strip_prefix("p95_ms: ")).unwrap_or("90").to_owned();
    let rate = limits.lines().find_map(|l| l.strip_prefix("error_rate: ")).unwrap_or(ERROR_RATE).to_owned();
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).expect("the port is free");
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let mut lines = BufReader::new(&stream).lines().map(|line| line.unwrap_or_default());
        let request = lines.next().unwrap_or_default();
        while !lines.next().unwrap_or_default().is_empty() {}
        let (status, body) = match request.split(' ').nth(1) {
            Some("/ready") => (READY, "@TEXT@\n".to_owned()),
            Some("/health") => ("200 OK", "@TEXT@\n".to_owned()),
            Some("/metrics") => ("200 OK", exposition::text(&[("hauski_latency_p95_ms", &p95), ("hauski_error_rate", &rate)])),
            _ => ("404 Not Found", String::new()),
        };
        let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    }
}
"""

TEXT = r"""
/// Prometheus' text format.
pub fn text(series: &[(&str, &str)]) -> String {
    series.iter().map(|(name, value)| format!("# TYPE {name} gauge\n{name} {value}\n")).collect()
}
"""

_CHECK = """\
#!/usr/bin/env bash
# vendor/ holds what Cargo.lock names.
set -euo pipefail
sed -n '/^name = /h; /^source = /{x;p}' Cargo.lock | tr -d '"' | while read -r _ _ name; do
  [[ -f "vendor/$name/Cargo.toml" ]] || { echo "vendor/$name is missing" >&2; exit 1; }
done
"""

# What systemd does for the unit `hauski-core`: the release runs in the checkout, and a restart is over when it answers.
_SYSTEMCTL = f"""\
#!/bin/bash
set -euo pipefail
[[ "$2" == hauski-core ]] || {{ echo "Unit $2.service not found." >&2; exit 5; }}
case "$1" in
  restart | reload)
    pid=$(cat /run/core.pid 2>/dev/null) || pid=0
    # The port is free when the old one is gone.
    if ((pid > 0)); then
      kill "${{pid}}" 2>/dev/null || true
      for ((try = 0; try < 100; try++)); do kill -0 "${{pid}}" 2>/dev/null || break; sleep 0.1; done
    fi
    cd {REPO}
    HAUSKI_PORT=9090 setsid {RELEASE} </dev/null >/run/core.log 2>&1 &
    echo "$!" >/run/core.pid
    for ((try = 0; try < 100; try++)); do ! curl -so /dev/null {SERVICE}/health || exit 0; sleep 0.1; done
    exit 1
    ;;
esac
"""


@cache
def toolchain() -> Path | None:
    """The folder of the real cargo and rustc, without rustup's proxies; None where there is no Rust."""
    try:
        found = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    folder = Path(found.stdout.strip()) / "bin"
    return folder if (folder / "cargo").exists() else None


class Hauski:
    """The first release runs, and everything is well."""

    def __init__(self, host: Host, scripts: Path) -> None:
        self.host = host
        self.clock = Clock(host)
        self.env = {
            "PATH": f"{toolchain()}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HAUSKI_URL": SERVICE,
            "HAUSKI_P95_BUDGET_MS": "150",
            **self.clock.env,
        }
        host.must("mount -t tmpfs none /usr/local/sbin && mount -t tmpfs none /srv")  # nothing of it is seen outside
        host.write("/usr/local/sbin/systemctl", _SYSTEMCTL, 0o755)
        host.write(f"{HOME}/.gitconfig", "[user]\nname = dev\nemail = dev@example.invalid\n[init]\ndefaultBranch = main\n")
        host.write(f"{DEPENDENCY}/Cargo.toml", '[package]\nname = "exposition"\nversion = "0.1.0"\nedition = "2021"\n')
        host.write(f"{DEPENDENCY}/src/lib.rs", TEXT)
        host.must("git init --quiet && git add --all && git commit --quiet -m one", cwd=DEPENDENCY)
        host.write(f"{REPO}/Cargo.toml", '[workspace]\nmembers = ["core"]\nresolver = "2"\n')
        git = f'exposition = {{ git = "file://{DEPENDENCY}" }}'
        core = f'[package]\nname = "hauski-core"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n{git}\n'
        host.write(f"{REPO}/core/Cargo.toml", core)
        self.source("release 1")
        host.write(f"{REPO}/policies/limits.yaml", "p95_ms: 90\n")
        host.write(f"{REPO}/toolchain.versions.yml", "rust: '1.80'\n")
        host.write(f"{REPO}/CHANGELOG.md", "# Changes\n")
        host.write(f"{REPO}/.gitignore", "target/\nserver.log\n")
        host.write(f"{REPO}/scripts/check-vendor.sh", _CHECK, 0o755)
        for script in sorted(scripts.glob("*.sh")):
            host.write(f"{HOME}/bin/{script.name}", script.read_text(encoding="utf-8"), 0o755)
        self.must("cargo vendor >/dev/null 2>&1 && cargo build --quiet --release")
        self.commit("release 1")
        self.deploy()

    def must(self, text: str) -> str:
        """What the text prints, in the checkout; it has to succeed."""
        done = self.host.shell(text, cwd=REPO, env=self.env)
        assert done.returncode == 0, f"{text}\nended {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def source(self, text: str, ready: str = "200 OK", rate: str = "0.01") -> None:
        """What the next build answers."""
        main = _MAIN.replace("@TEXT@", text).replace("@READY@", ready).replace("@RATE@", rate)
        self.host.write(f"{REPO}/core/src/main.rs", main)

    def dependency(self, text: str) -> None:
        """Others change what is vendored, and the lock file here names it; a commit."""
        self.host.write(f"{DEPENDENCY}/src/lib.rs", text)
        self.host.must("git commit --quiet --all -m next", cwd=DEPENDENCY)
        self.must("cargo update --quiet")
        self.commit("Cargo.lock")

    def branch(self, name: str, limits: str) -> None:
        """A branch with another policy, made by a person."""
        self.must(f"git switch --quiet --create {name}")
        self.host.write(f"{REPO}/policies/limits.yaml", limits)
        self.commit(name)
        self.must("git switch --quiet main")

    def commit(self, message: str) -> str:
        self.must(f"git init --quiet && git add --all && git commit --quiet -m '{message}'")
        return self.must("git rev-parse HEAD")

    def deploy(self, built: str = "target/release/hauski-core") -> None:
        """Bring a build into service; the one before is kept."""
        self.must(f"cp {built} {RELEASE}.new\n[[ ! -f {RELEASE} ]] || cp {RELEASE} {RELEASE}.last\nmv {RELEASE}.new {RELEASE}")
        self.must("systemctl restart hauski-core")

    def back(self) -> None:
        """The last release again."""
        self.deploy(f"{RELEASE}.last")

    def serves(self, path: str = "/ready") -> str:
        return self.host.must(f"curl -s {SERVICE}{path}")

    def smoke_server_runs(self) -> bool:
        """Whether anything still listens where the new build is tried."""
        until = time.monotonic() + 5
        while (listening := bool(self.host.must("ss -Hltn 'sport = :8080'"))) and time.monotonic() < until:
            time.sleep(0.1)
        return listening
