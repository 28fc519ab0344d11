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
# then, and whether the lock was free, does as `faults` says, and prints the answer that is kept for it.
rbc_stand_in() {
  local now driver phase id function place when mode tries before='' line lines=() locks=("${RBC_REHEARSAL:?}"/state/*.lock)
  IFS='|' read -r now driver phase id <"${RBC_REHEARSAL:?}/place"
  if [[ -n "${rbc_live-}" && -e "${rbc_live%/live}/audit.jsonl" ]]; then
    mapfile -t lines <"${rbc_live%/live}/audit.jsonl"
  fi
  printf 'call|%s|%s|%s|%s|%s|%s\n' "$1" "${phase}" "${id}" "${#lines[@]}" "${now}" "${rbc_marker%/*}" >>"${RBC_REHEARSAL:?}/calls"
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
    rbc_fault "$1" "${mode}" "${driver}"
  done <"${RBC_REHEARSAL:?}/faults"
  if [[ "$1" == background_* ]]; then
    printf 'stays|%s\n' "$1" >>"${RBC_REHEARSAL:?}/calls"
    exec sleep 300
  fi
  if [[ -e "${RBC_REHEARSAL:?}/answers/$1" ]]; then
    printf '%s\n' "$(<"${RBC_REHEARSAL:?}/answers/$1")"
  fi
  printf 'done|%s\n' "$1" >>"${RBC_REHEARSAL:?}/calls"
}

# rbc_fault FUNCTION MODE DRIVER: how it fails. `half` and the kills have changed something before they end.
rbc_fault() {
  printf '%s|%s\n' "$2" "$1" >>"${RBC_REHEARSAL:?}/calls"
  case "$2" in
    kill)
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
    early) exit 0 ;;
    timeout) exit 124 ;;
    *) ;;
  esac
  printf 'rehearsal: %s: %s\n' "$1" "$2" >&2
  exit 41
}
