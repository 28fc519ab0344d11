# `unless PROBE` and `when PROBE`: asked once, without patience; the answer is on record and a resume keeps it.

# rbc_condition: may the row at hand be done? rbc_here is yes or ''.
rbc_condition() {
  local ask probe id=${rbc_id} label="${rbc_number} ${rbc_title}" state settings=${rbc_settings} kind=${rbc_kind} why right
  rbc_here=yes
  rbc_get "${rbc_settings}" ask
  [[ -n "${ask}" ]] || return 0
  probe=${ask#*:}
  state=${rbc_status["${id}.ask"]-}
  if [[ -z "${state}" ]]; then
    rbc_transient "${RBC_MARKS[wait]} ${label}"
    rbc_ask "${probe}" 0 0 "${label}"
    rbc_transient_end
    if [[ -n "${rbc_caught}" ]]; then
      rbc_rc=0 rbc_settings=${settings}
      return 0
    fi
    rbc_record check step "${id}.ask" phase "${rbc_phase}" exit "${rbc_rc}" duration "${rbc_spent}" why "${ask}"
    if ((rbc_rc == 0)); then state=ok; else state=failed; fi
    rbc_status["${id}.ask"]=${state} rbc_rc=0
  fi
  if [[ "${ask%%:*}${state}" == @(unlessok|whenfailed) ]]; then
    rbc_here=''
    rbc_fill "skip_${state}" probe "${RBC_TITLES["probe/${probe}"]}"
    why=${rbc_text} right=''
    [[ "${rbc_command}" != plan ]] || right=${RBC_TEXT[plan_skip]}
    rbc_row none "${label}" "${right}"
    rbc_line "      ${why}"
    rbc_record skip step "${id}" phase "${rbc_phase}" why "${ask}"
    [[ "${kind}" == phase ]] || rbc_status[${id}]=ok
  fi
  rbc_settings=${settings}
}
