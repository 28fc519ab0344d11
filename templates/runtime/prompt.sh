# Questions to the person at the terminal. End of input and interrupts are never a yes.

# rbc_prompt TEXT: one line from the terminal, into rbc_reply; rbc_answered is '' where there was none.
rbc_prompt() {
  rbc_reply='' rbc_answered=''
  [[ -n "${rbc_terminal}" ]] || return 0
  printf '%s ' "$1" >/dev/tty
  rbc_prompt_limit
  if LC_ALL=C IFS= read -r -t "${rbc_text}" rbc_reply </dev/tty && [[ -z "${rbc_caught}" ]]; then
    rbc_answered=yes
  else
    printf '\n' >/dev/tty
    rbc_reply=''
  fi
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
