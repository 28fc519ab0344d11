# A second person at a gate: answered from another login, by another user where the host can tell.

# rbc_gate_by_other: wait for `accept NAME`; without a terminal the run pauses until it is there.
rbc_gate_by_other() {
  local name=${rbc_id##*.} proven by
  rbc_setting show
  rbc_show_values "${rbc_text}"
  if [[ ! -e "${rbc_run}/accept.${name}" && -z "${rbc_terminal}" ]]; then
    rbc_session
    printf '%s %s other\n' "${rbc_text}" "${SUDO_USER:-${rbc_user}}" >"${rbc_run}/waiting.${name}"
    rbc_tell_in accept_paused gate "${name}"
    rbc_rc=1 rbc_decision=pause
    return 0
  fi
  rbc_fill accept_how script "${rbc_self}" gate "${name}"
  rbc_line "      ${rbc_text}"
  rbc_await_accept "${name}" other 0 accept_waiting
  read -r proven by <<<"${rbc_accepted}"
  rbc_record gate step "${rbc_id}" phase "${rbc_phase}" exit "${rbc_rc}" by "${by:-nobody}" why "${proven:-declined}${rbc_shown:+, ${rbc_shown}}"
  if ((rbc_rc == 0)); then
    rbc_status[${rbc_id}]=ok
    rbc_row ok "${rbc_number} ${rbc_title}" "${by}, ${RBC_TEXT[accept_${proven}]}"
  else
    rbc_row bad "${rbc_number} ${rbc_title}"
    rbc_tell_in gate_declined
    [[ "${rbc_caught}" == @(HUP|TERM) ]] || rbc_declined=yes
  fi
}
