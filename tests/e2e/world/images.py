"""Images of a few files: a static busybox and a web service whose answer is the image's own."""

from __future__ import annotations

from .host import REGISTRY, Host

OK = "200 OK"
UNWELL = "503 Service Unavailable"

# One connection: the request is read to its empty line, else the client could see a reset instead of the answer.
_ANSWER = """\
#!/bin/sh
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
printf 'HTTP/1.0 {status}\\r\\nContent-Type: text/plain\\r\\nConnection: close\\r\\n\\r\\n{text}\\n'
"""


def web(host: Host, name: str, text: str, status: str = OK) -> str:
    """Make `name` a service on $PORT that answers every request; its image id."""
    return _make(host, name, answer(text, status), 'exec nc -ll -p "$PORT" -e /answer')


def answer(text: str, status: str = OK) -> str:
    """The program that answers a request of a web service."""
    return _ANSWER.format(status=status, text=text)


def program(host: Host, name: str, text: str, command: str) -> str:
    """An image with this program as `/answer`, started by this command; its id."""
    return _make(host, name, text, command)


def crashing(host: Host, name: str) -> str:
    """A service that runs for a moment and ends with 3, always."""
    return _make(host, name, "#!/bin/sh\n", "echo 'cannot read its settings' >&2; sleep 0.3; exit 3")


def caddy(host: Host, name: str) -> str:
    """The real Caddy: its program and libraries come with the mount `/usr:/usr:ro`."""
    return _make(host, name, "#!/bin/sh\n", "exec /usr/bin/caddy run --config /etc/caddy/Caddyfile --adapter caddyfile")


def push(host: Host, name: str) -> str:
    """Put it into the registry; its reference by digest."""
    host.must(f"docker push --quiet {name}")
    return host.must(f"docker image inspect --format '{{{{index .RepoDigests 0}}}}' {name}")


def release(host: Host, repository: str, text: str, status: str = OK) -> str:
    """Publish a new `latest` without touching what this host has under that name, as others do; its image id."""
    name = f"{REGISTRY}/{repository}"
    image = web(host, f"{name}:release", text, status)
    here = host.shell(f"docker image inspect --format '{{{{.Id}}}}' {name}:latest").stdout.strip()
    host.must(f"docker tag {name}:release {name}:latest && docker push --quiet {name}:latest && docker rmi {name}:release")
    host.must(f"docker tag {here} {name}:latest" if here else "true")
    return image


def _make(host: Host, name: str, program: str, command: str) -> str:
    """A root file system, imported: quicker than a build, and it needs no base."""
    text = """
    root=$(mktemp -d /run/image.XXXXXX)
    mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev}
    cp "$(type -P busybox)" "$root/bin/busybox"
    for name in sh nc sleep echo cat printf wget kill grep head; do ln -s busybox "$root/bin/$name"; done
    ln -s usr/lib "$root/lib" && ln -s usr/lib64 "$root/lib64"
    printf '%s' "$ANSWER" >"$root/answer" && chmod 755 "$root/answer"
    tar -C "$root" -c . | docker import --change "CMD [\\"/bin/sh\\", \\"-c\\", $COMMAND]" --change 'ENV PATH=/bin:/usr/bin' \\
      --change 'STOPSIGNAL SIGKILL' - "$NAME"
    rm -r "$root"
    """
    quoted = '"' + command.replace("\\", "\\\\").replace('"', '\\"') + '"'
    done = host.shell(text, env={"ANSWER": program, "COMMAND": quoted, "NAME": name})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
