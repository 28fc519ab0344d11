# Probes: asked until they hold or their patience ends. They only read.

# rbc_ask PROBE EVERY WITHIN LABEL: rbc_rc is 0 or the last try's status; rbc_spent (microseconds), rbc_tries.
rbc_ask() {
  local probe=$1 every=$2 within=$3 label=$4 began fn timeout final rest
  rbc_get "${RBC_PROBES[$1]}" fn timeout final
  rbc_clock
  began=${rbc_now} rbc_tries=0
  rbc_log=${rbc_run:-${rbc_tmp}}/${rbc_run:+steps/}probe-${probe}.log
  while :; do
    rbc_tries=$((rbc_tries + 1))
    : >"${rbc_log}"
    rbc_spawn "${fn}" "${timeout}" "${rbc_log}" no
    rbc_spent=$((rbc_now - began))
    rest=$((within * 1000000 - rbc_spent))
    if [[ -n "${final}" && "${rbc_rc}" == "${final}" ]]; then
      # It says itself that no further look will be better.
      rbc_rc=1
      break
    fi
    ((rbc_rc != 0 && rest > 0)) && [[ -z "${rbc_caught}" ]] || break
    rbc_took "${rest}"
    rbc_fill check_waiting left "${rbc_text}" tries "${rbc_tries}"
    rbc_last_word
    rbc_transient "${RBC_MARKS[wait]} ${label}" " · ${rbc_text}"
    rbc_sleep "$((every > 0 ? every : 1))"
  done
}

# rbc_last_word: the beginning of what the last try said last, behind rbc_text; where it said nothing, its exit code.
rbc_last_word() {
  local line last=''
  while LC_ALL=C IFS= read -r line; do
    [[ -z "${line}" ]] || last=${line}
  done <"${rbc_log}"
  last=${last:-exit ${rbc_rc}}
  rbc_text+=": ${last:0:24}"
}

# rbc_check_row STEP PROBE EVERY WITHIN LABEL: ask, show, record. rbc_rc is 0 where the probe holds or does not count.
rbc_check_row() {
  local step=$1 probe=$2 label=$5 optional right status
  rbc_transient "${RBC_MARKS[wait]} ${label}"
  rbc_ask "${probe}" "$3" "$4" "${label}"
  rbc_transient_end
  status=${rbc_rc}
  rbc_get "${RBC_PROBES[${probe}]}" optional
  rbc_record check step "${step}" phase "${rbc_phase}" exit "$((optional == 1 ? 0 : status))" try "${rbc_tries}" duration "${rbc_spent}" why "${probe}"
  rbc_took "${rbc_spent}"
  right=${rbc_text}
  if ((rbc_tries > 1)); then
    rbc_fill check_tries time "${right}" tries "${rbc_tries}"
    right=${rbc_text}
  fi
  if ((status == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${label}" "${right}"
  elif ((optional == 1)); then
    rbc_row none "${label}" "${right}"
    rbc_fill check_optional why "${RBC_NOTES["probe/${probe}/optional"]}"
    rbc_line "      ${rbc_text}"
    status=0
  else
    rbc_row bad "${label}" "${right}"
    rbc_explain "${status}" "${rbc_log}" "probe.${probe}" "${RBC_PROBES[${probe}]}"
  fi
  rbc_rc=${status}
}

# rbc_explain STATUS LOG KEY SETTINGS [SHOWN]: why it failed: the last lines where they were not SHOWN already, what `diagnose`
# finds, the trouble entries.
rbc_explain() {
  local status=$1 log=$2 name names diagnose trouble
  rbc_get "$4" diagnose trouble
  [[ "$3" == probe.* ]] || rbc_tell_line
  case "${status}" in
    0 | 1) ;;
    130) rbc_tell_in failed_interrupted ;;
    124 | 137) rbc_tell_in failed_timeout ;;
    125) rbc_tell_in failed_early ;;
    *) rbc_tell_in failed_status status "${status}" ;;
  esac
  if [[ -z "${5-}" && -s "${log}" ]]; then
    ((status < 2 || status == 130)) || rbc_tell_in failed_lines
    rbc_last_lines "${log}" 12
  fi
  if [[ -n "${diagnose}" && -z "${rbc_caught}" ]]; then
    rbc_tell_in failed_diagnose
    : >"${rbc_tmp}/diagnose.log"
    rbc_spawn "${diagnose}" 30 "${rbc_tmp}/diagnose.log" no
    [[ -z "${rbc_run}" ]] || cp -- "${rbc_tmp}/diagnose.log" "${rbc_run}/steps/${3//\//_}.diagnose.log"
    rbc_last_lines "${rbc_tmp}/diagnose.log" 20
  fi
  IFS=, read -r -a names <<<"${trouble}"
  for name in "${names[@]}"; do
    while IFS= read -r name; do
      rbc_line "      ${name}"
    done <<<"${RBC_NOTES["trouble/${name}"]}"
  done
}

# rbc_tell_line: the line that failed, as it stands in the script.
rbc_tell_line() {
  local number='' source=()
  { IFS= read -r number <"${rbc_tmp}/marker.failed"; } 2>/dev/null
  [[ "${number}" =~ ^[1-9][0-9]{0,6}$ ]] || return 0
  mapfile -t -s "$((number - 1))" -n 1 source <"${rbc_script}"
  [[ "${source[0]-}" =~ ^[[:space:]]*(.*)$ ]]
  rbc_visible "${BASH_REMATCH[1]:0:200}"
  rbc_tell_in failed_line line "${rbc_text}"
}

rbc_tell_in() {
  rbc_fill "$@"
  rbc_folded "${rbc_text}" '      '
}

rbc_do_check() {
  local probe every within
  rbc_get "${rbc_settings}" probe every within
  rbc_check_row "${rbc_id}" "${probe}" "${every:-0}" "${within:-0}" "${rbc_number} ${rbc_title}"
}

# rbc_command_check: the probes named, else those before the first change and those of `verify`, once each.
rbc_command_check() {
  local i name changed='' failed=0 names
  rbc_settle
  rbc_state=''
  rbc_refuse_early
  read -r -a names <<<"${rbc_named}"
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    rbc_is_change
    changed+=${rbc_change}
    rbc_setting probe
    [[ -n "${rbc_named}" || -z "${rbc_here}" || -n "${changed}" || -z "${rbc_text}" ]] || names+=("${rbc_text}")
  done
  for ((i = 0; i < ${#RBC_VERIFY[@]}; i += 5)); do
    rbc_take RBC_VERIFY "${i}"
    rbc_setting probe
    [[ -n "${rbc_named}" || " ${names[*]} " == *" ${rbc_text} "* ]] || names+=("${rbc_text}")
  done
  for name in "${names[@]}"; do
    rbc_check_captures "${name}"
    rbc_check_row "${name}" "${name}" 0 0 "${RBC_TITLES["probe/${name}"]}"
    ((rbc_rc == 0)) || failed=1
  done
  rbc_exit "${failed}"
}

# rbc_check_captures PROBE: what the probe reads is captured first, once.
rbc_check_captures() {
  local i reads
  rbc_get "${RBC_PROBES[$1]}" reads
  [[ -n "${reads}" ]] || return 0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_setting var
    if [[ "${rbc_kind}" == capture && ",${reads}," == *",${rbc_text},"* && -z "${rbc_value[${rbc_text}]+taken}" ]]; then
      rbc_item
    fi
  done
}
