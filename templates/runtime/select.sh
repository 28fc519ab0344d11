# Which part of a runbook is done: `--from`, `--only`, `--skip`. A run that goes on keeps to what it began with.

# rbc_left_out: do the options leave out the row at hand? Why, into rbc_text, or ''.
rbc_left_out() {
  rbc_text=''
  if [[ -n "${rbc_option[only]-}" && "${rbc_phase}" != "${rbc_option[only]}" ]]; then
    rbc_text="--only ${rbc_option[only]}${rbc_option[why]:+: ${rbc_option[why]}}"
  elif [[ -n "${rbc_option[from]-}" ]] && ((rbc_at[${rbc_id}] < rbc_at[${rbc_option[from]}])); then
    rbc_text="--from ${rbc_option[from]}${rbc_option[why]:+: ${rbc_option[why]}}"
  elif [[ -n "${rbc_skip[${rbc_id}]-}" ]]; then
    rbc_text="--skip ${rbc_id##*.}: ${rbc_skip[${rbc_id}]}"
  fi
}

# rbc_selected: what is left out has a record that says so. rbc_here.
rbc_selected() {
  rbc_here=yes
  rbc_left_out
  [[ -n "${rbc_text}" ]] || return 0
  rbc_here=''
  rbc_record skip step "${rbc_id}" phase "${rbc_phase}" why "${rbc_text}"
  rbc_row none "${rbc_number} ${rbc_title}" "${RBC_TEXT[skip_asked]}"
  rbc_status[${rbc_id}]=ok
}

# rbc_check_selection: the names that the options give, as ids; what they leave out must not be needed.
rbc_check_selection() {
  local i wrong=${#rbc_usage[@]}
  rbc_select_phases
  rbc_select_skipped
  ((${#rbc_usage[@]} == wrong)) || return 0
  [[ -n "${rbc_option[from]-}${rbc_option[only]-}" ]] || return 0
  rbc_last_run
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ "${rbc_kind}" != phase ]] || rbc_phase=${rbc_id}
    [[ "${rbc_kind}" == capture && -n "${rbc_here}" ]] || continue
    rbc_left_out
    [[ -n "${rbc_text}" ]] || continue
    rbc_setting var
    if [[ -n "${rbc_run}" && -e "${rbc_run}/values/${rbc_text}" ]]; then
      LC_ALL=C IFS= read -r -d '' "rbc_value[${rbc_text}]" <"${rbc_run}/values/${rbc_text}"
    else
      rbc_problem refuse_capture title "${rbc_number} ${rbc_title}"
    fi
  done
  rbc_run='' rbc_phase=''
}

rbc_select_phases() {
  local only=${rbc_option[only]-} at=''
  if [[ -n "${only}" ]]; then
    [[ "${only}" == *[!a-z0-9_]* ]] || at=${rbc_at[${only}]-}
    if [[ -z "${at}" || "${RBC_PLAN[at]}" != phase ]]; then
      rbc_visible "${only}"
      rbc_misuse usage_phase phase "${rbc_text}"
    fi
  fi
  [[ -n "${rbc_option[from]-}" ]] || return 0
  rbc_find_row "${rbc_option[from]}"
  if [[ -n "${rbc_text}" ]]; then
    rbc_option[from]=${rbc_text}
  else
    rbc_visible "${rbc_option[from]}"
    rbc_misuse usage_step step "${rbc_text}"
  fi
}

rbc_select_skipped() {
  local name
  for name in ${rbc_option[skip]-}; do
    rbc_find_row "${name}"
    if [[ -z "${rbc_text}" ]]; then
      rbc_misuse usage_step step "${name}"
    elif [[ "${RBC_PLAN[${rbc_at[${rbc_text}]}]}" == @(confirm|manual|guarded|capture) ]]; then
      rbc_misuse usage_no_skip step "${name}"
    elif [[ -z "${rbc_option[why]-}" ]]; then
      rbc_misuse usage_why option "--skip ${name}"
    else
      rbc_skip[${rbc_text}]=${rbc_option[why]}
    fi
  done
}

# rbc_keep_selection: for a resume.
rbc_keep_selection() {
  local id
  [[ -n "${rbc_option[from]-}${rbc_option[only]-}${rbc_option[skip]-}" ]] || return 0
  {
    printf '%s\0%s\0%s\0' "${rbc_option[from]-}" "${rbc_option[only]-}" "${rbc_option[why]-}"
    for id in "${!rbc_skip[@]}"; do
      printf '%s\0%s\0' "${id}" "${rbc_skip[${id}]}"
    done
  } >"${rbc_run}/selection"
  LC_ALL=C sync -- "${rbc_run}/selection"
}

# rbc_selection_again: a run that goes on leaves out what it was told to; one more step may be skipped, with its reason.
rbc_selection_again() {
  local i kept=()
  rbc_select_skipped
  [[ -e "${rbc_run}/selection" ]] || return 0
  LC_ALL=C mapfile -d '' -t kept <"${rbc_run}/selection"
  # A subscript is evaluated: what is no id of this plan came from somebody else.
  rbc_option[from]='' rbc_option[only]=${kept[1]-} rbc_option[why]=${kept[2]-}
  [[ "${kept[0]-}" == *[!a-z0-9_.]* ]] || rbc_option[from]=${kept[0]-}
  for ((i = 3; i + 1 < ${#kept[@]}; i += 2)); do
    [[ "${kept[i]}" != *[!a-z0-9_.]* ]] || continue
    rbc_skip[${kept[i]}]=${rbc_skip[${kept[i]}]:-${kept[i + 1]}}
  done
}

# rbc_find_row NAME: the id of the row with this id, number or last word, into rbc_text, or ''. Of several, that on the chosen path.
rbc_find_row() {
  local i found=''
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    if [[ "${RBC_PLAN[i]}" != phase && ("${RBC_PLAN[i + 1]}" == "$1" || "${RBC_PLAN[i + 1]##*.}" == "$1" || "${RBC_PLAN[i + 2]}" == "$1") ]]; then
      rbc_take RBC_PLAN "${i}"
      rbc_on_path
      found=${found:-${rbc_id}}
      if [[ -n "${rbc_here}" ]]; then
        found=${rbc_id}
        break
      fi
    fi
  done
  rbc_text=${found}
}
