# A step that talks to the person at the terminal: in the foreground, with its timeout, not logged.

rbc_spawn_interactive() {
  local began
  rbc_clock
  began=${rbc_now} rbc_nonce="${rbc_now}${RANDOM}" rbc_printed=yes
  rbc_keep_line "${rbc_tick%% *}" "${rbc_tick#* }"
  : >"${rbc_tmp}/marker.failed"
  rbc_pipe values
  rbc_send
  exec {rbc_out}>&-
  timeout --foreground --kill-after=10 "$2" "${BASH}" -p "${rbc_script}" rbc-child "$1" "${rbc_tmp}/marker" "${rbc_nonce}" \
    "${rbc_run:+${rbc_run}/live}" {rbc_lock_fd}>&- {rbc_silence}>&- </dev/tty 3<&"${rbc_in}" >/dev/tty 2>&1 {rbc_in}<&-
  rbc_rc=$?
  exec {rbc_in}<&-
  [[ -z "${rbc_run}" ]] || { : >"${rbc_run}/live"; } 2>/dev/null
  rbc_marked
  [[ "${rbc_caught}" != INT ]] || rbc_rc=130
  rbc_clock
  rbc_duration=$((rbc_now - began))
}
