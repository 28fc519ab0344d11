# Gates and tasks for people. `--yes` answers none of them.

# rbc_show_values NAMES: parameters and captures above a question; in words for the log into rbc_shown.
rbc_show_values() {
  local name names
  rbc_shown=''
  IFS=, read -r -a names <<<"$1"
  for name in "${names[@]}"; do
    rbc_shown+="${rbc_shown:+, }${name}=${rbc_value[${name}]-}"
    rbc_visible "${rbc_value[${name}]-}"
    rbc_line "      ${name} = ${rbc_text}"
  done
}

# rbc_gate QUESTION-KEY: ask for, record and report the row at hand. rbc_rc is 0 for yes.
rbc_gate() {
  local by=''
  rbc_setting show
  rbc_show_values "${rbc_text}"
  rbc_rc=1
  if [[ -n "${rbc_accept[${rbc_id##*.}]-}" ]]; then
    rbc_rc=0 by=accept
  else
    rbc_yes "$1" title "${rbc_title}"
    [[ -z "${rbc_answer}" ]] || rbc_rc=0 by=terminal
  fi
  rbc_record gate step "${rbc_id}" phase "${rbc_phase}" exit "${rbc_rc}" by "${by:-nobody}" why "${rbc_shown}"
  if ((rbc_rc == 0)); then
    rbc_row ok "${rbc_number} ${rbc_title}" "${by}"
  else
    rbc_row bad "${rbc_number} ${rbc_title}"
    rbc_tell_in gate_declined
    # Who lost the terminal, or was told to end, has not said no.
    [[ "${rbc_caught}" == @(HUP|TERM) ]] || rbc_declined=yes
  fi
}
