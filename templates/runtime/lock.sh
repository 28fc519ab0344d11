# One run of a runbook at a time on the whole host. The lock is the descriptor; no child inherits it.

# rbc_lock: take it, or say in rbc_problems who holds it.
rbc_lock() {
  local file=${rbc_lock_file} holder='' try
  if [[ -L "${file}" ]]; then
    rbc_problem lock_strange file "${file}"
    return 0
  fi
  if [[ ! -e "${file}" ]]; then
    (umask 0 && set -C && : >"${file}") 2>/dev/null
  fi
  if ! { exec {rbc_lock_fd}<"${file}"; } 2>/dev/null; then
    rbc_problem lock_strange file "${file}"
    return 0
  fi
  if flock --nonblock "${rbc_lock_fd}"; then
    rbc_locked=yes
    rbc_fill lock_holder runbook "${RBC_RUNBOOK}" user "${rbc_user}" pid "$$" since "${rbc_since}"
    rbc_holder=${rbc_text}
    rbc_lock_say "${RBC_TEXT[lock_start]}"
    return 0
  fi
  # Who has only just got it has not written yet, and before that it says who had it last.
  for ((try = 0; try < 20; try++)); do
    LC_ALL=C IFS= read -r -n 300 holder <"${file}"
    [[ ! "${holder}" =~ PID\ ([0-9]+) || ! -e "/proc/${BASH_REMATCH[1]}" ]] || break
    read -r -t 0.05 -u "${rbc_silence}" _
  done
  rbc_visible "${holder}"
  rbc_problem lock_held holder "${rbc_text}"
}

# rbc_lock_say STEP: who holds the lock, since when, at which step, for the one who is refused. The file may be another
# user's, so it is written in place, through the descriptor, and never created or replaced here; only its first line counts.
rbc_lock_say() {
  [[ -n "${rbc_locked}" ]] || return 0
  { printf '%s\n' "${rbc_holder//"{step}"/"$1"}" 1<>"/proc/self/fd/${rbc_lock_fd}"; } 2>/dev/null
}
