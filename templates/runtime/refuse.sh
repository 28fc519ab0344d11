# Refuse early: everything that would stop the run is found before the first probe and said in one list.

# rbc_refuse_early: guards, needs, sudo, state, lock. Ends the run with 7 where anything is wrong.
rbc_refuse_early() {
  local name
  for name in "${RBC_GUARDS[@]}"; do
    rbc_spawn "${name}" 30 "${rbc_tmp}/refuse.log" no
    if ((rbc_rc != 0)); then
      rbc_problems+=("${RBC_NOTES[${name}]}")
    fi
  done
  # On a wrong host nothing else is looked at.
  ((${#rbc_problems[@]} > 0 && ${#RBC_GUARDS[@]} > 0)) || rbc_refuse_needs
  rbc_prepare
  # A command line that is wrong leaves nothing behind.
  if [[ -n "${rbc_state}" && ${#rbc_usage[@]} -eq 0 ]]; then
    rbc_make_state
    rbc_lock
    # Where the last run stands is only known with the lock: without it, another driver is at work.
    [[ "${rbc_command}" != run || -z "${rbc_locked}" ]] || rbc_refuse_unfinished
  fi
  rbc_prime
  rbc_stop_on_problems
}

# rbc_refuse_needs: RBC_NEEDS has rows of five: tool, function that prints its version or '', operator, version, settings.
rbc_refuse_needs() {
  local i tool version
  for ((i = 0; i < ${#RBC_NEEDS[@]}; i += 5)); do
    tool=${RBC_NEEDS[i]}
    rbc_needed "${RBC_NEEDS[i + 4]}"
    [[ -n "${rbc_here}" ]] || continue
    rbc_tool "${tool%% *}"
    if [[ -z "${rbc_here}" ]]; then
      rbc_problem need_missing tool "${tool}"
      continue
    fi
    [[ -n "${RBC_NEEDS[i + 1]}" ]] || continue
    rbc_spawn "${RBC_NEEDS[i + 1]}" 30 "${rbc_tmp}/refuse.log" no "${rbc_tmp}/value"
    version=$(<"${rbc_tmp}/value")
    if ((rbc_rc != 0)) || [[ ! "${version}" =~ [0-9]+(\.[0-9]+)* ]]; then
      rbc_problem need_missing tool "${tool}"
      continue
    fi
    version=${BASH_REMATCH[0]}
    [[ -n "${RBC_NEEDS[i + 2]}" ]] || continue
    rbc_compare "${version}" "${RBC_NEEDS[i + 3]}"
    case "${RBC_NEEDS[i + 2]}${rbc_order}" in
      '>=above' | '>=same' | '<=below' | '<=same' | '=same' | '>above' | '<below') ;;
      *)
        rbc_problem need_version tool "${tool}" op "${RBC_NEEDS[i + 2]}" wanted "${RBC_NEEDS[i + 3]}" found "${version}"
        ;;
    esac
  done
}

# rbc_compare A B: dotted numbers; rbc_order is below, same or above. Only as many places as B has are looked at.
rbc_compare() {
  local a b i
  IFS=. read -r -a a <<<"$1"
  IFS=. read -r -a b <<<"$2"
  rbc_order=same
  for ((i = 0; i < ${#b[@]}; i++)); do
    if ((10#${a[i]:-0} > 10#${b[i]})); then
      rbc_order=above
      return 0
    elif ((10#${a[i]:-0} < 10#${b[i]})); then
      rbc_order=below
      return 0
    fi
  done
}

# rbc_stop_on_problems: the list, and 7 (or 2 where only the command line is at fault).
rbc_stop_on_problems() {
  local problem
  ((${#rbc_problems[@]} + ${#rbc_usage[@]} > 0)) || return 0
  rbc_complain refuse_title runbook "${RBC_TITLE}"
  for problem in "${rbc_usage[@]}" "${rbc_problems[@]}"; do
    printf '  - %s\n' "${problem}" >&2
  done
  if ((${#rbc_problems[@]} == 0)); then
    rbc_complain refuse_help
    rbc_exit 2
  fi
  rbc_complain outcome_7
  rbc_exit 7
}

# rbc_gates_answered: without a terminal each gate on the path needs its own --accept.
rbc_gates_answered() {
  local i
  [[ -z "${rbc_terminal}" ]] || return 0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ " ${rbc_settings}" != *' interactive=1'* || -z "${rbc_here}" ]] || rbc_problem refuse_interactive title "${rbc_title}"
    [[ " ${rbc_settings}" != *' other=1'* ]] || continue
    if [[ -n "${rbc_here}" && "${rbc_kind}" == @(confirm|manual) && -z "${rbc_accept[${rbc_id##*.}]-}" &&
      "${rbc_status[${rbc_id}]-}" != ok ]]; then
      rbc_problem refuse_gate gate "${rbc_id##*.}" title "${rbc_title}"
    fi
  done
}
