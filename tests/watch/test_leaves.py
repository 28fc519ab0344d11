"""Whatever an author writes stays what it is in a rules file and in a unit."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from compiler import pipeline
from compiler.emit import shellcheck, watch
from compiler.emit.leaves import Leaf
from compiler.emit.watch_leaves import Annotation, Remark, Scalar, Setting
from compiler.project import Project

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
HOSTILE = r"it's \"100%\" $(id) `id` {{ x }} # a: b \\"


def written(leaf: Leaf) -> str:
    return "".join(text for text, _, _ in leaf.chunks(""))


@given(TEXTS)
def test_yaml_reads_what_was_written(text: str) -> None:
    """YAML allows no NUL and few control characters, but as escapes in double quotes it allows all."""
    assert yaml.safe_load(f"a: {written(Scalar(text))}\n") == {"a": text}


@given(TEXTS)
def test_a_template_of_prometheus_prints_the_text(text: str) -> None:
    expanded = yaml.safe_load(written(Annotation(text))).replace('{{ "{{" }}', "\0")
    assert "{{" not in expanded.replace("\0", "")
    assert expanded.replace("\0", "{{") == text.replace("\0", "{{")


@given(TEXTS)
def test_remarks_and_settings_are_one_line_that_ends_there(text: str) -> None:
    for leaf in (Remark(text), Setting(text)):
        line = written(leaf)
        assert len(line.splitlines()) <= 1
        assert not line.endswith("\\")
    assert written(Remark(text)).startswith("#")
    assert re.fullmatch(r"(?:[^%]|%%)*", written(Setting(text)))


def test_hostile_titles_go_through_all_files(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    spec = f"""runbook demo {{
  title "{HOSTILE}"
}}
probe up "{HOSTILE}" {{
  file /up
}}
phase look "Look" {{
  check up
}}
alert "A {HOSTILE}" x > 5 "{HOSTILE}" {{
  metric up
  for    5m
  severity '{HOSTILE.split()[0].replace("'", "")}'
}}
schedule "S {HOSTILE}" {{
  every 5m
  check up
}}
"""
    (tmp_path / "demo.rb").write_text(spec, encoding="utf-8")
    project = Project(tmp_path)
    plans, found = pipeline.plans(project.read(tmp_path / "demo.rb"), project)
    assert not found
    made = watch.emit(plans[0])
    said = HOSTILE.replace('\\"', '"').replace("\\\\", "\\")
    (rule,) = yaml.safe_load(made.files["alerts.yml"])["groups"][0]["rules"]
    assert rule["annotations"]["description"] == said.replace("{{", '{{ "{{" }}')
    assert not shellcheck.lint_alone(made.scripts[0])
    service = next(text for name, text in made.files.items() if name.endswith(".service"))
    assert service.count("\nDescription=S it's ") == 1
    assert set(re.findall(r"^\[(\w+)\]$", service, re.MULTILINE)) == {"Unit", "Service"}
