"""Names are declared once, and there when something refers to them."""

from __future__ import annotations

import pytest

from compiler.plan.model import Lit, Value, Var
from tests.resolve.support import RUNBOOK, model, resolved

PROBE = 'probe health "H" {\n  file /x\n}\n'
STEP = '  step {} "S" {{\n    $ true\n    readonly\n  }}\n'


def found(text: str) -> list[tuple[str, str, str | None]]:
    return [(f"{d.span.line if d.span else 0} {d.code}", d.message, d.fix) for d in resolved(text)[1]]


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        (PROBE + 'phase p "P" {\n  check helth\n}\n', "there is no probe called `helth`", "did you mean `health`?"),
        (
            PROBE + 'rollback "R" {\n  verify health\n  verify helth\n}\n',
            "there is no probe called `helth`",
            "did you mean `health`?",
        ),
        ('phase p "P" {\n  check x\n}\n', "there is no probe called `x`", "declare a probe `x`"),
        (
            PROBE + 'phase p "P" {\n  on health\n}\n',
            "there is no service or host called `health`",
            "`health` is the name of a probe",
        ),
        ("service web on nowhere {}\nhost b {}\n", "there is no host called `nowhere`", "there is `b`"),
        ('probe p "P" {\n  compose web is running\n}\n', "there is no service called `web`", "declare a service `web`"),
        ('probe p "P" {\n  file /x\n  trouble t1\n}\n', "there is no trouble called `t1`", "declare a trouble `t1`"),
        (
            'phase p "P" {\n  confirm c "C?" {\n    show x\n  }\n}\n',
            "there is no parameter or capture called `x`",
            "declare a parameter or capture `x`",
        ),
        ('param root path\nprobe p "P" {\n  dir $rot/x\n}\n', "nothing is called `$rot`", "did you mean `$root`?"),
        ("param p path {\n  default $HOMEE/x\n}\n", "nothing is called `$HOMEE`", "did you mean `$HOME`?"),
    ],
)
def test_a_reference_to_nothing(text: str, message: str, fix: str) -> None:
    assert [(m, f) for _, m, f in found(text)] == [(message, fix)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PROBE + PROBE, "there are two probes called `health`"),
        ("host a {}\nhost a {}\n", "there are two hosts called `a`"),
        ("host a {}\nservice a {}\n", "`a` is a service and a host: `${a.…}` could be either"),
        (f'phase p "P" {{\n{STEP.format("s")}}}\nphase q "Q" {{\n{STEP.format("s")}}}\n', "there are two steps called `s`"),
        (
            f'phase p "P" {{\n{STEP.format("s")}  capture s "S" $ true\n}}\n',
            "`s` is the name of a step already",
        ),
        ('param s string\nphase p "P" {\n  capture s "S" $ true\n}\n', "`$s` would be a capture and a parameter"),
        (
            'param s string\nphase p "P" {\n  choose s "S" {\n    option a "A" {}\n  }\n}\n',
            "`$s` would be a choice and a parameter",
        ),
        (
            'phase p "P" {\n  choose s "S" {\n    option a "A" {}\n    option a "B" {}\n  }\n}\n',
            "there are two options called `a`",
        ),
        ("param p choice a, b, a\n", "`a` stands twice in this choice"),
    ],
)
def test_a_name_that_is_taken(text: str, message: str) -> None:
    (one,) = resolved(text)[1]
    assert (one.code, one.message) == ("RB307", message)


def test_the_note_names_the_other_file() -> None:
    (one,) = resolved("use lib.rb\nhost a {}\n", lib_rb="host a {}\n")[1]
    assert one.message == "there are two hosts called `a`"
    assert [(str(n.span), n.text) for n in one.notes] == [("lib.rb:1", "the first is declared here, in `lib.rb`")]


def test_a_choice_may_be_repeated() -> None:
    choose = '  choose way "W" {\n    option a "A" {}\n  }\n'
    model(f'phase p "P" {{\n{choose}}}\nphase q "Q" {{\n{choose}}}\n')


