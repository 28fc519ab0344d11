"""Rows of the phases, of what they hold, and of the rollback."""

from __future__ import annotations

from compiler.schema.row import TOP, Block, Row

# fmt: off  (a table reads by its columns)

_HOLDERS = ("phase", "option")  # what holds the statements of a way
_BACK = ("rollback", "rollback option")  # the same in the rollback block: nothing there says how it goes back
_STEPS = ("step", "rollback step")
_ASKED = ("phase", "step", "confirm", "manual", "hold")  # what a probe can decide about
_ONE_WAY = ("undo", "irreversible", "readonly")
_ONE_CONDITION = ("unless", "when")

ROWS: tuple[Row, ...] = (
    Row("phase", (TOP,), "NAME TITLE", "A part of the way; phases run in the order written.",
        block=Block.MUST, repeatable=True, declares="phase", exclusive=(_ONE_CONDITION,), covers=("irreversible",)),
    Row("at", ("phase",), "MOMENT", "When the phase begins, seen from T, the time that the work is planned for. The run pauses"
        " before a phase that begins at another time than the one before it.",
        default="T, or with the phase before it where that begins later"),
    Row("irreversible", ("phase",), "TEXT", "There is no way back for what the phase holds, and why; what a step or task says"
        " about itself comes first.", id="phase irreversible"),
    Row("unless", _ASKED, "PROBE", "It is skipped where this probe holds. Asked once, without patience, and recorded; a resume"
        " keeps the answer."),
    Row("when", _ASKED, "PROBE", "It is skipped unless this probe holds. Asked like `unless`; only one of both may stand."),
    Row("on failure", ("phase",), "rollback|stop|pause", "What happens when the phase fails.",
        default="asked on a terminal; unattended the run rolls back"),

    Row("check", _HOLDERS, "PROBE, … [every DURATION for DURATION]",
        "Asks the probes, in order. Patience said here replaces the probe's own.", repeatable=True),

    Row("step", (*_HOLDERS, "guarded"), "NAME TITLE $ …", "Commands that change something, and how the way back goes.",
        block=Block.MAY, repeatable=True, declares="statement", required=(_ONE_WAY,), exclusive=(_ONE_WAY, _ONE_CONDITION)),
    Row("step", _BACK, "NAME TITLE $ …", "Commands that lead back.", id="rollback step",
        block=Block.MAY, repeatable=True, declares="statement"),
    Row("retry", _STEPS, "INT every DURATION", "So many further tries, so long apart."),
    Row("verify", _STEPS, "PROBE, … [every DURATION for DURATION]", "Probes that prove that the step worked."),
    Row("interactive", ("step",), "",
        "It talks to the terminal, and its output is not logged. Without a terminal the run is refused at its start."),
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

    Row("confirm", _HOLDERS, "NAME TITLE [by other]",
        "A recorded gate: the run goes on when the operator says yes; `by other`: when another user than started the run does.",
        block=Block.MAY, repeatable=True, declares="statement", exclusive=(_ONE_CONDITION,)),
    Row("by", ("confirm",), "other", "The same as `by other` behind the question."),
    Row("check", ("confirm",), "PROBE, … [every DURATION for DURATION]", "Probes asked before the question.", id="confirm check",
        repeatable=True),
    Row("show", ("confirm", "manual", "rollback manual"), "SHOWN, …",
        "Parameters and captures that are printed above the question and recorded.", repeatable=True),

    Row("manual", _HOLDERS, "NAME TITLE", "A person does it and confirms.",
        block=Block.MUST, repeatable=True, declares="statement", required=(_ONE_WAY,), exclusive=(_ONE_WAY, _ONE_CONDITION)),
    Row("manual", _BACK, "NAME TITLE", "A person does it and confirms.", id="rollback manual",
        block=Block.MAY, repeatable=True, declares="statement"),

    Row("hold", _HOLDERS, "NAME TITLE", "Waits for a time and watches.",
        block=Block.MUST, repeatable=True, declares="statement", required=("for",), exclusive=(_ONE_CONDITION,)),
    Row("for", ("hold",), "TIME", "How long, also as the `$name` of a duration parameter.", id="hold for"),
    Row("watch", ("hold",), "PROBE, … every DURATION [tolerate INT]",
        "Probes that must go on holding. Each look is one try; more than so many failed looks in a row fail the phase.",
        default="nothing is looked at"),

    Row("background", _HOLDERS, "NAME TITLE $ …",
        "Commands that run beside the phase; they are stopped at its end, however it ends.",
        block=Block.MAY, repeatable=True, declares="statement"),
    Row("until", ("background",), "PROBE [every DURATION for DURATION]", "The phase goes on when this probe holds.",
        default="it goes on at once"),

    Row("guarded", _HOLDERS, "NAME TITLE", "Steps that can lock the operator out. They undo themselves, the last one first,"
        " also without script, terminal and login, unless a new login confirms them in time with `accept NAME`.",
        block=Block.MUST, repeatable=True, declares="statement", required=("for", "step")),
    Row("for", ("guarded",), "DURATION", "How long the guard waits for the confirmation, from its first step on.",
        id="guarded for"),

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
    Row("budget", ("phase", "rollback"), "DURATION", "How long it may take: measured and shown."),
    Row("verify", ("rollback",), "PROBE, … [every DURATION for DURATION]",
        "Probes that prove the way back, always asked at its end.", id="rollback verify"),

    Row("on", ("phase", "probe", "capture", "background", *_STEPS), "TARGET",
        "The service or host that it is about; a service's `dir` is where its commands run."),
    Row("in", ("phase", "probe", "capture", "background", *_STEPS), "PATH", "The folder that the commands run in.",
        default="the phase's, the service's, or where the run was started"),
    Row("every", ("probe",), "DURATION for DURATION", "Asks again and again, for so long, until it holds.", default="asked once"),
    Row("timeout", ("probe", "capture", "undo", *_STEPS), "DURATION", "How long it may take."),
    Row("optional", ("probe", *_STEPS), "TEXT", "A failure does not count, and why."),
    Row("diagnose", ("probe", *_STEPS), "$ …", "Commands that are run and shown when it fails.",
        block=Block.MAY, repeatable=True),
    Row("trouble", ("probe", *_STEPS), "TROUBLE, …", "The troubles that explain its failure.",
        id="names of troubles", repeatable=True),
    Row("note", ("phase", "probe", "capture", "confirm", "manual", "rollback manual", "choose", "rollback choose", "option",
                 "rollback option", "rollback", "hold", "background", "guarded", *_STEPS), "TEXT", "A remark for people.",
        id="way note"),
)
