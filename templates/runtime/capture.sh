# Captures keep a command's output as a value, also for a rollback from another login.

rbc_do_capture() {
  local file value='' status pattern digest var fn timeout empty int
  rbc_get "${rbc_settings}" var fn timeout empty int
  file=${rbc_tmp}/value
  rbc_log=${rbc_run:-${rbc_tmp}}/${rbc_run:+steps/}${rbc_id}.log
  rbc_transient "${RBC_MARKS[wait]} ${rbc_number} ${rbc_title}"
  : >"${rbc_log}"
  rbc_spawn "${fn}" "${timeout}" "${rbc_log}" no "${file}"
  rbc_transient_end
  status=${rbc_rc}
  if ((status == 0)); then
    LC_ALL=C IFS= read -r -d '' value <"${file}" && status=126
    while [[ "${value}" == *$'\n' ]]; do
      value=${value%$'\n'}
    done
    pattern=${RBC_NOTES["${rbc_id}/matches"]-}
    if [[ -z "${value}" && "${empty}" != 1 ]]; then
      printf '%s\n' "${RBC_TEXT[capture_empty]}" >>"${rbc_log}"
      status=126
    elif [[ "${int}" == 1 && ! "${value}" =~ ^-?[0-9]{1,18}$ ]] ||
      [[ -n "${pattern}" && ! "${value}" =~ ${pattern} ]]; then
      rbc_visible "${value:0:200}"
      rbc_fill capture_mismatch value "${rbc_text}"
      printf '%s\n' "${rbc_text}" >>"${rbc_log}"
      status=126
    fi
  fi
  if ((status == 0)); then
    rbc_value[${var}]=${value}
    # A record may not say that a value was taken which a power cut takes away again.
    if [[ -n "${rbc_run}" ]] &&
      ! { printf '%s' "${value}" >"${rbc_run}/values/${var}" && LC_ALL=C sync -- "${rbc_run}/values/${var}"; } 2>/dev/null; then
      printf '%s\n' "${RBC_TEXT[capture_lost]}" >>"${rbc_log}"
      status=126
    fi
  fi
  rbc_digest "${value}"
  digest=${rbc_text}
  rbc_bytes "${value}"
  rbc_record capture step "${rbc_id}" exit "${status}" duration "${rbc_duration}" output "${digest}" size "${rbc_text}"
  rbc_took "${rbc_duration}"
  if ((status == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${rbc_number} ${rbc_title}" "${rbc_text}"
  else
    rbc_row bad "${rbc_number} ${rbc_title}" "${rbc_text}"
    rbc_explain "$((status == 126 ? 1 : status))" "${rbc_log}" "${rbc_id}" "${rbc_settings}"
  fi
  rbc_rc=${status}
}

# rbc_bytes TEXT: how many bytes it has, into rbc_text.
rbc_bytes() {
  local LC_ALL=C
  rbc_text=${#1}
}
