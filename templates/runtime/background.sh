# Parts that run beside a phase. They are stopped at its end and at any end of the run; what a kill leaves is reaped at the next start.

declare -A rbc_background=()

rbc_do_background() {
  local fn until label="${rbc_number} ${rbc_title}" id=${rbc_id} log=${rbc_run}/steps/${rbc_id}.log in out probe every within
  rbc_get "${rbc_settings}" fn until
  rbc_record intent step "${id}" phase "${rbc_phase}"
  if [[ -z "${rbc_written}" ]]; then
    rbc_tell_in journal_full file "${rbc_journal}"
    rbc_rc=1
    return 0
  fi
  # One that did not come up may live on while it is tried again.
  rbc_stop_background "${id}"
  # Pipes of its own: it may still read its values while the next child is given its.
  [[ -p "${rbc_tmp}/${id}" ]] || mkfifo -m 0600 -- "${rbc_tmp}/${id}" "${rbc_tmp}/${id}.values"
  rbc_pipe "${id}"
  in=${rbc_in} out=${rbc_out}
  rbc_reader "${log}" no background {rbc_lock_fd}>&- {out}>&- <&"${in}" &
  rbc_pipe "${id}.values"
  rbc_send {in}<&- {out}>&-
  set -m
  "${BASH}" -p "${rbc_script}" rbc-child "${fn}" "${rbc_tmp}/background" "${id}" "${rbc_run}/background.${id}" \
    {rbc_lock_fd}>&- {rbc_silence}>&- {rbc_out}>&- {in}<&- </dev/null 3<&"${rbc_in}" >&"${out}" 2>&1 {out}>&- {rbc_in}<&- &
  rbc_background[${id}]=$!
  set +m
  exec {in}<&- {out}>&- {rbc_in}<&- {rbc_out}>&-
  rbc_rc=0
  if [[ -n "${until}" ]]; then
    IFS=: read -r probe every within <<<"${until}"
    rbc_ask "${probe}" "${every}" "${within}" "${label}"
    rbc_transient_end
  fi
  rbc_record result step "${id}" phase "${rbc_phase}" exit "${rbc_rc}"
  rbc_status[${id}]=ok
  if ((rbc_rc == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${label}" "${RBC_TEXT[background_runs]}"
  else
    rbc_status[${id}]=failed
    rbc_row bad "${label}"
    rbc_last_lines "${log}" 12
    rbc_explain 1 "${rbc_log}" "${id}" "${RBC_PROBES[${probe}]}"
    rbc_rc=1
  fi
}

# rbc_stop_background [STEP]: this one or all of them, TERM first.
rbc_stop_background() {
  local id pid i ids=("$@")
  (($# > 0)) || ids=("${!rbc_background[@]}")
  for id in "${ids[@]}"; do
    pid=${rbc_background[${id}]-}
    [[ -n "${pid}" ]] || continue
    kill -TERM -- "-${pid}" 2>/dev/null
    for ((i = 0; i < 100; i++)); do
      kill -0 -- "-${pid}" 2>/dev/null || break
      read -r -t 0.1 -u "${rbc_silence}" _
    done
    kill -KILL -- "-${pid}" 2>/dev/null
    wait "${pid}" 2>/dev/null
    rm -f -- "${rbc_run}/background.${id}"
    unset -v "rbc_background[${id}]"
  done
}

# rbc_end_background: those of the phase that ends.
rbc_end_background() {
  local id
  for id in "${!rbc_background[@]}"; do
    [[ "${id}" != "${rbc_phase}".* ]] || rbc_stop_background "${id}"
  done
}

# rbc_reap_background RUN...: what a driver of these runs left behind when it was killed.
rbc_reap_background() {
  local run file files=() group started boot now
  for run in "$@"; do
    files+=("${run}"/background.*)
  done
  read -r now </proc/sys/kernel/random/boot_id
  for file in "${files[@]}"; do
    read -r group started boot <"${file}"
    rm -f -- "${file}"
    [[ "${boot}" == "${now}" ]] || continue
    rbc_group_alive "${group}" "${started}"
    [[ -z "${rbc_here}" ]] || kill -KILL -- "-${group}" 2>/dev/null
  done
}

# rbc_background_again: a part that ran is started again where something of its phase is still to be done.
rbc_background_again() {
  local i id=${rbc_id}
  [[ "${rbc_kind}" == background && "${rbc_status[${id}]-}" == ok && -z "${rbc_background[${id}]-}" ]] || return 0
  for ((i = rbc_at[${id}] + 5; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    [[ "${rbc_kind}" != phase ]] || break
    rbc_on_path
    if [[ -n "${rbc_here}" && "${rbc_kind}" != choose && "${rbc_status[${rbc_id}]-}" != @(ok|passed) ]]; then
      rbc_status[${id}]=''
      break
    fi
  done
  rbc_take RBC_PLAN "${rbc_at[${id}]}"
}

# rbc_background_first: a resume starts these parts before it asks what may need them. One that does not come up ends here, and
# fails in its place.
rbc_background_first() {
  local i
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    [[ "${rbc_kind}" != phase ]] || rbc_phase=${rbc_id}
    [[ "${rbc_kind}" == background && "${rbc_status[${rbc_id}]-}" == ok ]] || continue
    rbc_background_again
    [[ -z "${rbc_status[${rbc_id}]}" ]] || continue
    rbc_do_background
    ((rbc_rc == 0)) || rbc_stop_background "${RBC_PLAN[i + 1]}"
  done
  rbc_phase=''
}
