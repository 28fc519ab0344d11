# Steps: an intent on disk, the operator's commands in their own process, a result on disk.

# rbc_do_step: run the step of the row at hand, with its retries and its verify. rbc_rc is 0 or why not.
rbc_do_step() {
  local id=${rbc_id} label="${rbc_number} ${rbc_title}" settings=${rbc_settings} phase=${rbc_phase}
  local fn timeout retry pause optional status try=0 spent=0
  rbc_get "${settings}" fn timeout retry pause optional
  rbc_log=${rbc_run}/steps/${id}.log
  rbc_record intent step "${id}" phase "${phase}"
  if [[ -z "${rbc_written}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_row bad "${label}"
    rbc_tell_in journal_full file "${rbc_journal}"
    rbc_rc=1
    return 0
  fi
  rbc_is_change
  if [[ -n "${rbc_change}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_note_start "${id}"
    rbc_status[${id}]=unknown rbc_changed=yes
  fi
  rbc_lock_say "${label}"
  [[ -n "${rbc_live_line}" || -n "${rbc_option[quiet]-}" ]] || rbc_row run "${label}"
  while :; do
    try=$((try + 1))
    rbc_transient "${RBC_MARKS[run]} ${label}"
    rbc_tick="run ${label}"
    : >>"${rbc_log}"
    rbc_run_step "${fn}" "${timeout:-0}"
    rbc_tick=''
    [[ -n "${rbc_printed}" ]] || rbc_transient_end
    status=${rbc_rc}
    spent=$((spent + rbc_duration))
    if ((status == 0)); then
      rbc_verify "${settings}"
      status=${rbc_rc}
    fi
    ((status != 0 && try <= retry)) && [[ -z "${rbc_caught}" ]] || break
    rbc_fill step_again try "$((try + 1))" of "$((retry + 1))" seconds "${pause}"
    rbc_row none "${label} · ${rbc_text}"
    rbc_sleep "${pause}"
  done
  rbc_settings=${settings}
  rbc_result "${id}" "${phase}" "${status}" "${try}" "${spent}"
  rbc_took "${spent}"
  if ((status == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${label}" "${rbc_text}"
  else
    rbc_row bad "${label}" "${rbc_text}"
    rbc_explain "${status}" "${rbc_log}" "${id}" "${settings}" "${rbc_printed}"
    if [[ "${optional}" == 1 && -z "${rbc_caught}" ]]; then
      rbc_fill step_optional why "${RBC_NOTES["${id}/optional"]}"
      rbc_line "      ${rbc_text}"
      rbc_undo "${id}"
      status=${rbc_rc}
      if ((status == 0)); then
        rbc_record skip step "${id}" phase "${phase}" why optional
        rbc_passed "${id}"
      fi
    fi
  fi
  rbc_rc=${status}
}

# rbc_result STEP PHASE STATUS TRY MICROSECONDS: the result record with the digest of the output. A result that cannot be
# written is a failure of the run.
rbc_result() {
  local digest size
  rbc_size "${rbc_log}"
  size=${rbc_text}
  # An empty one needs no process: this is the SHA-256 of nothing.
  digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  ((size == 0)) || digest=$(LC_ALL=C exec sha256sum -- "${rbc_log}")
  rbc_record result step "$1" phase "$2" exit "$3" try "$4" duration "$5" output "${digest%% *}" size "${size}"
  if (($3 == 0)); then rbc_status[$1]=ok; else rbc_status[$1]=failed; fi
  if [[ -z "${rbc_written}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_tell_in journal_lost file "${rbc_journal}"
    rm -f -- "${rbc_run}/reserve"
    rbc_broken=yes
  fi
}

# rbc_size FILE: its size in bytes, into rbc_text; 0 where it cannot be read.
rbc_size() {
  local LC_ALL=C text=''
  if { IFS= read -r -N 65536 text <"$1"; } 2>/dev/null; then
    text=$(exec stat -c %s -- "$1")
    rbc_text=${text:-0}
  else
    rbc_text=${#text}
  fi
}

# rbc_verify SETTINGS: the probes that prove a step, `probe:every:within,…`. rbc_rc is 0 or the first that does not hold.
rbc_verify() {
  local use uses probe every within
  rbc_rc=0
  rbc_setting verify "$1"
  [[ -n "${rbc_text}" ]] || return 0
  IFS=, read -r -a uses <<<"${rbc_text}"
  for use in "${uses[@]}"; do
    IFS=: read -r probe every within <<<"${use}"
    rbc_check_row "${probe}" "${probe}" "${every}" "${within}" "${RBC_TITLES["probe/${probe}"]}"
    ((rbc_rc == 0)) || return 0
  done
}
