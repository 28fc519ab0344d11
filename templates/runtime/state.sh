# Where runs live: STATE/RUNBOOK/RUN_ID/{script.sh,audit.jsonl,steps/,values/}. Only their owner reads them.

# rbc_find_state: the folder of this script's runs, into rbc_state, and the host's lock file, into rbc_lock_file. All scripts of
# a runbook share the lock: they work on one system.
rbc_find_state() {
  local base=${rbc_option[state_dir]-${RBC_STATE_DIR-}}
  if [[ -n "${base}" ]]; then
    rbc_lock_file=${base}/${RBC_SYSTEM}.lock
  else
    if [[ -w /var/lib/rbc || (-w /var/lib && ! -e /var/lib/rbc) ]]; then
      base=/var/lib/rbc
    else
      base=${XDG_STATE_HOME:-${HOME:?}/.local/state}/rbc
    fi
    rbc_lock_file=/run/lock/rbc-${RBC_SYSTEM}.lock
    # Where not everybody may write, root would lock one file and everybody else another.
    [[ -k /run/lock && -w /run/lock ]] || rbc_lock_file=/tmp/rbc-${RBC_SYSTEM}.lock
  fi
  rbc_state=${base}/${RBC_RUNBOOK}
}

# rbc_make_state: create it safely, or say in rbc_problems why not.
rbc_make_state() {
  local owner
  mkdir -p -- "${rbc_state}" 2>/dev/null
  if [[ -d "${rbc_state}" && ! -O "${rbc_state}" ]]; then
    owner=$(stat -c %U -- "${rbc_state}")
    rbc_problem state_foreign dir "${rbc_state}" user "${owner}"
    return 0
  fi
  if [[ ! -d "${rbc_state}" || -L "${rbc_state}" || ! -w "${rbc_state}" ]]; then
    rbc_problem state_unwritable dir "${rbc_state}"
    return 0
  fi
  chmod 0700 -- "${rbc_state}"
  if ! { printf '%65536s' '' >"${rbc_state}/.room" && rm -f -- "${rbc_state}/.room"; } 2>/dev/null; then
    rm -f -- "${rbc_state}/.room"
    # What was changed can always be taken back: that changes less than it leaves.
    [[ "${rbc_command}" == rollback && -n "${rbc_run}" ]] || rbc_problem state_full dir "${rbc_state}"
  fi
}

