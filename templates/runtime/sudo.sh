# Where commands use sudo: the password is asked for once, in the foreground, before the first probe, and kept alive.

rbc_prime_sudo() {
  local answer
  ((EUID != 0)) || return 0
  if ! type -P sudo >/dev/null; then return 0; fi
  if [[ -n "${rbc_terminal}" ]]; then
    # Nobody types a password for what does not begin anyway.
    ((${#rbc_problems[@]} + ${#rbc_usage[@]} == 0)) || return 0
    rbc_tell sudo_asking
    sudo -v
  else
    sudo -n -v 2>/dev/null
  fi
  answer=$?
  if ((answer != 0)); then
    rbc_problem sudo_refused
    return 0
  fi
  rbc_keep_sudo {rbc_lock_fd}>&- &
  rbc_sudo_keeper=$!
}

# rbc_keep_sudo: renews the ticket until the driver is gone.
rbc_keep_sudo() {
  trap - INT TERM HUP
  while kill -0 "$$" 2>/dev/null; do
    sudo -n -v
    read -r -t 50 -u "${rbc_silence}" _
  done >/dev/null 2>&1
}
