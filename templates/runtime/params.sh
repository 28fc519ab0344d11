# Parameters: --name, then the environment, then the default, then a question on a terminal; only where the path needs them, and
# what only the rollback block reads only where that may run.

rbc_parameters() {
  local i name option type settings env secret block
  for ((i = 0; i < ${#RBC_PARAMS[@]}; i += 4)); do
    name=${RBC_PARAMS[i]} option=${RBC_PARAMS[i + 1]} type=${RBC_PARAMS[i + 2]} settings=${RBC_PARAMS[i + 3]}
    rbc_needed "${settings}"
    rbc_get "${settings}" env secret block
    [[ -z "${block}" || -n "${rbc_block-}" ]] || rbc_here=''
    if [[ -n "${rbc_value[${name}]+kept}" && (-z "${block}" || -z "${rbc_given[${name}]+given}") ]]; then
      rbc_same_as_kept "${name}" "${option}"
    elif [[ -n "${rbc_given[${name}]+given}" ]]; then
      rbc_value[${name}]=${rbc_given[${name}]}
    elif [[ -n "${env}" && -n "${!env-}" ]]; then
      rbc_value[${name}]=${!env}
    elif [[ -z "${rbc_here}" ]]; then
      continue
    else
      rbc_default "${name}"
      if [[ -n "${rbc_text}" ]]; then
        rbc_value[${name}]=${rbc_text}
      elif [[ -n "${rbc_terminal}" ]]; then
        rbc_ask_parameter "${name}" "${option}" "${secret}"
      else
        rbc_misuse usage_missing option "${option}"
        continue
      fi
    fi
    if [[ -n "${secret}" ]]; then
      rbc_secret[${name}]=yes
      [[ -z "${env}" ]] || unset -v "${env}"
    fi
    rbc_accepts "${type}" "${rbc_value[${name}]}" "${RBC_NOTES["param/${name}/matches"]-}" "${settings}"
    if [[ -z "${rbc_here}" ]]; then
      rbc_misuse usage_malformed option "${option}" type "${RBC_TEXT[type_${type}]}"
    fi
  done
}

# rbc_ask_parameter NAME OPTION SECRET: a question on the terminal; a secret is not echoed.
rbc_ask_parameter() {
  local echo=''
  rbc_fill param_question option "$2" note "${RBC_NOTES["param/$1/note"]-}"
  if [[ -n "$3" ]]; then
    echo=$(stty -g </dev/tty)
    stty -echo </dev/tty
  fi
  rbc_prompt "${rbc_text}"
  if [[ -n "${echo}" ]]; then
    stty "${echo}" </dev/tty
    printf '\n' >/dev/tty
  fi
  rbc_value[$1]=${rbc_reply}
}

# rbc_accepts TYPE VALUE PATTERN SETTINGS: rbc_here is yes where the value is of the type. A value that could be read as an
# option, or that holds a control character, is of none.
rbc_accepts() {
  local value=$2 pattern='' control=$'[\001-\037\177]' LC_ALL=C
  rbc_here=''
  [[ -n "${value}" && ! "${value}" =~ ${control} ]] || return 0
  case "$1" in
    string) ;;
    int) pattern='^-?[0-9]{1,18}$' ;;
    sha) pattern='^(sha256:)?[0-9a-f]{7,64}$' ;;
    duration) pattern='^[0-9]{1,9}[smhd]$' ;;
    url) pattern='^[a-z][a-z0-9+.-]*://[^ ]+$' ;;
    host) pattern='^[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$' ;;
    choice)
      rbc_setting choices "$4"
      [[ ",${rbc_text}," == *",${value},"* ]] || return 0
      ;;
    *) pattern='^[^-]' ;;
  esac
  [[ -z "${pattern}" || "${value}" =~ ${pattern} ]] || return 0
  [[ -z "$3" || "${value}" =~ $3 ]] || return 0
  rbc_here=yes
}
