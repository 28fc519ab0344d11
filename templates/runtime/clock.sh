# The world's clock. A rehearsal brings its own.

# rbc_clock: microseconds since the epoch, into rbc_now. Before bash 5.0 there is no EPOCHREALTIME.
rbc_clock() {
  if [[ -n "${EPOCHREALTIME-}" ]]; then
    rbc_now=${EPOCHREALTIME/[!0-9]/}
  else
    rbc_now=$(date +%s%N)
    rbc_now=${rbc_now%???}
  fi
}

# rbc_sleep SECONDS: ends early when a signal was caught. `read` on a descriptor that stays silent needs no child.
rbc_sleep() {
  local until rest
  rbc_clock
  until=$((rbc_now + $1 * 1000000))
  while [[ -z "${rbc_caught}" ]]; do
    rbc_clock
    rest=$((until - rbc_now))
    ((rest > 0)) || return 0
    ((rest <= 1000000)) || rest=1000000
    printf -v rest '%d.%06d' "$((rest / 1000000))" "$((rest % 1000000))"
    read -r -t "${rest}" -u "${rbc_silence}" _ || true
  done
}
