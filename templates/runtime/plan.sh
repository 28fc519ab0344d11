# The truthful dry run: what only reads is run, everything else is shown with what would happen to it.

rbc_command_plan() {
  local i label changed='' code=0
  rbc_settle
  rbc_state=''
  rbc_refuse_early
  rbc_overview
  rbc_headline
  rbc_command_of_file
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    label="${rbc_number} ${rbc_title}"
    rbc_is_change
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_heading "${label}"
    elif [[ "${rbc_kind}" == choose ]]; then
      rbc_line "  ${rbc_title}: ${RBC_TITLES["${rbc_id}/${rbc_value[${rbc_id##*.}]}"]}"
    elif [[ -z "${rbc_here}" ]]; then
      rbc_row none "${label}" "${RBC_TEXT[plan_skip]}"
    elif [[ -n "${rbc_change}" || " ${rbc_settings}" == *' job='* ]]; then
      [[ -z "${rbc_change}" ]] || changed=${changed:-${label}}
      rbc_row run "${label}" "${RBC_TEXT[plan_run]}"
    elif [[ -n "${changed}" ]]; then
      rbc_fill plan_unknown step "${changed%% *}"
      rbc_row none "${label}" "${rbc_text}"
    elif [[ "${rbc_kind}" == confirm ]]; then
      rbc_row run "${label}" "${RBC_TEXT[plan_gate]}"
    else
      rbc_item
      ((rbc_rc == 0)) || code=1
      rbc_take RBC_PLAN "${i}"
    fi
    [[ "${rbc_kind}" != step && "${rbc_kind}" != capture ]] || rbc_show_commands
  done
  rbc_line ''
  rbc_tell "plan_end_${code}"
  rbc_exit "${code}"
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
  [[ -n "${rbc_text}" && -n "${rbc_here}" ]] || return 0
  read -r i last <<<"${rbc_body[${rbc_text}]}"
  while ((i < last)); do
    printf '      %s%s%s\n' "${rbc_colors[none]-}" "${rbc_lines[i]}" "${rbc_colors[off]-}"
    i=$((i + 1))
  done
}
