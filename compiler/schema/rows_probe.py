"""Rows of `probe`: its settings, and the checks that it may hold."""

from __future__ import annotations

from compiler.schema.row import TOP, Block, Row

# fmt: off  (a table reads by its columns)

_PROBE = ("probe",)

CHECKS: tuple[Row, ...] = (
    Row(
        "http",
        _PROBE,
        "URL [status STATUS, …] [head] [header WORD matches PATTERN] [body matches PATTERN] [ca PATH] [insecure TEXT]",
        "A GET (or `head`: a HEAD) answers, without redirects, with 200 to 299 unless a `status` is said. `ca` is a file with the"
        " authority that signed the server's certificate; `insecure` says why TLS is not verified.",
    ),
    Row("tcp", _PROBE, "ENDPOINT", "A connection can be opened."),
    Row("listens", _PROBE, "PORT, …", "Something listens on these TCP ports of this host."),
    Row("dns", _PROBE, "ADDRESS [is IP]", "The name resolves on this host (to this address)."),
    Row(
        "compose",
        _PROBE,
        "SERVICE [only PART, …] is running|healthy",
        "All parts of the service (or only these) run without a restart, or are healthy.",
    ),
    Row("unit", _PROBE, "UNIT is active", "The systemd unit is active."),
    Row("succeeds", _PROBE, "$ …", "The command ends with 0."),
    Row("output", _PROBE, "matches PATTERN $ …", "What the command prints matches."),
    Row("number", _PROBE, "OP WHOLE $ …", "The command prints one whole number, and the comparison holds."),
    Row("file", _PROBE, "PATH", "The file is there."),
    Row("dir", _PROBE, "PATH", "The folder is there."),
    Row("git", _PROBE, "PATH is clean", "The working tree has no changes."),
    Row("disk", _PROBE, "PATH free >= SIZE | PATH used <= PERCENT", "There is room where PATH lies."),
    Row("metric", _PROBE, "URL METRIC OP NUMBER", "The metric that this address exposes compares so."),
    Row(
        "journal",
        _PROBE,
        "errors <= INT since start|DURATION",
        "So many errors at the most in the journal, since the run's start or for that long.",
    ),
    Row("cert", _PROBE, "ADDRESS days >= INT", "The certificate on port 443 is valid for so many days."),
    Row("tool", _PROBE, "TOOL OP VERSION", "The tool is there in this version."),
)

ROWS: tuple[Row, ...] = (
    Row(
        "probe",
        (TOP, "each", "environment"),
        "NAME [TITLE]",
        "One or more checks, all must hold. Probes only read. One with a single check that says what it is about needs no title."
        " Declared in an `each` it is one for each word: inside its name means this word's, a list outside that names it asks all"
        " of them.",
        block=Block.MUST,
        repeatable=True,
        declares="probe",
        shared=True,
        required=(tuple(row.keyword for row in CHECKS),),
    ),
    *(
        Row(
            row.keyword,
            row.parents,
            row.signature,
            row.doc,
            id=f"{row.keyword} check",
            repeatable=True,
            block=Block.MAY if row.signature.endswith("$ …") else Block.NO,
        )
        for row in CHECKS
    ),
)
