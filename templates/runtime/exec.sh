# Running one function of the world in a process group of its own, with its output complete and in order.

# rbc_spawn FUNCTION SECONDS LOG SHOW [STDOUT]: run it; SHOW=yes prints its lines as they come; STDOUT keeps its output apart.
# Where rbc_intent is yes, its intent is put on disk while it starts up: it does nothing before it has read its values to their end.
# Sets rbc_rc (0 only with the success marker; 124 after a timeout; 130 when interrupted), rbc_duration (microseconds) and
# rbc_printed.
rbc_spawn() {
  local function=$1 limit=$2 log=$3 show=$4 stdout=${5-} began child reader in out limited
  if [[ -n "${rbc_intent}" ]] && ((limit > 0)); then
    # Its time would run already while the intent is put on disk.
    rbc_intend_first
    [[ -z "${rbc_intent}" ]] || return 0
  fi
  rbc_clock
  began=${rbc_now}
  rbc_nonce="${rbc_now}${RANDOM}"
  : >"${rbc_tmp}/printed"
  : >"${rbc_tmp}/marker.failed"
  rbc_pipe out
  in=${rbc_in} out=${rbc_out}
  rbc_pipe values
  rbc_reader "${log}" "${show}" "${rbc_nonce}" {rbc_lock_fd}>&- {out}>&- {rbc_in}<&- {rbc_out}>&- <&"${in}" &
  reader=$!
  # Without a limit there is nothing for `timeout` to do.
  limited=(timeout --kill-after=10 "${limit}")
  ((limit > 0)) || limited=()
  set -m
  "${limited[@]}" "${BASH}" -p "${rbc_script}" rbc-child "${function}" "${rbc_tmp}/marker" "${rbc_nonce}" \
    "${rbc_locked:+${rbc_run:+${rbc_run}/live}}" {rbc_lock_fd}>&- {rbc_silence}>&- {rbc_out}>&- {in}<&- </dev/null 3<&"${rbc_in}" \
    >"${stdout:-/dev/fd/${out}}" 2>&"${out}" {out}>&- {rbc_in}<&- &
  child=$!
  set +m
  exec {in}<&- {out}>&-
  if [[ -n "${rbc_intent}" ]]; then
    rbc_intend
    rbc_clock
    began=${rbc_now}
  fi
  [[ -n "${rbc_intent}" ]] || rbc_send
  exec {rbc_in}<&- {rbc_out}>&-
  rbc_await "${child}"
  printf '%s' "${rbc_nonce}" >"${rbc_tmp}/ended"
  rbc_marked
  if ((rbc_rc != 0)); then
    kill -KILL -- "-${child}" 2>/dev/null
  fi
  while kill -0 "${reader}" 2>/dev/null; do
    wait "${reader}"
  done
  # Without the lock it is another driver's, and names what that one has left alive.
  [[ -z "${rbc_run}" || -z "${rbc_locked}" ]] || { : >"${rbc_run}/live"; } 2>/dev/null
  rbc_clock
  rbc_duration=$((rbc_now - began))
  IFS= read -r rbc_printed <"${rbc_tmp}/printed"
}

# rbc_intend_first: the intent of the step at hand, before anything of it is started. Where it cannot be written, rbc_intent stays yes.
rbc_intend_first() {
  rbc_rc=126 rbc_duration=0 rbc_printed=''
  [[ -z "${rbc_intent}" ]] || rbc_intend
}

# rbc_marked: exit 0 without the success marker is a failure of its own, 125. Where bash has lost the status, the marker says
# whether it was 0; what it was otherwise nobody knows, 255.
rbc_marked() {
  local mark=''
  LC_ALL=C IFS= read -r -d '' mark <"${rbc_tmp}/marker"
  if [[ "${mark}" == "${rbc_nonce}" ]]; then
    ((rbc_rc >= 0)) || rbc_rc=0
  elif ((rbc_rc <= 0)); then
    rbc_rc=$((rbc_rc == 0 ? 125 : 255))
  fi
}

# rbc_pipe NAME: both ends of a named pipe, opened here and without waiting, into rbc_in and rbc_out.
rbc_pipe() {
  local both
  exec {both}<>"${rbc_tmp}/$1"
  exec {rbc_in}<"${rbc_tmp}/$1"
  exec {rbc_out}>"${rbc_tmp}/$1" {both}>&-
}

# rbc_await PID: wait for the child, its status into rbc_rc. An interrupt or a TERM ends its whole group; a lost terminal does not.
rbc_await() {
  local child=$1 sent='' lost=0 i
  while :; do
    rbc_woken=''
    if [[ "${rbc_caught}" == @(INT|TERM) && -z "${sent}" ]]; then
      sent=yes
      kill -TERM -- "-${child}" 2>/dev/null
      for ((i = 0; i < 100; i++)); do
        kill -0 "${child}" 2>/dev/null || break
        read -r -t 0.1 -u "${rbc_silence}" _
      done
      kill -KILL -- "-${child}" 2>/dev/null
    fi
    wait "${child}"
    rbc_rc=$?
    # bash says -1 where a signal came while it noted the child's end. Asked again, it knows, or never will.
    [[ "${rbc_rc}" != -1 ]] || lost=$((lost + 1))
    [[ -n "${rbc_woken}" ]] || ((rbc_rc == -1 && lost < 3)) || break
  done
  [[ -z "${sent}" ]] || rbc_rc=130
}

