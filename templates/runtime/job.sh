# Jobs run on another server: started once, watched to their end. What is on record is enough to find a task again.

# rbc_look_up_jobs: every job on the path by its name, before anything starts; a job that is started has been found.
rbc_look_up_jobs() {
  local i server asked=' ' listed id name
  [[ "${rbc_command}" == @(run|plan|resume) ]] && ((${#rbc_problems[@]} + ${#rbc_usage[@]} == 0)) || return 0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    rbc_get "${rbc_settings}" server:job
    [[ -n "${server}" && -n "${rbc_here}" && "${rbc_status[${rbc_id}]-}" != ok ]] || continue
    if [[ "${asked}" != *" ${server} "* ]]; then
      asked+="${server} "
      rbc_ask_server "${server}_templates"
      if ((rbc_rc != 0)); then
        rbc_server_says
        rbc_problem refuse_server server "${server}" why "${rbc_text}"
        return 0
      fi
      mapfile -t listed <<<"${rbc_reply}"
    fi
    id=''
    for name in "${listed[@]}"; do
      [[ "${name#* }" != "${rbc_title}" ]] || id+=" ${name%% *}"
    done
    if [[ -z "${id}" ]]; then
      rbc_nearest "${rbc_title}" "${listed[@]#* }"
      rbc_problem refuse_job title "${rbc_number} ${rbc_title}" server "${server}" near "${rbc_text}"
    elif [[ "${id}" == *' '*' '* ]]; then
      rbc_problem refuse_job_twice title "${rbc_number} ${rbc_title}" server "${server}" ids "${id# }"
    fi
  done
}

# rbc_nearest NAME OTHER...: the names most like it, at most three, into rbc_text: those with most pairs of letters in common, and
# with fewest that are not.
rbc_nearest() {
  local name count i best mine theirs
  local -a near=()
  rbc_pairs "$1"
  mine=("${rbc_pairs[@]}")
  shift
  for name in "$@"; do
    rbc_pairs "${name}"
    count=$((${#mine[@]} + ${#rbc_pairs[@]}))
    theirs=" ${rbc_pairs[*]} "
    for i in "${mine[@]}"; do
      [[ "${theirs}" == *" ${i} "* ]] || continue
      theirs=${theirs/" ${i} "/ }
      count=$((count - 2))
    done
    ((count > ${#mine[@]})) || near+=("${count} ${name}")
  done
  rbc_text=''
  for ((i = 0; i < 3 && ${#near[@]} > 0; i++)); do
    best=0
    for count in "${!near[@]}"; do
      ((${near[count]%% *} >= ${near[best]%% *})) || best=${count}
    done
    rbc_text+="${rbc_text:+, }${near[best]#* }"
    unset -v 'near[best]'
    near=("${near[@]}")
  done
  [[ -n "${rbc_text}" ]] || rbc_text=${RBC_TEXT[job_none_near]}
}

# rbc_pairs TEXT: its pairs of neighbouring letters, in small ones, into rbc_pairs.
rbc_pairs() {
  local text=${1,,} i
  text=${text//[!a-z0-9]/_}
  rbc_pairs=()
  for ((i = 0; i < ${#text} - 1; i++)); do
    rbc_pairs+=("${text:i:2}")
  done
}

# rbc_ask_server FUNCTION: one request. rbc_rc is 0 and rbc_reply the answer, or rbc_fault says what is wrong: `away` (worth asking
# again), an HTTP status, or `odd`.
rbc_ask_server() {
  local line
  rbc_reply='' rbc_fault=''
  : >"${rbc_tmp}/server.log"
  rbc_spawn "$1" 60 "${rbc_tmp}/server.log" no "${rbc_tmp}/value"
  if ((rbc_rc == 0)); then
    rbc_reply=$(<"${rbc_tmp}/value")
    return 0
  fi
  rbc_fault=odd
  while LC_ALL=C IFS= read -r line; do
    if [[ "${line}" =~ ^curl:\ \(22\).*\ ([1-5][0-9][0-9])([^0-9]|$) ]]; then
      rbc_fault=${BASH_REMATCH[1]}
      [[ "${rbc_fault}" != 5?? && "${rbc_fault}" != 429 ]] || rbc_fault=away
    elif [[ "${line}" == 'curl: ('* ]]; then
      rbc_fault=away
    fi
  done <"${rbc_tmp}/server.log"
  # Certificates do not get better by waiting: 35, 51, 58, 60, 77.
  [[ "${rbc_rc}" != @(35|51|58|60|77) ]] || rbc_fault=odd
  ((rbc_rc != 124)) || rbc_fault=away
}

# rbc_server_says: what is wrong with the server, in words, into rbc_text; its own last words behind it.
rbc_server_says() {
  local line last=''
  while LC_ALL=C IFS= read -r line; do
    last=${line}
  done <"${rbc_tmp}/server.log"
  case "${rbc_fault}" in
    401 | 403 | 404) rbc_text=${RBC_TEXT[server_${rbc_fault}]} ;;
    away) rbc_text=${RBC_TEXT[server_away]} ;;
    *) rbc_text=${RBC_TEXT[server_odd]} ;;
  esac
  rbc_text+=${last:+ (${last})}
}

# rbc_ask_patiently FUNCTION LABEL WITHIN EVERY: the same, again and again while the server is away.
rbc_ask_patiently() {
  local until
  rbc_clock
  until=$((rbc_now + $3 * 1000000))
  while :; do
    rbc_ask_server "$1"
    rbc_clock
    [[ "${rbc_rc}" != 0 && "${rbc_fault}" == away && -z "${rbc_caught}" ]] && ((rbc_now < until)) || return 0
    rbc_took "$((until - rbc_now))"
    rbc_fill server_waiting left "${rbc_text}"
    rbc_transient "${RBC_MARKS[wait]} $2 · ${rbc_text}"
    rbc_sleep "$4"
  done
}

# rbc_run_job FUNCTION SECONDS: start the job of the step at hand, or go on with the task that is on record, and watch it to its
# end. As rbc_spawn, it sets rbc_rc, rbc_duration and rbc_printed.
rbc_run_job() {
  local function=$1 limit=$2 id=${rbc_id} label="${rbc_number} ${rbc_title}" server every within began task='' state=''
  rbc_get "${rbc_settings}" server:job every within
  rbc_clock
  began=${rbc_now} rbc_rc=0
  rbc_value[${server}_job]=${rbc_title}
  [[ ! "${rbc_task[${id}]-}" =~ ^started\ ([0-9]{1,18})$ ]] || task=${BASH_REMATCH[1]}
  if [[ -n "${task}" ]]; then
    rbc_tell_in job_again task "${task}"
  else
    rbc_start_job
  fi
  if ((rbc_rc == 0)); then
    rbc_value[${server}_task]=${task}
    rbc_watch_job
  fi
  rbc_clock
  rbc_duration=$((rbc_now - began)) rbc_printed=''
  unset -v "rbc_value[${server}_job]" "rbc_value[${server}_task]"
}

# rbc_start_job: start it, with the task into `task`. What is the newest task of this template goes on record first: a start whose
# answer is lost is looked for among the newer ones, and never done twice.
rbc_start_job() {
  local before=''
  [[ ! "${rbc_task[${id}]-}" =~ ^after\ ([0-9]{1,18})$ ]] || before=${BASH_REMATCH[1]}
  rbc_ask_patiently "${server}_newest" "${label}" "${within}" "${every}"
  if ((rbc_rc == 0)) && [[ ! "${rbc_reply}" =~ ^[0-9]{1,18}$ ]]; then rbc_rc=1 rbc_fault=odd; fi
  if ((rbc_rc != 0)); then
    rbc_job_fails
    return 0
  fi
  if [[ -n "${before}" ]] && ((rbc_reply > before)); then
    task=${rbc_reply}
    rbc_tell_in job_found task "${task}"
  else
    before=${rbc_reply}
    rbc_on_record "after ${before}"
    if [[ -z "${rbc_written}" ]]; then
      rbc_tell_in journal_full file "${rbc_journal}"
      rbc_rc=1
      return 0
    fi
    rbc_ask_server "${function}"
    task=${rbc_reply}
    if ((rbc_rc != 0)) && [[ "${rbc_fault}" == away && "${rbc_rc}" != @(6|7) ]]; then
      rbc_ask_patiently "${server}_newest" "${label}" "${within}" "${every}"
      if ((rbc_rc == 0)) && [[ "${rbc_reply}" =~ ^[0-9]{1,18}$ ]] && ((rbc_reply > before)); then
        task=${rbc_reply}
      elif ((rbc_rc == 0)); then
        rbc_rc=1 rbc_fault=lost
      fi
    elif ((rbc_rc == 0)) && [[ ! "${task}" =~ ^[0-9]{1,18}$ ]]; then
      rbc_rc=1 rbc_fault=odd
    fi
    if ((rbc_rc != 0)); then
      rbc_job_fails
      return 0
    fi
  fi
  rbc_on_record "started ${task}"
  rbc_tell_in job_started task "${task}"
}

# rbc_on_record WHAT: where the job of the step `id` stands.
rbc_on_record() {
  rbc_record task step "${id}" phase "${rbc_phase}" why "$1"
  rbc_task[${id}]=$1
}

# rbc_job_fails: what is wrong with the server, where the step's last lines are shown.
rbc_job_fails() {
  [[ -z "${rbc_caught}" ]] || return 0
  rbc_server_says
  [[ "${rbc_fault}" != lost ]] || rbc_text=${RBC_TEXT[server_lost]}
  printf '%s\n' "${rbc_text}" >>"${rbc_log}"
  rbc_rc=1
}

# rbc_watch_job: look at the task until it has ended, its time is up, the server is away for too long, or somebody interrupts.
# The task itself goes on then, and is on record.
rbc_watch_job() {
  local seen='' until
  until=$((began + limit * 1000000))
  while :; do
    rbc_ask_patiently "${server}_state" "${label}" "${within}" "${every}"
    state=${rbc_reply}
    if ((rbc_rc == 0)) && [[ ! "${state}" =~ ^[a-z_]+$ || "${state}" == null ]]; then rbc_rc=1 rbc_fault=odd; fi
    ((rbc_rc == 0)) && [[ -z "${rbc_caught}" ]] || break
    [[ "${state}" != @(success|error|stopped) ]] || break
    rbc_clock
    if ((limit > 0 && rbc_now >= until)); then
      rbc_rc=124
      break
    fi
    rbc_took "$((limit > 0 ? until - rbc_now : rbc_now - began))"
    rbc_fill "job_$((limit > 0))" task "${task}" state "${state}" time "${rbc_text}"
    if [[ -n "${rbc_live_line}" ]]; then
      rbc_transient "${RBC_MARKS[wait]} ${label} · ${rbc_text}"
    elif [[ "${state}" != "${seen}" && -z "${rbc_option[quiet]-}" ]]; then
      rbc_line "      ${rbc_text}"
    fi
    seen=${state}
    rbc_sleep "${every}"
    [[ -z "${rbc_caught}" ]] || break
  done
  rbc_transient_end
  if [[ -n "${rbc_caught}" ]]; then
    rbc_rc=130
  elif ((rbc_rc != 0 && rbc_rc != 124)); then
    rbc_job_fails
  fi
  if ((rbc_rc != 0)); then
    rbc_fill job_goes_on task "${task}"
    printf '%s\n' "${rbc_text}" >>"${rbc_log}"
    return 0
  fi
  rbc_on_record "ended ${task} ${state}"
  rbc_spawn "${server}_output" 60 "${rbc_log}" no
  rbc_rc=0
  if [[ "${state}" != success ]]; then
    rbc_fill job_ended task "${task}" state "${state}" log "${rbc_log}"
    printf '%s\n' "${rbc_text}" >>"${rbc_log}"
    rbc_rc=1
  fi
}

# rbc_end_job STEP: before a job is taken back, its task must have ended: one that still runs is stopped. rbc_rc is 0 or 1.
rbc_end_job() {
  local id=$1 server every within label state task tries
  rbc_rc=0
  [[ "${rbc_task[${id}]-}" =~ ^started\ ([0-9]{1,18})$ ]] || return 0
  task=${BASH_REMATCH[1]}
  rbc_take RBC_PLAN "${rbc_at[${id}]}"
  label="${rbc_number} ${rbc_title}"
  rbc_get "${rbc_settings}" server:job every within
  rbc_value[${server}_task]=${task}
  rbc_ask_patiently "${server}_state" "${label}" "${within}" "${every}"
  state=${rbc_reply}
  if ((rbc_rc == 0)) && [[ "${state}" != @(success|error|stopped) ]]; then
    rbc_tell_in job_stops task "${task}"
    rbc_ask_server "${server}_stop"
    for ((tries = 0; tries < 12 && rbc_rc == 0; tries++)); do
      rbc_ask_server "${server}_state"
      state=${rbc_reply}
      [[ "${state}" != @(success|error|stopped) ]] || break
      rbc_sleep "${every}"
    done
  fi
  unset -v "rbc_value[${server}_task]"
  if ((rbc_rc == 0)) && [[ "${state}" == @(success|error|stopped) ]]; then
    rbc_on_record "ended ${task} ${state}"
    return 0
  fi
  rbc_tell_in job_not_stopped task "${task}"
  rbc_rc=1
}
