# Steps that can lock the operator out take themselves back unless they are confirmed in time from a new login. Two processes see to
# it: the driver, and a watcher in a session of its own that takes over when the driver is gone or stuck.

# The watcher gives the driver this many seconds to do it itself.
readonly RBC_GUARD_GRACE=15
rbc_guard='' rbc_deadline=0

# rbc_do_guarded: arm the guard of the row at hand; its steps are the rows that follow.
rbc_do_guarded() {
  local seconds stat boot
  rbc_get "${rbc_settings}" seconds
  rbc_clock
  rbc_guard=${rbc_id} rbc_deadline=$((rbc_now + seconds * 1000000))
  LC_ALL=C IFS= read -r stat <"/proc/$$/stat"
  read -r -a stat <<<"${stat##*) }"
  read -r boot </proc/sys/kernel/random/boot_id
  rbc_record intent step "${rbc_id}" phase "${rbc_phase}" why "${seconds}s"
  rbc_rc=1
  if [[ -n "${rbc_written}" ]] &&
    printf '%s %s %s %s\n' "${rbc_deadline}" "$$" "${stat[19]}" "${boot}" >"${rbc_run}/guard.${rbc_id}" && sync -- "${rbc_run}/guard.${rbc_id}"; then
    setsid --fork "${BASH}" -p "${rbc_script}" rbc-guard "${rbc_id}" "--state-dir=${rbc_state%/*}" {rbc_lock_fd}>&- {rbc_silence}>&- \
      </dev/null >>"${rbc_run}/steps/${rbc_id}.guard.log" 2>&1
    rbc_rc=$?
  fi
  rbc_took "$((seconds * 1000000))"
  if ((rbc_rc == 0)); then
    rbc_fill guard_armed time "${rbc_text}"
    rbc_row run "${rbc_number} ${rbc_title} · ${rbc_text}"
  else
    rbc_row bad "${rbc_number} ${rbc_title}"
  fi
}

# rbc_guard_limit SECONDS: no guarded step runs past the deadline; into rbc_text.
rbc_guard_limit() {
  local left
  rbc_text=$1
  [[ -n "${rbc_guard}" ]] || return 0
  rbc_clock
  left=$(((rbc_deadline - rbc_now) / 1000000))
  ((left > 0)) || left=1
  if (($1 == 0 || $1 > left)); then rbc_text=${left}; fi
}

# rbc_guard_done: after the last of its steps: wait for the confirmation. rbc_rc is 0 where it came.
rbc_guard_done() {
  local id=${rbc_guard} name=${rbc_guard##*.} by
  rbc_take RBC_PLAN "${rbc_at[${id}]}"
  if [[ -n "${rbc_accept[${name}]-}" ]]; then
    rbc_rc=0 by='accept at the start'
  else
    rbc_fill guard_how script "${rbc_self}" gate "${name}"
    rbc_line "      ${rbc_text}"
    rbc_await_accept "${name}" guard "${rbc_deadline}" guard_waiting
    by=${rbc_accepted}
  fi
  rbc_record gate step "${id}" phase "${rbc_phase}" exit "${rbc_rc}" by "${by:-nobody}"
  if ((rbc_rc == 0)); then
    rbc_disarm
    rbc_status[${id}]=ok
    rbc_row ok "${rbc_number} ${rbc_title}" "${RBC_TEXT[guard_confirmed]}"
  else
    rbc_row bad "${rbc_number} ${rbc_title}" "${RBC_TEXT[guard_expired]}"
  fi
}

rbc_disarm() {
  [[ -z "${rbc_guard}" ]] || rm -f -- "${rbc_run}/guard.${rbc_guard}"
  rbc_guard='' rbc_deadline=0
}

# rbc_guard_revert ID: take its started steps back, in reverse order.
rbc_guard_revert() {
  local i id steps failed=0 caught=${rbc_caught}
  rbc_caught=''
  rbc_take RBC_PLAN "${rbc_at[$1]}"
  rbc_get "${rbc_settings}" steps
  rbc_tell guard_reverting title "${rbc_number} ${rbc_title}"
  for ((i = ${#rbc_started[@]} - 1; i >= 0; i--)); do
    id=${rbc_started[i]}
    [[ ",${steps}," == *",${id},"* && "${rbc_status[${id}]}" != @(undone|passed) ]] || continue
    rbc_undo "${id}"
    ((rbc_rc == 0)) || failed=1
  done
  rbc_disarm
  rm -f -- "${rbc_run}/guard.$1"
  rbc_caught=${rbc_caught:-${caught}} rbc_rc=${failed}
}

# rbc_guard_watch ID: the watcher. It goes away when the guard is confirmed or taken back; else it ends what still runs of the
# driver and takes over as a run without a terminal.
rbc_guard_watch() {
  local id=$1 file deadline pid started stat rule
  rbc_last_run
  file=${rbc_run}/guard.${id}
  read -r deadline pid started _ <"${file}"
  while [[ -e "${file}" ]]; do
    rbc_clock
    ((rbc_now < deadline + RBC_GUARD_GRACE * 1000000)) || break
    rbc_sleep 1
  done
  [[ -e "${file}" ]] || rbc_exit 0
  if { LC_ALL=C IFS= read -r stat <"/proc/${pid}/stat"; } 2>/dev/null; then
    read -r -a stat <<<"${stat##*) }"
    [[ "${stat[19]}" != "${started}" ]] || kill -KILL "${pid}"
  fi
  if [[ -s "${rbc_run}/live" ]]; then
    read -r pid started _ <"${rbc_run}/live"
    rbc_group_alive "${pid}" "${started}"
    [[ -z "${rbc_here}" ]] || kill -KILL -- "-${pid}"
  fi
  rbc_sleep 1
  rbc_load_run
  rbc_problems=()
  rbc_lock
  rbc_take_over
  rbc_record recover step "${id}" why 'guard expired'
  rbc_guard_revert "${id}"
  rbc_record gate step "${id}" exit 1 by timeout
  rbc_rule_of "${id}"
  rule=${rbc_text}
  rbc_rc=1
  rbc_decide "${rule}"
  rbc_carry_out
  rbc_finish
}

# rbc_guard_may_end INDEX: was that the last step of the guard? Then it waits for its confirmation.
rbc_guard_may_end() {
  [[ -n "${rbc_guard}" ]] || return 0
  local -r next=" ${RBC_PLAN[$1 + 9]-}"
  [[ "${next}" == *" guarded=${rbc_guard}"* ]] || rbc_guard_done
}

# rbc_guard_overdue: the time is up, so its steps go back before anything else.
rbc_guard_overdue() {
  [[ -n "${rbc_guard}" ]] || return 0
  rbc_clock
  ((rbc_now < rbc_deadline - 1000000)) || rbc_guard_revert "${rbc_guard}"
  rbc_rc=1
}

# rbc_guard_reap: a guard that an earlier driver had armed: its steps go back, its watcher goes away, the run does it again.
rbc_guard_reap() {
  local file
  for file in "${rbc_run}"/guard.*; do
    rbc_guard_revert "${file##*/guard.}"
    ((rbc_rc == 0)) || rbc_code=6
  done
}
