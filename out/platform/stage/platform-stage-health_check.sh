#!/bin/bash -p
# Health Check: fragt health → 200.
# Gebaut von rbc 0.1.0 aus specs/platform.rb (sha256 804ef5368807a243c75c13eb6f7fabaff0cf0301edd283352a975d18ccf34c87).
# Die Spec ändern, nicht diese Datei.
set -euo pipefail
shopt -s inherit_errexit

# health → 200 (specs/shared/http.rb:3)
probe_health() {
  http_status=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 4 https://api.example.com/health)
  [[ "${http_status}" == 200 ]] || (echo "HTTP ${http_status}, expected 200" >&2 && false)
}

# otherwise (specs/platform.rb:561)
otherwise() {
  systemctl restart docker-compose@platform
}

# Das Innere eines Befehls: eine frische bash, denn auf errexit ist nur in einem neuen Prozess Verlass.
if [[ "${1-}" == rbc-child ]]; then
  case "${2-}" in
    probe_health) probe_health ;;
    otherwise) otherwise ;;
    *) exit 127 ;;
  esac
  exit 0
fi

# rbc_start FUNKTION SEKUNDEN: führt sie aus; wie sie geendet hat, steht in rbc_status.
rbc_start() {
  rbc_status=0
  timeout -k 5 "$2" "${BASH}" -p -- "${BASH_SOURCE[0]}" rbc-child "$1" || rbc_status=$?
}

# rbc_ask FUNKTION SEKUNDEN ABSTAND FRIST TITEL OPTIONAL DIAGNOSE: fragt eine Prüfung, alle ABSTAND Sekunden wieder, bis die FRIST um ist.
rbc_ask() {
  local begun=${SECONDS}
  rbc_start "$1" "$2"
  while ((rbc_status != 0 && SECONDS - begun + $3 <= $4)); do
    sleep "$3"
    rbc_start "$1" "$2"
  done
  if ((rbc_status == 0)); then
    printf '✓ %s\n' "$5"
    return 0
  fi
  printf '✗ %s\n' "$5" >&2
  [[ -n "$6" ]] || rbc_failed=yes
}

rbc_failed=''
rbc_ask probe_health 5 5 120 'health → 200' '' ''
[[ -n "${rbc_failed}" ]] || exit 0
echo 'Was der Zeitplan dann vorsieht, läuft jetzt.' >&2
rbc_start otherwise 300
if ((rbc_status == 0)); then
  exit 0
fi
echo 'Auch das ist gescheitert.' >&2
exit 1
