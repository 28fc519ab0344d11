# Every head goes where who may write to the log cannot: to syslog or the journal, as it comes to be.

# rbc_follow: from here on a process of its own reads the log as it grows, and `logger` gets each head. The driver waits for
# neither of them, and they end with it, however it ends.
rbc_follow() {
  [[ -n "${rbc_journal}" && -z "${rbc_follower}" && -S /dev/log ]] || return 0
  type -P logger >/dev/null || return 0
  rbc_heads {rbc_lock_fd}>&- </dev/null 2>/dev/null | {
    trap '' HUP INT TERM
    exec logger -t rbc {rbc_lock_fd}>&- {rbc_silence}>&- >/dev/null 2>&1
  } &
  rbc_follower=$!
}

# rbc_heads: a line for each new record: runbook, run, number and head. Ends after a record that ends a run, or without its driver.
rbc_heads() {
  local line='' part log stat
  trap '' HUP INT TERM
  exec {log}<"${rbc_journal}"
  while :; do
    if LC_ALL=C IFS= read -r part <&"${log}"; then
      line+=${part}
      rbc_field seq "${line}"
      if [[ "${line}" =~ ,\"hash\":\"([0-9a-f]{64})\"}$ ]] && ((rbc_text > rbc_told)); then
        printf '%s %s %s %s\n' "${RBC_RUNBOOK}" "${rbc_run##*/}" "${rbc_text}" "${BASH_REMATCH[1]}"
        rbc_field event "${line}"
        [[ "${rbc_text}" != @(end|pause) ]] || break
      fi
      line=''
    else
      line+=${part}
      LC_ALL=C IFS= read -r stat <"/proc/${BASHPID}/stat"
      [[ "${stat##*) }" == ?' '"$$ "* ]] || break
      read -r -t 0.1 -u "${rbc_silence}" _
    fi
  done
}

# rbc_tell_syslog TEXT: the last head and the outcome, when all heads are told. A syslog that hangs is not waited for.
rbc_tell_syslog() {
  local i
  type -P logger >/dev/null || return 0
  for ((i = 0; i < 40; i++)); do
    if [[ -z "${rbc_follower}" ]] || ! kill -0 "${rbc_follower}" 2>/dev/null; then
      timeout --kill-after=1 2 logger -t rbc -- "$1" 2>/dev/null
      return 0
    fi
    read -r -t 0.05 -u "${rbc_silence}" _
  done
  kill -KILL "${rbc_follower}" 2>/dev/null
}
