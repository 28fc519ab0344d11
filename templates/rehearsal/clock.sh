# The world of a rehearsal: waiting takes no time, and what would touch the host is noted, and fails as it was told to.

# rbc_clock: microseconds since the epoch, into rbc_now; each look takes one millisecond. It notes where the driver stands, for the
# stand-ins, which are processes of their own. For the watcher of a guard time stands still as long as the driver lives.
rbc_clock() {
  local last driver words
  if [[ -z "${rbc_now-}" ]]; then
    IFS='|' read -r last driver _ <"${RBC_REHEARSAL:?}/place"
    rbc_now=$((last + 60000000)) rbc_watched=''
    mapfile -d '' -t words <"/proc/$$/cmdline"
    [[ " ${words[*]} " != *' rbc-guard '* ]] || rbc_watched=${driver}
  fi
  if [[ -n "${rbc_watched}" ]]; then
    ! kill -0 "${rbc_watched}" 2>/dev/null || return 0
    rbc_watched=''
  fi
  rbc_now=$((rbc_now + 1000))
  printf '%s|%s|%s|%s\n' "${rbc_now}" "$$" "${rbc_phase-}" "${rbc_id-}" >"${RBC_REHEARSAL:?}/place"
}

# rbc_sleep SECONDS: the clock goes on. Where the same thing is waited for very often, each further wait takes twice as long as
# the one before, as it does on a slow host: a day of looks is a few dozen.
rbc_sleep() {
  local wait=$(($1 * 1000000)) often note
  [[ -z "${rbc_caught-}" ]] || return 0
  if [[ -n "${rbc_watched-}" ]]; then
    read -r -t 0.05 -u "${rbc_silence:?}" _ || true
    return 0
  fi
  # For a second person there is nothing that may pass but real time.
  for note in "${rbc_run:-/nowhere}"/waiting.*; do
    [[ "$(<"${note}")" == *' other' && ! -e "${note%/*}/accept.${note##*/waiting.}" ]] || continue
    read -r -t 0.05 -u "${rbc_silence:?}" _ || true
    return 0
  done
  if [[ "${rbc_waited_at-}" == "${rbc_phase-} ${rbc_id-}" ]]; then
    rbc_waits=$((rbc_waits + 1))
  else
    rbc_waited_at="${rbc_phase-} ${rbc_id-}" rbc_waits=1
  fi
  often=$((rbc_waits - ${RBC_REHEARSAL_LOOKS:-4}))
  ((often <= 0)) || wait=$((wait << (often < 20 ? often : 20)))
  rbc_now=$((rbc_now + wait))
  rbc_clock
}

