# The truthful dry run: what only reads is run, everything else is shown with what would happen to it.

rbc_command_plan() {
  local i label changed='' code=0 skipped='' unsure=''
  rbc_settle
  rbc_check_selection
  rbc_state=''
  rbc_refuse_early
  rbc_overview
  rbc_headline
  rbc_command_of_file
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    label="${rbc_number} ${rbc_title}"
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_phase=${rbc_id} skipped=''
      rbc_heading "${label}"
      rbc_plan_condition "${changed}"
      unsure=${rbc_unknown}
      [[ -n "${rbc_here}" ]] || skipped=yes
    elif [[ -n "${skipped}" ]]; then
      rbc_row none "${label}" "${RBC_TEXT[plan_skip]}"
    elif [[ -z "${rbc_here}" ]]; then
      rbc_row none "${label}" "${RBC_TEXT[plan_skip]}: ${RBC_TEXT[plan_other]}"
    elif [[ "${rbc_kind}" == choose ]]; then
      rbc_line "  ${rbc_title}: ${RBC_TITLES["${rbc_id}/${rbc_value[${rbc_id##*.}]}"]}"
    else
      rbc_plan_row "${i}"
      rbc_take RBC_PLAN "${i}"
      [[ "${rbc_kind}" != @(step|capture|background) ]] || rbc_show_commands
    fi
  done
  rbc_line ''
  rbc_tell "plan_end_${code}"
  rbc_exit "${code}"
}

# rbc_plan_row INDEX: what a run would do with the row at hand; what only reads is done where nothing changed before it. The
# caller's `changed` names the first row that a later answer may depend on, its `code` is 1 where something does not hold.
rbc_plan_row() {
  rbc_left_out
  if [[ -n "${rbc_text}" ]]; then
    rbc_row none "${label}" "${RBC_TEXT[plan_skip]}"
    rbc_folded "${rbc_text}" '      '
    return 0
  fi
  rbc_plan_condition "${changed}"
  rbc_take RBC_PLAN "$1"
  rbc_is_change
  if [[ -z "${rbc_here}" ]]; then
    return 0
  elif [[ -n "${rbc_unknown}${unsure}" ]]; then
    rbc_plan_unknown
  elif [[ "${rbc_kind}" == @(confirm|manual|guarded) ]]; then
    rbc_row run "${label}" "${RBC_TEXT[plan_gate]}"
  elif [[ -n "${rbc_change}" || "${rbc_kind}" == @(background|hold) || " ${rbc_settings}" == *' job='* ||
    " ${rbc_settings}" == *' interactive=1'* ]]; then
    rbc_row run "${label}" "${RBC_TEXT[plan_run]}"
  elif [[ -n "${changed}" ]]; then
    rbc_plan_unknown
  else
    rbc_item
    ((rbc_rc == 0)) || code=1
    return 0
  fi
  # What runs beside a phase may be what its checks look at.
  [[ -z "${rbc_change}" && "${rbc_kind}" != background ]] || changed=${changed:-${rbc_number}}
}

rbc_plan_unknown() {
  rbc_fill plan_unknown step "${changed}"
  rbc_row none "${label}" "${rbc_text}"
}

# rbc_plan_condition CHANGED: the condition of the row at hand; after a change its answer is not known: rbc_unknown.
rbc_plan_condition() {
  rbc_here=yes rbc_unknown=''
  rbc_setting ask
  [[ -n "${rbc_text}" ]] || return 0
  if [[ -n "$1" ]]; then rbc_unknown=yes; else rbc_asked; fi
}

# rbc_command_of_file: where the commands stand in this script, so that they are shown exactly as they stand in it: from the line
# after a function's name to the last closing brace before the next function.
rbc_command_of_file() {
  local line found starts=() next first=''
  mapfile -t rbc_lines <"${rbc_self}"
  declare -gA rbc_body=()
  found=$(shopt -s extdebug && rbc_names)
  # `read` would take it byte by byte.
  while [[ "${found}" =~ ^([^ ]+)\ ([0-9]+)[^$'\n']*($'\n'|$) ]]; do
    starts[BASH_REMATCH[2]]=${BASH_REMATCH[1]}
    found=${found#"${BASH_REMATCH[0]}"}
  done
  for next in "${!starts[@]}"; do
    if [[ -n "${first}" ]]; then
      line=$((next - 2))
      while ((line > first)) && [[ "${rbc_lines[line]}" != '}' ]]; do
        line=$((line - 1))
      done
      rbc_body[${starts[first]}]="${first} ${line}"
    fi
    first=${next}
  done
}

# rbc_names: the functions of the world and the one that follows them, each with its line.
rbc_names() {
  local name names
  names=$(compgen -A function)
  for name in ${names}; do
    [[ "${name}" == rbc_* && "${name}" != rbc_world ]] || declare -F "${name}"
  done
}

# rbc_show_commands: the function of the row at hand, as it stands above.
rbc_show_commands() {
  local i last
  rbc_setting fn
  [[ -n "${rbc_text}" ]] || return 0
  read -r i last <<<"${rbc_body[${rbc_text}]}"
  while ((i < last)); do
    printf '      %s%s%s\n' "${rbc_colors[none]-}" "${rbc_lines[i]}" "${rbc_colors[off]-}"
    i=$((i + 1))
  done
}
