# A run: the rows in order, one question before the first change, and what happens after a failure.

# rbc_execute: go through the plan. Ends with rbc_code set.
rbc_execute() {
  local i asked=${rbc_option[yes]-}${rbc_changed} rule='' skipped=''
  rbc_follow
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_setting on_failure
      rule=${rbc_text} skipped=''
      rbc_end_phase
      rbc_begin_phase
      if ((rbc_rc != 0)); then
        rbc_code=9
        return 0
      fi
      [[ -n "${rbc_here}" ]] || skipped=yes
      continue
    fi
    rbc_on_path
    [[ -n "${rbc_here}" && -z "${skipped}" ]] || continue
    if [[ "${rbc_kind}" == choose ]]; then
      rbc_fill choose_chosen title "${rbc_title}" option "${RBC_TITLES["${rbc_id}/${rbc_value[${rbc_id##*.}]}"]}"
      rbc_line "  ${rbc_text}"
      continue
    fi
    rbc_again_needed
    if [[ "${rbc_status[${rbc_id}]-}" == @(ok|passed) ]]; then
      rbc_row none "${rbc_number} ${rbc_title}" "${RBC_TEXT[resume_done]}"
      continue
    fi
    rbc_selected
    [[ -n "${rbc_here}" ]] || continue
    rbc_before_row
    if ((rbc_rc != 0)); then
      rbc_carry_out
      return 0
    fi
    [[ -n "${rbc_here}" ]] || continue
    rbc_is_change
    if [[ -n "${rbc_change}" && -z "${asked}" ]]; then
      rbc_ask_first_change
      [[ -n "${rbc_answer}" ]] || return 0
      rbc_take RBC_PLAN "${i}"
      asked=yes
    fi
    rbc_do_row "${i}" "${rule}"
    if ((rbc_rc != 0)); then
      rbc_carry_out
      return 0
    fi
  done
  rbc_end_phase
  rbc_code=0
}

# rbc_do_row INDEX RULE: one row, again as often as a person wants it. rbc_rc is 0, or rbc_decision says what follows.
rbc_do_row() {
  while :; do
    rbc_take RBC_PLAN "$1"
    rbc_decision='' rbc_rc=0
    [[ "${rbc_kind}" == step ]] || rbc_on_disk
    # A signal that came between two rows: the next one is not begun.
    [[ -n "${rbc_caught}${rbc_broken}" ]] || rbc_item
    ((rbc_rc != 0)) || [[ -n "${rbc_caught}" ]] || rbc_after_row "$1"
    [[ -z "${rbc_caught}${rbc_broken}" ]] || rbc_rc=1
    ((rbc_rc != 0)) || return 0
    rbc_after_failure
    [[ -n "${rbc_decision}" ]] || rbc_decide "$2"
    if [[ "${rbc_decision}" != again ]]; then
      rbc_before_leaving
      return 0
    fi
    rbc_caught='' rbc_declined=''
    # What a signal came too late for is not done twice.
    if [[ "${rbc_status[${RBC_PLAN[$1 + 1]}]-}" == ok && -z "${rbc_broken}" ]]; then
      rbc_rc=0
      rbc_after_row "$1"
      ((rbc_rc != 0)) || return 0
    fi
  done
}

# rbc_begin_phase: its heading, and whether it is done at all: rbc_here; rbc_rc is not 0 where the run pauses before it.
rbc_begin_phase() {
  rbc_phase=${rbc_id} rbc_rc=0 rbc_here=yes
  rbc_before_phase
  ((rbc_rc == 0)) || return 0
  [[ -z "${rbc_here}" ]] || rbc_heading "${rbc_number} ${rbc_title}"
}

# rbc_ask_first_change: what will change, how much of it can be taken back, and the question. A no ends the run with 8.
rbc_ask_first_change() {
  local i changes=0 stays=0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    rbc_is_change
    [[ -n "${rbc_here}" && -n "${rbc_change}" ]] || continue
    changes=$((changes + 1))
    rbc_setting back
    [[ "${rbc_text}" != irreversible ]] || stays=$((stays + 1))
  done
  rbc_line ''
  if ((stays == 0)); then
    rbc_yes first_change_reversible changes "${changes}"
  else
    rbc_yes first_change_irreversible changes "${changes}" stays "${stays}"
  fi
  rbc_record gate step first-change exit "$((${#rbc_answer} > 0 ? 0 : 1))" by terminal
  [[ -n "${rbc_answer}" ]] || rbc_code=8
}

# rbc_decide RULE: what follows a failure, into rbc_decision: nothing (nothing was changed), rollback, stop, pause or again.
rbc_decide() {
  local rule=$1 id way='' stays=''
  rbc_decision=nothing
  [[ -n "${rbc_changed}" ]] || return 0
  for id in "${rbc_started[@]}"; do
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    rbc_setting back
    if [[ "${rbc_text}" == irreversible ]]; then stays=yes; else way=yes; fi
  done
  if [[ "${rbc_caught}" == HUP ]]; then
    rbc_decision=pause
  elif [[ -n "${rule}" && ("${rbc_caught}" != INT || -z "${rbc_terminal}") ]]; then
    rbc_decision=${rule}
    rbc_tell "rule_${rule}"
  elif [[ -n "${rbc_terminal}" ]]; then
    rbc_ask_what_next "${stays}" "${way}"
  elif [[ -n "${stays}" ]]; then
    rbc_decision=pause
  else
    rbc_decision=rollback
  fi
  [[ "${rbc_decision}" != rollback || -n "${way}" ]] || rbc_decision=stop
}

# rbc_ask_what_next STAYS WAY: the person decides; without an answer the safe thing: back, or a pause where not all can go back.
rbc_ask_what_next() {
  local usual=rollback
  [[ -z "$1" && -n "$2" ]] || usual=pause
  rbc_caught=''
  while :; do
    rbc_fill "next_question_${usual}"
    rbc_prompt "${rbc_text}"
    if [[ "${rbc_caught}" == INT ]]; then
      # Pressed once more than needed: that is no answer.
      rbc_caught=''
      continue
    fi
    if [[ -z "${rbc_answered}" || -z "${rbc_reply}" ]]; then
      rbc_decision=${usual}
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_rollback]} ]]; then
      rbc_decision=rollback
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_again]} ]]; then
      rbc_decision=again
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_pause]} ]]; then
      rbc_decision=pause
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_stop]} ]]; then
      rbc_decision=stop
    else
      continue
    fi
    rbc_record gate step next exit 0 by terminal why "${rbc_decision}"
    return 0
  done
}

