"""Small specs, and a rehearsal of them."""

from __future__ import annotations

from compiler.emit import bash
from compiler.plan.lower import lower
from compiler.plan.model import Plan
from compiler.report import text
from compiler.resolve import resolve
from compiler.source import Source
from compiler.syntax.parser import parse


class NoFiles:
    """A loader for specs that use nothing."""

    def load(self, name: str, importer: Source, span: object) -> Source:
        raise AssertionError(f"{importer.name} uses {name}")

    def exists(self, name: str, importer: Source) -> bool:
        return False


def plan_of(spec: str) -> Plan:
    document, found = parse(Source("specs/t.rb", spec))
    model, more = resolve(document, NoFiles())
    assert model is not None, text([*found, *more], color=False)
    plan, last = lower(model)
    assert plan is not None and not any(not d.warning for d in [*found, *more, *last]), text([*found, *more, *last], color=False)
    return plan


def script_of(spec: str) -> tuple[Plan, bash.Script]:
    plan = plan_of(spec)
    return plan, bash.emit(plan)


SMALL = """
runbook t {
  title "T"
  lang en
}

probe fine "All fine" {
  succeeds $ touch /rehearsal-touched-the-host
  trouble  odd
}

trouble odd "Odd" {
  fix "Look."
}

phase one "One" {
  check fine
  capture before "Before" $ cat /rehearsal-touched-the-host
  step a "Step a" {
    $ touch /rehearsal-touched-the-host
    undo $ touch "/rehearsal-touched-the-host/$before"
  }
  step b "Step b" {
    ```
    cat <<'E'
    }
    rbc_world() {
    E
    touch /rehearsal-touched-the-host
    ```
    undo "Nothing is to do."
  }
}

phase two "Two" {
  step c "Step c" {
    $ touch /rehearsal-touched-the-host
    timeout 1m
    verify fine
    undo $ touch /rehearsal-touched-the-host
  }
  check fine every 5s for 1m
}

rollback "Back" {
  verify fine
}
"""
