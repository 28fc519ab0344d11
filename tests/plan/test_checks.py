"""Every check's command, executed against the real thing where this machine has it, and linted."""

from __future__ import annotations

import datetime
import fnmatch
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.plan import checks
from compiler.plan.model import Lit, Value, Var
from compiler.plan.words import literal as lit

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


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer((HERE, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{HERE}:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server whose certificate nobody trusts and that ends in ten days."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10"),
            *("-keyout", "k", "-out", "c", "-subj", "/CN=localhost"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    server = http.server.ThreadingHTTPServer((HERE, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "c", folder / "k")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def fake(folder: Path, name: str, script: str) -> Path:
    (folder / name).write_text(f"#!/bin/bash\n{script}\n")
    (folder / name).chmod(0o755)
    return folder


# ── http ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_http_status(web: str) -> None:
    holds(checks.http_status(lit(f"{web}/health"), (), 5))
    holds(checks.http_status(lit(f"{web}/created"), (), 5))
    holds(checks.http_status(lit(f"{web}/broken"), ((503, 503),), 5))
    fails(checks.http_status(lit(f"{web}/broken"), ((200, 200),), 5), "HTTP 503, expected 200")
    fails(checks.http_status(lit(f"{web}/created"), ((200, 200),), 5), "HTTP 201, expected 200")


def test_http_does_not_follow_redirects(web: str) -> None:
    fails(checks.http_status(lit(f"{web}/moved"), (), 5), "HTTP 302, expected 200 to 299")


def test_http_takes_several_statuses_and_ranges(web: str) -> None:
    holds(checks.http_status(lit(f"{web}/moved"), ((200, 399),), 5))
    holds(checks.http_status(lit(f"{web}/moved"), ((200, 200), (302, 302)), 5))
    fails(checks.http_status(lit(f"{web}/none"), ((200, 200), (302, 402)), 5), "HTTP 404, expected 200, 302 to 402")
    fails(checks.http_status(lit(f"{web}/created"), ((200, 200), (302, 302)), 5), "HTTP 201, expected 200, 302")


@given(st.tuples(st.integers(100, 599), st.integers(100, 599)).map(sorted))
@example([200, 399])
@example([199, 404])
def test_a_range_is_exactly_its_statuses(ends: list[int]) -> None:
    patterns = list(checks.patterns(*ends))
    covered = [n for n in range(100, 600) if any(fnmatch.fnmatchcase(str(n), pattern) for pattern in patterns)]
    assert covered == list(range(ends[0], ends[1] + 1))
    assert len(patterns) <= 41


def test_http_head_is_another_request(web: str) -> None:
    holds(checks.http_status(lit(f"{web}/login"), ((302, 302),), 5, head=True))
    fails(checks.http_status(lit(f"{web}/login"), ((302, 302),), 5), "HTTP 404")
    holds(checks.http_header(lit(f"{web}/login"), "X-Version", "^1", 5, head=True))


def test_http_trusts_the_authority_that_is_named(tls: int, tmp_path: Path) -> None:
    ca = tmp_path / "our own ca.pem"
    ca.write_text(ssl.get_server_certificate((HERE, tls)), encoding="utf-8")
    url = lit(f"https://localhost:{tls}/health")
    fails(checks.http_status(url, (), 5), "curl: (60)")
    for value, names in ((lit(str(ca)), {}), (var("ca"), {"ca": str(ca)})):
        holds(checks.http_status(url, (), 5, checks.Tls(ca=value)), **names)
        holds(checks.http_body(url, '"ok"', 5, checks.Tls(ca=value)), **names)
    fails(checks.http_status(lit(f"https://{HERE}:{tls}/health"), (), 5, checks.Tls(ca=lit(str(ca)))), "curl: (60)")


def test_http_says_why_there_is_no_answer() -> None:
    with socket.socket() as free:
        free.bind((HERE, 0))
        fails(checks.http_status(lit(f"http://{HERE}:{free.getsockname()[1]}/"), (), 5), "curl: (7)")


def test_http_verifies_tls_unless_insecure(tls: int) -> None:
    url = lit(f"https://{HERE}:{tls}/health")
    fails(checks.http_status(url, ((200, 200),), 5), "curl: (60)")
    holds(checks.http_status(url, ((200, 200),), 5, checks.Tls(insecure=True)))


def test_http_with_a_parameter_in_the_url(web: str) -> None:
    url = Value((Lit(f"{web}/"), Var("page")))
    holds(checks.http_status(url, ((200, 200),), 5), page="health")
    fails(checks.http_status(url, ((200, 200),), 5), "HTTP 404", page="a[1-3]{x}")


def test_http_header_in_any_case_and_any_of_several(web: str) -> None:
    url = lit(f"{web}/health")
    holds(checks.http_header(url, "x-VERSION", r"^1\.2\.[0-9]+$", 5))
    holds(checks.http_header(url, "X-Version", "^beta; `id`$", 5))
    fails(checks.http_header(url, "X-Version", "^2", 5), "header X-Version is 'beta; `id`', expected a match of ^2")
    fails(checks.http_header(url, "X-None", ".", 5), "header X-None is ''")


def test_http_body(web: str) -> None:
    url = lit(f"{web}/health")
    holds(checks.http_body(url, '"ok": *true', 5))
    fails(checks.http_body(url, "it's|\\$(id)", 5), '{"ok": true}')


# ── network ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tcp() -> None:
    with socket.socket() as server:
        server.bind((HERE, 0))
        port = server.getsockname()[1]
        fails(checks.tcp(lit(f"{HERE}:{port}"), 3), f"no TCP connection to {HERE}:{port}")
        server.listen()
        holds(checks.tcp(lit(f"{HERE}:{port}"), 3))
        holds(checks.tcp(Value((Var("host"), Lit(":"), Var("port"))), 3), host=HERE, port=str(port))
        holds(checks.tcp(var("endpoint"), 3), endpoint=f"{HERE}:{port}")


def test_tcp_does_not_execute_what_a_parameter_holds(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    run(checks.tcp(Value((Var("host"), Lit(":1"))), 3), host=f'$(touch {canary})"; touch {canary}; "')
    assert not canary.exists()


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, HERE), (socket.AF_INET6, "::1")], ids=["v4", "v6"])
def test_listens_matches_the_port_exactly(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as server:
        try:
            server.bind((address, 0))
        except OSError:
            pytest.skip("no such address here")
        port = server.getsockname()[1]
        one, two = checks.listens([lit(str(port))]), checks.listens([lit(str(port)), lit("1")])
        fails(one, f"nothing listens on port {port}")
        fails(two, f"nothing listens on port {port} 1")
        server.listen()
        holds(one)
        fails(two, "nothing listens on port 1")
        fails(checks.listens([lit(str(port)[:-1])]), f"nothing listens on port {str(port)[:-1]}")
        holds(checks.listens([var("port")]), port=str(port))


def test_dns() -> None:
    holds(checks.dns(lit("localhost")))
    fails(checks.dns(lit("no-such-name.invalid")), "no-such-name.invalid does not resolve")


def test_dns_is() -> None:
    holds(checks.dns_is(lit("127.0.0.1"), lit("127.0.0.1")))
    fails(checks.dns_is(lit("127.0.0.1"), lit("127.0.0.10")), "127.0.0.1 is not 127.0.0.10:")
    fails(checks.dns_is(lit("127.0.0.10"), lit("127.0.0.1")), "is not")
    holds(checks.dns_is(lit("::1"), lit("0:0:0:0:0:0:0:1")))
    fails(checks.dns_is(lit("no-such-name.invalid"), lit("1.2.3.4")), "does not resolve")


def test_cert(tls: int) -> None:
    host = lit(f"{HERE}:{tls}")
    holds(checks.cert_days(host, ">=", 9, 5))
    ends = (datetime.datetime.now() + datetime.timedelta(days=10)).strftime("%Y-%m-%d")
    fails(checks.cert_days(host, ">=", 11, 5), f"ends {ends}")
    fails(checks.cert_days(lit(f"{HERE}:1"), ">=", 11, 5), f"no certificate from {HERE}:1")


@pytest.mark.parametrize(
    ("host", "connects", "names"),
    [
        ("gw.example", "gw.example:443", "gw.example"),
        ("gw.example:8443", "gw.example:8443", "gw.example"),
        ("10.0.0.1", "10.0.0.1:443", None),
        ("::1", "'[::1]:443'", None),
        ("[::1]:9", "'[::1]:9'", None),
    ],
)
def test_cert_asks_by_name_but_not_for_an_address(host: str, connects: str, names: str | None) -> None:
    text = checks.cert_days(lit(host), ">=", 1, 5)
    assert f"-connect {connects}" in text
    assert (f"-servername {names}" in text) if names else "-servername" not in text


# ── metrics ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "op", "limit"),
    [
        ("up", ">=", "1"),
        ("up", "<=", "35"),
        ("up", ">", "0.99"),
        ("up", "<", "35.5"),
        ('up{job="c"}', "=", "35"),
        ("upper", "=", "0"),
        ("upper", "<=", "0"),
        ("upper", ">=", "-0.0"),
        ("big", ">", "9200000000000000001"),
        ("temperature", "<", "-1.2"),
        ("temperature", "=", "-1.250"),
        ("endless", ">", "1e300"),
    ],
)
def test_metric_holds(web: str, name: str, op: str, limit: str) -> None:
    holds(checks.metric(lit(f"{web}/metrics"), name, op, lit(limit), 5))


@pytest.mark.parametrize(
    ("name", "op", "limit", "message"),
    [
        ("up", ">=", "2", 'up{job="a b",path="}x"} 1, expected >= 2'),
        ("up", "<=", "34.9", "3.5e+01"),
        ("up", ">", "1", "expected > 1"),
        ("up", "=", "1", "expected = 1"),
        ("broken", ">=", "0", "not a number"),
        ("none", ">=", "0", "no series none"),
        ("u.", ">=", "0", "no series u."),
    ],
)
def test_metric_fails(web: str, name: str, op: str, limit: str, message: str) -> None:
    fails(checks.metric(lit(f"{web}/metrics"), name, op, lit(limit), 5), message)


def test_metric_compared_with_a_parameter(web: str) -> None:
    text = checks.metric(lit(f"{web}/metrics"), "up", ">=", var("least"), 5)
    holds(text, least="0.5")
    fails(text, "expected >= 20", least="20")
    fails(text, "not a number: many", least="many")


def test_metric_of_a_page_that_is_not_there(web: str) -> None:
    fails(checks.metric(lit(f"{web}/nothing"), "up", ">=", lit("1"), 5), "404")


# ── the host ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_unit(tmp_path: Path) -> None:
    good = fake(tmp_path, "systemctl", "[[ $1 == is-active && $2 == caddy.service ]] && echo active")
    holds(checks.unit_active(lit("caddy.service")), path=good)
    bad = fake(tmp_path, "systemctl", '[[ $1 == is-active ]] && { echo failed; exit 3; }\necho "Main process exited"; exit 3')
    fails(checks.unit_active(lit("caddy.service")), "Main process exited", path=bad)


def test_file_and_dir(tmp_path: Path) -> None:
    (tmp_path / "a b").write_text("")
    holds(checks.file_exists(lit(f"{tmp_path}/a b")))
    holds(checks.file_exists(Value((Var("base"), Lit("/a b")))), base=str(tmp_path))
    fails(checks.file_exists(lit(str(tmp_path))), f"no file {tmp_path}")
    holds(checks.dir_exists(lit(str(tmp_path))))
    fails(checks.dir_exists(lit(f"{tmp_path}/a b")), "no directory")


def test_git_clean(tmp_path: Path) -> None:
    fails(checks.git_clean(lit(str(tmp_path))), "not a git repository")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    holds(checks.git_clean(lit(str(tmp_path))))
    (tmp_path / "new").write_text("")
    fails(checks.git_clean(lit(str(tmp_path))), "?? new")


def test_disk() -> None:
    holds(checks.disk_free(lit("/"), ">=", 1, "1B"))
    fails(checks.disk_free(lit("/"), ">=", 2**60, "1EiB"), "expected >= 1EiB")
    fails(checks.disk_free(lit("/no/such"), ">=", 1, "1B"), "No such file")
    holds(checks.disk_used(lit("/"), "<=", 100))
    free = shutil.disk_usage("/").free
    assert str(free)[:2] in run(checks.disk_free(lit("/"), ">=", 2**60, "1EiB")).stderr


@pytest.mark.parametrize(("answer", "good"), [("Use%\n 13%", True), ("Use%\n 99%", False), ("Use%\n   -", False)])
def test_disk_used(tmp_path: Path, answer: str, good: bool) -> None:
    path = fake(tmp_path, "df", f"echo '{answer}'")
    assert (run(checks.disk_used(lit("/"), "<=", 85), path=path).returncode == 0) is good


def test_journal(tmp_path: Path) -> None:
    path = fake(tmp_path, "journalctl", 'echo "$*" >>"${0}.log"; echo \'{"PRIORITY":"3"}\'; echo \'{"PRIORITY":"3"}\'')
    holds(checks.journal_errors(2, "<=", 900, 5), path=path)
    fails(checks.journal_errors(1, "<=", 900, 5), "2 errors in the journal, expected <= 1", path=path)
    assert "--since=-900s" in (tmp_path / "journalctl.log").read_text()
    holds(checks.journal_errors(2, "<=", None, 5), path=path, rbc_begun="1700000000")
    assert "--since=@1700000000" in (tmp_path / "journalctl.log").read_text()
    fails(checks.journal_errors(2, "<=", None, 5), "seconds since 1970", path=path)
    none = fake(tmp_path, "journalctl", "exit 1")
    assert run(checks.journal_errors(2, "<=", 900, 5), path=none).returncode != 0


@pytest.mark.parametrize(
    ("says", "op", "version", "good"),
    [
        ("Docker version 24.0.7, build afdd53b", ">=", "24", True),
        ("Docker version 24.0.7, build afdd53b", ">=", "24.0.10", False),
        ("Docker version 24.0.7, build afdd53b", "=", "24.0", True),
        ("Docker version 24.0.7, build afdd53b", "=", "24.1", False),
        ("Docker version 24.0.7, build afdd53b", "=", "2", False),
        ("Docker version 9.1", ">=", "24", False),
        ("tool 7", ">", "6", True),
        ("tool 7", ">", "7", False),
        ("tool 7", "<", "8", True),
        ("ss utility, iproute2-6.1.0, libbpf 1.1", ">=", "6", True),
        ("no number", ">=", "1", False),
    ],
)
def test_tool(tmp_path: Path, says: str, op: str, version: str, good: bool) -> None:
    path = fake(tmp_path, "thing", f"echo '{says}'")
    assert (run(checks.tool_version("thing", op, version), path=path).returncode == 0) is good


def test_tools_of_this_machine() -> None:
    for tool in ("bash", "git", "curl", "openssl", "ss"):
        holds(checks.tool_version(tool, ">=", "1"))
        fails(checks.tool_version(tool, ">=", "9999"), f"{tool} is ")


# ── what goes around an operator's command ────────────────────────────────────────────────────────────────────────


def wrapped(around: tuple[str, str, str], body: str) -> str:
    name, before, after = around
    opening, closing = checks.around(body)
    return "\n".join(filter(None, (before, f"{name}={opening}{body}{closing}", after)))


BODIES = [
    "echo 5",
    "echo 5 # five",
    "echo 4 >&2; echo 5",
    "(echo 5)",
    "cat <<'X'\n5\nX",
    'x=5\necho "${x}"',
    "case a in a) echo 5 ;; esac",
]


@pytest.mark.parametrize("body", BODIES)
def test_number_of_any_shape_of_body(body: str) -> None:
    holds(wrapped(checks.number_compares("=", lit("5")), body))
    fails(wrapped(checks.number_compares(">", lit("5")), body), "5, expected > 5")


@pytest.mark.parametrize("body", ["false; echo 5", "false\necho 5", "echo 5\nfalse", "false | echo 5", "echo 5 | false"])
def test_a_failure_in_the_command_fails_the_check(body: str) -> None:
    assert run(wrapped(checks.number_compares("=", lit("5")), body)).returncode != 0


@pytest.mark.parametrize(("text", "op", "value"), [("08", "=", "8"), ("-3", "<", "0"), ("  7", ">=", "7"), ("000", "=", "0")])
def test_numbers(text: str, op: str, value: str) -> None:
    holds(wrapped(checks.number_compares(op, lit(value)), f"printf '%s' '{text}'"))


@pytest.mark.parametrize("text", ["", "1.5", "5x", "0x10", "1e3", "9999999999999999999999", "1\n2"])
def test_not_whole_numbers(text: str) -> None:
    fails(wrapped(checks.number_compares("<", lit("5")), f"printf '%s' '{text}'"), "not a whole number")


def test_arithmetic_is_not_executed(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    evil = f"a[$(touch {canary})0]"
    run(wrapped(checks.number_compares("=", var("limit")), f"printf '%s' '{evil}'"), limit="1")
    fails(wrapped(checks.number_compares("=", var("limit")), "echo 1"), "not a whole number", limit=evil)
    assert not canary.exists()
    holds(wrapped(checks.number_compares("=", var("limit")), "echo 9"), limit="09")


def test_output_matches() -> None:
    holds(wrapped(checks.output_matches("^a'b *c$"), 'echo "a\'b  c"'))
    fails(wrapped(checks.output_matches("^x"), "echo why"), "why")


# ── lint ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def every_command() -> dict[str, str]:
    url, path = lit("https://gw.example/health"), lit("/opt/a b")
    hostile = 'it\'s \\n $(id) `id` "q" é!'
    return {
        "http": checks.http_status(url, (), 9),
        "http var": checks.http_status(
            Value((Lit("https://"), Var("host"), Lit("/"))), ((200, 200),), 9, checks.Tls(insecure=True)
        ),
        "http range": checks.http_status(url, ((200, 399), (404, 404)), 9, checks.Tls(ca=lit("/etc/our own.pem")), head=True),
        "http header": checks.http_header(url, "Content-Type", hostile, 9),
        "http body": checks.http_body(url, hostile, 9),
        "tcp": checks.tcp(lit("gw.example:443"), 9),
        "tcp var": checks.tcp(Value((Var("host"), Lit(":443"))), 9),
        "listens": checks.listens([lit("443")]),
        "listens var": checks.listens([var("port")]),
        "listens two": checks.listens([lit("443"), var("port")]),
        "dns": checks.dns(lit("gw.example")),
        "dns is": checks.dns_is(lit("gw.example"), lit("10.0.0.1")),
        "unit": checks.unit_active(lit("caddy.service")),
        "file": checks.file_exists(path),
        "file var": checks.file_exists(Value((Var("HOME"), Lit("/x")))),
        "dir": checks.dir_exists(path),
        "git": checks.git_clean(path),
        "disk free": checks.disk_free(path, ">=", 10 * 2**30, "10GiB"),
        "disk used": checks.disk_used(path, "<=", 85),
        "metric": checks.metric(url, 'up{job="it\'s"}', ">=", lit("0.5"), 9),
        "metric var": checks.metric(url, "up", "=", var("host"), 9),
        "journal": checks.journal_errors(0, "<=", 900, 9),
        "journal start": checks.journal_errors(0, "<=", None, 9),
        "cert": checks.cert_days(lit("gw.example"), ">=", 14, 9),
        "cert var": checks.cert_days(var("host"), ">=", 14, 9),
        "tool": checks.tool_version("docker compose", ">=", "2"),
        "tool is": checks.tool_version("bash", "=", "5"),
        "output": wrapped(checks.output_matches(hostile), "uname -a"),
        "number": wrapped(checks.number_compares(">=", lit("3")), "nproc"),
        "number var": wrapped(checks.number_compares(">=", var("port")), "nproc"),
    }


@pytest.mark.parametrize("name", every_command())
def test_shellcheck_and_shfmt_have_nothing_to_say(name: str, tmp_path: Path, tools: Path) -> None:
    text = every_command()[name]
    script = tmp_path / "check.bash"
    script.write_text(f"#!/bin/bash\nset -euo pipefail\ndeclare -x host port\n{text}\n")
    linted = subprocess.run(
        [tools / "shellcheck", "--norc", "-o", "all", "-f", "gcc", script], capture_output=True, text=True, check=False
    )
    assert linted.stdout == "", text
    formatted = subprocess.run([tools / "shfmt", "-i", "2", "-ci", "-d", script], capture_output=True, text=True, check=False)
    assert formatted.stdout == "", text
    assert max(map(len, text.splitlines())) <= 130, text
