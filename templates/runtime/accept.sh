# Answers from another login: `accept NAME` leaves a note in the run's folder, the waiting run finds it.

rbc_command_accept() {
  local name=${rbc_named# } session by note proven=proven
  rbc_last_run
  if [[ -z "${rbc_run}" || ! -e "${rbc_run}/waiting.${name}" ]]; then
    rbc_complain accept_nothing gate "${name}"
    rbc_exit 7
  fi
  IFS=' ' read -r session by note <"${rbc_run}/waiting.${name}"
  rbc_session
  if [[ "${rbc_text}" == "${session}" ]]; then
    rbc_complain accept_same_login gate "${name}"
    rbc_exit 7
  fi
  if [[ "${note}" == other && "${SUDO_USER:-${rbc_user}}" == "${by}" ]]; then
    proven=unproven
    rbc_prompt "${RBC_TEXT[accept_name]}"
    if [[ -z "${rbc_reply}" ]]; then
      rbc_complain accept_needs_name
      rbc_exit 7
    fi
    rbc_visible "${rbc_reply}"
    by=${rbc_text}
  else
    by=${SUDO_USER:-${rbc_user}}
  fi
  printf '%s %s\n' "${proven}" "${by}" >"${rbc_run}/.accept.${name}" && mv -- "${rbc_run}/.accept.${name}" "${rbc_run}/accept.${name}"
  rbc_tell accept_done gate "${name}"
  rbc_exit 0
}

# rbc_session: the login session of this process, into rbc_text.
rbc_session() {
  local stat
  LC_ALL=C IFS= read -r stat <"/proc/$$/stat"
  read -r -a stat <<<"${stat##*) }"
  rbc_text=${stat[3]}
}

# rbc_await_accept NAME NOTE DEADLINE KEY: wait for the note; rbc_rc is 0 when it came, 1 when DEADLINE (microseconds, 0 for none)
# passed, 130 after a signal. Who answered, and how well that is known, into rbc_accepted.
rbc_await_accept() {
  local name=$1 rest=0
  rbc_session
  printf '%s %s %s\n' "${rbc_text}" "${SUDO_USER:-${rbc_user}}" "$2" >"${rbc_run}/waiting.${name}"
  rbc_rc=0 rbc_accepted=''
  while [[ ! -e "${rbc_run}/accept.${name}" ]]; do
    rbc_clock
    rest=$(($3 - rbc_now))
    if [[ -n "${rbc_caught}" ]]; then
      rbc_rc=130
      break
    fi
    if (($3 > 0 && rest <= 0)); then
      rbc_rc=1
      break
    fi
    rbc_took "$((rest > 0 ? rest : 0))"
    rbc_fill "$4" gate "${name}" script "${rbc_self}" left "${rbc_text}"
    rbc_transient "${RBC_MARKS[wait]} ${rbc_text}"
    rbc_sleep 1
  done
  rbc_transient_end
  if ((rbc_rc == 0)); then
    IFS= read -r rbc_accepted <"${rbc_run}/accept.${name}"
  fi
  rm -f -- "${rbc_run}/waiting.${name}"
}
