# The way back: every started step in reverse order of start, the failed one included; then the block; then the proof.

# rbc_undo STEP: take one started step back. rbc_rc is 0 where nothing is left of it to undo.
rbc_undo() {
  local id=$1 label back undo undo_timeout
  rbc_take RBC_PLAN "${rbc_at[${id}]}"
  label="${rbc_number} ${rbc_title}"
  rbc_get "${rbc_settings}" back undo undo_timeout
  rbc_rc=0
  rbc_before_undo "${id}"
  if ((rbc_rc != 0)); then
    rbc_record undo-intent step "${id}"
    rbc_record undo-result step "${id}" exit 1 duration 0
    rbc_status[${id}]='undo-failed'
    rbc_row bad "${label}"
    return 0
  fi
  rbc_take RBC_PLAN "${rbc_at[${id}]}"
  case "${back}" in
    readonly) ;;
    nothing)
      rbc_row none "${label}: ${RBC_TEXT[undo_nothing]}"
      rbc_record undo-result step "${id}" exit 0 why nothing
      rbc_status[${id}]=undone
      ;;
    rollback)
      rbc_row none "${label}: ${RBC_TEXT[undo_block]}"
      rbc_need_block=yes
      ;;
    irreversible)
      rbc_row bad "${label}: ${RBC_TEXT[undo_irreversible]}"
      rbc_stays+=("${label}: ${RBC_NOTES["${id}/back"]}")
      ;;
    *)
      rbc_record undo-intent step "${id}"
      if [[ "${rbc_kind}" == manual ]]; then
        rbc_line "  ${RBC_MARKS[back]} ${label}"
        rbc_line "      ${RBC_NOTES["${id}/back"]//$'\n'/$'\n'      }"
        rbc_yes gate_manual title "${label}"
        rbc_duration=0
        [[ -n "${rbc_answer}" ]] || rbc_rc=1
      else
        rbc_log=${rbc_run}/steps/${id}.undo.log
        [[ -n "${rbc_live_line}" || -n "${rbc_option[quiet]-}" ]] || rbc_row run "${label}: ${RBC_TEXT[undo_running]}"
        rbc_transient "${RBC_MARKS[back]} ${label}"
        rbc_tick="back ${label}"
        { : >>"${rbc_log}"; } 2>/dev/null || rbc_log=${rbc_tmp}/undo.log
        rbc_spawn "${undo}" "${undo_timeout:-0}" "${rbc_log}" "${rbc_show}"
        rbc_tick=''
        [[ -n "${rbc_printed}" ]] || rbc_transient_end
      fi
      rbc_record undo-result step "${id}" exit "${rbc_rc}" duration "${rbc_duration}"
      rbc_took "${rbc_duration}"
      if ((rbc_rc == 0)); then
        rbc_status[${id}]=undone
        rbc_undone=$((rbc_undone + 1))
        rbc_row back "${label}" "${rbc_text}"
      else
        rbc_status[${id}]='undo-failed'
        rbc_row bad "${label}" "${rbc_text}"
        [[ "${rbc_kind}" == manual ]] || rbc_explain "${rbc_rc}" "${rbc_log}" "${id}.undo" ''
      fi
      ;;
  esac
}

