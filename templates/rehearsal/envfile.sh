# Env files in a rehearsal: what is required has the value that is kept for it, but for what shall be wrong.

# rbc_env_files: as the runtime's own, without a file. A service's files are not there, a
# variable is not in them or has another form.
rbc_env_files() {
  local i path name value
  for ((i = 0; i < ${#RBC_ENV[@]}; i += 4)); do
    path=${RBC_ENV[i + 1]} name=${RBC_ENV[i + 2]} value=''
    rbc_ordered "file_${RBC_ENV[i]}"
    if [[ -n "${rbc_text}" ]]; then
      rbc_fill env_unreadable file "${path}"
      [[ " ${rbc_problems[*]-} " == *"${rbc_text}"* ]] || rbc_problems+=("${rbc_text}")
      continue
    fi
    [[ -n "${name}" ]] || continue
    IFS= read -r -d '' value <"${RBC_REHEARSAL:?}/answers/env_${name}"
    rbc_setting secret "${RBC_ENV[i + 3]}"
    [[ -z "${rbc_text}" ]] || rbc_secret[${name}]=yes
    rbc_ordered "env_${RBC_ENV[i]}_${name}"
    if [[ "${rbc_text}" == missing ]]; then
      value=''
      rbc_problem env_missing name "${name}" file "${path}"
    elif [[ "${rbc_text}" == malformed ]]; then
      rbc_problem env_malformed name "${name}" file "${path}"
    fi
    rbc_value[${name}]=${value}
  done
}
