# The command line, the signals, the end.

rbc_main() {
  set +o posix
  set +xv
  # What bash takes from its environment even with -p, and would do otherwise for it.
  unset -v BASH_ENV ENV CDPATH GLOBIGNORE POSIXLY_CORRECT BASH_COMPAT EXECIGNORE FUNCNEST TMOUT
  IFS=$' \t\n'
  shopt -s nullglob extglob
  rbc_start "$@"
  rbc_parse "$@"
  rbc_stop_on_problems
  rbc_set_colors
  rbc_find_state
  rbc_scratch
  trap 'rbc_caught=INT rbc_woken=yes' INT
  trap 'rbc_caught=TERM rbc_woken=yes' TERM
  trap 'rbc_caught=HUP rbc_woken=yes' HUP
  trap rbc_cleanup EXIT
  rbc_dispatch
}

# rbc_start ARGUMENT...: every name that the machinery keeps, and a PATH without places that anybody can write to by accident.
rbc_start() {
  local entry entries path=''
  declare -gA rbc_option=() rbc_given=() rbc_accept=() rbc_value=() rbc_secret=() rbc_status=() rbc_starts=() rbc_at=() rbc_skip=() rbc_task=()
  declare -ga rbc_arguments=("$@") rbc_problems=() rbc_usage=() rbc_started=() rbc_stays=() rbc_left=() rbc_lines=() rbc_hidden=()
  declare -ga rbc_owed=()
  rbc_second='' rbc_stamp='' rbc_put_off='' rbc_digester='' rbc_half_written='' rbc_lead='' rbc_later='' rbc_intent='' rbc_follower=''
  rbc_told=0 rbc_silence='' rbc_tick=''
  rbc_command=run rbc_caught='' rbc_woken='' rbc_run='' rbc_journal='' rbc_seq=0 rbc_head='' rbc_phase='' rbc_changed=''
  rbc_broken='' rbc_declined='' rbc_locked='' rbc_tmp='' rbc_show=yes rbc_count=0 rbc_sudo_keeper='' rbc_code=0 rbc_named='' rbc_decision=''
  rbc_umask=$(umask)
  umask 077
  IFS=: read -r -a entries <<<"${PATH-}"
  for entry in "${entries[@]}" /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
    [[ "${entry}" == /* && ":${path}:" != *":${entry}:"* ]] && path+=${path:+:}${entry}
  done
  PATH=${path}
  export PATH
  # Not what the shell that started this one believes its host to be: a guard reads it.
  IFS= read -r HOSTNAME </proc/sys/kernel/hostname
  rbc_self=$(exec realpath -- "${BASH_SOURCE[0]}")
  rbc_script=${rbc_self}
  rbc_user=$(exec id -un)
  rbc_terminal=''
  if { : </dev/tty; } 2>/dev/null; then
    rbc_terminal=$(tty 2>/dev/null) || rbc_terminal=/dev/tty
  fi
  rbc_clock
  rbc_utc "${rbc_now}"
  rbc_since="${rbc_text} UTC" rbc_begun=$((rbc_now / 1000000))
  LC_ALL=C IFS= read -r entry <"/proc/$$/stat"
  read -r -a entries <<<"${entry##*) }"
  rbc_driver="$$ ${entries[19]}"
  exec {rbc_lock_fd}</dev/null
  for ((entry = 0; entry < ${#RBC_PLAN[@]}; entry += 5)); do
    rbc_at[${RBC_PLAN[entry + 1]}]=${entry}
  done
}

# rbc_parse ARGUMENT...: the command, its options, the parameters and choices.
rbc_parse() {
  local word value name lacks known i
  declare -A known=()
  for ((i = 0; i < ${#RBC_OPTIONS[@]}; i += 2)); do
    known[${RBC_OPTIONS[i]}]=${RBC_OPTIONS[i + 1]}
  done
  if [[ "${1-}" == rbc-guard ]]; then
    rbc_command=guard rbc_named=$2
    shift 2
  elif [[ $# -gt 0 && "$1" != -* ]]; then
    rbc_command=$1
    shift
    if [[ " ${RBC_COMMANDS} " != *" ${rbc_command} "* ]]; then
      rbc_misuse usage_command command "${rbc_command}" known "${RBC_COMMANDS// /, }"
      rbc_command=''
    fi
  fi
  while (($# > 0)); do
    word=$1 value='' name='' lacks=0
    shift
    case "${word}" in
      --help | -h) rbc_help ;;
      --yes | --no-color | --quiet | --fresh | --anew | --verify | --outside-window)
        rbc_belongs "${word}" "${word}"
        name=${word#--}
        [[ -z "${rbc_here}" ]] || rbc_option[${name//-/_}]=yes
        continue
        ;;
      --*=*)
        value=${word#*=}
        word=${word%%=*}
        ;;
      --*)
        lacks=$(($# == 0)) value=${1-}
        shift "$((1 - lacks))"
        ;;
      *)
        if [[ "${rbc_command}" == accept && -z "${rbc_named}" ]]; then
          rbc_named=${word}
          continue
        fi
        if [[ "${rbc_command}" == check && -n "${RBC_PROBES[${word}]-}" ]]; then
          rbc_named+=" ${word}"
          continue
        fi
        ;;
    esac
    name=${word//[A-Z]/?}
    [[ -z "${word}" || -z "${known[${word}]-}" ]] || name=--NAME
    rbc_belongs "${word}" "${name}"
    [[ -n "${rbc_here}" ]] || continue
    if ((lacks)); then
      rbc_misuse usage_value option "${word}"
      continue
    fi
    case "${word}" in
      --state-dir) rbc_option[state_dir]=$(realpath -m -- "${value}") ;;
      --skip) rbc_option[skip]+=" ${value//[!a-z0-9_.]/?}" ;;
      --keep | --why | --head | --from | --only)
        rbc_option[${word#--}]=${value}
        ;;
      --accept)
        if [[ " ${RBC_GATES} " == *" ${value} "* ]]; then
          rbc_accept[${value}]=yes
        else
          rbc_visible "${value}"
          rbc_misuse usage_gate gate "${rbc_text}"
        fi
        ;;
      *)
        if [[ -n "${rbc_given[${known[${word}]}]+given}" ]]; then
          rbc_misuse usage_twice option "${word}"
        else
          rbc_given[${known[${word}]}]=${value}
        fi
        ;;
    esac
  done
  rbc_check_options
  [[ -z "${rbc_option[quiet]-}" ]] || rbc_show=no
}

# rbc_belongs WORD OPTION: does the command take it? rbc_here. After a command that is none, any option may be one.
rbc_belongs() {
  local i
  rbc_here=''
  for ((i = 0; i < ${#RBC_TAKES[@]}; i += 2)); do
    [[ "${RBC_TAKES[i]}" == "$2" ]] || continue
    if [[ -z "${RBC_TAKES[i + 1]}" || -z "${rbc_command}" || " ${RBC_TAKES[i + 1]} " == *" ${rbc_command} "* ]]; then
      rbc_here=yes
    else
      rbc_misuse usage_elsewhere option "$1" commands "${RBC_TAKES[i + 1]// /, }" command "${rbc_command}"
    fi
    return 0
  done
  rbc_visible "$1"
  rbc_misuse usage_unknown option "${rbc_text}"
}

# rbc_check_options: what is against the rule needs its reason, a head its chain; a number is one before it is counted with.
rbc_check_options() {
  local name
  [[ -z "${rbc_option[head]+given}" || -n "${rbc_option[verify]-}" ]] || rbc_misuse usage_without option --head needed --verify
  for name in anew outside_window; do
    [[ -z "${rbc_option[${name}]-}" || -n "${rbc_option[why]-}" ]] || rbc_misuse usage_why option "--${name//_/-}"
  done
  if [[ ! "${rbc_option[keep]-20}" =~ ^[1-9][0-9]{0,5}$ ]]; then
    rbc_misuse usage_malformed option --keep type "${RBC_TEXT[type_int]}"
  fi
}

rbc_help() {
  local i j line
  rbc_line "${RBC_TITLE}"
  rbc_line ''
  rbc_fill help_usage script "${0##*/}"
  rbc_line "${rbc_text}"
  for i in ${RBC_COMMANDS}; do
    rbc_wrap "${RBC_TEXT[help_${i}]}" '             '
    printf '  %-10s %s\n' "${i}" "${rbc_wrapped[0]:13}"
    for line in "${rbc_wrapped[@]:1}"; do
      rbc_line "${line}"
    done
    line=''
    for ((j = 0; j < ${#RBC_TAKES[@]}; j += 2)); do
      [[ " ${RBC_TAKES[j + 1]} " != *" ${i} "* ]] || line+="${line:+ }${RBC_TAKES[j]}"
    done
    [[ -z "${line}" ]] || rbc_folded "${line}" '             '
  done
  if ((${#RBC_OPTIONS[@]} > 0)); then
    rbc_line ''
    rbc_tell help_parameters
    for ((i = 0; i < ${#RBC_OPTIONS[@]}; i += 2)); do
      rbc_line "  ${RBC_OPTIONS[i]}"
      rbc_folded "${RBC_NOTES["help/${RBC_OPTIONS[i + 1]}"]}" '      '
    done
  fi
  rbc_line ''
  rbc_tell help_options
  rbc_more_help
  rbc_exit 0
}

# rbc_exit CODE: nothing of the script comes after it.
rbc_exit() {
  exit "$1"
}

rbc_cleanup() {
  trap - EXIT
  rbc_before_end
  [[ -z "${rbc_sudo_keeper}" ]] || kill "${rbc_sudo_keeper}" 2>/dev/null
  [[ -z "${rbc_tmp}" ]] || rm -rf -- "${rbc_tmp}"
}

# rbc_fail_hard KEY [NAME VALUE]...: a refusal from the middle.
rbc_fail_hard() {
  rbc_complain "$@"
  rbc_exit 7
}
