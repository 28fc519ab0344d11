"""Why some mutants survive: by what the mutant changes, the reason. One without a reason here fails the tests."""

_MARK = "What is marked here is read within the process alone, which never comes back to it; a later one reads the log."
_MANUAL = "if ((rbc_rc == 0)); then rbc_status[${rbc_id}]=ok; else rbc_status[${rbc_id}]=failed; fi"

REASONS: dict[str, str] = {
    "spec | leaves `needs` out | subject.rb | needs git >= 2 |  | 1": (
        "No command of the subject uses that tool, and an expectation cannot name it."
    ),
    'spec | makes a probe optional | subject.rb | probe warm "Its caches are warm" {'
    ' | probe warm "Its caches are warm" { | 1': "A hold that watches it fails all the same.",
    'spec | says `undo rollback` about the way back | subject.rb | undo     "nobody needs it" | undo rollback | 1': (
        "The step may fail, and the block runs for another one anyway. Whether it is needed for this one, only the author knows."
    ),
    'spec | says `readonly "only looks"` about the way back | subject.rb | undo     "nobody needs it"'
    ' | readonly "only looks" | 1': "Nothing is taken back in either case; whether it changes anything, only the author knows.",
    "runtime | swallows a failure | capture.sh | LC_ALL=C IFS= read -r -d '' value <\"${file}\" && status=126"
    " | LC_ALL=C IFS= read -r -d '' value <\"${file}\" && status=0 | 1": "No stand-in prints a NUL byte.",
    'runtime | swallows a failure | hold.sh | if [[ -n "${rbc_caught}" ]]; then rbc_rc=130; fi'
    ' | if [[ -n "${rbc_caught}" ]]; then rbc_rc=0; fi | 1': "No scene sends a signal while a hold watches.",
    "runtime | takes what has failed for done | hold.sh | rbc_status[${id}]=failed | rbc_status[${id}]=ok | 1": _MARK,
    "runtime | takes what is done for failed | hold.sh | ((rbc_rc != 0)) || rbc_status[${id}]=ok"
    " | ((rbc_rc != 0)) || rbc_status[${id}]=failed | 1": _MARK,
    f"runtime | takes what has failed for done | manual.sh | {_MANUAL} | {_MANUAL.replace('failed', 'ok')} | 1": _MARK,
    f"runtime | takes what is done for failed | manual.sh | {_MANUAL} | {_MANUAL.replace('=ok', '=failed')} | 1": _MARK,
    'runtime | leaves a call out | step.sh | rbc_passed "${id}" | : | 1': (
        "An optional step that was left is marked so within the process, which never comes back to it; a later one reads the log."
    ),
    'runtime | turns a condition round | load.sh | if [[ "${rbc_command}" != guard ]]; then'
    ' | if ! [[ "${rbc_command}" != guard ]]; then | 1': (
        "The second look for a step that lives on, with the lock: the first one, before it, has found what a rehearsal leaves."
    ),
    'runtime | leaves a call out | load.sh | rbc_refuse_orphan "${rbc_run}" | : | 1': "The same second look.",
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
