# Sittings: phases with another `at` are done in another sitting; the run pauses before them, `resume` begins the next one.

rbc_sitting=''

# rbc_begin_sitting: the sitting of the phase at hand, if anything of it is still to be done. rbc_rc is not 0 where it is another
# one than this run's.
rbc_begin_sitting() {
  local i at
  rbc_get "${rbc_settings}" at
  for ((i = rbc_at[${rbc_id}] + 5; i < ${#RBC_PLAN[@]}; i += 5)); do
    [[ "${RBC_PLAN[i]}" != phase ]] || return 0
    [[ "${rbc_status[${RBC_PLAN[i + 1]}]-}" == ok || "${RBC_PLAN[i]}" == choose ]] || break
  done
  if [[ -z "${rbc_sitting}" ]]; then
    rbc_sitting=${at:-0}
  elif [[ "${rbc_sitting}" != "${at:-0}" ]]; then
    rbc_tell sitting_next title "${rbc_number} ${rbc_title}" at "${RBC_NOTES["${rbc_id}/at"]-T}"
    rbc_rc=1
  fi
}
