"""A Semaphore server over HTTPS for tests, held to the published description of its API: every request and every answer.

It runs no playbook: `will` says how the task of each template goes. What is against the description is kept in `wrong`.
"""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import yaml

ENDED = frozenset({"success", "error", "stopped"})
TOKEN = "kq3vLw-not-a-real-token-7Zt="
PROJECT = 4


@cache
def described() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("semaphore-api.yml").read_text(encoding="utf-8"))
    return found


def operation(method: str, path: str) -> dict[str, Any] | None:
    """What the description says of a request, by its path behind `/api`."""
    for template, operations in described()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[0-9]+", template), path):
            found: dict[str, Any] | None = operations.get(method.lower())
            return found
    return None


def against(schema: dict[str, Any], value: object) -> list[str]:
    """What of a value is not as described; what is not described at all is not either."""
    validator = jsonschema.Draft4Validator({**described(), **schema, "additionalProperties": False})
    return [error.message for error in validator.iter_errors(value)]


@dataclass
class Task:
    id: int
    template: int
    states: list[str]  # one for each look; the last one stays
    output: tuple[str, ...]

    def look(self) -> str:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


@dataclass
class Going:
    """How the tasks of a template go."""

    states: tuple[str, ...] = ("waiting", "success")
    output: tuple[str, ...] = ("\x1b[0;32mok: [localhost]\x1b[0m", "PLAY RECAP")


@dataclass
class Semaphore:
    """The server. `started` has the names of the templates whose tasks were started, in order."""

    folder: Path
    names: tuple[str, ...]
    will: dict[str, Going] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    dies_at: str = ""  # the template at whose first look the server goes away
    mute_at: str = ""  # the template whose start is done and not answered
    expires_at: str = ""  # the template at whose first look the token is refused
    stop_works: bool = True
    port: int = 0
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def started(self) -> list[str]:
        return [self.names[task.template - 1] for task in self.tasks]

    def certify(self) -> None:
        """A certificate of its own, which no host trusts."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=semaphore", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", str(self.folder / "key.pem"), "-out", str(self.ca)],
            check=True, capture_output=True,
        )  # fmt: skip

    def __enter__(self) -> Semaphore:
        if not self.ca.exists():
            self.certify()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Begin to answer, at the same port as before."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self, "GET")

            def do_POST(self) -> None:
                owner.answer(self, "POST")

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = int(self.server.server_address[1])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, self.folder / "key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Go away: connections are refused."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def away(self) -> None:
        """Go away out of an answer."""
        threading.Thread(target=self.close).start()

    # ── answers ───────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, request: BaseHTTPRequestHandler, method: str) -> None:
        address = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        self.asked.append(f"{method} {address.path}")
        if address.path == "/":
            self.say(request, 200, None)
            return
        path = address.path.removeprefix("/api")
        said = operation(method, path)
        if said is None or f"/project/{PROJECT}/" not in path:
            self.say(request, 404, None)
            return
        if request.headers.get("Authorization") not in {f"Bearer {token}" for token in self.tokens}:
            self.say(request, 401, None)
            return
        self.hold(method, path, said, dict(parse_qsl(address.query)), body)
        status, value = self.act(path, json.loads(body) if body else {})
        if status == 0:
            request.connection.close()
            return
        response = said["responses"].get(status, {})
        if "schema" in response:
            self.wrong += [f"answer to {method} {path}: {message}" for message in against(response["schema"], value)]
        self.say(request, status, value)

    def hold(self, method: str, path: str, said: dict[str, Any], query: dict[str, str], body: bytes) -> None:
        """Compare a request with its description. A stop without a body is what is described; the server itself reads one."""
        known = {p["name"]: p for p in said.get("parameters", ()) if p["in"] == "query"}
        for name, parameter in known.items():
            if query.get(name) not in parameter.get("enum", [query.get(name)]) or (parameter["required"] and name not in query):
                self.wrong.append(f"{method} {path}: {name}={query.get(name)}")
        self.wrong += [f"{method} {path}: {name} is not described" for name in query.keys() - known.keys()]
        wanted = next((p for p in said.get("parameters", ()) if p["in"] == "body"), None)
        if wanted is None:
            if body not in ((b"", b"{}") if path.endswith("/stop") else (b"",)):
                self.wrong.append(f"{method} {path}: a body that is not described: {body!r}")
        else:
            self.wrong += [f"{method} {path}: {message}" for message in against(wanted["schema"], json.loads(body))]

    def act(self, path: str, body: dict[str, Any]) -> tuple[int, object]:
        """Status and value; status 0 is no answer at all."""
        parts = path.split("/")[3:]
        if parts == ["templates"]:
            return 200, [{"id": n, "project_id": PROJECT, "name": name} for n, name in enumerate(self.names, 1)]
        if parts == ["tasks", "last"]:
            return 200, [self.shown(task) for task in reversed(self.tasks)]
        if parts == ["tasks"]:
            name = self.names[body["template_id"] - 1]
            going = self.will.get(name, Going())
            self.tasks.append(Task(100 + len(self.tasks), body["template_id"], list(going.states), going.output))
            if self.mute_at == name:
                self.mute_at = ""
                return 0, None
            return 201, self.shown(self.tasks[-1])
        task = next((task for task in self.tasks if str(task.id) == parts[1]), None)
        if task is None:
            return 404, None
        name = self.names[task.template - 1]
        if parts[2:] == ["output"]:
            return 200, [{"task_id": task.id, "time": "2026-11-20T18:15:02Z", "output": line} for line in task.output]
        if parts[2:] == ["stop"]:
            self.stopped.append(task.id)
            task.states = ["stopping", "stopped"] if self.stop_works else ["stopping"]
            return 204, None
        if self.dies_at == name:
            self.dies_at = ""
            self.away()
        elif self.expires_at == name:
            self.expires_at = ""
            self.tokens.clear()
        return 200, {**self.shown(task), "status": task.look()}

    def shown(self, task: Task) -> dict[str, object]:
        return {"id": task.id, "template_id": task.template, "status": task.states[0]}

    def say(self, request: BaseHTTPRequestHandler, status: int, value: object) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
