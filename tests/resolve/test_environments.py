"""`environment`: declarations that are replaced setting by setting, before constants are put in."""

from __future__ import annotations

import pytest

from compiler import pipeline
from compiler.plan.model import Plan, StepItem
from compiler.report import text
from compiler.source import Source
from tests.plan.compiling import HEAD, Nowhere

SPEC = (
    HEAD
    + """
values env {
  file    .env.stage
  compose stage.yml
}
environment stage {}
environment prod {
  note "For customers."
  values env {
    file .env.prod "A reason is no difference."
  }
  service web {
    compose a.yml, b.yml
    env_file ${env.file} {
      require KEY matches '^live' secret
    }
  }
}
service web {
  dir      /srv/web
  compose  ${env.compose}
  env_file ${env.file} {
    require KEY matches '^test' secret
  }
}
probe up "It answers" {
  http https://demo.example/health
}
param sha sha
phase look "Look" {
  check up
}
phase trial "Trial" {
  environment stage
  step s "S" {
    $ true
    undo "nothing"
  }
  check up
}
phase start "Start" {
  on web
  step up "Start" {
    $ docker compose ${web.args} up -d
    undo "nothing"
  }
  check up
}
procedure deploy "Deploy" {
  phase look
  phase trial
  phase start
}
procedure promote "Promote" {
  environment prod
  phase look
  phase pin "Pin" {
    step s "S" {
      $ echo "$sha"
      undo "nothing"
    }
    check up
  }
}
rollback "Back" {
  verify up
}
"""
)


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    made, found = pipeline.plans(Source("specs/demo.rb", SPEC), Nowhere())
    assert not found, text(found, color=False)
    return {plan.path: plan for plan in made}


def told(spec: str) -> list[str]:
    return [f"{d.code} {d.message}" for d in pipeline.plans(Source("specs/demo.rb", spec), Nowhere())[1]]


def body(plan: Plan) -> str:
    item = plan.phases[-1].items[0]
    assert isinstance(item, StepItem)
    return item.body.text


def test_each_environment_has_its_scripts_with_names_titles_and_folders_of_their_own(plans: dict[str, Plan]) -> None:
    assert list(plans) == ["stage/deploy.sh", "prod/deploy.sh", "prod/promote.sh"]
    assert [plan.name for plan in plans.values()] == ["demo.stage.deploy", "demo.prod.deploy", "demo.prod.promote"]
    assert plans["prod/deploy.sh"].title == "Demo: Deploy · prod"


def test_a_setting_replaces_all_of_its_keyword_and_the_rest_stays(plans: dict[str, Plan]) -> None:
    stage, prod = (plans[f"{name}/deploy.sh"].services[0] for name in ("stage", "prod"))
    assert (stage.compose, prod.compose) == (("stage.yml",), ("a.yml", "b.yml"))
    assert [r.matches for f in prod.env_files for r in f.require] == ["^live"]
    assert stage.dir == prod.dir


def test_constants_are_put_in_afterwards(plans: dict[str, Plan]) -> None:
    assert body(plans["stage/deploy.sh"]) == "docker compose -f stage.yml --env-file .env.stage up -d"
    assert body(plans["prod/deploy.sh"]) == "docker compose -f a.yml -f b.yml --env-file .env.prod up -d"


def test_a_phase_of_one_environment_keeps_its_number(plans: dict[str, Plan]) -> None:
    assert [(p.number, p.name) for p in plans["stage/deploy.sh"].phases] == [("1", "look"), ("2", "trial"), ("3", "start")]
    assert [(p.number, p.name) for p in plans["prod/deploy.sh"].phases] == [("1", "look"), ("3", "start")]


def test_what_differs_is_known_to_each(plans: dict[str, Plan]) -> None:
    prod = plans["prod/deploy.sh"].environment
    assert prod is not None
    assert (prod.name, prod.note) == ("prod", "For customers.")
    assert prod.settings == (("env.file", ".env.prod"), ("web.compose", "a.yml, b.yml"), ("web.env_file", ".env.prod"))
    stage = plans["stage/deploy.sh"].environment
    assert stage is not None
    assert dict(stage.settings)["web.compose"] == "stage.yml"


def test_what_only_one_environment_uses_is_used() -> None:
    assert told(SPEC.replace("$ echo", "$ true\n      $ echo")) == []
    assert told(SPEC.replace('"$sha"', "x")) == ["RB519 nothing reads the parameter `sha`"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "  values env {\n    file .env.prod",
            "  values evn {\n    file .env.prod",
            "RB301 there is no `values` called `evn` that the",
        ),
        ("environment prod {\n", "environment stage {\n", "RB307 there are two environments called `stage`"),
        ("  environment stage\n", "  environment stag\n", "RB301 there is no environment called `stag`"),
        ("environment stage {}", "environment stage", "RB205 `environment` needs a block"),
        ("environment stage {}", "environment {}", "RB207 `environment` needs"),
        ('  note "For customers."', '  phase x "X" {}', "RB202 `phase` may not stand in `environment`"),
        ('  note "For customers."', "  valeus env {}", "RB201 `valeus` may not stand in `environment`"),
        ('  note "For customers."', "  service web", "RB205 this `service` says nothing that changes"),
        ('  note "For customers."', "  note", "RB207 `note` needs a text"),
        ("    compose a.yml", "    composed a.yml", "RB201 unknown setting `composed` in `service`"),
        ("    file .env.prod", "    file ${env.nothing}", "RB303 `${env.nothing}`: `env` has no `nothing`"),
    ],
)
def test_what_is_wrong_is_said_once_and_where_it_is(old: str, new: str, expected: str) -> None:
    found = told(SPEC.replace(old, new, 1))
    assert [line for line in found if line.startswith(expected)], found
    assert len([line for line in found if line.startswith(expected)]) == 1
