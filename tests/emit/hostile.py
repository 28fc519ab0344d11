"""A Plan that uses the vocabulary, and the same Plan with hostile text wherever a person may write."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from compiler.plan.lower import lower
from compiler.plan.model import Body, Lit, Origin, Piece, Plan, Value
from compiler.report import text
from compiler.resolve import resolve
from compiler.source import Source, Span
from compiler.syntax.parser import parse

SPEC = '''
runbook canary {
  title     "Title"
  lang      en
  id        ops.canary
  class     "Operative"
  status    active
  updated   2026-02-03
  owner     "Owner"
  audience  "Audience"
  scope     "Scope"
  excludes  "Excludes"
  purpose   "Purpose"
  principle "Principle"
  reference "Reference"
  drift     "Drift"
}

host here {
  address here.example
  access  "Access"
  needs   bash >= 4
  guard   path /
}

param where path {
  note    "Note"
  env     WHERE
  default $HOME/where
}

service unit on here {
  dir /tmp
  env_file /tmp/env {
    require TOKEN_NAME matches '^[a-z]+$'
  }
}

probe fine "Fine" {
  succeeds $ true
  output matches '^a' $ echo a
  diagnose $ echo diagnose
  trouble  broken
  note     "Note"
}

probe maybe "Maybe" {
  file /tmp/$where
  optional "Optional"
  every 1s for 2s
}

phase look "Look" {
  note  "Note"
  check fine, maybe
}

phase change "Change" {
  on unit
  capture before "Before" $ echo before
  confirm gate "Question" {
    check fine
    show  where, before
    note  "Note"
  }
  step first "First" {
    timeout 10s
    note "Note"
    verify fine
    diagnose $ echo diagnose
    trouble broken
    ```
    echo "${before}"
    ```
    undo $ echo back
  }
  step second "Second" {
    optional "Optional"
    $ echo second
    undo "Nothing is to do"
  }
  step third "Third" {
    $ echo third
    undo rollback
  }
  manual hand "By hand" {
    show where
    note "Note"
    undo "Put it back"
  }
  choose path "Path" {
    option one "One" default {
      note "Note"
      step in_one "In one" {
        $ echo one
        irreversible "Why"
      }
    }
    option two "Two" {
      step in_two "In two" {
        $ echo two
        readonly
      }
    }
  }
  on failure rollback
}

rollback "Way back" {
  trigger "Trigger"
  budget  5m
  step block "Block" {
    $ echo block
  }
  verify fine
}

trouble broken "Broken" {
  symptom "Symptom"
  cause   "Cause"
  fix     "Fix"
  fix     $ echo fix
}

schedule "Schedule" {
  every     5m
  check     fine
  otherwise $ echo otherwise
}

checklist "Checklist" {
  item "Item"
}

section "Section" """
  Text of the section.
  """
'''

# `id` of an item is a path of names: the grammar lets nothing else in.
TITLES = frozenset({"title", "doc_class", "status", "owner", "audience", "address", "access", "user"})
PROSE = frozenset(
    {
        "note",
        "symptoms",
        "causes",
        "text",
        "scope",
        "excludes",
        "purpose",
        "principles",
        "references",
        "drift",
        "triggers",
        "optional",
        "items",
    }
)


class NoFiles:
    """The spec uses nothing."""

    def load(self, name: str, importer: Source, span: Span) -> Source:
        raise AssertionError(name)

    def exists(self, name: str, importer: Source) -> bool:
        return False


def plain(spec: str = SPEC) -> Plan:
    document, found = parse(Source("specs/canary.rb", spec))
    model, more = resolve(document, NoFiles())
    assert model is not None, text([*found, *more], color=False)
    plan, last = lower(model)
    wrong = [d for d in (*found, *more, *last) if not d.warning]
    assert plan is not None and not wrong, text(wrong, color=False)
    return plan


Change = Callable[[str], str]


def with_text(plan: Plan, title: Change, prose: Change, value: Change | None = None) -> Plan:
    """The Plan with its titles, its prose, and its paths and other values (as titles where nothing else is said) rewritten."""
    return _changed(plan, title, prose, value or title)


def with_bodies(plan: Plan, command: str) -> Plan:
    """The Plan with each of its commands replaced."""

    def replace(value: Any) -> Any:
        if isinstance(value, Body):
            return Body((Piece(command, value.span, Origin.SOURCE),))
        return _descend(value, replace)

    return replace(plan)


def _changed(value: Any, title: Change, prose: Change, literal: Change) -> Any:
    if isinstance(value, Value):
        return Value(tuple(Lit(literal(p.text)) if isinstance(p, Lit) else p for p in value.parts))
    if isinstance(value, Body | Span):
        return value

    def field(name: str, held: Any) -> Any:
        change = title if name in TITLES else prose if name in PROSE else None
        if change is not None and isinstance(held, str):
            return change(held)
        if change is not None and isinstance(held, tuple) and held and all(isinstance(part, str) for part in held):
            return tuple(change(part) for part in held)
        return _changed(held, title, prose, literal)

    if isinstance(value, tuple):
        return tuple(_changed(part, title, prose, literal) for part in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value, **{f.name: field(f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
        )
    return value


def _descend(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, tuple):
        return tuple(change(part) for part in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type | Span):
        return dataclasses.replace(value, **{f.name: change(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init})
    return value