# rbc_last_run: the newest run's folder, into rbc_run, or ''. Without a whole first record nothing had begun: only `log` shows it.
rbc_last_run() {
  local i entries=("${rbc_state}"/[0-9]*)
  rbc_run=''
  for ((i = ${#entries[@]} - 1; i >= 0; i--)); do
    [[ -e "${entries[i]}/audit.jsonl" ]] || continue
    if [[ "${rbc_command}" == log ]] || LC_ALL=C IFS= read -r _ <"${entries[i]}/audit.jsonl"; then
      rbc_run=${entries[i]}
      return 0
    fi
  done
}

# rbc_other_state: a sentence about another user's runs of this runbook, where they can be seen from here, into rbc_text, or ''.
rbc_other_state() {
  local dir home='' owner
  rbc_text=''
  [[ -z "${rbc_option[state_dir]-${RBC_STATE_DIR-}}" ]] || return 0
  if [[ -n "${SUDO_USER-}" ]]; then
    home=$(getent passwd "${SUDO_USER}")
    IFS=: read -r _ _ _ _ _ home _ <<<"${home}"
  fi
  for dir in "/var/lib/rbc/${RBC_RUNBOOK}" /var/lib/rbc "${home:-/nonexistent}/.local/state/rbc/${RBC_RUNBOOK}"; do
    [[ -d "${dir}" && ! -O "${dir}" ]] || continue
    owner=$(stat -c %U -- "${dir}")
    rbc_fill state_other dir "${dir}" user "${owner}"
    return 0
  done
}

# rbc_new_run: the run's folder with its own copy of the script; an edit or a rebuild changes nothing under way.
rbc_new_run() {
  local id try=1 old last='' runs
  rbc_reap "${rbc_state%/*}/${RBC_SYSTEM}"{,.*}/[0-9]*
  rbc_clock
  rbc_utc "${rbc_now}"
  id=${rbc_text//[-:]/}Z
  # Never a name before an older run's: a deleted one would come back, and a clock may be set back.
  for old in "${rbc_state}"/[0-9]*; do
    [[ ! -d "${old}" ]] || last=${old##*/}
  done
  if [[ -n "${last}" && ! "${last%%-*}" < "${id}" ]]; then
    id=${last%%-*}
    [[ "${last}" != *-* ]] || try=$((10#${last##*-}))
    try=$((try + 1))
    printf -v id '%s-%03d' "${id}" "${try}"
  fi
  while ! mkdir -m 0700 -- "${rbc_state}/${id}" 2>/dev/null; do
    ((try < 1000)) || rbc_fail_hard state_unwritable dir "${rbc_state}"
    try=$((try + 1))
    printf -v id '%s-%03d' "${id%%-*}" "${try}"
  done
  rbc_run=${rbc_state}/${id}
  if ! { mkdir -- "${rbc_run}/steps" "${rbc_run}/values" && cp -- "${rbc_self}" "${rbc_run}/script.sh" &&
    chmod 0500 -- "${rbc_run}/script.sh"; } 2>/dev/null; then
    rbc_fail_hard state_full dir "${rbc_state}"
  fi
  rbc_reserve
  printf '%s\n' "${PWD}" >"${rbc_run}/folder"
  rbc_use_run
  rbc_journal=${rbc_run}/audit.jsonl
  runs=("${rbc_state}"/[0-9]*)
  for old in "${runs[@]:0:$((${#runs[@]} > ${rbc_option[keep]:-20} ? ${#runs[@]} - ${rbc_option[keep]:-20} : 0))}"; do
    [[ "${old}" == "${rbc_run}" ]] || rm -rf -- "${old}"
  done
}

# rbc_reserve: room for the records of a way back, where the disk fills up meanwhile.
rbc_reserve() {
  if ! { printf '%65536s' '' >"${rbc_run}/reserve"; } 2>/dev/null; then
    rm -f -- "${rbc_run}/reserve"
    rbc_fail_hard state_full dir "${rbc_state}"
  fi
}

# rbc_use_run: work from the run's own copy.
rbc_use_run() {
  rbc_script=${rbc_run}/script.sh
  rbc_identify
}

# rbc_identify: the fields that every record carries.
rbc_identify() {
  local hash
  hash=$(exec sha256sum -- "${rbc_script}")
  rbc_hash=${hash%% *}
  rbc_json "${HOSTNAME}"
  rbc_identity="\"run\":\"${rbc_run##*/}\",\"script\":\"${rbc_hash}\",\"host\":${rbc_text}"
  rbc_json "${rbc_user}"
  rbc_identity+=",\"user\":${rbc_text}"
  rbc_json "${SUDO_USER-}"
  rbc_identity+=",\"sudo_user\":${rbc_text}"
  rbc_json "${rbc_terminal}"
  rbc_identity+=",\"tty\":${rbc_text}"
}

# rbc_scratch: a private folder for pipes and markers, in memory where there is one, so that a full disk cannot stop a rollback.
rbc_scratch() {
  local base name place stat
  LC_ALL=C IFS= read -r place </proc/1/stat
  read -r -a stat <<<"${place##*) }"
  read -r name </proc/sys/kernel/random/boot_id
  # Processes have numbers of their own in each container: this is where ours counts.
  place="${name} ${stat[19]-}"
  printf -v name 'rbc.%08x' "$$"
  for base in /run "${XDG_RUNTIME_DIR-}" /dev/shm "${TMPDIR-}" /tmp; do
    [[ -n "${base}" && -d "${base}" && -w "${base}" ]] || continue
    rbc_reap_scratch "${base}" "${place}"
    if mkdir -m 0700 -- "${base}/${name}" 2>/dev/null; then
      rbc_tmp=${base}/${name}
    else
      rbc_tmp=$(mktemp -d -- "${base}/rbc.XXXXXXXX" 2>/dev/null)
    fi
    [[ -z "${rbc_tmp}" ]] || break
  done
  [[ -n "${rbc_tmp}" ]] || rbc_fail_hard state_no_scratch
  printf '%s\n' "${rbc_driver} ${place}" >"${rbc_tmp}/owner"
  mkfifo -m 0600 -- "${rbc_tmp}/out" "${rbc_tmp}/values" "${rbc_tmp}/silence"
  : >"${rbc_tmp}/marker"
  : >"${rbc_tmp}/ended"
  exec {rbc_silence}<>"${rbc_tmp}/silence"
}

# rbc_reap_scratch BASE PLACE: the folders of our own drivers that were killed. One without a word in it was killed at once.
rbc_reap_scratch() {
  local old owner line stat number='^[0-9a-f]{8}$'
  for old in "$1"/rbc.????????; do
    [[ -d "${old}" && ! -L "${old}" && -O "${old}" && "${old##*.}" =~ ${number} ]] || continue
    owner=()
    { read -r -a owner <"${old}/owner"; } 2>/dev/null
    if ((${#owner[@]} == 0)); then
      [[ -e "/proc/$((16#${old##*.}))" ]] || { rm -f -- "${old}/owner" && rmdir -- "${old}"; } 2>/dev/null
      continue
    fi
    [[ "${owner[*]:2}" == "$2" ]] || continue
    if { LC_ALL=C IFS= read -r line <"/proc/${owner[0]}/stat"; } 2>/dev/null; then
      read -r -a stat <<<"${line##*) }"
      [[ "${stat[0]}" == [ZX] || "${stat[19]}" != "${owner[1]}" ]] || continue
    fi
    rm -rf -- "${old}"
  done
}