# rbc_roll_back [fresh]: all of it. rbc_code is 4, 5 or 6.
rbc_roll_back() {
  local i id failed='' began
  rbc_clock
  began=${rbc_now}
  rbc_follow
  # Room for the records of the way back, where the disk is full.
  [[ -z "${rbc_run}" ]] || rm -f -- "${rbc_run}/reserve"
  rbc_need_block=${1-} rbc_undone=0 rbc_stays=() rbc_left=()
  rbc_phase=rollback
  rbc_heading "${RBC_TEXT[back_title]}"
  if [[ -z "${1-}" ]]; then
    for ((i = ${#rbc_started[@]} - 1; i >= 0; i--)); do
      id=${rbc_started[i]}
      [[ "${rbc_status[${id}]}" != @(undone|passed) ]] || continue
      rbc_undo "${id}"
      if ((rbc_rc != 0)); then
        failed=yes
        rbc_left+=("${rbc_number} ${rbc_title}")
      fi
      rbc_calm
    done
  fi
  if [[ -n "${rbc_need_block}" ]]; then
    rbc_run_block
    ((rbc_rc == 0)) || failed=yes
  fi
  rbc_code=5 rbc_phase=rollback
  if ((${#RBC_VERIFY[@]} > 0)); then
    rbc_verify_rollback
    ((rbc_rc == 0)) || failed=yes
    rbc_code=4
  else
    rbc_tell back_unproven
  fi
  ((${#rbc_stays[@]} == 0)) || rbc_code=5
  [[ -z "${failed}" ]] || rbc_code=6
  rbc_clock
  rbc_back_took "$((rbc_now - began))"
}

# rbc_calm: a signal during the way back does not end it; a person may, after a question.
rbc_calm() {
  local caught=${rbc_caught}
  rbc_caught=''
  [[ "${caught}" == INT && -n "${rbc_terminal}" ]] || return 0
  rbc_yes back_abandon
  [[ -n "${rbc_answer}" ]] || return 0
  rbc_code=6
  rbc_finish
}

# rbc_verify_rollback: every probe of `verify`, also after one that failed. rbc_rc is 0 or 1.
rbc_verify_rollback() {
  local i failed=0
  for ((i = 0; i < ${#RBC_VERIFY[@]}; i += 5)); do
    rbc_take RBC_VERIFY "${i}"
    rbc_do_check
    if ((rbc_rc != 0)); then
      failed=1
      rbc_left+=("${rbc_title}")
    fi
    rbc_calm
  done
  rbc_rc=${failed}
}

# rbc_run_block: the rollback block's own steps, in order; they build on each other, so the first failure ends them.
rbc_run_block() {
  local i failed=0
  rbc_phase=rollback.block
  for ((i = 0; i < ${#RBC_BLOCK[@]}; i += 5)); do
    rbc_take RBC_BLOCK "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" && "${rbc_kind}" != choose ]] || continue
    if ((failed != 0)); then
      rbc_left+=("${rbc_number} ${rbc_title}")
      continue
    fi
    rbc_item
    if ((rbc_rc != 0)); then
      failed=1
      rbc_take RBC_BLOCK "${i}"
      rbc_left+=("${rbc_number} ${rbc_title}")
    fi
    rbc_calm
  done
  rbc_rc=${failed}
}

rbc_command_rollback() {
  local fresh=${rbc_option[fresh]-}
  rbc_last_run
  if [[ -z "${rbc_run}" && -z "${fresh}" ]]; then
    rbc_problem rollback_no_run
    rbc_other_state
    [[ -z "${rbc_text}" ]] || rbc_problems+=("${rbc_text}")
  fi
  if [[ -n "${fresh}" && ${#RBC_BLOCK[@]} -eq 0 ]]; then
    rbc_problem rollback_no_block
  fi
  rbc_attended_or_yes
  if [[ -n "${rbc_run}" ]]; then
    rbc_hand_over
    rbc_load_run
  fi
  rbc_settle
  rbc_refuse_early
  if [[ -n "${rbc_run}" ]]; then rbc_take_over; else rbc_new_run; fi
  rbc_overview
  rbc_headline
  if [[ -z "${fresh}" ]]; then rbc_list_started; fi
  if [[ -z "${rbc_option[yes]-}" ]]; then
    rbc_yes back_question
    if [[ -z "${rbc_answer}" ]]; then
      ((rbc_seq == 0)) || rbc_record refuse why rollback by terminal
      rbc_tell outcome_declined_rollback
      rbc_exit 7
    fi
  fi
  # Room for what follows, where the disk is full.
  rm -f -- "${rbc_run}/reserve"
  rbc_keep_back
  rbc_chosen
  rbc_record resume why "rollback${fresh:+ --fresh}" values "${rbc_text}"
  rm -f -- "${rbc_run}"/guard.*
  rbc_roll_back "${fresh}"
  ((rbc_code != 4)) || rbc_code=0
  rbc_finish rollback
}

# rbc_keep_back: what this way back was told, until it has ended well: killed or failed, it is done again with the same choices.
# The run's own values stay as they are.
rbc_keep_back() {
  local name
  {
    for name in "${!rbc_value[@]}"; do
      [[ -n "${rbc_secret[${name}]-}" ]] || printf '%s\0%s\0' "${name}" "${rbc_value[${name}]}"
    done >"${rbc_run}/.back" && mv -- "${rbc_run}/.back" "${rbc_run}/back" && LC_ALL=C sync -- "${rbc_run}/back" "${rbc_run}"
  } 2>/dev/null
}

# rbc_list_started: what would be taken back, before the question.
rbc_list_started() {
  local i
  for ((i = ${#rbc_started[@]} - 1; i >= 0; i--)); do
    [[ "${rbc_status[${rbc_started[i]}]}" != @(undone|passed) ]] || continue
    rbc_take RBC_PLAN "${rbc_at[${rbc_started[i]}]}"
    rbc_row back "${rbc_number} ${rbc_title}"
  done
}
