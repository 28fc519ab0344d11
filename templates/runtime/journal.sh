# The audit log is the run's memory: an intent is on disk before a step starts, its result before the next one.

# rbc_record EVENT [KEY VALUE]...: append one chained record and sync it. Where rbc_later is yes, it is put off until the next one,
# and one sync does for both; its digest is made meanwhile. Sets rbc_written to yes or ''.
rbc_record() {
  local put_off=${rbc_put_off} later=${rbc_later}
  rbc_later='' rbc_put_off=''
  # A plan keeps no log, and does what only reads.
  rbc_written=yes
  [[ -n "${rbc_journal}" ]] || return 0
  rbc_written=''
  rbc_clock
  if [[ -n "${later}" && -z "${rbc_half_written}" ]]; then
    rbc_compose "$@"
    rbc_put_off=${rbc_text}
    : >"${rbc_tmp}/digest"
    rbc_sum "{${rbc_put_off}}" {rbc_lock_fd}>&- >"${rbc_tmp}/digest" 2>/dev/null &
    rbc_digester=$! rbc_written=yes
    return 0
  fi
  {
    if [[ -n "${put_off}" ]]; then
      while kill -0 "${rbc_digester}"; do
        wait "${rbc_digester}"
      done
      read -r rbc_text _ <"${rbc_tmp}/digest"
      rbc_append "${put_off}" "${rbc_text}"
      # What comes after a lost record is not begun.
      [[ -n "${rbc_written}" ]] || return 0
      rbc_clock
    fi
    if (($# > 0)); then
      rbc_written=''
      if [[ -n "${rbc_half_written}" ]]; then
        rbc_close_torn
        rbc_written=''
        [[ -z "${rbc_half_written}" ]] || return 0
      fi
      rbc_compose "$@"
      rbc_append "${rbc_text}"
    fi
    [[ -z "${rbc_written}" ]] || LC_ALL=C sync -d -- "${rbc_journal}" || rbc_written=''
  } 2>/dev/null
}

# rbc_compose EVENT [KEY VALUE]...: the next record without its hash, at rbc_now, into rbc_text. It stays below the 8,192 bytes that
# bash writes in one piece: a byte is at most six characters of JSON, and only `why` can be long.
rbc_compose() {
  local event=$1 body
  shift
  if [[ "${rbc_now%??????}" != "${rbc_second}" ]]; then
    rbc_utc "${rbc_now}"
    rbc_second=${rbc_now%??????} rbc_stamp=${rbc_text}
  fi
  printf -v body '"v":1,"seq":%d,"time":"%s.%06dZ",%s,"event":"%s"' "$((rbc_seq + 1))" "${rbc_stamp}" "$((rbc_now % 1000000))" \
    "${rbc_identity}" "${event}"
  while (($# > 1)); do
    case "$1" in
      exit | try | duration | size) body+=",\"$1\":$2" ;;
      step | phase | output) body+=",\"$1\":\"$2\"" ;;
      *)
        rbc_json "${2:0:1000}"
        body+=",\"$1\":${rbc_text}"
        ;;
    esac
    shift 2
  done
  rbc_text="${body},\"prev\":\"${rbc_head}\""
}

# rbc_append BODY [DIGEST]: write a composed record to the log; not yet synced.
rbc_append() {
  local body=$1 hash=${2-}
  if ((${#hash} != 64)); then
    rbc_digest "{${body}}"
    hash=${rbc_text}
  fi
  ((${#hash} == 64)) || return 0
  if printf '%s%s\n' "${rbc_lead}" "{${body},\"hash\":\"${hash}\"}" >>"${rbc_journal}"; then
    # It stands in the log, synced or not: the next record follows on it.
    rbc_seq=$((rbc_seq + 1)) rbc_head=${hash} rbc_lead='' rbc_written=yes
  else
    rbc_half_written=yes
  fi
}

# rbc_on_disk: a result that was put off is on disk before anything else is done or waited for.
rbc_on_disk() {
  [[ -n "${rbc_put_off}" ]] || return 0
  rbc_record
  [[ -n "${rbc_written}" ]] || rbc_journal_lost
}

# rbc_journal_lost: a result that cannot be written is a failure of the run.
rbc_journal_lost() {
  rbc_tell_in journal_lost file "${rbc_journal}"
  rm -f -- "${rbc_run}/reserve"
  rbc_broken=yes
}

# rbc_close_torn: a write that failed or was killed may have left a part of a record. The part is kept; the record that closes it
# is written together with the newline that it lacks, and names its digest. A record that lacks nothing but its newline counts.
rbc_close_torn() {
  local line
  rbc_half_written='' rbc_lead=''
  while LC_ALL=C IFS= read -r line; do :; done <"${rbc_journal}"
  if [[ -n "${line}" ]]; then
    rbc_lead=$'\n'
    if [[ "${line}" =~ ,\"hash\":\"([0-9a-f]{64})\"}$ ]]; then
      [[ "${rbc_head}" == "${BASH_REMATCH[1]}" ]] || rbc_seq=$((rbc_seq + 1))
      rbc_head=${BASH_REMATCH[1]}
    else
      rbc_digest "${line}"
      [[ "${rbc_owed[*]: -1}" == "${rbc_text}" ]] || rbc_owed+=("${rbc_text}")
    fi
  fi
  while ((${#rbc_owed[@]} > 0)); do
    rbc_record recover why "torn ${rbc_owed[0]}"
    [[ -z "${rbc_half_written}" ]] || return 0
    rbc_owed=("${rbc_owed[@]:1}")
  done
}

# rbc_digest TEXT: SHA-256 of the text and a newline, into rbc_text.
rbc_digest() {
  rbc_text=$(rbc_sum "$1")
  rbc_text=${rbc_text%% *}
}

# rbc_sum TEXT: what sha256sum says of the text and a newline, in a process of its own. Since bash 5.1 a short here-string is a pipe;
# before, and where it is long, it would be a file in /tmp, and a process writes the pipe.
rbc_sum() {
  if ((${#1} < 4000 && BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    LC_ALL=C exec sha256sum <<<"$1"
  else
    printf '%s\n' "$1" | sha256sum
  fi
}

# rbc_utc MICROSECONDS: 2026-11-20T18:15:02, into rbc_text.
rbc_utc() {
  local -x TZ=UTC0
  printf -v rbc_text '%(%Y-%m-%dT%H:%M:%S)T' "$(($1 / 1000000))"
}

# rbc_field NAME RECORD: a string or number of a record that this runtime wrote, into rbc_text.
rbc_field() {
  local quoted="\"$1\":\"(([^\"\\]|\\\\.)*)\"" number="\"$1\":(-?[0-9.]+)"
  rbc_text=''
  if [[ "$2" =~ ${quoted} ]]; then
    rbc_text=${BASH_REMATCH[1]}
  elif [[ "$2" =~ ${number} ]]; then
    rbc_text=${BASH_REMATCH[1]}
  fi
}

# rbc_remember RUN_FOLDER: read a run's log back: what started, how it ended, what was undone. Fills rbc_status, rbc_started,
# rbc_starts, rbc_task, rbc_outcome, rbc_changed, rbc_head, rbc_seq. A last line without its newline is a torn write and no alarm: it is
# closed later, and read only where nothing but the newline is missing.
rbc_remember() {
  local record event step whole=',"hash":"[0-9a-f]{64}"}$'
  rbc_started=() rbc_status=() rbc_starts=() rbc_task=() rbc_outcome='' rbc_seq=0 rbc_head='' rbc_changed='' rbc_torn=''
  while LC_ALL=C IFS= read -r record || { rbc_torn+=${record} && [[ "${record}" =~ ${whole} ]]; }; do
    [[ "${record}" =~ ${whole} ]] || continue
    rbc_head=${record: -66:64}
    rbc_field seq "${record}"
    rbc_seq=${rbc_text}
    rbc_field step "${record}"
    step=${rbc_text}
    # A subscript is evaluated: what is no id of a plan came from somebody else.
    [[ "${step}" != *[!a-z0-9_.]* ]] || continue
    rbc_field event "${record}"
    event=${rbc_text}
    rbc_field exit "${record}"
    case "${event}" in
      intent)
        rbc_starts[${step}]=$((${rbc_starts[${step}]:-0} + 1))
        rbc_status[${step}]=unknown
        if [[ -n "${rbc_at[${step}]-}" && "${RBC_PLAN[rbc_at[${step}]]}" == @(step|manual) ]]; then
          rbc_note_start "${step}"
        fi
        rbc_outcome=''
        ;;
      result | capture | gate | check)
        if [[ "${rbc_text}" == 0 ]]; then rbc_status[${step}]=ok; else rbc_status[${step}]=failed; fi
        ;;
      task)
        rbc_field why "${record}"
        rbc_task[${step}]=${rbc_text}
        ;;
      undo-intent) rbc_status[${step}]=undoing ;;
      undo-result)
        if [[ "${rbc_text}" == 0 ]]; then rbc_status[${step}]=undone; else rbc_status[${step}]='undo-failed'; fi
        ;;
      end | pause)
        rbc_outcome=${rbc_text}
        # A way back by itself ends with 0; the run that it took back has ended with 4.
        [[ "${rbc_text} ${record}" != '0 '*'"why":"rollback","prev":'* ]] || rbc_outcome=4
        ;;
      skip) rbc_passed "${step}" ;;
      resume) rbc_outcome='' ;;
      *) ;;
    esac
  done <"$1/audit.jsonl"
  for step in "${rbc_started[@]}"; do
    rbc_take RBC_PLAN "${rbc_at[${step}]}"
    rbc_is_change
    [[ -z "${rbc_change}" || "${rbc_status[${step}]}" == @(undone|passed) ]] || rbc_changed=yes
  done
}

# rbc_passed STEP: what was left out, or may fail and did, is done with, now and after a resume; what is taken back stays so.
rbc_passed() {
  if [[ "${rbc_status[$1]-}" == undone ]]; then rbc_status[$1]=passed; else rbc_status[$1]=ok; fi
}

# rbc_note_start STEP: remember the order of first starts; a step that starts again after its undo moves to the end.
rbc_note_start() {
  local other kept=()
  if [[ " ${rbc_started[*]} " != *" $1 "* ]]; then
    rbc_started+=("$1")
    return 0
  fi
  for other in "${rbc_started[@]}"; do
    [[ "${other}" == "$1" ]] || kept+=("${other}")
  done
  [[ "${rbc_status[$1]-}" != undone ]] || rbc_started=("${kept[@]}" "$1")
}