def test_forward_references_are_fine_and_types_arrive() -> None:
    made = model(
        'phase p "P" {\n  check later every 5s for 1m\n  capture n int "N" $ echo 1\n}\n'
        'probe later "L" {\n  number >= $n $ echo 2\n  number > n $ echo 2\n}\n'
        "param where path {\n  env WHERE\n  default $HOME/x\n}\nparam way choice a, b {\n  default b\n}\n"
        "param wait duration {\n  default 5m\n}\n"
    )
    check = made.declared["phase"]["p"].one("check")
    assert check is not None
    assert check.args == {"probe": ("later",), "every": 5, "for": 60}
    assert [str(span.text) for span in check.places["probe"]] == ["later"]
    assert [c.args for c in made.declared["probe"]["later"].all("number")] == [
        {"op": ">=", "whole": Value((Var("n"),))},
        {"op": ">", "whole": Value((Var("n"),))},
    ]
    defaults = {name: param.one("default") for name, param in made.declared["param"].items()}
    assert {name: node.args["value"] for name, node in defaults.items() if node} == {
        "where": Value((Var("HOME"), Lit("/x"))),
        "way": Value((Lit("b"),)),
        "wait": Value((Lit("5m"),)),
    }


@pytest.mark.parametrize(
    ("kind", "default", "message"),
    [
        ("int", "three", None),
        ("int", "3.5", "the default does not fit: `3.5` is not a whole number such as `3` or a `$name`"),
        ("duration", "5", "the default does not fit: `5` is not a duration such as `5s`, `15m`, `2h` or `1d`"),
        ("url", "x", "the default does not fit: `x` is not a URL such as `https://x.example/health`"),
        ("choice a, b", "c", "`c` is not one of this parameter's choices"),
    ],
)
def test_a_default_has_the_type_of_its_parameter(kind: str, default: str, message: str | None) -> None:
    messages = [m for _, m, _ in found(f"param p {kind} {{\n  default {default}\n}}\n")]
    assert messages == ([message] if message else ["nothing is called `$three`"])


def test_parts_are_looked_up_in_a_compose_file_of_the_project() -> None:
    text = 'service web {\n  compose compose.yml\n}\nprobe p "P" {\n  compose web only app, dbb is running\n}\n'
    (one,) = resolved(text, compose_yml="x: &x {a: 1}\nservices:\n  app:\n    <<: *x\n    deploy: {services: [no]}\n  db: *x\n")[
        1
    ]
    assert (one.code, one.message, one.fix) == ("RB313", "`web` has no part `dbb`", "did you mean `db`?")
    assert [n.text for n in one.notes] == ["its compose files are read from the project"]


@pytest.mark.parametrize(
    "compose", [None, "include: [other.yml]\nservices: {}\n", "services: *x\n", "a: [", "services:\n  <<: {a: 1}\n"]
)
def test_a_compose_file_that_says_nothing_certain_is_no_mistake(compose: str | None) -> None:
    files = {} if compose is None else {"compose_yml": compose}
    text = 'service web {\n  compose compose.yml\n}\nprobe p "P" {\n  compose web only app is running\n}\n'
    assert resolved(text, **files)[1] == ()


COMPOSED = """
service web {
  dir     /opt/web
  compose compose.yml
  images  match '^ghcr[.]io/.+:[0-9a-f]{40}$' "only what was tested"
}
"""
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("image", ["ghcr.io/a/api:stage", "ghcr.io/a/api:latest", "ghcr.io/a/api", "ghcr.io/a/api:0123456"])
def test_an_image_that_does_not_match_is_an_error_in_its_own_file(image: str) -> None:
    file = f"services:\n  api:\n    image: {image}\n  db:\n    image: 'ghcr.io/a/db:{SHA}'\n  own:\n    build: .\n"
    (found,) = resolved(RUNBOOK + COMPOSED, compose_yml=file)[1]
    assert (found.code, str(found.span)) == ("RB314", "compose.yml:3")
    assert f"`{image}`" in found.message
    assert "only what was tested" in found.message


@pytest.mark.parametrize("image", [f"ghcr.io/a/api:{SHA}", "ghcr.io/a/api:${TAG}", "${IMAGE:-x:latest}"])
def test_images_that_match_and_those_known_only_on_the_host_are_right(image: str) -> None:
    assert resolved(RUNBOOK + COMPOSED, compose_yml=f"services:\n  api:\n    image: {image}\n")[1] == ()
    assert resolved(RUNBOOK + COMPOSED)[1] == ()
