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

# What survived in earlier checks and was then taken out of the operators. It belongs to the picture: the share that is caught is
# that of the operators which are left.
TAKEN_OUT = (
    "`on failure rollback` left out: without a terminal that is what happens anyway.",
    "`needs` left out: the subject's commands do not use that tool, and an expectation cannot name it.",
    '`undo rollback`, or an `undo "…"` with a reason, said otherwise: five survived. Whether the block is needed, or nothing is'
    " to be undone, only the author knows.",
    "Two steps that can both be taken back, swapped: their order has no consequence that an expectation can name.",
    "The runtime's refusal of a gate that nobody has answered, left out: no scene starts without its answers.",
    "Conditions turned round, statuses in memory forgotten, decisions changed: most of those that were tried were caught; two in"
    " `step.sh` survived, about what only the process itself remembers. They were taken out for the time that they take.",
    "A pause before another sitting, and an undo-intent where a choice of the way back has no answer: the subject has neither.",
)
