# Questions to the person at the terminal. End of input and interrupts are never a yes.

# rbc_prompt TEXT: one line from the terminal, into rbc_reply; rbc_answered is '' where there was none.
rbc_prompt() {
  local until status
  rbc_reply='' rbc_answered=''
  [[ -n "${rbc_terminal}" ]] || return 0
  rbc_on_disk
  printf '%s ' "$1" >/dev/tty
  rbc_prompt_limit
  rbc_clock
  until=$((rbc_now + rbc_text * 1000000))
  # In short turns, because a signal does not end `read`. What is typed stays with the terminal until its line is whole.
  while [[ -z "${rbc_caught}" ]] && ((rbc_now < until)); do
    LC_ALL=C IFS= read -r -t 0.5 rbc_reply </dev/tty
    status=$?
    if ((status == 0)) && [[ -z "${rbc_caught}" ]]; then
      rbc_answered=yes
      return 0
    fi
    ((status > 128)) || break
    rbc_clock
  done
  printf '\n' >/dev/tty
  rbc_reply=''
}

# rbc_yes KEY [NAME VALUE]...: rbc_answer is yes only where a person said so.
rbc_yes() {
  rbc_answer=''
  rbc_fill "$@"
  rbc_prompt "${rbc_text} ${RBC_TEXT[prompt_yes_no]}"
  if [[ "${rbc_reply}" =~ ${RBC_TEXT[prompt_yes]} ]]; then
    rbc_answer=yes
  fi
}
