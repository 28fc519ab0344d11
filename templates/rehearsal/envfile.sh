# Env files in a rehearsal: what is required has the value that is kept for it.
rbc_env_files() {
  local i name value
  for ((i = 0; i < ${#RBC_ENV[@]}; i += 4)); do
    name=${RBC_ENV[i + 2]} value=''
    [[ -n "${name}" ]] || continue
    IFS= read -r -d '' value <"${RBC_REHEARSAL:?}/answers/env_${name}"
    rbc_setting secret "${RBC_ENV[i + 3]}"
    [[ -z "${rbc_text}" ]] || rbc_secret[${name}]=yes
    rbc_value[${name}]=${value}
  done
}
