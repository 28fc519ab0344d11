# Looking back: where the last run stands, its log for people, its evidence for the ticket. None of it needs the lock.

rbc_command_status() {
  local id state i
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_tell status_none dir "${rbc_state}"
    rbc_other_state
    [[ -z "${rbc_text}" ]] || rbc_line "${rbc_text}"
    rbc_exit 0
  fi
  rbc_hand_over
  rbc_remember "${rbc_run}"
  rbc_kept_values
  rbc_fill "outcome_${rbc_outcome:-9}"
  state=${rbc_text}
  [[ -n "${rbc_outcome}" ]] || state=${RBC_TEXT[status_open]}
  rbc_fill status_line run "${rbc_run##*/}" state "${state}${rbc_outcome:+ (${rbc_outcome})}"
  rbc_line "${rbc_text}"
  rbc_first_record "${rbc_run}/audit.jsonl"
  rbc_line ''
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    id=${rbc_status[${rbc_id}]-}
    [[ "${rbc_kind}" != @(phase|choose) ]] || continue
    rbc_on_path
    [[ -n "${id}" || (-n "${rbc_here}" && "${rbc_outcome:-9}" == 9) ]] || continue
    case "${id}" in
      '') rbc_row none "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_ahead]}" ;;
      ok) rbc_row ok "${rbc_number} ${rbc_title}" ;;
      undone | passed) rbc_row back "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_undone]}" ;;
      failed) rbc_row bad "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_failed]}" ;;
      undo-failed) rbc_row bad "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_undo_failed]}" ;;
      *) rbc_row wait "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_unknown]}" ;;
    esac
  done
  rbc_line ''
  rbc_holder
  rbc_tell outcome_log dir "${rbc_run}"
  rbc_tell status_head head "${rbc_head}"
  [[ -n "${rbc_here}" ]] || rbc_tell_next "${rbc_outcome:-9}"
  rbc_exit 0
}

# rbc_first_record LOG: who started the run, when, where.
rbc_first_record() {
  local record time user
  LC_ALL=C IFS= read -r record <"$1"
  rbc_field time "${record}"
  time="${rbc_text:0:10} ${rbc_text:11:8} UTC"
  rbc_field user "${record}"
  user=${rbc_text}
  rbc_field host "${record}"
  rbc_tell status_who time "${time}" user "${user}" host "${rbc_text}"
}

# rbc_holder: who holds the lock now.
rbc_holder() {
  local holder=''
  rbc_here=''
  [[ -r "${rbc_lock_file}" && ! -L "${rbc_lock_file}" ]] || return 0
  exec {rbc_lock_fd}<"${rbc_lock_file}"
  if flock --nonblock "${rbc_lock_fd}"; then
    exec {rbc_lock_fd}</dev/null
    rbc_tell status_free
    return 0
  fi
  LC_ALL=C IFS= read -r -n 300 holder <"${rbc_lock_file}"
  rbc_visible "${holder}"
  rbc_tell lock_held holder "${rbc_text}"
  rbc_here=yes
}

rbc_command_log() {
  local record line key
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_tell status_none dir "${rbc_state}"
    rbc_exit 1
  fi
  if [[ -n "${rbc_option[verify]-}" ]]; then
    rbc_verify_log "${rbc_run}/audit.jsonl"
    rbc_exit "${rbc_rc}"
  fi
  while LC_ALL=C IFS= read -r record; do
    line=''
    for key in time event step exit words duration by why; do
      rbc_field "${key}" "${record}"
      [[ -n "${rbc_text}" ]] || continue
      case "${key}" in
        time) line=${rbc_text:0:19} ;;
        event | step) line+=" ${rbc_text}" ;;
        duration)
          rbc_took "${rbc_text}"
          line+=" ${rbc_text}"
          ;;
        words) line+=": ${rbc_text}" ;;
        *) line+=" ${key}=${rbc_text}" ;;
      esac
    done
    rbc_visible "${line}"
    rbc_line "${rbc_text}"
  done <"${rbc_run}/audit.jsonl"
  rbc_exit 0
}

# rbc_verify_log LOG: every record's hash, its place in the chain, and the head where one is given. rbc_rc is 0 or 1.
# `rbc audit verify` does the same, line for line.
rbc_verify_log() {
  local LC_ALL=C record seq=0 records=0 head='' torn=() number=0 own previous hash
  local whole='^(\{"v":1,"seq":([1-9][0-9]{0,8}),.*,"prev":"([0-9a-f]{64})?"),"hash":"([0-9a-f]{64})"\}$'
  rbc_rc=0
  while IFS= read -r record; do
    number=$((number + 1))
    if [[ ! "${record}" =~ ${whole} ]]; then
      rbc_digest "${record}"
      torn+=("${number} ${rbc_text}")
      continue
    fi
    records=$((records + 1)) own=${BASH_REMATCH[2]} previous=${BASH_REMATCH[3]} hash=${BASH_REMATCH[4]}
    rbc_digest "${BASH_REMATCH[1]}}"
    [[ "${rbc_text}" == "${hash}" && "${previous}" == "${head}" && "${own}" == "$((seq + 1))" ]] || rbc_broken_at "${number}"
    seq=${own} head=${hash}
    # Torn lines are closed at once, in order, each by a record of its own.
    ((${#torn[@]} > 0)) || continue
    if [[ "${record}" == *"\"event\":\"recover\",\"why\":\"torn ${torn[0]#* }\""* ]]; then
      torn=("${torn[@]:1}")
    else
      rbc_broken_lines
    fi
  done <"$1"
  rbc_broken_lines
  if [[ -n "${record}" ]]; then rbc_tell log_torn; fi
  # bash reads over a NUL, so it is looked for by itself.
  if IFS= read -r -d '' record <"$1"; then
    record=${record//[!$'\n']/}
    rbc_broken_at "$((${#record} + 1))"
  fi
  if [[ -n "${rbc_option[head]+given}" && (${#rbc_option[head]} -lt 16 || "${head}" != "${rbc_option[head]}"*) ]]; then
    rbc_tell log_head head "${head}"
    rbc_rc=1
  fi
  if ((rbc_rc == 0)); then rbc_tell log_good records "${records}" head "${head}"; fi
}

# rbc_broken_lines: the lines in the caller's `torn`, which nothing closes.
rbc_broken_lines() {
  local line
  for line in "${torn[@]}"; do
    rbc_broken_at "${line%% *}"
  done
  torn=()
}

rbc_broken_at() {
  rbc_tell log_broken line "$1"
  rbc_rc=1
}
