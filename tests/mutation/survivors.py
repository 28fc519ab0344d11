"""Why some mutants survive: by what the mutant changes, the reason. One without a reason here fails the tests."""

REASONS: dict[str, str] = {
    "spec | leaves `check` out | subject.rb | check up |  | 1": (
        "The gate asks its probe no more; the hold behind it asks the same one, so that the expectation is still tried and kept."
    ),
    "runtime | swallows a failure | step.sh | rbc_rc=1 | rbc_rc=0 | 1": (
        "It stands where an intent cannot be written: a full disk, which no rehearsal has, and the fault tests have."
    ),
    "runtime | takes what is undone for done | rollback.sh | rbc_status[${id}]=undone | rbc_status[${id}]=ok | 1": (
        "It is about a step that has nothing to undo: within one process nobody asks again; a later one reads the log."
    ),
    "runtime | ends with another outcome than 5 | rollback.sh"
    " | rbc_code=5 rbc_phase=rollback | rbc_code=4 rbc_phase=rollback | 1": (
        "The outcome of a way back without `verify`; the subject has one."
    ),
}

# What no operator changes, so that nobody takes the share for more than it is.
LEFT_ALONE = (
    "What a command, a probe or an undo does: a rehearsal stands in for it.",
    "How long something takes or is waited for, and how often it is tried: `rbc rehearse --timing` adds it up.",
    "What a line on the terminal says, and in which order a script looks its settings up.",
    "Pieces of the runtime that neither subject takes in: jobs, guards, background parts, windows, sittings, second persons.",
)
