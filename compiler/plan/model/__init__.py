"""The Plan: what one script and one runbook do, decided to the end.

A backend sees nothing else. Order, numbers, symbols, timeouts, ways back, the operator's words and the commands of every
check are settled here by `lower`; every piece of text that came from a spec knows its place. Durations are whole seconds.
Prose (`note`, `symptom`, `purpose`, …) is Markdown; titles are plain text.

| module | holds |
|---|---|
| `plan` | `Plan`, its phases and its rollback |
| `items` | what stands in a phase, and how each change goes back |
| `paths` | the decisions that lead to an item |
| `checks` | probes, and with how much patience they are asked |
| `ground` | hosts, services, automations, tools, options |
| `faults` | what must come of a fault |
| `watch` | alerts and schedules |
| `people` | what a runbook has for people only |
| `text` | bodies with their places, values with `$name` |
"""

from compiler.plan.model.checks import Patience, Probe, ProbeCheck, ProbeUse
from compiler.plan.model.faults import Expectation, Outcome, Strike
from compiler.plan.model.ground import Automation, Command, EnvFile, EnvRequirement, Guard, Host, ImageRule, Need, Param, Service
from compiler.plan.model.items import (
    AnyItem,
    BackgroundItem,
    CaptureItem,
    Change,
    CheckItem,
    ChooseItem,
    Condition,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    Item,
    JobItem,
    ManualItem,
    Option,
    StepItem,
    Way,
    WayBack,
    asked,
    is_change,
    walk,
)
from compiler.plan.model.paths import Decision, exclusive
from compiler.plan.model.people import Assumption, Checklist, Fix, Meta, Section, Trouble, Window
from compiler.plan.model.plan import Environment, ForPeople, Phase, Plan, Procedure, Rollback, SpecFile
from compiler.plan.model.text import Body, Lit, Origin, Piece, Value, Var
from compiler.plan.model.watch import Alert, Alerts, Rule, Schedule

__all__ = [
    "Alert",
    "Alerts",
    "AnyItem",
    "Assumption",
    "Automation",
    "BackgroundItem",
    "Body",
    "CaptureItem",
    "Change",
    "CheckItem",
    "Checklist",
    "ChooseItem",
    "Command",
    "Condition",
    "ConfirmItem",
    "Decision",
    "EnvFile",
    "EnvRequirement",
    "Environment",
    "Expectation",
    "Fix",
    "ForPeople",
    "Guard",
    "GuardedItem",
    "HoldItem",
    "Host",
    "ImageRule",
    "Item",
    "JobItem",
    "Lit",
    "ManualItem",
    "Meta",
    "Need",
    "Option",
    "Origin",
    "Outcome",
    "Param",
    "Patience",
    "Phase",
    "Piece",
    "Plan",
    "Probe",
    "ProbeCheck",
    "ProbeUse",
    "Procedure",
    "Rollback",
    "Rule",
    "Schedule",
    "Section",
    "Service",
    "SpecFile",
    "StepItem",
    "Strike",
    "Trouble",
    "Value",
    "Var",
    "Way",
    "WayBack",
    "Window",
    "asked",
    "exclusive",
    "is_change",
    "walk",
]
