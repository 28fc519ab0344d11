# Choices: --name OPTION, then a question on a terminal, then the default. What only the rollback block has to choose is asked by
# `rollback` alone: in the middle of a run nothing of the way back waits for an answer.

# rbc_choices TABLE: decide every choice of a table that is on the path decided so far.
rbc_choices() {
  local i name options default given block
  local -n rbc_chosen_table=$1
  for ((i = 0; i < ${#rbc_chosen_table[@]}; i += 5)); do
    rbc_take "$1" "${i}"
    [[ "${rbc_kind}" == choose ]] || continue
    rbc_on_path
    name=${rbc_id##*.}
    rbc_get "${rbc_settings}" options default block
    given=${rbc_given[${name}]-${rbc_value[${name}]-}}
    if [[ -n "${block}" ]]; then
      # What the run was begun with is only what is usual.
      default=${rbc_value[${name}]-${default}}
      given=${rbc_given[${name}]-}
      [[ -n "${given}${rbc_block-}" ]] || continue
    fi
    [[ "$1" == RBC_BLOCK || -z "${rbc_value[${name}]+kept}" ]] || rbc_same_as_kept "${name}" "--${name//_/-}"
    if [[ -n "${given}" ]]; then
      if [[ ",${options}," != *",${given},"* ]]; then
        rbc_misuse usage_option option "--${name//_/-}" value "${given}" known "${options//,/, }"
        continue
      fi
    elif [[ -z "${rbc_here}" ]]; then
      continue
    elif [[ -n "${rbc_terminal}" && -z "${rbc_option[yes]-}" && "${rbc_command}" != @(plan|check) &&
      (-z "${block}" || "${rbc_command}" == rollback) ]]; then
      rbc_ask_choice "${options}" "${default}"
      given=${rbc_reply}
    else
      given=${default}
    fi
    if [[ -z "${given}" ]]; then
      rbc_problem refuse_choice option "--${name//_/-}" known "${options//,/, }"
      continue
    fi
    rbc_value[${name}]=${given}
  done
}

# rbc_ask_choice OPTIONS DEFAULT: by number; an empty answer takes the default. The name into rbc_reply.
rbc_ask_choice() {
  local names i
  IFS=, read -r -a names <<<"$1"
  rbc_line "${rbc_title}"
  for i in "${!names[@]}"; do
    rbc_line "  $((i + 1)) ${RBC_TITLES["${rbc_id}/${names[i]}"]}"
  done
  while :; do
    rbc_fill choose_question default "${2:+ [${RBC_TITLES["${rbc_id}/$2"]}]}"
    rbc_prompt "${rbc_text}"
    if [[ -z "${rbc_reply}" ]]; then
      [[ -z "${rbc_answered}" && -z "$2" ]] || rbc_reply=$2
      [[ -z "${rbc_answered}" || -n "$2" ]] || continue
      return 0
    fi
    if [[ "${rbc_reply}" =~ ^[1-9][0-9]?$ ]] && ((rbc_reply <= ${#names[@]})); then
      rbc_reply=${names[rbc_reply - 1]}
      return 0
    fi
  done
}
