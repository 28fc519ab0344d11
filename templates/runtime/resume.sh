# Going on with a run that was paused, interrupted or killed.

# A step that was interrupted this often is not started again: something keeps killing it.
readonly RBC_STARTS_AT_MOST=5

rbc_command_resume() {
  local id
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_problem resume_none
    rbc_other_state
    [[ -z "${rbc_text}" ]] || rbc_problems+=("${rbc_text}")
    rbc_stop_on_problems
  fi
  rbc_hand_over
  rbc_load_run
  if [[ "${rbc_outcome:-9}" != 9 ]]; then
    rbc_problem resume_ended run "${rbc_run##*/}" code "${rbc_outcome}"
    rbc_stop_on_problems
  fi
  for id in "${!rbc_starts[@]}"; do
    [[ "${rbc_task[${id}]-}" != @(after|started)' '* ]] || continue
    if ((rbc_starts[${id}] >= RBC_STARTS_AT_MOST)) && [[ "${rbc_status[${id}]}" == unknown ]]; then
      rbc_problem resume_cap step "${id}" times "${rbc_starts[${id}]}"
    fi
  done
  rbc_settle
  rbc_selection_again
  rbc_attended_or_yes
  rbc_gates_answered
  rbc_may_begin
  rbc_refuse_early
  rbc_take_over
  rbc_reserve
  rbc_overview
  rbc_headline
  rbc_record resume
  [[ -n "${rbc_written}" ]] || rbc_fail_hard state_full dir "${rbc_state}"
  rbc_code=''
  rbc_before_resume
  rbc_settle_unknown
  [[ -n "${rbc_code}" ]] || rbc_prove_done
  [[ -n "${rbc_code}" ]] || rbc_execute
  rbc_finish
}

# rbc_settle_unknown: steps with an intent and no result. Their verify decides, else a person; unattended they are taken back and
# run again, or, where there is no way back, the run stays paused.
rbc_settle_unknown() {
  local id back settings
  for id in "${rbc_started[@]}"; do
    [[ "${rbc_status[${id}]}" == @(unknown|undoing|failed) ]] || continue
    # A job whose task is on record is not run again: it is watched on.
    [[ "${rbc_status[${id}]}" == undoing || "${rbc_task[${id}]-}" != @(after|started)' '* ]] || continue
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    settings=${rbc_settings}
    rbc_setting back
    back=${rbc_text}
    if [[ "${rbc_status[${id}]}" == unknown && "${settings}" == *verify=* ]]; then
      rbc_line "${rbc_number} ${rbc_title}: ${RBC_TEXT[resume_unknown]}"
      rbc_verify "${settings}"
      if ((rbc_rc == 0)); then
        rbc_count_as_done "${id}" verify
        continue
      fi
    fi
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    if [[ -n "${rbc_terminal}" && ("${rbc_status[${id}]}" != failed || "${back}" == irreversible) ]]; then
      rbc_ask_unknown "${id}"
    elif [[ "${back}" == irreversible ]]; then
      rbc_code=9
      return 0
    elif [[ "${rbc_status[${id}]}" != failed ]]; then
      rbc_undo "${id}"
      ((rbc_rc == 0)) || rbc_code=6
    fi
    [[ -z "${rbc_code}" ]] || return 0
  done
}

# rbc_ask_unknown STEP: run it again, take it back first, or count it as done. No answer pauses.
rbc_ask_unknown() {
  rbc_fill resume_question title "${rbc_number} ${rbc_title}"
  rbc_prompt "${rbc_text}"
  if [[ "${rbc_reply}" =~ ${RBC_TEXT[next_again]} ]]; then
    rbc_record gate step "$1" exit 0 by terminal why again
  elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_undo]} ]]; then
    rbc_record gate step "$1" exit 0 by terminal why undo
    rbc_undo "$1"
    ((rbc_rc == 0)) || rbc_code=6
  elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_done]} ]]; then
    rbc_count_as_done "$1" terminal
  else
    rbc_code=9
  fi
}

# rbc_count_as_done STEP BY
rbc_count_as_done() {
  rbc_record recover step "$1" by "$2"
  rbc_record result step "$1" exit 0 by "$2"
  rbc_status[$1]=ok
}

# rbc_prove_done: what was finished and has a verify is proven again before anything goes on.
rbc_prove_done() {
  local id settings rule=''
  for id in "${rbc_started[@]}"; do
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    settings=${rbc_settings}
    [[ "${rbc_status[${id}]}" == ok && "${settings}" == *verify=* ]] || continue
    rbc_verify "${settings}"
    ((rbc_rc != 0)) || continue
    rbc_rule_of "${id}"
    rule=${rbc_text}
    rbc_decide "${rule}"
    if [[ "${rbc_decision}" == again ]]; then
      rbc_status[${id}]=failed
    else
      rbc_carry_out
      return 0
    fi
  done
}

# rbc_rule_of STEP: the `on failure` of its phase, into rbc_text.
rbc_rule_of() {
  local i rule=''
  for ((i = 0; i < rbc_at[$1]; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_setting on_failure
      rule=${rbc_text}
    fi
  done
  rbc_text=${rule}
}
