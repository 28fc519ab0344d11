# A hold watches for a time. Each look is one try; more than the tolerated number of failed looks in a row fails it.

rbc_do_hold() {
  local seconds parameter watch every tolerate label="${rbc_number} ${rbc_title}" id=${rbc_id} began rest names name
  local looks=0 row=0 worst=0 failed
  rbc_get "${rbc_settings}" seconds parameter watch every tolerate
  [[ -z "${parameter}" ]] || rbc_seconds "${rbc_value[${parameter}]}"
  seconds=${seconds:-${rbc_text}}
  IFS=, read -r -a names <<<"${watch}"
  rbc_clock
  began=${rbc_now}
  [[ -n "${rbc_live_line}" || -n "${rbc_option[quiet]-}" ]] || rbc_row run "${label}"
  while :; do
    looks=$((looks + 1)) failed=''
    for name in "${names[@]}"; do
      rbc_ask "${name}" 0 0 "${label}"
      [[ -z "${rbc_caught}" ]] || break 2
      ((rbc_rc == 0)) || failed=${failed:-${name}}
    done
    if [[ -n "${failed}" ]]; then row=$((row + 1)); else row=0; fi
    ((row <= worst)) || worst=${row}
    ((row <= ${tolerate:-0})) || break
    rbc_clock
    rest=$((began + seconds * 1000000 - rbc_now))
    ((rest > 0)) || break
    rbc_took "${rest}"
    rbc_fill hold_waiting left "${rbc_text}" looks "${looks}" failed "${worst}"
    rbc_transient "${RBC_MARKS[wait]} ${label}" " · ${rbc_text}"
    rbc_sleep "$((rest < every * 1000000 ? (rest + 999999) / 1000000 : every))"
    [[ -z "${rbc_caught}" ]] || break
  done
  rbc_transient_end
  rbc_rc=0
  if [[ -n "${rbc_caught}" ]]; then rbc_rc=130; fi
  ((row <= ${tolerate:-0})) || rbc_rc=1
  rbc_clock
  rbc_record check step "${id}" phase "${rbc_phase}" exit "${rbc_rc}" try "${looks}" duration "$((rbc_now - began))" why "${failed:-${watch}}"
  rbc_took "$((rbc_now - began))"
  rbc_fill hold_looks time "${rbc_text}" looks "${looks}"
  if ((rbc_rc == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${label}" "${rbc_text}"
  else
    rbc_row bad "${label}" "${rbc_text}"
    [[ -z "${failed}" ]] || rbc_explain 1 "${rbc_log}" "probe.${failed}" "${RBC_PROBES[${failed}]}"
    ((row > ${tolerate:-0})) && rbc_rc=1
  fi
  rbc_status[${id}]=failed
  ((rbc_rc != 0)) || rbc_status[${id}]=ok
}

# rbc_seconds DURATION: 90s, 15m, 2h, 1d as seconds, into rbc_text.
rbc_seconds() {
  rbc_text=${1%[smhd]}
  case "$1" in
    *m) rbc_text=$((10#${rbc_text} * 60)) ;;
    *h) rbc_text=$((10#${rbc_text} * 3600)) ;;
    *d) rbc_text=$((10#${rbc_text} * 86400)) ;;
    *) rbc_text=$((10#${rbc_text})) ;;
  esac
}
