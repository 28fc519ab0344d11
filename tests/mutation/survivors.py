"""Why some mutants survive: by what the mutant changes, the reason. One without a reason here fails the tests."""

_MARK = "What is marked here is read within the process alone, which never comes back to it; a later one reads the log."
_MANUAL = "if ((rbc_rc == 0)); then rbc_status[${rbc_id}]=ok; else rbc_status[${rbc_id}]=failed; fi"

REASONS: dict[str, str] = {
    "spec | leaves `needs` out | subject.rb | needs git >= 2 |  | 1": (
        "No command of the subject uses that tool, and an expectation cannot name it."
    ),
    'spec | says `undo rollback` about the way back | subject.rb | undo     "nobody needs it" | undo rollback | 1': (
        "The step may fail, and the block runs for another one anyway. Whether it is needed for this one, only the author knows."
    ),
    'spec | says `readonly "only looks"` about the way back | subject.rb | undo     "nobody needs it"'
    ' | readonly "only looks" | 1': "Nothing is taken back in either case; whether it changes anything, only the author knows.",
    "runtime | takes what has failed for done | hold.sh | rbc_status[${id}]=failed | rbc_status[${id}]=ok | 1": _MARK,
    "runtime | takes what is done for failed | hold.sh | ((rbc_rc != 0)) || rbc_status[${id}]=ok"
    " | ((rbc_rc != 0)) || rbc_status[${id}]=failed | 1": _MARK,
    'spec | says `undo "nothing is to do"` about the way back | subject.rb | undo rollback | undo "nothing is to do" | 1': (
        "The block runs for the steps before it anyway, and what it covers only the author knows."
    ),
    'spec | says `readonly "only looks"` about the way back | subject.rb | undo rollback | readonly "only looks" | 1': (
        "The same; whether the step changes anything, only the author knows."
    ),
    'spec | swaps two neighbours | subject.rb | step stats "Count what was done" { | step tidy "Tidy up" { | 1': (
        "Neither needs the other: nothing in the spec says which comes first."
    ),
    "runtime | takes what is unknown for done | step.sh | rbc_status[${id}]=unknown rbc_changed=yes"
    " | rbc_status[${id}]=ok rbc_changed=yes | 1": _MARK,
    "runtime | takes what is unknown for done | manual.sh | rbc_status[${rbc_id}]=unknown rbc_changed=yes"
    " | rbc_status[${rbc_id}]=ok rbc_changed=yes | 1": _MARK,
    "runtime | swallows a failure | exec.sh | rbc_rc=126 rbc_duration=0 rbc_printed=''"
    " | rbc_rc=0 rbc_duration=0 rbc_printed='' | 1": "Read where the log cannot be written any more, which no scene plays.",
    f"runtime | takes what has failed for done | manual.sh | {_MANUAL} | {_MANUAL.replace('failed', 'ok')} | 1": _MARK,
    f"runtime | takes what is done for failed | manual.sh | {_MANUAL} | {_MANUAL.replace('=ok', '=failed')} | 1": _MARK,
    'runtime | leaves a call out | step.sh | rbc_passed "${id}" | : | 1': (
        "An optional step that was left is marked so within the process, which never comes back to it; a later one reads the log."
    ),
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
