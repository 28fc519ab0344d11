# Windows and budgets: when a run may begin, how long it may take, and whether the next step still fits.

# rbc_window: RBC_WINDOWS has rows of four: days (1 is Monday), first minute, last minute, zone. Sets rbc_window_ends to the
# second at which what is open now closes, or to ''. A window that begins where another ends goes on.
rbc_window() {
  local ends
  rbc_clock
  rbc_window_ends=''
  rbc_window_at "$((rbc_now / 1000000))"
  while [[ -n "${rbc_text}" && "${rbc_text}" != "${rbc_window_ends}" ]]; do
    ends=${rbc_text} rbc_window_ends=${rbc_text}
    ((ends < rbc_now / 1000000 + 8 * 86400)) || return 0
    rbc_window_at "${ends}"
  done
}

# rbc_window_at SECONDS: the second at which the window that is open then closes, the latest of several, or '', into rbc_text.
rbc_window_at() {
  local i day minute days first last yesterday ends=''
  for ((i = 0; i < ${#RBC_WINDOWS[@]}; i += 4)); do
    days=${RBC_WINDOWS[i]} first=${RBC_WINDOWS[i + 1]} last=${RBC_WINDOWS[i + 2]}
    rbc_local_time "${RBC_WINDOWS[i + 3]}" "$1"
    day=${rbc_text%% *} minute=$((10#${rbc_text#* }))
    yesterday=$((day == 1 ? 7 : day - 1))
    if ((first < last)); then
      [[ "${days}" == *"${day}"* ]] || continue
      ((minute >= first)) || continue
      ((minute < last)) || continue
    elif [[ "${days}" == *"${day}"* ]] && ((minute >= first)); then
      last=$((last + 1440))
    elif [[ "${days}" != *"${yesterday}"* ]] || ((minute >= last)); then
      continue
    fi
    last=$(($1 - $1 % 60 + (last - minute) * 60))
    if [[ -z "${ends}" ]] || ((last > ends)); then
      ends=${last}
    fi
  done
  rbc_text=${ends}
}

# rbc_local_time ZONE SECONDS: "DAY MINUTE" in that zone, into rbc_text.
rbc_local_time() {
  local -x TZ=$1
  local parts
  printf -v rbc_text '%(%u %H %M)T' "$2"
  read -r -a parts <<<"${rbc_text}"
  rbc_text="${parts[0]} $((10#${parts[1]} * 60 + 10#${parts[2]}))"
}

# rbc_refuse_window: outside of every window a run needs `--outside-window --why TEXT`. A sitting before T is not bound to it.
rbc_refuse_window() {
  local at i
  for ((i = 0; i < ${#RBC_WINDOWS[@]}; i += 4)); do
    # A zone that the host does not know would silently be UTC.
    [[ -e "/usr/share/zoneinfo/${RBC_WINDOWS[i + 3]}" ]] || rbc_problem refuse_zone zone "${RBC_WINDOWS[i + 3]}"
  done
  rbc_next_sitting
  at=${rbc_text}
  ((at >= 0)) || return 0
  rbc_window
  if [[ -n "${rbc_window_ends}" || (-n "${rbc_option[outside_window]-}" && -n "${rbc_option[why]-}") ]]; then
    return 0
  fi
  rbc_problem refuse_window window "${RBC_NOTES[window]}"
}

# rbc_next_sitting: `at` of the phase that would run next, into rbc_text; 0 without one.
rbc_next_sitting() {
  local i at='' found=''
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_get "${rbc_settings}" at
      continue
    fi
    rbc_on_path
    if [[ -n "${rbc_here}" && "${rbc_kind}" != choose && "${rbc_status[${rbc_id}]-}" != @(ok|passed) ]]; then
      found=yes
      break
    fi
  done
  rbc_text=${at:-0}
  [[ -n "${found}" ]] || rbc_text=0
}

# rbc_show_window: how long what is open now stays so.
rbc_show_window() {
  rbc_window
  if [[ -n "${rbc_window_ends}" ]]; then
    rbc_took "$((rbc_window_ends * 1000000 - rbc_now))"
    rbc_tell window_open left "${rbc_text}"
  else
    rbc_tell window_shut window "${RBC_NOTES[window]}"
  fi
}

# rbc_fits: a step whose timeout cannot end inside the window is asked about before it starts; unattended the run pauses. rbc_rc is
# 0 where it may start.
rbc_fits() {
  local timeout left=''
  rbc_rc=0
  [[ "${rbc_kind}" == step && -z "${rbc_option[outside_window]-}" ]] || return 0
  rbc_get "${rbc_settings}" timeout
  rbc_clock
  if ((${#RBC_WINDOWS[@]} > 0)) && [[ "${rbc_sitting-}" != -* ]]; then
    rbc_window
    left=$((${rbc_window_ends:-0} - rbc_now / 1000000))
  fi
  [[ -n "${left}" ]] && ((left < ${timeout:-1})) || return 0
  if [[ -n "${rbc_terminal}" ]]; then
    rbc_took "$((left > 0 ? left * 1000000 : 0))"
    rbc_yes window_closing title "${rbc_number} ${rbc_title}" left "${rbc_text}"
    rbc_record gate step "${rbc_id}" exit "$((${#rbc_answer} > 0 ? 0 : 1))" by terminal why window
    [[ -z "${rbc_answer}" ]] || return 0
  fi
  rbc_tell window_closed
  rbc_rc=1 rbc_decision=pause
}
