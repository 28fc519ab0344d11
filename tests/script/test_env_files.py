"""Env files: what is required is there and has its form before anything runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .specs import HEAD, step
from .worlds import World

Make = Callable[[str], World]


def spec(w: str, require: str) -> str:
    service = f"service v {{\n  dir {w}\n  compose c.yml\n  env_file .env {{{require}}}\n}}\n"
    return HEAD + service + 'phase one "One" {\n' + step("a", "[[ -n here ]]") + "}\n"


NEED = "\n    require ROOT_DOMAIN matches '^[a-z.]+$'\n    require TOKEN secret\n  "


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, ".env"),
        ("TOKEN=abcdefgh\n", "ROOT_DOMAIN"),
        ("ROOT_DOMAIN=\nTOKEN=abcdefgh\n", "ROOT_DOMAIN"),
        ("ROOT_DOMAIN=Not Good\nTOKEN=abcdefgh\n", "ROOT_DOMAIN"),
        ("ROOT_DOMAIN=example.com\n", "TOKEN"),
    ],
)
def test_a_bad_env_file_is_refused_by_name(world: Make, tmp_path: object, content: str | None, says: str) -> None:
    w = world(spec(str(tmp_path), NEED))
    if content is not None:
        (w.folder / ".env").write_text(content)
    result = w.run("--yes")
    assert result.code == 7
    assert says in result.err
    assert w.log == []


@pytest.mark.parametrize(
    "content", ["ROOT_DOMAIN=example.com\nTOKEN=abcdefgh", "export ROOT_DOMAIN = 'example.com'\r\nTOKEN=\"abcdefgh\"\r\n"]
)
def test_a_good_one_is_read_as_compose_reads_it(world: Make, tmp_path: object, content: str) -> None:
    w = world(spec(str(tmp_path), NEED))
    (w.folder / ".env").write_text(content)
    assert w.run("--yes").code == 0


def test_an_env_file_that_requires_nothing_must_be_there(world: Make, tmp_path: object) -> None:
    w = world(spec(str(tmp_path), "}").replace("{}}", "{}"))
    assert w.run("--yes").code == 7
    (w.folder / ".env").touch()
    assert w.run("--yes").code == 0
