# Going on from another login: the last run's state, its own copy of the script, and a step that may still live.

# rbc_load_run: the last run's state, for going on or back from another login, in the folder where it was started.
rbc_load_run() {
  local file
  rbc_remember "${rbc_run}"
  rbc_use_run
  rbc_journal=${rbc_run}/audit.jsonl
  rbc_kept_values
  LC_ALL=C IFS= read -r file <"${rbc_journal}"
  rbc_field time "${file}"
  rbc_begun=$(date --date="${rbc_text}" +%s)
  rbc_field host "${file}"
  if [[ "${rbc_text}" != "${HOSTNAME}" ]]; then
    rbc_problem refuse_host host "${rbc_text}"
  fi
  if ! cd -- "$(<"${rbc_run}/folder")" 2>/dev/null; then
    rbc_problem refuse_folder
  fi
  rbc_refuse_orphans
}

# rbc_kept_values: the parameters, choices and captures of the run at hand.
rbc_kept_values() {
  local file i told
  for file in "${rbc_run}"/values/*; do
    [[ -e "${file}" ]] || continue
    LC_ALL=C IFS= read -r -d '' "rbc_value[${file##*/}]" <"${file}"
  done
  # A way back that has not ended.
  [[ -e "${rbc_run}/back" ]] || return 0
  LC_ALL=C mapfile -d '' -t told <"${rbc_run}/back"
  for ((i = 0; i + 1 < ${#told[@]}; i += 2)); do
    [[ "${told[i]}" == *[!A-Za-z0-9_]* ]] || rbc_value[${told[i]}]=${told[i + 1]}
  done
}

# rbc_take_over: from here on the run is ours. Only with the lock: what lives or is torn may be another driver's, at work.
rbc_take_over() {
  local head=${rbc_head}
  rbc_remember "${rbc_run}"
  [[ "${rbc_head}" == "${head}" ]] || rbc_fail_hard refuse_moved
  if [[ "${rbc_command}" != guard ]]; then
    rbc_refuse_orphan "${rbc_run}"
    rbc_stop_on_problems
  fi
  rbc_reap "${rbc_run}"
  rbc_told=${rbc_seq}
  [[ -z "${rbc_torn}" ]] || rbc_close_torn
}

# rbc_hand_over: an older run is shown, gone on with and taken back by its own copy of the script.
rbc_hand_over() {
  local mine copy
  if [[ ! -f "${rbc_run}/script.sh" || ! -r "${rbc_run}/script.sh" ]]; then
    rbc_fail_hard refuse_no_copy file "${rbc_run}/script.sh"
  fi
  mine=$(sha256sum <"${rbc_self}")
  copy=$(sha256sum <"${rbc_run}/script.sh")
  [[ "${mine}" != "${copy}" ]] || return 0
  rbc_cleanup
  exec "${BASH}" -p "${rbc_run}/script.sh" "${rbc_arguments[@]}"
}

# rbc_refuse_orphans: what a killed driver of any script of this runbook left alive.
rbc_refuse_orphans() {
  local live
  for live in "${rbc_state%/*}/${RBC_SYSTEM}"{,.*}/[0-9]*/live; do
    rbc_refuse_orphan "${live%/*}"
  done
}

# rbc_refuse_orphan RUN: a driver that was killed may have left its step behind; as long as that lives, nothing else may start.
rbc_refuse_orphan() {
  local group started boot now
  [[ -s "$1/live" && -r "$1/live" ]] || return 0
  read -r group started boot <"$1/live"
  read -r now </proc/sys/kernel/random/boot_id
  [[ "${boot}" == "${now}" ]] || return 0
  rbc_group_alive "${group}" "${started}"
  [[ -z "${rbc_here}" ]] || rbc_problem refuse_orphan group "${group}"
}

# rbc_group_alive GROUP STARTED: is there a process of this group, no zombie, that did not begin before STARTED? rbc_here.
rbc_group_alive() {
  local stat pid
  rbc_here=''
  for stat in /proc/[0-9]*/stat; do
    pid=${stat//[!0-9]/}
    { LC_ALL=C IFS= read -r stat <"${stat}"; } 2>/dev/null || continue
    read -r -a stat <<<"${stat##*) }"
    # An interactive step is of its driver's group, and so may this process be.
    if [[ "${stat[2]}" == "$1" && "${stat[0]}" != [ZX] && "${pid}" != "$$" ]] && ((stat[19] >= $2)); then
      rbc_here=yes
      return 0
    fi
  done
}
