"""Rows of what watches a system when no run does: alerts and schedules."""

from __future__ import annotations

from compiler.schema.row import TOP, Block, Row

# fmt: off  (a table reads by its columns)

ROWS: tuple[Row, ...] = (
    Row(
        "alert",
        (TOP,),
        "TITLE LABEL OP LIMIT TEXT | TITLE TEXT",
        "A line in the runbook's table of alerts: its title, what is measured and from where on it counts, what to do then."
        " With `metric` and `for` it is a rule in `alerts.yml`, too.",
        block=Block.MAY,
        repeatable=True,
    ),
    Row(
        "metric",
        ("alert",),
        "PROMQL",
        "The expression that is compared with the threshold. `%` counts as a hundredth, times as seconds, sizes as bytes.",
        id="alert metric",
    ),
    Row("for", ("alert",), "DURATION", "How long it must have held before somebody is told.", id="alert for"),
    Row("severity", ("alert",), "WORD", "The rule's label `severity`, by which Alertmanager sends it to somebody."),
    Row(
        "schedule",
        (TOP,),
        "TITLE",
        "Probes that are asked again and again, also when nobody runs anything: a script of its own with a systemd timer.",
        block=Block.MUST,
        repeatable=True,
        required=("every", "check"),
    ),
    Row("every", ("schedule",), "DURATION", "How often.", id="schedule every"),
    Row(
        "check",
        ("schedule",),
        "PROBE, … [every DURATION for DURATION]",
        "Probes to ask. They must not read what only a run knows. Patience said here replaces the probe's own.",
        id="schedule check",
        repeatable=True,
    ),
    Row(
        "otherwise",
        ("schedule",),
        "$ …",
        "Commands for when a probe does not hold.",
        block=Block.MAY,
        default="the unit fails, and nothing else is done",
    ),
    Row("user", ("schedule",), "WORD", "As whom all of it runs.", id="schedule user", default="root"),
    Row("note", ("alert", "schedule"), "TEXT", "A remark for people.", id="watch note"),
)
