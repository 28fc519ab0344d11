"""Every check's command that asks the network, executed against the real thing where this machine has it."""

from __future__ import annotations

import datetime
import fnmatch
import http.server
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
from plan.commands import HERE, Handler, fails, holds, run, var


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
