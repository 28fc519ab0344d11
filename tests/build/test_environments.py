"""A spec with environments: folders of scripts, one runbook that shows what differs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from compiler.build.compiling import Outcome, compile_spec
from compiler.build.inputs import collect
from compiler.cli import cli
from tests.resolve.test_environments import SPEC


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environments")
    (folder / "rbc.toml").touch()
    path = folder / "demo.rb"
    path.write_text(SPEC, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(spec: Path) -> Outcome:
    outcome = compile_spec(collect([spec]).specs[0])
    assert not outcome.diagnostics
    return outcome


@pytest.fixture(scope="module")
def runbook(built: Outcome) -> str:
    return built.files["README.md"].decode()


def test_scripts_lie_in_a_folder_for_each_under_one_runbook(built: Outcome) -> None:
    assert set(built.files) == {"stage/deploy.sh", "prod/deploy.sh", "prod/promote.sh", "README.md", "manifest.json"}


def test_a_script_says_its_environment_in_its_head_its_title_and_its_question(built: Outcome) -> None:
    script = built.files["prod/deploy.sh"].decode()
    assert "# Environment: prod.\n" in script.split("{ set +xv", 1)[0]
    assert "RBC_TITLE='Demo: Deploy · prod'" in script
    assert "Environment: prod. " in script


def test_the_runbook_shows_what_differs_as_a_table(runbook: str) -> None:
    assert "| `web.compose` | `stage.yml` | `a.yml, b.yml` |" in runbook
    assert "**prod**: For customers." in runbook


def test_equal_things_stand_once_and_commands_that_differ_under_their_environments_name(runbook: str) -> None:
    deploy = runbook.split("\n## Deploy\n", 1)[1].split("\n## Promote\n", 1)[0]
    assert deploy.count("#### 1.1 It answers") == 1
    stage, prod = "docker compose -f stage.yml", "docker compose -f a.yml"
    assert deploy.count(stage) == deploy.count(prod) == 1
    assert deploy.split(stage)[0].rpartition("```bash\n")[2].startswith("# stage\n")
    assert deploy.split(prod)[0].rpartition("```bash\n")[2].startswith("# prod\n")


def test_a_service_stands_once_and_its_files_for_each(runbook: str) -> None:
    needs = runbook.split("\n## Prerequisites\n", 1)[1].split("\n## ", 1)[0]
    assert needs.count("Service web:") == 1
    assert "- **stage**: Files of web: compose file `stage.yml`" in needs
    assert "- **prod**: Files of web: compose files `a.yml`, `b.yml`" in needs


def test_what_one_environment_has_alone_says_so_under_its_heading(runbook: str) -> None:
    assert "### 2 Trial\n\nOnly in **stage**.\n" in runbook
    assert "## Promote\n\nOnly in **prod**.\n" in runbook


def test_every_link_of_the_runbook_leads_to_a_heading(runbook: str) -> None:
    from tests.markdown.structure import Read

    read = Read(runbook)
    assert set(read.links) <= set(read.anchors)


def test_a_command_of_one_script_asks_which_environment(spec: Path) -> None:
    command = ["plan", "--json"]
    refused = CliRunner().invoke(cli, [*command, str(spec), "--procedure", "deploy"])
    assert refused.exit_code == 1
    assert "--environment NAME" in refused.output
    named = CliRunner().invoke(cli, [*command, str(spec), "--procedure", "deploy", "--environment", "prod"])
    assert named.exit_code == 0
    alone = CliRunner().invoke(cli, [*command, str(spec), "--procedure", "promote"])
    assert alone.exit_code == 0
    wrong = CliRunner().invoke(cli, [*command, str(spec), "--environment", "prd"])
    assert "did you mean `prod`?" in wrong.output
