# Sittings: phases with another `at` are done in another sitting; the run pauses before them, `resume` begins the next one.

rbc_sitting=''

# rbc_begin_sitting: the sitting of the phase at hand, if anything of it is still to be done. rbc_rc is not 0 where it is another
# one than this run's.
rbc_begin_sitting() {
  local at i=${rbc_at[${rbc_id}]}
  rbc_get "${rbc_settings}" at
  rbc_open_in_phase
  rbc_take RBC_PLAN "${i}"
  if [[ -z "${rbc_here}" ]]; then
    rbc_here=yes
    return 0
  fi
  if [[ -z "${rbc_sitting}" ]]; then
    rbc_sitting=${at:-0}
  elif [[ "${rbc_sitting}" != "${at:-0}" ]]; then
    rbc_tell sitting_next title "${rbc_number} ${rbc_title}" at "${RBC_NOTES["${rbc_id}/at"]-T}"
    rbc_rc=1
  fi
}

# rbc_open_in_phase: is anything of the phase at hand still to be done on the chosen path? rbc_here.
rbc_open_in_phase() {
  local i ask
  rbc_get "${rbc_settings}" ask
  ask=${ask%%:*}${rbc_status["${rbc_id}.ask"]-}
  rbc_here=''
  # A phase that its condition left out has nothing to do.
  [[ "${ask}" != @(unlessok|whenfailed) ]] || return 0
  for ((i = rbc_at[${rbc_id}] + 5; i < ${#RBC_PLAN[@]}; i += 5)); do
    [[ "${RBC_PLAN[i]}" != phase ]] || break
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" && "${rbc_kind}" != choose && "${rbc_status[${rbc_id}]-}" != @(ok|passed) ]] || continue
    return 0
  done
  rbc_here=''
}
