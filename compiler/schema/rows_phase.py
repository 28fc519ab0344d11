"""Rows of the phases, of what they hold, and of the rollback."""

from __future__ import annotations

from compiler.schema.row import TOP, Block, Row

# fmt: off  (a table reads by its columns)

_HOLDERS = ("phase", "option")  # what holds the statements of a way
_BACK = ("rollback", "rollback option")  # the same in the rollback block: nothing there says how it goes back
_STEPS = ("step", "rollback step")

ROWS: tuple[Row, ...] = (
    Row("phase", (TOP,), "NAME TITLE", "A part of the way; phases run in the order written.",
        block=Block.MUST, repeatable=True, declares="phase"),
    Row("on failure", ("phase",), "rollback|stop|pause", "What happens when the phase fails.",
        default="asked on a terminal; unattended the run rolls back"),

    Row("check", _HOLDERS, "PROBE, … [every DURATION for DURATION]",
        "Asks the probes, in order. Patience said here replaces the probe's own.", repeatable=True),

    Row("step", _HOLDERS, "NAME TITLE $ …", "Commands that change something, and how the way back goes.",
        block=Block.MAY, repeatable=True, declares="statement", required=(("undo", "irreversible", "readonly"),),
        exclusive=(("undo", "irreversible", "readonly"),)),
    Row("step", _BACK, "NAME TITLE $ …", "Commands that lead back.", id="rollback step",
        block=Block.MAY, repeatable=True, declares="statement"),
    Row("retry", _STEPS, "INT every DURATION", "So many further tries, so long apart."),
    Row("verify", _STEPS, "PROBE, … [every DURATION for DURATION]", "Probes that prove that the step worked."),
    Row("undo", ("step",), "TEXT | rollback | $ …",
        "The way back: commands; or why nothing is to be done; or `rollback`: the rollback block covers it.", block=Block.MAY),
    Row("undo", ("manual",), "TEXT | rollback",
        "The way back as a task in words, shown by the rollback; or `rollback`: the rollback block covers it.", id="manual undo"),
    Row("irreversible", ("step", "manual"), "TEXT", "There is no way back, and why."),
    Row("readonly", ("step", "manual"), "[TEXT]", "It changes nothing, or only what the text says."),

    Row("update", _HOLDERS, "SERVICE [only PART, …] [build]",
        "Updates a compose service: records its images, pulls or builds, starts, waits. Its undo puts the recorded images back.",
        repeatable=True),

    Row("capture", _HOLDERS, "NAME [int] TITLE [matches PATTERN] $ …",
        "Keeps what a command prints as `$NAME`, also for a later resume. Captures only read.",
        block=Block.MAY, repeatable=True, declares="statement"),

    Row("confirm", _HOLDERS, "NAME TITLE", "A recorded gate: the run goes on when the operator says yes.",
        block=Block.MAY, repeatable=True, declares="statement"),
    Row("check", ("confirm",), "PROBE, … [every DURATION for DURATION]", "Probes asked before the question.", id="confirm check",
        repeatable=True),
    Row("show", ("confirm", "manual", "rollback manual"), "SHOWN, …",
        "Parameters and captures that are printed above the question and recorded.", repeatable=True),

    Row("manual", _HOLDERS, "NAME TITLE", "A person does it and confirms.",
        block=Block.MUST, repeatable=True, declares="statement", required=(("undo", "irreversible", "readonly"),),
        exclusive=(("undo", "irreversible", "readonly"),)),
    Row("manual", _BACK, "NAME TITLE", "A person does it and confirms.", id="rollback manual",
        block=Block.MAY, repeatable=True, declares="statement"),

    Row("choose", _HOLDERS, "NAME TITLE", "A decision, given as `--name OPTION`; the same name again is the same decision.",
        block=Block.MUST, repeatable=True, required=("option",)),
    Row("option", ("choose",), "NAME TITLE [default]", "One of the paths.", block=Block.MUST, repeatable=True),
    Row("choose", _BACK, "NAME TITLE", "A decision in the rollback; one option must be the `default`.", id="rollback choose",
        block=Block.MUST, repeatable=True, required=("option",)),
    Row("option", ("rollback choose",), "NAME TITLE [default]", "One of the paths.", id="rollback option",
        block=Block.MUST, repeatable=True),

    Row("rollback", (TOP,), "TITLE", "Steps of its own for what single undos cannot do, and what proves that all is as before.",
        block=Block.MUST),
    Row("trigger", ("rollback",), "TEXT", "When to roll back.", repeatable=True),
    Row("budget", ("rollback",), "DURATION", "How long the rollback may take."),
    Row("verify", ("rollback",), "PROBE, … [every DURATION for DURATION]",
        "Probes that prove the way back, always asked at its end.", id="rollback verify"),

    Row("on", ("phase", "probe", "capture", *_STEPS), "TARGET",
        "The service or host that it is about; a service's `dir` is where its commands run."),
    Row("in", ("phase", "probe", "capture", *_STEPS), "PATH", "The folder that the commands run in.",
        default="the phase's, the service's, or where the run was started"),
    Row("every", ("probe",), "DURATION for DURATION", "Asks again and again, for so long, until it holds.", default="asked once"),
    Row("timeout", ("probe", "capture", "undo", *_STEPS), "DURATION", "How long it may take."),
    Row("optional", ("probe", *_STEPS), "TEXT", "A failure does not count, and why."),
    Row("diagnose", ("probe", *_STEPS), "$ …", "Commands that are run and shown when it fails.",
        block=Block.MAY, repeatable=True),
    Row("trouble", ("probe", *_STEPS), "TROUBLE, …", "The troubles that explain its failure.",
        id="names of troubles", repeatable=True),
    Row("note", ("phase", "probe", "capture", "confirm", "manual", "rollback manual", "choose", "rollback choose", "option",
                 "rollback option", "rollback", *_STEPS), "TEXT", "A remark for people.", id="way note"),
)
