"""Why some mutants survive: by what the mutant changes, the reason. One without a reason here fails the tests."""

REASONS: dict[str, str] = {
    'runtime | leaves a call out | step.sh | rbc_passed "${id}" | : | 1': (
        "An optional step that was left is marked so within the process, which never comes back to it; a later one reads the log."
    ),
    "runtime | swallows a failure | resume.sh | rbc_rc=1 | rbc_rc=0 | 1": (
        "Nothing reads the value: each branch behind it sets its own."
    ),
    'runtime | turns a condition round | load.sh | if [[ "${rbc_command}" != guard ]]; then'
    ' | if ! [[ "${rbc_command}" != guard ]]; then | 1': (
        "The second look for a step that lives on, with the lock: the first one, before it, has found what a rehearsal leaves."
    ),
    "runtime | leaves a call out | load.sh | rbc_refuse_orphan | : | 1": "The same second look.",
    "runtime | leaves a call out | load.sh | rbc_stop_on_problems | : | 1": "What the same second look finds.",
    "runtime | takes what is done for failed | condition.sh"
    ' | [[ "${kind}" == phase ]] || rbc_status[${id}]=ok | [[ "${kind}" == phase ]] || rbc_status[${id}]=failed | 1': (
        "What a condition leaves out is marked within the process, which never comes back to it; a later one reads the log."
    ),
}

# What no operator changes, so that nobody takes the share for more than it is.
LEFT_ALONE = (
    "What a command, a probe or an undo does: a rehearsal stands in for it.",
    "How long something takes or is waited for, and how often it is tried: `rbc rehearse --timing` adds it up.",
    "What a line on the terminal says, and in which order a script looks its settings up.",
    "Pieces of the runtime that neither subject takes in: jobs, guards, background parts, windows, sittings, second persons.",
)
