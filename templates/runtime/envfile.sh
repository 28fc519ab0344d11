# Files of NAME=value that a service reads: what is required is there and has its form before anything runs.

# rbc_env_files: RBC_ENV has rows of four: service, path, variable, settings. The values are read, never executed.
rbc_env_files() {
  local i path name line value found pattern
  for ((i = 0; i < ${#RBC_ENV[@]}; i += 4)); do
    path=${RBC_ENV[i + 1]} name=${RBC_ENV[i + 2]} value='' found=''
    if [[ ! -r "${path}" || ! -f "${path}" ]]; then
      rbc_fill env_unreadable file "${path}"
      [[ " ${rbc_problems[*]-} " == *"${rbc_text}"* ]] || rbc_problems+=("${rbc_text}")
      continue
    fi
    [[ -n "${name}" ]] || continue
    while LC_ALL=C IFS= read -r line || [[ -n "${line}" ]]; do
      line=${line%$'\r'}
      if [[ "${line}" =~ ^[[:space:]]*(export[[:space:]]+)?"${name}"[[:space:]]*=[[:space:]]*(.*)$ ]]; then
        value=${BASH_REMATCH[2]} found=yes
        case "${value}" in
          \"*\") value=${value:1:-1} ;;
          \'*\') value=${value:1:-1} ;;
          *) ;;
        esac
      fi
    done <"${path}"
    pattern=${RBC_NOTES["env/${RBC_ENV[i]}/${name}"]-}
    rbc_setting secret "${RBC_ENV[i + 3]}"
    [[ -z "${rbc_text}" ]] || rbc_secret[${name}]=yes
    if [[ -z "${found}" || -z "${value}" ]]; then
      rbc_problem env_missing name "${name}" file "${path}"
    elif [[ -n "${pattern}" && ! "${value}" =~ ${pattern} ]]; then
      rbc_problem env_malformed name "${name}" file "${path}"
    fi
    rbc_value[${name}]=${value}
  done
}
