"""Jobs are rehearsed like steps, their servers stood in for; one that a crash interrupted is looked for and not run again."""

from __future__ import annotations

from support import script_of

from compiler.rehearse import findings, runner, scenes
from compiler.rehearse.scene import Kind

SPEC = """runbook t {
  title "T"
}
automation ci semaphore {
  url     https://ci.example
  project 4
  token   key
}
param key string {
  env    KEY
  secret
}
probe up "Up" {
  file x
}
phase deploy "Deploy" {
  on failure pause
  job "Apply" {
    irreversible "forward only"
    timeout      1m
  }
  job "Smoke" {
    readonly
    timeout 1m
  }
}
rollback "Back" {
  verify up
}
"""


def test_every_fault_of_a_job_comes_to_what_the_plan_says() -> None:
    plan, script = script_of(SPEC)
    traces = runner.play(plan, script, scenes.scenes(plan), 2)
    assert findings.findings(plan, traces) == ()
    assert {t.code for t in traces if t.scene.kind is Kind.RESUME} == {0}
    assert {t.code for t in traces if t.scene.kind in (Kind.START, Kind.TIMEOUT, Kind.HANGUP)} == {9}