# rbc_reader LOG SHOW NONCE: what the step says, made visible, to its log and to the terminal. A daemon that the step left
# behind may keep the pipe open: it is given a reader that never ends, and this one goes.
rbc_reader() {
  local log=$1 show=$2 nonce=$3 line='' part='' ended='' shown='' ticked='' status rest=''
  trap '' INT TERM HUP
  while :; do
    LC_ALL=C IFS= read -r -t 0.5 part
    status=$?
    line+=${part}
    if ((status > 128)); then
      { LC_ALL=C IFS= read -r -d '' ended <"${rbc_tmp}/ended"; } 2>/dev/null
      # A background part's word never comes; its driver's folder goes.
      if [[ "${ended}" != "${nonce}" && -e "${rbc_tmp}/ended" ]]; then
        rbc_ticks
        continue
      fi
      # A long line takes long to read on a slow host: what the pipe held when the step ended is read to its end. It takes 64 KiB; what
      # was read by then is not counted.
      rest=$((rest == 0 ? 65536 : rest - ${#part}))
      [[ -z "${part}" ]] || ((rest <= 0)) || continue
      # Without the redirection it would read /dev/null, as all that bash starts beside itself.
      cat <&0 >/dev/null 2>&1 &
      break
    fi
    ((status == 0)) || break
    rbc_emit "${line%$'\r'}"
    line=''
  done
  [[ -z "${line}" ]] || rbc_emit "${line}"
  [[ -z "${shown}" || -z "${ticked}" ]] || rbc_transient_end
}

# rbc_ticks: a step that says nothing for a while shows how long it has been running; from within the reader.
rbc_ticks() {
  local tail
  [[ -n "${rbc_tick}" && -n "${rbc_live_line}" && "${show}" == yes ]] || return 0
  rbc_clock
  rbc_took "$((rbc_now - began))"
  tail=${rbc_text}
  if ((limit > 0)); then
    rbc_took "$((limit * 1000000))"
    rbc_fill step_limit time "${tail}" limit "${rbc_text}"
    tail=${rbc_text}
  fi
  if [[ -n "${shown}" ]]; then
    rbc_transient "    ${RBC_MARKS[wait]} ${tail}"
  else
    rbc_transient "${RBC_MARKS[${rbc_tick%% *}]} ${rbc_tick#* }" " · ${tail}"
  fi
  ticked=yes
}

# rbc_emit LINE: one line of output, from within the reader; each part of a rewritten line stands alone.
rbc_emit() {
  local rest=$1 line
  while :; do
    line=${rest%%$'\r'*}
    rbc_visible "${line}"
    printf '%s\n' "${rbc_text}" >>"${log}"
    if [[ "${show}" == yes ]]; then
      if [[ -z "${shown}" && -n "${rbc_tick}" ]]; then
        rbc_keep_line "${rbc_tick%% *}" "${rbc_tick#* }"
      elif [[ -n "${ticked}" ]]; then
        rbc_transient_end
      fi
      shown=yes ticked=''
      printf '      %s%s%s\n' "${rbc_colors[none]-}" "${rbc_text}" "${rbc_colors[off]-}"
      printf 'yes' >"${rbc_tmp}/printed"
    fi
    [[ "${rest}" == *$'\r'* ]] || break
    rest=${rest#*$'\r'}
  done
}

# rbc_send: what the child reads on its third descriptor, into the pipe rbc_out. A pipe takes so much at once (a character is at
# most four bytes); more waits for its reader, so a process of its own writes it.
rbc_send() {
  local values="${rbc_value[*]}"
  if ((${#values} < 4000 && ${#rbc_value[@]} < 400)); then
    rbc_values >&"${rbc_out}"
  else
    rbc_values {rbc_lock_fd}>&- {rbc_in}<&- >&"${rbc_out}" &
  fi
}

# rbc_values: what operators' text may read, as NAME NUL VALUE NUL, for the child's third descriptor: never argv, never environment.
rbc_values() {
  local name
  printf 'rbc_umask\0%s\0rbc_begun\0%s\0rbc_driver\0%s\0' "${rbc_umask}" "${rbc_begun}" "${rbc_driver}"
  for name in "${!rbc_value[@]}"; do
    printf '%s\0%s\0' "${name}" "${rbc_value[${name}]}"
  done
  printf 'rbc_sent\0yes\0'
}

# rbc_last_lines LOG N: the end of a log, indented.
rbc_last_lines() {
  local line
  [[ -s "$1" ]] || return 0
  tail -n "$2" -- "$1" | while LC_ALL=C IFS= read -r line; do
    printf '      %s\n' "${line}"
  done
}
