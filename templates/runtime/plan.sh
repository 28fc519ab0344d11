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
    elif [[ -n "${rbc_change}" ]]; then
      changed=${changed:-${label}}
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

# rbc_command_of_file: read this script's own lines, so that the commands are shown exactly as they stand in it.
rbc_command_of_file() {
  mapfile -t rbc_lines <"${rbc_self}"
}

# rbc_show_commands: the function of the row at hand, as it stands above.
rbc_show_commands() {
  local line inside=''
  rbc_setting fn
  [[ -n "${rbc_text}" && -n "${rbc_here}" ]] || return 0
  for line in "${rbc_lines[@]}"; do
    if [[ "${line}" == "${rbc_text}() {" ]]; then
      inside=yes
    elif [[ -n "${inside}" && "${line}" == '}' ]]; then
      return 0
    elif [[ -n "${inside}" ]]; then
      printf '      %s%s%s\n' "${rbc_colors[none]-}" "${line}" "${rbc_colors[off]-}"
    fi
  done
}