# rbc_stand_in FUNCTION: what stands for a function of the world. It notes the call and the number of records that were on disk
# then, and whether the lock was free, does as `faults` says, prints the answer that is kept for it, and notes in `world` what it
# has done: a step leaves something behind, whole or half, and its undo takes that away.
rbc_stand_in() {
  local now driver phase id function place when mode tries before='' line lines=() locks=("${RBC_REHEARSAL:?}"/state/*.lock)
  local answer=$1
  IFS='|' read -r now driver phase id <"${RBC_REHEARSAL:?}/place"
  if [[ -n "${rbc_live-}" && -e "${rbc_live%/live}/audit.jsonl" ]]; then
    mapfile -t lines <"${rbc_live%/live}/audit.jsonl"
  fi
  rbc_standing "${id}"
  printf 'call|%s|%s|%s|%s|%s|%s|%s\n' "$1" "${phase}" "${id}" "${#lines[@]}" "${now}" "${rbc_stands}" "${rbc_marker%/*}" \
    >>"${RBC_REHEARSAL:?}/calls"
  [[ ! -s "${RBC_REHEARSAL:?}/children" ]] || rbc_still_running "$1"
  # What changes something asks whether a second driver could get in.
  if [[ "$1" == @(step|job|undo)_* ]] && { ((${#locks[@]} == 0)) || flock --nonblock "${locks[0]}" true; }; then
    printf 'free|%s\n' "$1" >>"${RBC_REHEARSAL:?}/calls"
  fi
  while IFS='|' read -r function place when mode tries; do
    [[ "${function}" == "$1" && "${place:-${id}}" == "${id}" ]] || continue
    case "${when}:${phase}" in
      back:rollback* | any:*) ;;
      forward:rollback* | back:*) continue ;;
      *) ;;
    esac
    if [[ -n "${tries}" ]]; then
      before=0
      while IFS= read -r line; do
        [[ "${line}" != "call|$1|${phase}|${id}|"* ]] || before=$((before + 1))
      done <"${RBC_REHEARSAL:?}/calls"
      ((before <= tries)) || continue
    fi
    if [[ "${mode}" == @(moved|lives) ]]; then
      if [[ "${mode}" == moved ]]; then rbc_move_on; else rbc_come_alive; fi
      continue
    fi
    if [[ "${mode}" == @(empty|other) ]]; then
      printf '%s|%s\n' "${mode}" "$1" >>"${RBC_REHEARSAL:?}/calls"
      answer="$1.${mode}"
      continue
    fi
    rbc_fault "$1" "${mode}" "${driver}" "${id}"
  done <"${RBC_REHEARSAL:?}/faults"
  case "$1" in
    background_*)
      printf 'stays|%s\n' "$1" >>"${RBC_REHEARSAL:?}/calls"
      exec sleep 300
      ;;
    # What a step left half done does not prove the step.
    probe_*) [[ "${rbc_stands}" != half || "${phase}" == rollback* ]] || rbc_fault "$1" unproven "${driver}" "${id}" ;;
    step_* | job_*) printf '%s|whole\n' "${id}" >>"${RBC_REHEARSAL:?}/world" ;;
    undo_*) printf '%s|gone\n' "${id}" >>"${RBC_REHEARSAL:?}/world" ;;
    *) ;;
  esac
  if [[ -e "${RBC_REHEARSAL:?}/answers/${answer}" ]]; then
    printf '%s\n' "$(<"${RBC_REHEARSAL:?}/answers/${answer}")"
  fi
  printf 'done|%s\n' "$1" >>"${RBC_REHEARSAL:?}/calls"
}

# rbc_standing STEP: what stands of it in the world, into rbc_stands: half, whole, gone (it was taken back), or ''.
rbc_standing() {
  local step state
  rbc_stands=''
  while IFS='|' read -r step state; do
    [[ "${step}" != "$1" ]] || rbc_stands=${state}
  done <"${RBC_REHEARSAL:?}/world"
}

# rbc_fault FUNCTION MODE DRIVER ITEM: how it fails. At its start nothing was done and nothing is said; by every other way something
# has been changed before the end. What is half-way has also spoken, and leaves a process of its own behind.
rbc_fault() {
  local leaves=half
  printf '%s|%s\n' "$2" "$1" >>"${RBC_REHEARSAL:?}/calls"
  # A server goes on with a job whatever becomes of the one who has asked for it.
  [[ "$1" != job_* && "$2" != late ]] || leaves=whole
  if [[ "$1" == @(step|job)_* && "$2" != @(start|hup) ]] || [[ "$1" == undo_* && "$2" == kill ]]; then
    printf '%s|%s\n' "$4" "${leaves}" >>"${RBC_REHEARSAL:?}/world"
  fi
  case "$2" in
    orphan)
      kill -KILL "$3"
      exec sleep 86400
      ;;
    kill | late)
      kill -KILL "$3"
      kill -KILL 0
      ;;
    term)
      kill -TERM "$3"
      sleep 60
      ;;
    hup)
      kill -HUP "$3"
      return 0
      ;;
    half)
      printf 'rehearsal: %s: half-way\n' "$1"
      rbc_leave_running
      exit 41
      ;;
    early) exit 0 ;;
    nul)
      printf 'a\0b\n'
      printf '%s' "${rbc_nonce}" >"${rbc_marker}"
      exit 0
      ;;
    timeout) exit 124 ;;
    *) ;;
  esac
  [[ "$1" == @(step|job)_* ]] || printf 'rehearsal: %s: %s\n' "$1" "$2" >&2
  exit 41
}

# rbc_move_on: another driver, which has had the lock until now, has gone on with the run.
rbc_move_on() {
  local logs=("${RBC_REHEARSAL:?}"/state/*/[0-9]*/audit.jsonl) last seq body hash
  last=$(tail -n 1 -- "${logs[-1]}")
  [[ "${last}" =~ \"seq\":([0-9]+),(\"time\":\"[^\"]*\") ]]
  seq=$((BASH_REMATCH[1] + 1))
  body="{\"v\":1,\"seq\":${seq},${BASH_REMATCH[2]},\"event\":\"check\",\"step\":\"elsewhere\",\"exit\":0,\"prev\":\"${last: -66:64}\""
  hash=$(printf '%s}\n' "${body}" | sha256sum)
  printf '%s,"hash":"%s"}\n' "${body}" "${hash%% *}" >>"${logs[-1]}"
}

# rbc_come_alive: a step of another driver, which has had the lock until now and was killed, lives on.
rbc_come_alive() {
  local runs=("${RBC_REHEARSAL:?}"/state/*/[0-9]*/audit.jsonl) stat boot
  set -m
  sleep 300 &
  set +m
  LC_ALL=C IFS= read -r stat <"/proc/$!/stat"
  read -r -a stat <<<"${stat##*) }"
  read -r boot </proc/sys/kernel/random/boot_id
  printf '%s %s %s\n' "$!" "${stat[19]}" "${boot}" >"${runs[-1]%/*}/live"
  : >"${RBC_REHEARSAL:?}/lives"
}

# rbc_leave_running: a process that outlives the step, unless somebody ends it.
rbc_leave_running() {
  local stat
  sleep 300 &
  LC_ALL=C IFS= read -r stat <"/proc/$!/stat"
  read -r -a stat <<<"${stat##*) }"
  printf '%s %s\n' "$!" "${stat[19]}" >>"${RBC_REHEARSAL:?}/children"
}

# rbc_still_running FUNCTION: notes where a process of a step that has failed lives on while this runs.
rbc_still_running() {
  local pid started stat try
  while read -r pid started; do
    # Killed is not yet gone: on a busy machine that takes a moment.
    for ((try = 0; try < 50; try++)); do
      { LC_ALL=C IFS= read -r stat <"/proc/${pid}/stat"; } 2>/dev/null || break
      read -r -a stat <<<"${stat##*) }"
      [[ "${stat[0]}" != [ZX] && "${stat[19]}" == "${started}" ]] || break
      sleep 0.02
    done
    ((try < 50)) || printf 'alive|%s\n' "$1" >>"${RBC_REHEARSAL:?}/calls"
  done <"${RBC_REHEARSAL:?}/children"
}

# rbc_ordered NAME: how this shall fail, into rbc_text, or ''. For what the driver itself asks of the host.
rbc_ordered() {
  local function mode
  rbc_text=''
  while IFS='|' read -r function _ _ mode _; do
    [[ "${function}" != "$1" ]] || rbc_text=${mode}
  done <"${RBC_REHEARSAL:?}/faults"
}
