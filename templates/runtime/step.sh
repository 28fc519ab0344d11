# Steps: an intent on disk, the operator's commands in their own process, a result on disk.

# rbc_do_step: run the step of the row at hand, with its retries and its verify. rbc_rc is 0 or why not.
rbc_do_step() {
  local id=${rbc_id} label="${rbc_number} ${rbc_title}" settings=${rbc_settings} phase=${rbc_phase} change
  local fn timeout retry pause optional status try=0 spent=0
  rbc_get "${settings}" fn timeout retry pause optional
  rbc_log=${rbc_run:-${rbc_tmp}}/${rbc_run:+steps/}${id}.log
  rbc_is_change
  change=${rbc_change} rbc_intent=yes
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
    if [[ -n "${rbc_intent}" ]]; then
      rbc_intent='' rbc_rc=1
      rbc_row bad "${label}"
      rbc_tell_in journal_full file "${rbc_journal}"
      return 0
    fi
    status=${rbc_rc}
    spent=$((spent + rbc_duration))
    if ((status == 0)); then
      rbc_verify "${settings}"
      # A probe has a log of its own.
      status=${rbc_rc} rbc_log=${rbc_run}/steps/${id}.log
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

# rbc_intend: put the intent of the step at hand on disk, from within rbc_do_step; rbc_intent stays yes where that failed. The way
# back goes on without.
rbc_intend() {
  rbc_record intent step "${id}" phase "${phase}"
  if [[ "${phase}" == rollback.block ]]; then
    rbc_intent=''
  elif [[ -n "${rbc_written}" ]]; then
    rbc_intent=''
    if [[ -n "${change}" ]]; then
      rbc_note_start "${id}"
      rbc_status[${id}]=unknown rbc_changed=yes
    fi
  fi
}

# rbc_result STEP PHASE STATUS TRY MICROSECONDS: the result record with the digest of the output.
rbc_result() {
  local digest size
  rbc_size "${rbc_log}"
  size=${rbc_text}
  # An empty one needs no process: this is the SHA-256 of nothing.
  digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  ((size == 0)) || digest=$(LC_ALL=C exec sha256sum -- "${rbc_log}")
  (($3 != 0)) || rbc_step_follows "$1"
  rbc_record result step "$1" phase "$2" exit "$3" try "$4" duration "$5" output "${digest%% *}" size "${size}"
  if (($3 == 0)); then rbc_status[$1]=ok; else rbc_status[$1]=failed; fi
  if [[ -z "${rbc_written}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_journal_lost
  fi
}

# rbc_step_follows STEP: rbc_later is yes where another step begins at once, whatever was chosen: one sync does for this one's
# good result and the intent that follows it.
rbc_step_follows() {
  local next
  [[ "${rbc_phase}" != rollback.block ]] || return 0
  next=$((rbc_at[$1] + 5))
  [[ "${RBC_PLAN[next]-}" == step && -z "${rbc_status[${RBC_PLAN[next + 1]}]-}" ]] || return 0
  [[ " ${RBC_PLAN[next + 4]}" == *' '@(when|ask)=* ]] || rbc_later=yes
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
  [[ " $1" == *' verify='* ]] || return 0
  rbc_setting verify "$1"
  IFS=, read -r -a uses <<<"${rbc_text}"
  for use in "${uses[@]}"; do
    IFS=: read -r probe every within <<<"${use}"
    rbc_check_row "${probe}" "${probe}" "${every}" "${within}" "${RBC_TITLES["probe/${probe}"]}"
    ((rbc_rc == 0)) || return 0
  done
}
