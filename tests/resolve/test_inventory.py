"""Inventories: the same table, other brackets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics import Diagnostic
from compiler.plan.model import Lit, Value, Var
from compiler.resolve.inventory import read_inventory
from compiler.schema.model import Node
from compiler.source import Source
from tests.resolve.support import model, resolved, told

SPEC = """
host web1 {
  address web1.example
  access  "WireGuard oder LAN"
  needs   docker >= 24
  needs   "docker compose" >= 2
  needs   git
  guard   path $HOME/gw
  note    "Steht im Keller: ${mail.sender}."
}
service web on web1 {
  dir      /opt/web
  compose  compose.yml, compose.local.yml
  env_file .env {
    require APP_TOKEN secret
    require APP_PORT matches '^[0-9]+$'
  }
  url      https://${web1.address}
  images   match '^ghcr' "our own"
}
values mail {
  sender ops@example.org
  size   10
}
"""
INVENTORY = """
hosts:
  web1:
    address: web1.example
    access: WireGuard oder LAN
    needs: [docker >= 24, '"docker compose" >= 2', git]
    guard: path $HOME/gw
    note: "Steht im Keller: ${mail.sender}."
services:
  web:
    on: web1
    dir: /opt/web
    compose: [compose.yml, compose.local.yml]
    env_file:
      .env:
        require:
          - APP_TOKEN secret
          - APP_PORT matches '^[0-9]+$'
    url: https://${web1.address}
    images: match '^ghcr' "our own"
values:
  mail:
    sender: ops@example.org
    size: 10
"""


def shape(node: Node) -> object:
    return node.keyword, dict(node.args), [shape(child) for child in node.children]


def test_an_inventory_says_what_a_spec_says() -> None:
    spec = model(SPEC)
    made = model("use hosts.yml\n", hosts_yml=INVENTORY)
    for kind in ("host", "service", "values"):
        assert [shape(n) for n in made.declared[kind].values()] == [shape(n) for n in spec.declared[kind].values()]
    guard = made.declared["host"]["web1"].one("guard")
    assert guard is not None
    assert guard.args["path"] == Value((Var("HOME"), Lit("/gw")))
    assert str(guard.head) == "hosts.yml:7"


def test_mistakes_have_the_same_words_and_their_own_place() -> None:
    text = (
        INVENTORY.replace("docker >= 24", "docker >= v24").replace("  dir:", "  dri:").replace("${mail.sender}", "${mail.sendr}")
    )
    lines = told("use hosts.yml\n", hosts_yml=text)
    assert lines == [
        "hosts.yml:6 RB209 `v24` is not a version such as `24` or `2.26.1`",
        "hosts.yml:8 RB303 `${mail.sendr}`: `mail` has no `sendr`",
        "hosts.yml:12 RB201 unknown setting `dri` in `service`",
    ]


def test_a_column_inside_a_value_is_exact() -> None:
    (found,) = read_all("hosts:\n  a:\n    needs: [git, docker >= v24]\n")
    assert found.span is not None
    assert (found.span.line, found.span.column, found.span.text) == (3, 28, "v24")


def read_all(text: str) -> list[Diagnostic]:
    return list(resolved("use h.yml\n", h_yml=text)[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hosts: [a]\n", "1 RB310 `hosts` is a mapping of names"),
        ("hots:\n  a: {}\n", "1 RB310 unknown part `hots` of an inventory"),
        ("- a\n", "1 RB310 an inventory is a mapping"),
        ("hosts:\n  a: b\n", "2 RB310 `a` is a mapping of settings"),
        ("hosts:\n  a:\n    address: {x: y}\n", "3 RB310 `address` has no settings of its own"),
        ("hosts:\n  a: {}\n  a: {}\n", "3 RB310 `a` stands twice in one mapping"),
        ("hosts: {a: {address: [\n", "2 RB310 this is not YAML: did not find expected node content"),
        ("a: 1\n---\nb: 2\n", "2 RB310 an inventory is one YAML document"),
        ("hosts: !!python/object:os.system {}\n", "1 RB311 tags are not read in an inventory"),
        ("hosts: !x a\n", "1 RB311 tags are not read in an inventory"),
        ("a: &a [x]\nb: *a\n", "1 RB311 anchors and aliases are not read in an inventory"),
        ("hosts: " + "[" * 5000 + "\n", "1 RB311 more than 8 levels in each other"),
        ("hosts:\n" + "  a: {}\n" * 30000, "20000 RB311 more than 20000 values"),
        ("# " + "x" * 600_000 + "\n", "1 RB311 this inventory is too large"),
        ("? [a]\n: b\n", "1 RB310 a key is a single word here"),
    ],
)
def test_what_is_no_inventory(text: str, expected: str) -> None:
    lines = [line.removeprefix("h.yml:") for line in told("use h.yml\n", h_yml=text)]
    assert len(lines) == 1
    number, rest = expected.split(" ", 1)
    assert lines[0].split(" ", 1)[1] == rest
    assert number in ("20000",) or lines[0].split(" ", 1)[0] == number


@pytest.mark.parametrize("text", ["", "# nothing\n", "hosts:\n", "hosts: {}\nvalues: ~\n", "hosts:\n  a:\n"])
def test_an_empty_inventory_is_fine(text: str) -> None:
    assert told("use h.yml\n", h_yml=text) == []


PIECES = [
    *("hosts:", "services:", "values:", "a:", "b", "- ", "on: x", "dir: /x", "needs: ", "${a.b}", ": "),
    *("\n", "\n  ", "\n    ", "[", "]", "{", "}", ",", "&a ", "*a", "!t ", '"', "'", "|\n"),
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)))
def test_any_text_is_read_or_told(text: str) -> None:
    source = Source("h.yml", text)
    _, found = read_inventory(source)
    for diagnostic in found:
        assert diagnostic.span is None or 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
