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
  ((rbc_rc == 0)) || rbc_end_left
  [[ -z "${rbc_run}" ]] || { : >"${rbc_run}/live"; } 2>/dev/null
  rbc_marked
  [[ "${rbc_caught}" != INT ]] || rbc_rc=130
  rbc_clock
  rbc_duration=$((rbc_now - began))
}

# rbc_end_left: what an interactive step that failed has left in the foreground. It is of this process' own group, and younger than
# all that is not its own.
rbc_end_left() {
  local group='' started pid stat
  [[ -n "${rbc_run}" ]] && { read -r group started _ <"${rbc_run}/live"; } 2>/dev/null
  [[ -n "${group}" ]] || return 0
  for pid in /proc/[0-9]*; do
    { LC_ALL=C IFS= read -r stat <"${pid}/stat"; } 2>/dev/null || continue
    read -r -a stat <<<"${stat##*) }"
    if [[ "${stat[2]}" == "${group}" && "${pid##*/}" != "$$" ]] && ((stat[19] >= started)); then
      kill -KILL "${pid##*/}" 2>/dev/null
    fi
  done
}