# rbc_carry_out: the decision, into rbc_code.
rbc_carry_out() {
  case "${rbc_decision}" in
    nothing) rbc_code=$((${#rbc_declined} > 0 ? 8 : 1)) ;;
    stop) rbc_code=3 ;;
    pause) rbc_code=9 ;;
    *)
      rbc_caught=''
      rbc_roll_back
      ;;
  esac
}

# rbc_heading TEXT: a phase begins.
rbc_heading() {
  rbc_line ''
  rbc_line "${rbc_colors[bold]-}$1${rbc_colors[off]-}"
}

# rbc_headline: which runbook, where, as whom, which run.
rbc_headline() {
  rbc_line "${rbc_colors[bold]-}${RBC_TITLE}${rbc_colors[off]-}"
  rbc_tell run_where host "${HOSTNAME}" user "${rbc_user}"
  if [[ -n "${rbc_run}" ]]; then
    rbc_tell run_line run "${rbc_run##*/}" steps "${rbc_count}" time "${RBC_MOST}"
  else
    rbc_tell run_none steps "${rbc_count}" time "${RBC_MOST}"
  fi
  rbc_more_headline
}

# rbc_overview: the way ahead, one line each, on the chosen path.
rbc_overview() {
  local i
  rbc_count=0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" && "${rbc_kind}" != @(phase|choose) ]] || continue
    rbc_count=$((rbc_count + 1))
  done
  [[ "${1-}" == show && -z "${rbc_option[quiet]-}" ]] || return 0
  rbc_headline
  rbc_line ''
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" ]] || continue
    case "${rbc_kind}" in
      phase) rbc_line "  ${rbc_number} ${rbc_title}" ;;
      choose) rbc_line "    ${rbc_title}: ${RBC_TITLES["${rbc_id}/${rbc_value[${rbc_id##*.}]}"]}" ;;
      *)
        rbc_setting back
        rbc_wrap "${rbc_number} ${rbc_title}${rbc_text:+ · ${RBC_TEXT[way_${rbc_text}]}}" '    '
        printf '%s\n' "${rbc_wrapped[@]}"
        ;;
    esac
  done
}

rbc_command_run() {
  local words
  rbc_settle
  rbc_check_selection
  rbc_attended_or_yes
  rbc_gates_answered
  rbc_may_begin
  rbc_refuse_early
  rbc_new_run
  rbc_overview show
  rbc_chosen
  words=${rbc_arguments[*]}
  rbc_record start why "${words:0:500}" values "${rbc_text}"
  [[ -n "${rbc_written}" ]] || rbc_fail_hard state_full dir "${rbc_state}"
  rbc_keep_values
  rbc_keep_selection
  rbc_execute
  rbc_finish
}

# rbc_keep_values: parameters and choices, for a way back from another login, on disk before anything starts that needs them.
# Secrets stay in memory.
rbc_keep_values() {
  local name
  for name in "${!rbc_value[@]}"; do
    [[ -z "${rbc_secret[${name}]-}" ]] || continue
    printf '%s' "${rbc_value[${name}]}" >"${rbc_run}/values/${name}"
  done
  LC_ALL=C sync -- "${rbc_state}" "${rbc_run}" "${rbc_run}"/values{,/*} "${rbc_run}"/{folder,script.sh} 2>/dev/null
}

# rbc_chosen: parameters and choices in words, for the log, into rbc_text. Secrets are left out. A record has room for so much.
rbc_chosen() {
  local i name
  rbc_text=''
  for ((i = 1; i < ${#RBC_OPTIONS[@]}; i += 2)); do
    name=${RBC_OPTIONS[i]}
    [[ -n "${rbc_value[${name}]+set}" && -z "${rbc_secret[${name}]-}" ]] || continue
    rbc_text+="${rbc_text:+, }${name}=${rbc_value[${name}]}"
  done
  rbc_text=${rbc_text:0:500}
}

# rbc_refuse_unfinished: after 9, and after 6 until a rollback ended, a new run needs a reason.
rbc_refuse_unfinished() {
  rbc_refuse_orphans
  rbc_last_run
  [[ -n "${rbc_run}" ]] || return 0
  rbc_remember "${rbc_run}"
  if [[ ("${rbc_outcome:-9}" == 9 || "${rbc_outcome}" == 6) && -z "${rbc_option[anew]-}" ]]; then
    rbc_problem refuse_unfinished run "${rbc_run##*/}" code "${rbc_outcome:-9}"
  fi
  rbc_run='' rbc_started=() rbc_status=() rbc_starts=() rbc_task=() rbc_changed='' rbc_seq=0 rbc_head=''
}

# rbc_finish [rollback]: the outcome in words, on record and on the last line.
rbc_finish() {
  local note words event=end
  rbc_before_end
  [[ -z "${rbc_run}" ]] || rm -f -- "${rbc_run}/reserve"
  [[ -z "${rbc_run}" || "${rbc_code}" == 6 ]] || rm -f -- "${rbc_run}/back"
  words=outcome_${rbc_code}
  [[ "${1-}:${rbc_code}" != rollback:0 ]] || words=outcome_4
  rbc_fill "${words}"
  words=${rbc_text}
  # A run that waits has not ended.
  [[ "${rbc_code}" != 9 ]] || event=pause
  rbc_record "${event}" exit "${rbc_code}" words "${words}" why "${1-run}"
  rbc_line ''
  for note in "${rbc_stays[@]}"; do
    rbc_fill outcome_stays what "${note}"
    rbc_folded "${rbc_text}" ''
  done
  for note in "${rbc_left[@]}"; do
    rbc_fill outcome_left what "${note}"
    rbc_folded "${rbc_text}" ''
  done
  [[ -z "${rbc_journal}" ]] || rbc_tell outcome_log dir "${rbc_run}"
  rbc_tell_next "${rbc_code}"
  note="${rbc_colors[bold]-}${words} (${rbc_code})${rbc_colors[off]-}"
  if [[ -z "${rbc_journal}" ]]; then
    rbc_line "${note}"
  else
    rbc_fill outcome_head head "${rbc_head:0:16}"
    rbc_line "${note} · ${rbc_text}"
    rbc_tell_syslog "${RBC_RUNBOOK} ${rbc_run##*/} ${rbc_code} ${rbc_head}"
  fi
  rbc_exit "${rbc_code}"
}

# rbc_tell_next CODE: what a person can do after this outcome.
rbc_tell_next() {
  local state=''
  [[ -n "${RBC_TEXT[after_$1]-}" ]] || return 0
  [[ -z "${rbc_option[state_dir]-}" ]] || state=" --state-dir ${rbc_option[state_dir]}"
  rbc_tell "after_$1" script "$0" state "${state}"
}

# rbc_attended_or_yes: without a terminal nobody can answer the question before the first change.
rbc_attended_or_yes() {
  [[ -n "${rbc_terminal}" || -n "${rbc_option[yes]-}" ]] || rbc_problem refuse_no_terminal
}
