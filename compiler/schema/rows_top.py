"""Rows of the statements at the top level and of their settings."""

from __future__ import annotations

from compiler.schema.row import ANY, TOP, Block, Row

# fmt: off  (a table reads by its columns)

_RUNBOOK = ("runbook",)

ROWS: tuple[Row, ...] = (
    Row("runbook", (TOP,), "NAME", "What the document is: one per spec. A file without it is a library that others `use`.",
        block=Block.MUST, required=("title",), declares="runbook"),
    Row("title", _RUNBOOK, "TITLE", "The title of script and runbook."),
    Row("lang", _RUNBOOK, "en|de", "The language of what is built.", default="en"),
    Row("id", _RUNBOOK, "LABEL", "The document's id in your own system."),
    Row("class", _RUNBOOK, "LABEL", "The document's class, e.g. operative or reference."),
    Row("status", _RUNBOOK, "LABEL", "The document's status, e.g. draft or active."),
    Row("updated", _RUNBOOK, "DATE", "When the content was last looked through."),
    Row("owner", _RUNBOOK, "LABEL", "Who answers for the runbook."),
    Row("audience", _RUNBOOK, "LABEL", "Who is meant to run it."),
    Row("scope", _RUNBOOK, "TEXT", "What it is for.", repeatable=True),
    Row("excludes", _RUNBOOK, "TEXT", "What it is not for.", repeatable=True),
    Row("purpose", _RUNBOOK, "TEXT", "Why it exists.", repeatable=True),
    Row("principle", _RUNBOOK, "TEXT", "A rule that it follows.", repeatable=True),
    Row("reference", _RUNBOOK, "TEXT", "A document that belongs to it.", repeatable=True),
    Row("drift", _RUNBOOK, "TEXT", "When this spec must be changed."),
    Row("window", _RUNBOOK, "DAY, … HOURS ZONE", "When it may run; counts from T. An end before the start is on the next day."
        " Outside of it the script runs only with `--outside-window --why TEXT`.", default="at any time", repeatable=True),
    Row("budget", _RUNBOOK, "DURATION", "How long it may take, from T on: measured and shown.", id="runbook budget"),

    Row("use", (TOP,), "FILE", "Takes in the hosts, services, values, parameters, probes and troubles of another spec (`.rb`),"
        " or the hosts, services and values of an inventory (`.yml`, `.yaml`).", repeatable=True),

    Row("host", (TOP,), "NAME", "A machine. A script runs on one host: where it was started.",
        block=Block.MUST, repeatable=True, declares="host", shared=True),
    Row("address", ("host",), "ADDRESS", "Its name or address in the network.", constant=True),
    Row("access", ("host",), "LABEL", "How people get there.", constant=True),
    Row("user", ("host",), "LABEL", "As whom the script is started.", constant=True),
    Row("needs", ("host",), "TOOL [OP VERSION], …", "Tools that must be there; a version where it matters.", repeatable=True),
    Row("guard", ("host",), "hostname ADDRESS | path PATH | command $ …", "The script refuses to run where this does not hold.",
        block=Block.MAY, repeatable=True),

    Row("service", (TOP,), "NAME [on HOST]", "One compose project or systemd unit; its containers are parts, never declared.",
        block=Block.MUST, repeatable=True, declares="service", shared=True),
    Row("dir", ("service",), "PATH", "The folder that its commands run in.", constant=True),
    Row("compose", ("service",), "FILE, …", "Its compose files, seen from `dir`.", constant=True),
    Row("env_file", ("service",), "PATH", "An env file for compose; what it must hold is checked before anything runs.",
        block=Block.MAY, repeatable=True),
    Row("require", ("env_file",), "VARIABLE [matches PATTERN] [secret]", "A variable that the env file must set.",
        block=Block.MAY, repeatable=True),
    Row("project", ("service",), "LABEL", "The compose project's name, where it is not the folder's.", constant=True),
    Row("unit", ("service",), "UNIT", "Its systemd unit.", constant=True),
    Row("url", ("service",), "URL", "Where it is reached.", constant=True),
    Row("images", ("service",), "match PATTERN TEXT", "A pattern that each image of the compose files must match, and why.",
        repeatable=True),

    Row("values", (TOP,), "NAME", "Free constants: `${name.key}`.",
        block=Block.MUST, repeatable=True, declares="values", shared=True),
    Row(ANY, ("values",), "VALUE", "A constant under a name of your own.", id="value", constant=True),

    Row("param", (TOP,), "NAME string|int|path|url|host|sha|duration | NAME choice WORD, …",
        "An option of the script: `--name` (dashes for underscores), then `env`, then `default`, then a question on a terminal.",
        block=Block.MAY, repeatable=True, declares="param", shared=True),
    Row("matches", ("param",), "PATTERN", "What its value must match."),
    Row("env", ("param",), "VARIABLE", "The environment variable that is read where the option is not given."),
    Row("default", ("param",), "VALUE", "What holds where neither option nor variable is given."),
    Row("secret", ("param",), "", "Never shown, never logged, never an argument of a program."),

    Row("trouble", (TOP,), "NAME TITLE", "What can go wrong: in the runbook, and printed by the script when what names it fails.",
        block=Block.MUST, repeatable=True, declares="trouble", shared=True, required=(("symptom", "cause", "fix"),)),
    Row("symptom", ("trouble",), "TEXT", "How it shows.", repeatable=True),
    Row("cause", ("trouble",), "TEXT", "Why it happens.", repeatable=True),
    Row("fix", ("trouble",), "TEXT | $ …", "What to do, in words or as commands.", block=Block.MAY, repeatable=True),

    Row("checklist", (TOP,), "TITLE", "For people to tick.", block=Block.MUST, repeatable=True, required=("item",)),
    Row("item", ("checklist",), "TEXT", "One line of the list.", repeatable=True),
    Row("section", (TOP,), "TITLE TEXT", "For people only; stands in the runbook where it stands in the file.", repeatable=True),

    Row("note", ("host", "service", "param", "require"), "TEXT", "A remark for people."),
)
