"""What watches when no run does: which files, what stands in them, and what promtool and systemd say to that."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from compiler import pipeline
from compiler.cli import cli
from compiler.emit import markdown, shellcheck, watch
from compiler.emit.watch import calendar, cron, shortest
from compiler.plan import view
from compiler.plan.model import Schedule
from compiler.project import Project
from compiler.source import Source, Span

SPEC = """runbook demo_ops {
  title "Demo \\"100%\\""
}
probe health "Health answers" {
  http  https://api.example.com/health
  every 5s for 1m
}
probe disk "Room on /" {
  disk / used <= 85%
}
phase look "Look" {
  check disk
}
alert "API Error Rate" error_rate > 5% "Read the logs {{ now }}." {
  metric 'sum(rate(errors_total{status=~"5.."}[5m])) / sum(rate(requests_total[5m]))'
  for    5m
  severity page
  note   "Ask **ops** first."
}
alert "Certificate" cert_days < 7d "Renew it." {
  metric 'probe_ssl_earliest_cert_expiry - time() or vector(0)'
  for    90s
}
alert "Queue | Lag" "Recommended."
schedule "Health: check" {
  every     5m
  check     health, disk
  otherwise $ systemctl restart app
  note      "As *ever*."
}
schedule "Also" {
  every 7m
  check disk
  user  monitoring
}
checklist "Behind" {
  item "Done"
}
"""
WATCHLESS = SPEC[: SPEC.index("alert ")].replace("check disk", "check disk, health")
NAME = "demo_ops-health_check"


def built(text: str, folder: Path) -> dict[str, str]:
    """README and what watches. The scripts of the way are another matter, and linting them takes its time."""
    (folder / "rbc.toml").touch()
    path = folder / "demo.rb"
    path.write_text(text, encoding="utf-8")
    project = Project(folder)
    plans, found = pipeline.plans(project.read(path), project)
    assert not found
    made = [watch.emit(plan) for plan in plans]
    assert all(one == made[0] for one in made)
    assert not [finding for script in made[0].scripts for finding in shellcheck.lint_alone(script)]
    return {"README.md": markdown.emit_all(plans), **made[0].files}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return built(SPEC, tmp_path_factory.mktemp("watch"))


UNITS = {f"{name}.{kind}" for name in (NAME, "demo_ops-also") for kind in ("sh", "service", "timer")}


def test_there_are_rules_and_three_files_for_each_schedule(files: dict[str, str]) -> None:
    assert set(files) == {"README.md", "alerts.yml", *UNITS}


def test_rules_are_what_the_alerts_say(files: dict[str, str]) -> None:
    (group,) = yaml.safe_load(files["alerts.yml"])["groups"]
    assert group["name"] == "demo_ops"
    assert group["rules"] == [
        {
            "alert": "APIErrorRate",
            "expr": 'sum(rate(errors_total{status=~"5.."}[5m])) / sum(rate(requests_total[5m])) > 0.05',
            "for": "5m",
            "labels": {"severity": "page"},
            "annotations": {
                "summary": "API Error Rate > 5%",
                "description": 'Read the logs {{ "{{" }} now }}.',
                "runbook": 'Demo "100%"',
            },
        },
        {
            "alert": "Certificate",
            "expr": "(probe_ssl_earliest_cert_expiry - time() or vector(0)) < 604800",
            "for": "90s",
            "annotations": {"summary": "Certificate < 7d", "description": "Renew it.", "runbook": 'Demo "100%"'},
        },
    ]


def test_the_runbook_has_the_table_and_says_which_are_no_rules(files: dict[str, str]) -> None:
    text = files["README.md"]
    assert "| API Error Rate | `error_rate` > 5% | 5 min | page | Read the logs {{ now }}. |" in text
    assert "| Queue \\| Lag | – | – | – | Recommended. |" in text
    assert "does not say how they are measured: Queue \\| Lag." in text
    assert "- Certificate: `(probe_ssl_earliest_cert_expiry - time() or vector(0)) < 604800`" in text
    assert "- API Error Rate: Ask **ops** first." in text
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [t for t in titles if t in ("Alerts", "Health: check", "Also", "Behind")] == [
        "Alerts",
        "Health: check",
        "Also",
        "Behind",
    ]


def test_the_runbook_has_the_schedule_with_its_cron_line(files: dict[str, str]) -> None:
    text = files["README.md"]
    program = f"/usr/local/sbin/{NAME}.sh"
    assert f"*/5 * * * * root flock -n {program} {program}\n" in text
    assert "Every 5 min, as `root`, also when nobody runs anything: Health answers (every 5 s, for up to 1 min), " in text
    assert "it cannot keep 7 min between two times" in text
    assert "systemctl restart app\n" in text
    assert "As *ever*." in text


def test_without_a_measured_alert_there_is_no_rules_file(tmp_path: Path) -> None:
    text = WATCHLESS + 'alert "Queue" depth > 1000 "Start workers."\n'
    made = built(text.replace('100%\\""', '100%\\""\n  lang de'), tmp_path)
    assert set(made) == {"README.md"}
    assert "| Queue | `depth` > 1000 | – | Start workers. |" in made["README.md"]
    assert "Eine Regeldatei gibt es nicht, weil die Spec nicht sagt, wie es gemessen wird: Queue." in made["README.md"]


def test_procedures_share_one_set_of_files(tmp_path: Path) -> None:
    made = built(SPEC + 'procedure a "A" {\n  phase look\n}\nprocedure b "B" {\n  phase look\n}\n', tmp_path)
    assert set(made) == {"README.md", "alerts.yml", *UNITS}
    assert made["README.md"].count("\n## Health: check\n") == made["README.md"].count("\n## Alerts\n") == 1


def test_the_plan_shows_what_watches(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    (tmp_path / "demo.rb").write_text(SPEC, encoding="utf-8")
    project = Project(tmp_path)
    text = view.text(pipeline.plans(project.read(tmp_path / "demo.rb"), project)[0][0])
    watching = text.split("\nwatching\n")[1].splitlines()
    assert watching[0].startswith("  alert API Error Rate error_rate > 5%: sum(rate(")
    assert watching[0].endswith(" > 0.05 for 300 s")
    assert watching[2:] == [
        "  alert Queue | Lag",
        "  schedule Health: check every 300 s as root  [demo_ops-health_check, demo.rb:25]",
        "        check Health answers every 5 s for 60 s",
        "        check Room on /",
        "      $ systemctl restart app",
        "  schedule Also every 420 s as monitoring  [demo_ops-also, demo.rb:31]",
        "        check Room on /",
    ]


def test_each_environment_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    text = SPEC.replace("https://api.example.com", "https://${env.host}").replace("> 5%", "> ${env.errors}")
    text += "values env {\n  host api.example.com\n  errors 5%\n}\nenvironment stage {}\n"
    text += "environment prod {\n  values env {\n    errors 1%\n  }\n}\n"
    (tmp_path / "demo.rb").write_text(text, encoding="utf-8")
    project = Project(tmp_path)
    plans, found = pipeline.plans(project.read(tmp_path / "demo.rb"), project)
    assert not found
    stage, prod = (watch.emit(plan) for plan in plans)
    assert "demo_ops-stage-health_check.timer" in stage.files
    assert "demo_ops-prod-health_check.timer" in prod.files
    assert "ExecStart=/usr/local/sbin/demo_ops-prod-health_check.sh" in prod.files["demo_ops-prod-health_check.service"]
    groups = [yaml.safe_load(made.files["alerts.yml"])["groups"][0] for made in (stage, prod)]
    assert [group["name"] for group in groups] == ["demo_ops.stage", "demo_ops.prod"]
    assert [group["rules"][0]["expr"].rsplit(" ", 1)[1] for group in groups] == ["0.05", "0.01"]
    assert groups[1]["rules"][0]["annotations"]["runbook"] == 'Demo "100%" · prod'
    runbook = markdown.emit_all(plans)
    assert "enable --now demo_ops-stage-health_check.timer" in runbook
    assert "enable --now demo_ops-prod-health_check.timer" in runbook


def test_a_build_removes_and_guards_them_like_every_output(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    spec, out = tmp_path / "demo.rb", tmp_path / "out" / "demo"
    spec.write_text(SPEC, encoding="utf-8")
    run = CliRunner().invoke
    assert run(cli, ["build", str(spec)]).exit_code == 0
    assert run(cli, ["build", "--check", str(spec)]).exit_code == 0
    outputs = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    assert set(outputs) == {"demo.sh", "README.md", "alerts.yml", *UNITS}
    assert {p.name for p in out.iterdir()} == {*outputs, "manifest.json"}
    assert {p.name for p in out.iterdir() if os.access(p, os.X_OK)} == {"demo.sh", f"{NAME}.sh", "demo_ops-also.sh"}
    rules = (out / "alerts.yml").read_text(encoding="utf-8")
    (out / "alerts.yml").write_text(rules.replace("0.05", "0.5"), encoding="utf-8")
    assert run(cli, ["build", "--check", str(spec)]).exit_code == 1
    spec.write_text(WATCHLESS, encoding="utf-8")
    refused = run(cli, ["build", str(spec)])
    assert refused.exit_code != 0
    assert "RB605" in refused.output
    (out / "alerts.yml").write_text(rules, encoding="utf-8")
    checked = run(cli, ["build", "--check", str(spec)])
    assert checked.exit_code == 1
    assert "left over" in checked.output
    assert run(cli, ["build", str(spec)]).exit_code == 0
    assert {p.name for p in out.iterdir()} == {"demo.sh", "README.md", "manifest.json"}


# ── what the programs say that read them ──────────────────────────────────────────────────────────────────────────


def _tool(name: str) -> str:
    """Where a program is: on PATH, or where `.ci/engine` puts it. Left out where it is missing, but not in `.ci/run`."""
    beside = Path(os.environ.get("RBC_ENGINE_DIR", "/var/cache/rbc/engine")) / "bin"
    found = shutil.which(name) or shutil.which(name, path=str(beside))
    if found is None:
        assert os.environ.get("RBC_REQUIRE_ENGINE") != "1", f"{name} is missing (.ci/engine brings it)"
        pytest.skip(f"{name} is missing")
    return found


def test_promtool_reads_the_rules(files: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "alerts.yml"
    path.write_text(files["alerts.yml"], encoding="utf-8")
    said = subprocess.run([_tool("promtool"), "check", "rules", path], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "2 rules found" in said.stdout


def test_the_rules_fire_when_they_should(files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "alerts.yml").write_text(files["alerts.yml"], encoding="utf-8")
    series = [
        {"series": 'errors_total{status="500"}', "values": "0+6x20"},
        {"series": "requests_total", "values": "0+100x20"},
    ]
    fires = {
        "exp_labels": {"severity": "page"},
        "exp_annotations": {
            "summary": "API Error Rate > 5%",
            "description": "Read the logs {{ now }}.",
            "runbook": 'Demo "100%"',
        },
    }
    rules = [
        {"eval_time": "2m", "alertname": "APIErrorRate", "exp_alerts": []},
        {"eval_time": "15m", "alertname": "APIErrorRate", "exp_alerts": [fires]},
    ]
    tests = {"rule_files": ["alerts.yml"], "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": rules}]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests), encoding="utf-8")
    said = subprocess.run(
        [_tool("promtool"), "test", "rules", "tests.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_units_have_what_a_timer_needs(files: dict[str, str]) -> None:
    def unit(name: str) -> dict[str, dict[str, str]]:
        sections = re.split(r"^\[(\w+)\]$", files[name], flags=re.MULTILINE)[1:]
        pairs = zip(sections[::2], sections[1::2], strict=True)
        return {title: dict(line.split("=", 1) for line in text.split("\n") if line) for title, text in pairs}

    service = unit(f"{NAME}.service")
    assert service["Unit"]["Description"] == 'Health: check (Demo "100%%")'
    assert service["Service"] == {
        "Type": "oneshot",
        "User": "root",
        "ExecStart": f"/usr/local/sbin/{NAME}.sh",
    }
    timer = unit(f"{NAME}.timer")
    assert timer["Timer"] == {"OnCalendar": "*-*-* *:00/5:00", "AccuracySec": "1s"}
    assert timer["Install"]["WantedBy"] == "timers.target"
    also = unit("demo_ops-also.timer")
    assert also["Timer"] == {"OnActiveSec": "420s", "OnUnitActiveSec": "420s", "AccuracySec": "1s"}
    assert unit("demo_ops-also.service")["Service"]["User"] == "monitoring"


def test_systemd_reads_the_units(files: dict[str, str], tmp_path: Path) -> None:
    verify = _tool("systemd-analyze")
    for name, text in files.items():
        if name.endswith((".service", ".timer")):  # it looks for the program, too
            (tmp_path / name).write_text(re.sub(r"/usr/local/sbin/\S+", "/bin/true", text), encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    said = subprocess.run([verify, "verify", *units], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


TIMES = [
    (30, "*-*-* *:*:00/30", None),
    (60, "*-*-* *:00/1:00", "* * * * *"),
    (300, "*-*-* *:00/5:00", "*/5 * * * *"),
    (420, None, None),
    (3600, "*-*-* 00/1:00:00", "0 * * * *"),
    (5400, None, None),
    (21600, "*-*-* 00/6:00:00", "0 */6 * * *"),
    (86400, "*-*-* 00:00:00", "0 0 * * *"),
    (172800, None, None),
]


@pytest.mark.parametrize(("seconds", "times", "line"), TIMES)
def test_how_often_as_calendar_and_as_cron(seconds: int, times: str | None, line: str | None) -> None:
    assert calendar(seconds) == times
    span = Span(Source("demo.rb", "x"), 0, 1)
    said = cron(Schedule("T", "demo-t", seconds, (), (), None, 1, None, "ops", None, span))
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
    assert said == (None if line is None else f"{path}{line} ops flock -n /usr/local/sbin/demo-t.sh /usr/local/sbin/demo-t.sh")


@pytest.mark.parametrize("seconds", [seconds for seconds, times, _ in TIMES if times is not None])
def test_systemd_counts_as_many_seconds_between_two_times(seconds: int) -> None:
    said = subprocess.run(
        [_tool("systemd-analyze"), "calendar", "--iterations=3", "--base-time=2026-03-01 00:00:00 UTC", str(calendar(seconds))],
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": "UTC", "LC_ALL": "C", "PATH": os.environ["PATH"]},
    ).stdout
    times = [int(a) * 3600 + int(b) * 60 + int(c) for a, b, c in re.findall(r"(\d\d):(\d\d):(\d\d) UTC$", said, re.MULTILINE)]
    assert len(times) == 3
    assert all((after - before) % 86400 == seconds % 86400 for before, after in pairwise(times))


@pytest.mark.parametrize(("seconds", "text"), [(1, "1s"), (90, "90s"), (60, "1m"), (5400, "90m"), (7200, "2h"), (172800, "2d")])
def test_durations_for_prometheus(seconds: int, text: str) -> None:
    assert shortest(seconds) == text
