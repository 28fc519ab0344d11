#!/bin/bash -p
# obsidian-nextcloud-platform – Commercial Operations Manual: Security Breach Detected · stage
# Umgebung: stage.
# platform.stage.sicherheitsvorfall
# Gebaut von rbc 0.1.0 aus specs/platform.rb (sha256 804ef5368807a243c75c13eb6f7fabaff0cf0301edd283352a975d18ccf34c87).
# Die Spec ändern, nicht diese Datei.
#
{ set +xv; } 2>/dev/null
rbc_eol='
'
test "${#rbc_eol}" = 1 || { echo 'Dieses Skript hat Windows-Zeilenenden (CRLF) bekommen. Abhilfe: dos2unix sicherheitsvorfall.sh' >&2 && exit 7; } #
case "${BASH_VERSION-}" in
  '' | [0-3].* | 4.[0-3].*)
    echo 'Dieses Skript braucht bash 4.4 oder neuer und wird so gestartet: bash sicherheitsvorfall.sh' >&2
    exit 7
    ;;
  *) ;;
esac
if [[ "${1-}" != rbc-child ]] && (return 0 2>/dev/null); then
  echo 'Dieses Skript muss als Datei gestartet werden: bash sicherheitsvorfall.sh' >&2
  return 7
fi
if [[ ! -f "${BASH_SOURCE[0]-}" ]]; then
  echo 'Dieses Skript muss als Datei gestartet werden: bash sicherheitsvorfall.sh' >&2
  exit 7
fi
case "$-" in
  *p*) ;;
  *)
    POSIXLY_CORRECT=1
    exec "${BASH}" -p -- "${BASH_SOURCE[0]}" "$@"
    ;;
esac
if [[ "${1-}" != rbc-child && "$(<"${BASH_SOURCE[0]}")" != *$'\n{ rbc_main "'*'"; }' ]]; then
  echo 'Diesem Skript fehlt das Ende. Bitte neu kopieren.' >&2
  exit 7
fi

# ─── Was dieses Runbook tut ───────────────────────────────────────────────────

# guard path (specs/platform.rb:70)
guard_1() {
  [[ -e '/opt/platform' ]]
}

# health → 200 (specs/shared/http.rb:3)
probe_health() {
  http_status=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 4 https://api.example.com/health)
  [[ "${http_status}" == 200 ]] || (echo "HTTP ${http_status}, expected 200" >&2 && false)
}

# Immediate Actions: Zugriffe durchsehen (specs/platform.rb:512)
step_zugriffe() {
  cd /opt/platform
  docker compose -f docker-compose.stage.yml --env-file .env.stage logs api | sed -nE '/401|403|500/p'
}

# Der einzige Weg von der Maschinerie zu den Befehlen.
rbc_world() {
  case "$1" in
    guard_1) guard_1 ;;
    probe_health) probe_health ;;
    step_zugriffe) step_zugriffe ;;
    *) return 127 ;;
  esac
}

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

# The inside of one step: a fresh bash, because errexit can only be trusted in a new process. It ends before the tables are read.

# rbc_child FUNCTION MARKER NONCE LIVE: run one function of the world. Success is exit 0 and the marker. All names are the
# machinery's own: the values of the third descriptor are assigned beside them.
rbc_child() {
  local rbc_sent='' rbc_function=$1 rbc_marker=$2 rbc_nonce=$3 rbc_live=$4 rbc_name rbc_word rbc_boot
  local -a rbc_stat
  local rbc_state rbc_group rbc_start
  set +o posix
  unset -v BASH_ENV ENV CDPATH GLOBIGNORE POSIXLY_CORRECT
  IFS=$' \t\n'
  shopt -s nullglob extglob
  while LC_ALL=C IFS= read -r -d '' rbc_name && LC_ALL=C IFS= read -r -d '' rbc_word; do
    printf -v "${rbc_name}" '%s' "${rbc_word}"
  done <&3
  exec 3<&-
  # Not all of them: nothing is begun with a value that is missing.
  [[ -n "${rbc_sent}" ]] || exit 126
  if [[ -n "${rbc_live}" ]]; then
    rbc_child_stat "$$"
    read -r rbc_boot </proc/sys/kernel/random/boot_id
    printf '%s %s %s\n' "${rbc_group}" "${rbc_start}" "${rbc_boot}" 1<>"${rbc_live}"
    # From here on a new driver finds this process. One that came before looked in vain, so without its driver this is not begun.
    rbc_child_stat "${rbc_driver%% *}"
    [[ "${rbc_state}" != [ZX] && "${rbc_start}" == "${rbc_driver#* }" ]] || exit 126
  fi
  umask "${rbc_umask}"
  # Which line failed, for the person who reads it: the commands' own, not the call of their function.
  trap '[[ "${FUNCNAME[0]-}" == rbc_* ]] || printf "%s" "${LINENO}" >"${rbc_marker}.failed"' ERR
  set -Eeuo pipefail
  shopt -s inherit_errexit
  rbc_world "${rbc_function}"
  printf '%s' "${rbc_nonce}" >"${rbc_marker}"
}

# rbc_child_stat PID: state, group and start of a process, into rbc_state, rbc_group and rbc_start; a pattern that takes
# /proc/PID/stat to pieces, or a here-string, would cost a step more than its start. A program's name may hold anything: what comes
# behind it is counted from the last `)`.
rbc_child_stat() {
  local i=1
  rbc_stat=() rbc_state='' rbc_group='' rbc_start=''
  { LC_ALL=C mapfile -d ' ' -t rbc_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  while [[ "${rbc_stat[*]:i+1}" == *')'* ]]; do
    i=$((i + 1))
  done
  rbc_state=${rbc_stat[i + 1]-} rbc_group=${rbc_stat[i + 3]-} rbc_start=${rbc_stat[i + 20]-}
}

if [[ "${1-}" == rbc-child ]]; then
  rbc_child "${@:2}"
  exit 0
fi

# ─── Die Reihenfolge, die Wege zurück, die Proben ─────────────────────────────

readonly RBC_RUNBOOK='platform.stage.sicherheitsvorfall'
readonly RBC_SYSTEM='platform'
readonly RBC_TITLE='obsidian-nextcloud-platform – Commercial Operations Manual: Security Breach Detected · stage'
readonly RBC_MOST='ohne feste Obergrenze'
readonly RBC_COMMANDS='run plan check rollback resume status log receipt'
readonly RBC_GATES='secrets api_keys passwoerter'

# Der Ablauf. Spalten: Art, Name, Nummer, Titel, Angaben.
readonly -a RBC_PLAN=(
  'phase' 'sofort' '1' 'Immediate Actions' 'on_failure=pause'
  'manual' 'sofort.secrets' '1.1' 'Alle Secrets rotieren' 'back=irreversible'
  'step' 'sofort.zugriffe' '1.2' 'Zugriffe durchsehen' 'fn=step_zugriffe back=readonly'
  'manual' 'sofort.api_keys' '1.3' 'Kompromittierte API Keys deaktivieren' 'back=irreversible'
  'manual' 'sofort.passwoerter' '1.4' 'Passwort-Reset für betroffene Nutzer erzwingen' 'back=irreversible'
  'check' 'sofort.health' '1.5' 'health → 200' 'probe=health'
)

# Der Block des Rückwegs. Spalten: Art, Name, Nummer, Titel, Angaben.
readonly -a RBC_BLOCK=()

# Was nach dem Rückweg beweist, dass alles wie vorher ist.
readonly -a RBC_VERIFY=()

# Wo dieses Skript laufen darf.
readonly -a RBC_GUARDS=(
  'guard_1'
)

# Was auf dem Host da sein muss: Werkzeug, Funktion für die Version, Vergleich, Version.
readonly -a RBC_NEEDS=(
  'curl' '' '' '' 'needed=always'
  'docker' '' '' '' 'needed=always'
  'docker compose' '' '' '' 'needed=always'
  'sed' '' '' '' 'needed=always'
)

# Optionen der Befehlszeile und ihre Namen.
readonly -a RBC_OPTIONS=()

# Was die env-Dateien enthalten müssen: Dienst, Datei, Name, Angaben.
readonly -a RBC_ENV=(
  'stack' '/opt/platform/.env.stage' 'ROOT_DOMAIN' ''
  'stack' '/opt/platform/.env.stage' 'LETSENCRYPT_EMAIL' ''
  'stack' '/opt/platform/.env.stage' 'DATABASE_URL' 'secret=1'
  'stack' '/opt/platform/.env.stage' 'REDIS_URL' ''
  'stack' '/opt/platform/.env.stage' 'STRIPE_SECRET_KEY' 'secret=1'
  'stack' '/opt/platform/.env.stage' 'STRIPE_WEBHOOK_SECRET' 'secret=1'
  'stack' '/opt/platform/.env.stage' 'CORS_ALLOW_ORIGINS' ''
  'stack' '/opt/platform/.env.stage' 'LICENSE_PRIVATE_KEY_B64' 'secret=1'
  'stack' '/opt/platform/.env.stage' 'LICENSE_PUBLIC_KEY_B64' ''
  'stack' '/opt/platform/.env.stage' 'LICENSE_KEY_VERSION' ''
  'stack' '/opt/platform/.env.stage' 'ADMIN_API_KEY' 'secret=1'
)

# Die Prüfungen.
declare -rA RBC_PROBES=(
  ['health']='fn=probe_health timeout=5 trouble=health_bad'
)

# Titel der Prüfungen und Wege.
declare -rA RBC_TITLES=(
  ['probe/health']='health → 200'
)

# Hinweise, Begründungen und Fehlerbilder.
declare -rA RBC_NOTES=(
  ['env/stack/CORS_ALLOW_ORIGINS']='^https://'
  ['env/stack/DATABASE_URL']='^postgresql://'
  ['env/stack/LETSENCRYPT_EMAIL']="^[^@ ]+@[^@ ]+\$"
  ['env/stack/LICENSE_KEY_VERSION']="^[0-9]+\$"
  ['env/stack/LICENSE_PRIVATE_KEY_B64']="^[A-Za-z0-9+/]+=*\$"
  ['env/stack/LICENSE_PUBLIC_KEY_B64']="^[A-Za-z0-9+/]+=*\$"
  ['env/stack/REDIS_URL']='^redis://'
  ['env/stack/ROOT_DOMAIN']="^[a-z0-9.-]+\$"
  ['env/stack/STRIPE_SECRET_KEY']='^sk_test_'
  ['env/stack/STRIPE_WEBHOOK_SECRET']='^whsec_'
  ['sofort.api_keys/back']='Was kompromittiert ist, wird nicht wieder gültig.'
  ['sofort.passwoerter/back']='Was kompromittiert ist, wird nicht wieder gültig.'
  ['sofort.secrets/back']='Was kompromittiert ist, wird nicht wieder gültig.'
  ['sofort.secrets/note']='Mit den Skripten für Stripe Keys, License Signing Keys und Admin API Key (Key & Secret Rotation).'
  ['trouble/compose_start']=$'Docker Compose startet nicht: Port schon belegt.\n→ sudo lsof -i :3011\n→ Den Prozess beenden (`sudo kill -9 <PID>`) oder den Port in `docker-compose.yml` ändern.'
  ['trouble/datenbank']=$'Datenbankverbindung scheitert: PostgreSQL läuft nicht, oder die Zugangsdaten sind falsch.\n→ cd /opt/platform\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage ps postgres\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage logs postgres\n→ `DATABASE_URL` in `.env` prüfen, ohne sie anzuzeigen, und die Verbindung von Hand:\n→ cd /opt/platform\n→ grep -c \'^DATABASE_URL=postgresql://\' .env.stage\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage exec -T postgres psql -U platform -d platform -c "SELECT 1"'
  ['trouble/ghcr']=$'Images kommen nicht aus GHCR: Nicht angemeldet, oder falsche Zugangsdaten.\n→ docker logout ghcr.io\n→ Neu anmelden: GitHub Username, GitHub Personal Access Token mit `read:packages` scope.\n→ docker login ghcr.io\n→ docker pull ghcr.io/masterofmakros/obsidian-nextcloud-platform/api:stage'
  ['trouble/health_bad']=$'Health Check liefert 503: Datenbank oder Redis nicht erreichbar.\n→ cd /opt/platform\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage ps\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage logs api --tail 100\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage exec -T api sh -c \'wget -qO- http://localhost:3011/health\''
  ['trouble/latenz']=$'Hohe API-Latenz: Die API antwortet langsam.\n→ cd /opt/platform\n→ curl -sS --fail --max-time 10 https://api.example.com/metrics | sed -n \'/http_request_duration/p\'\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage exec -T postgres psql -U platform -d platform -c "\n→ SELECT query, mean_exec_time, calls\n→ FROM pg_stat_statements\n→ ORDER BY mean_exec_time DESC\n→ LIMIT 10;\n→ "\n→ Datenbank-Indizes ergänzen (siehe PERFORMANCE_ANALYSIS.md).\n→ Connection Pool vergrößern.\n→ Redis Caching einschalten.'
  ['trouble/stripe_webhooks']=$'Stripe Webhooks kommen nicht an: Die Prüfung der Webhook-Signatur scheitert, oder der Endpoint ist falsch.\n→ Webhook-Endpoint im Stripe Dashboard prüfen; richtig ist `https://api.example.com/stripe/webhook`.\n→ `STRIPE_WEBHOOK_SECRET` muss dem Stripe Dashboard entsprechen.\n→ cd /opt/platform\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage logs worker --tail 50\n→ Webhook von Hand testen, nur in Stage:\n→ stripe trigger checkout.session.completed --override checkout_session:customer_email=test@example.com'
  ['trouble/traefik_ssl']=$'Traefik: SSL-Zertifikat scheitert: Rate Limit von Let\'s Encrypt, oder DNS noch nicht verbreitet.\n→ cd /opt/platform\n→ dig api.example.com\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage logs traefik --tail 100\n→ Erneuerung erzwingen, nachdem DNS stimmt:\n→ cd /opt/platform\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage exec -T traefik rm -rf /letsencrypt/acme.json </dev/null\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage restart traefik\n→ Bei Rate Limit vorübergehend den Staging-Server nehmen, in `docker-compose.yml`:\n→ `--certificatesresolvers.letsencrypt.acme.caserver=https://acme-staging-v02.api.letsencrypt.org/directory`'
  ['trouble/worker_backlog']=$'Rückstau in der Worker-Queue: Die Queue wächst.\n→ cd /opt/platform\n→ docker compose -f docker-compose.stage.yml --env-file .env.stage exec -T worker wget -qO- http://localhost:9110/metrics | sed -n \'/queue_depth/p\'\n→ Worker skalieren:\n→ cd /opt/platform && docker compose -f docker-compose.stage.yml --env-file .env.stage up -d --scale worker=3\n→ Parallelität erhöhen (in der Worker-Config): `WORKER_CONCURRENCY=10`.\n→ Gescheiterte Jobs zählen:\n→ cd /opt/platform && docker compose -f docker-compose.stage.yml --env-file .env.stage exec redis redis-cli LLEN bull:stripe:failed'
  ['guard_1']='Falscher Host: /opt/platform fehlt, also ist das hier nicht server.'
)

# ─── Was das Skript sagt ──────────────────────────────────────────────────────

declare -rA RBC_MARKS=(['ok']='✓' ['bad']='✗' ['back']='↶' ['none']='·' ['run']='▸' ['wait']='…')
declare -rA RBC_TEXT=(
  ['after_3']='Änderungen zurücknehmen: {script} rollback{state}'
  ['after_6']='Wenn es behoben ist, noch einmal zurück: {script} rollback{state}'
  ['after_9']=$'Weiter: {script} resume{state}\nZurück: {script} rollback{state}'
  ['back_abandon']='Den Rückweg abbrechen? Was noch nicht zurückgenommen ist, bleibt so.'
  ['back_question']='Diese Schritte zurücknehmen?'
  ['back_title']='Rückweg'
  ['back_unproven']="Keine Prüfung beweist, dass der alte Stand wieder da ist: die Spec nennt kein \`verify\`."
  ['check_optional']='Zählt nicht: {why}'
  ['check_tries']='{time}, {tries} Versuche'
  ['check_waiting']='noch {left}, Versuch {tries}'
  ['choose_chosen']='{title}: {option}'
  ['decimal']=','
  ['env_malformed']='{name} in {file} hat nicht die verlangte Form.'
  ['env_missing']='{name} fehlt in {file} oder ist leer.'
  ['env_unreadable']='{file} fehlt oder ist nicht lesbar.'
  ['failed_diagnose']='Dazu nachgesehen:'
  ['failed_early']='Der Schritt endete, bevor er fertig war (exit 0 mitten darin).'
  ['failed_interrupted']='Abgebrochen.'
  ['failed_line']='Bei: {line}'
  ['failed_lines']='Zuletzt:'
  ['failed_status']='Exit-Code {status}.'
  ['failed_timeout']='Die Zeit ist abgelaufen.'
  ['first_change_irreversible']='Umgebung: stage. Ab hier wird geändert: {changes} Schritte, davon {stays} nicht umkehrbar. Fortfahren?'
  ['first_change_reversible']='Umgebung: stage. Ab hier wird geändert: {changes} Schritte, alle mit Rückweg. Fortfahren?'
  ['gate_declined']='Nicht bestätigt.'
  ['gate_manual']='{title}: erledigt?'
  ['help_check']='die Prüfungen allein, je einmal (auch: check PRÜFUNG…); für cron und Monitoring'
  ['help_log']='das Protokoll für Menschen; --verify prüft die Kette, --head HEX auch ihr Ende'
  ['help_options']=$'Optionen der Befehle, unter denen sie stehen; --no-color, --state-dir\nund --help gibt es bei allen:\n  --yes               keine Rückfrage vor der ersten Änderung (nur diese)\n  --from SCHRITT      lässt aus, was vor diesem Schritt steht (Name oder Nummer)\n  --only PHASE        nur diese Phase\n  --skip SCHRITT --why TEXT\n                      lässt diesen Schritt aus; der Grund wird festgehalten\n  --anew --why TEXT   neuer Lauf, obwohl der letzte nicht zu Ende ist\n  --fresh             rollback: nur der Block aus dem Runbook, keine Schritte\n  --verify            log: prüft die Kette; mit --head HEX auch ihr Ende\n  --quiet             nur Phasen, Fehler, Fragen und der Ausgang\n  --no-color          keine Farben\n  --keep N            so viele alte Läufe bleiben (20)\n  --state-dir DIR     wohin Läufe und Sperre geschrieben werden\n  --help              diese Hilfe'
  ['help_parameters']='Parameter und Wege:'
  ['help_plan']='zeigt jeden Schritt mit seinen Befehlen; nur was liest, läuft'
  ['help_receipt']='Beleg des letzten Laufs als Markdown, für das Ticket'
  ['help_resume']='setzt einen angehaltenen oder abgebrochenen Lauf fort'
  ['help_rollback']='nimmt die begonnenen Schritte des letzten Laufs zurück und prüft'
  ['help_run']='zeigt den Weg, prüft, fragt einmal vor der ersten Änderung, führt aus'
  ['help_status']='wo der letzte Lauf steht und wer die Sperre hält'
  ['help_usage']=$'Aufruf: {script} [BEFEHL] [Optionen]\n\nBefehle (ohne einen: run):'
  ['journal_full']='Das Protokoll lässt sich nicht schreiben ({file}); ohne Eintrag startet kein Schritt.'
  ['journal_lost']='Das Ergebnis lässt sich nicht ins Protokoll schreiben ({file}); der Lauf endet hier.'
  ['lock_held']='Es läuft schon ein Lauf: {holder}'
  ['lock_holder']='{runbook}, {user}, PID {pid}, seit {since}, bei „{step}“'
  ['lock_start']='Start'
  ['lock_strange']='Die Sperre {file} lässt sich nicht öffnen.'
  ['log_broken']='Zeile {line}: Der Eintrag wurde verändert, verschoben, eingefügt, oder vor ihm fehlt einer.'
  ['log_good']='Die Kette ist heil: {records} Einträge, Kopf {head}'
  ['log_head']='Das Ende fehlt oder ist ein anderes: der letzte Eintrag hat den Kopf {head}'
  ['log_torn']='Die letzte Zeile ist nicht zu Ende geschrieben (Absturz); sie zählt nicht.'
  ['need_missing']='{tool} fehlt oder antwortet nicht.'
  ['need_version']='{tool} {found} ist da, gebraucht wird {op} {wanted}.'
  ['next_again']='^[nN]'
  ['next_done']='^[fF]'
  ['next_pause']='^[pP]'
  ['next_question_pause']='Wie weiter? [z]urückrollen, [n]och einmal, [P]ause, [l]assen, wie es ist:'
  ['next_question_rollback']='Wie weiter? [Z]urückrollen, [n]och einmal, [p]ause, [l]assen, wie es ist:'
  ['next_rollback']='^[zZ]'
  ['next_stop']='^[lL]'
  ['next_undo']='^[uU]'
  ['option_gates']='  --accept NAME       bestätigt diese eine Stelle im Voraus'
  ['outcome_0']='FERTIG'
  ['outcome_1']='GESTOPPT, NICHTS GEÄNDERT'
  ['outcome_2']='FALSCHER AUFRUF'
  ['outcome_3']='GESCHEITERT, ÄNDERUNGEN BLEIBEN'
  ['outcome_4']='ZURÜCKGEROLLT, GEPRÜFT'
  ['outcome_5']='ZURÜCKGEROLLT, NICHT GANZ ODER NICHT BEWIESEN'
  ['outcome_6']='RÜCKWEG GESCHEITERT, BITTE EINGREIFEN'
  ['outcome_7']='ABGEWIESEN'
  ['outcome_8']='ABGELEHNT'
  ['outcome_9']='ANGEHALTEN'
  ['outcome_declined_rollback']='Nichts zurückgenommen.'
  ['outcome_head']='Kopf fürs Ticket {head}'
  ['outcome_left']='Nicht in Ordnung: {what}'
  ['outcome_log']='Protokoll: {dir}'
  ['outcome_stays']='Bleibt bestehen: {what}'
  ['plan_end_0']='Nichts wurde geändert. Alles, was jetzt schon geprüft werden kann, hält.'
  ['plan_end_1']='Nichts wurde geändert. Eine Prüfung hält nicht: ein Lauf würde dort enden.'
  ['plan_gate']='würde fragen'
  ['plan_other']='anderer Weg'
  ['plan_run']='würde laufen'
  ['plan_skip']='würde entfallen'
  ['plan_unknown']='offen bis {step}'
  ['prompt_yes']='^[jJyY]'
  ['prompt_yes_no']='[j/N]'
  ['receipt_duration']='Dauer'
  ['receipt_end']=$'Skript: sha256 `{hash}`\nKopf des Protokolls: `{head}`'
  ['receipt_outcome']='Ausgang'
  ['receipt_time']='Zeit (UTC)'
  ['receipt_what']='Was'
  ['refuse_capture']='Der Wert von „{title}“ fehlt: ein früherer Lauf hat ihn nicht festgehalten.'
  ['refuse_folder']='Der Ordner, in dem der Lauf begann, ist nicht mehr da.'
  ['refuse_gate']='Ohne Terminal braucht die Rückfrage „{title}“ ihr eigenes --accept {gate}.'
  ['refuse_help']='Mehr mit --help.'
  ['refuse_host']='Dieser Lauf begann auf {host}; nur dort geht es weiter.'
  ['refuse_interactive']='„{title}“ braucht ein Terminal.'
  ['refuse_moved']="Der Lauf ging inzwischen weiter; nichts wurde getan. Siehe \`status\`."
  ['refuse_no_copy']='{file} ist nicht da: Ohne die eigene Kopie des Laufs gibt es kein Weiter und kein Zurück.'
  ['refuse_no_terminal']='Kein Terminal für die Rückfrage vor der ersten Änderung: --yes angeben.'
  ['refuse_orphan']='Ein Schritt eines früheren Laufs läuft noch (Prozessgruppe {group}).'
  ['refuse_title']='{runbook}: nicht begonnen.'
  ['refuse_unfinished']="Der letzte Lauf {run} ist nicht zu Ende (Ausgang {code}): \`resume\`, \`rollback\`, oder --anew --why TEXT."
  ['resume_cap']="{step} wurde schon {times}-mal unterbrochen und startet nicht noch einmal: \`rollback\`."
  ['resume_done']='schon erledigt'
  ['resume_ended']='Der letzte Lauf {run} ist zu Ende (Ausgang {code}); es gibt nichts fortzusetzen.'
  ['resume_none']='Es gibt keinen Lauf, der fortgesetzt werden könnte.'
  ['resume_question']='{title}: Ausgang unbekannt. [n]och einmal, erst [u]ndo, oder [f]ertig?'
  ['resume_unknown']='Ausgang unbekannt; die Probe entscheidet.'
  ['rollback_no_block']='Dieses Runbook hat keinen eigenen Block für den Rückweg.'
  ['rollback_no_run']='Es gibt keinen Lauf, der zurückgenommen werden könnte.'
  ['rule_pause']='Im Runbook festgelegt: anhalten.'
  ['rule_rollback']='Im Runbook festgelegt: zurückrollen.'
  ['rule_stop']='Im Runbook festgelegt: so lassen.'
  ['run_line']='Lauf {run} · {steps} Schritte · {time}'
  ['run_none']='{steps} Schritte · {time}'
  ['run_where']='{host} · als {user}'
  ['secret_short']='{name} ist zu kurz für ein Geheimnis (mindestens 6 Zeichen).'
  ['skip_asked']='ausgelassen'
  ['state_ahead']='steht noch aus'
  ['state_failed']='gescheitert'
  ['state_foreign']='{dir} gehört {user}, nicht dem, der hier startet.'
  ['state_full']='In {dir} ist kein Platz für das Protokoll.'
  ['state_no_scratch']='Kein Ordner für Zwischendateien: weder /run noch /dev/shm noch /tmp ist beschreibbar.'
  ['state_other']='{dir} gehört {user}: dort kann ein Lauf dieses Ablaufs liegen, den nur {user} fortsetzen oder zurücknehmen kann.'
  ['state_undo_failed']='Rücknahme gescheitert'
  ['state_undone']='zurückgenommen'
  ['state_unknown']='Ausgang unbekannt'
  ['state_unwritable']='{dir} lässt sich nicht anlegen oder beschreiben.'
  ['status_free']='Niemand hält die Sperre.'
  ['status_head']=$'Kopf des Protokolls:\n  {head}'
  ['status_line']='Lauf {run}: {state}'
  ['status_none']='Noch kein Lauf in {dir}.'
  ['status_open']='nicht zu Ende'
  ['status_who']='Begonnen {time} von {user} auf {host}.'
  ['step_again']='noch einmal in {seconds} s, Versuch {try} von {of}'
  ['step_limit']='{time} von höchstens {limit}'
  ['step_optional']='Zählt nicht: {why}'
  ['type_int']='eine ganze Zahl'
  ['undo_block']='nimmt der Block des Rückwegs zurück'
  ['undo_irreversible']='nicht umkehrbar'
  ['undo_nothing']='nichts zurückzunehmen'
  ['undo_running']='wird zurückgenommen'
  ['usage_command']='Unbekannter Befehl {command}; es gibt: {known}.'
  ['usage_elsewhere']='{option} gehört zu {commands}, nicht zu {command}: bitte weglassen.'
  ['usage_gate']='Eine Rückfrage {gate} gibt es nicht.'
  ['usage_malformed']='{option}: erwartet wird {type}.'
  ['usage_no_skip']='{step} lässt sich nicht auslassen.'
  ['usage_phase']='Eine Phase {phase} gibt es nicht.'
  ['usage_step']='Einen Schritt {step} gibt es nicht.'
  ['usage_twice']='{option} steht zweimal da.'
  ['usage_unknown']='Unbekannte Option {option}.'
  ['usage_value']='{option} braucht einen Wert.'
  ['usage_why']='{option} braucht eine Begründung: --why TEXT.'
  ['usage_without']='{option} gilt nur zusammen mit {needed}.'
  ['way_irreversible']='nicht umkehrbar'
  ['way_nothing']='nichts zurückzunehmen'
  ['way_readonly']='liest nur'
  ['way_rollback']='Rückweg im Block'
  ['way_undo']='umkehrbar'
)

# ─── Die Maschinerie ──────────────────────────────────────────────────────────

# rbc_settle: the path and the parameters of this run.
rbc_settle() {
  :
}

# rbc_prepare: what else has to be right before the first probe.
rbc_prepare() {
  rbc_env_files
  rbc_hide_secrets
  :
}

# rbc_prime: what asks a person, when nothing else stands in the way.
rbc_prime() {
  :
}

# rbc_may_begin: what is asked of a run, not of a look or a way back.
rbc_may_begin() {
  :
}

# rbc_more_headline: what else is to be known from the start.
rbc_more_headline() {
  :
}

# rbc_more_help: options that not every runbook has.
rbc_more_help() {
  rbc_tell option_gates
  :
}

# rbc_item: do the row at hand.
rbc_item() {
  case "${rbc_kind}" in
    check) rbc_do_check ;;
    step) rbc_do_step ;;
    manual) rbc_do_manual ;;
    *) rbc_rc=1 ;;
  esac
}

# rbc_before_phase: rbc_here is '' where the phase is left out, rbc_rc is not 0 where the run pauses before it.
rbc_before_phase() {
  :
}

# rbc_end_phase: what a phase leaves running ends with it.
rbc_end_phase() {
  :
}

# rbc_before_row: rbc_here is '' where the row is left out, rbc_rc is not 0 where the run pauses before it.
rbc_before_row() {
  rbc_rc=0 rbc_here=yes
  :
}

# rbc_asked: rbc_here is '' where its condition leaves out the row at hand.
rbc_asked() {
  rbc_here=yes
  :
}

# rbc_run_step FUNCTION SECONDS: the commands of the step at hand.
rbc_run_step() {
  rbc_spawn "$1" "$2" "${rbc_log}" "${rbc_show}"
}

# rbc_prompt_limit: how many seconds a question waits, into rbc_text; a month is no limit.
rbc_prompt_limit() {
  rbc_text=2592000
}

# rbc_again_needed: does the row at hand have to be done again although it was?
rbc_again_needed() {
  :
}

# rbc_after_row INDEX: after a row that went well.
rbc_after_row() {
  :
}

# rbc_after_failure: before anybody is asked.
rbc_after_failure() {
  :
}

# rbc_before_undo STEP: what has to end before its way back begins. rbc_rc is not 0 where it does not.
rbc_before_undo() {
  :
}

# rbc_before_leaving: the failure stands.
rbc_before_leaving() {
  rbc_rc=1
}

# rbc_back_took MICROSECONDS: the way back is at its end.
rbc_back_took() {
  :
}

# rbc_before_resume: what an earlier driver left unfinished.
rbc_before_resume() {
  :
}

# rbc_reap RUN...: what earlier drivers left running.
rbc_reap() {
  :
}

# rbc_before_end: nothing of a run outlives it.
rbc_before_end() {
  :
}

# Which commands take an option, in pairs; after '' all of them do. A parameter or a choice is --NAME.
readonly -a RBC_TAKES=(
  --yes 'run rollback resume'
  --from 'run plan'
  --only 'run plan'
  --skip 'run plan resume'
  --why 'run plan resume'
  --anew 'run'
  --accept 'run rollback resume'
  --fresh 'rollback'
  --verify 'log'
  --head 'log'
  --quiet 'run plan check rollback resume'
  --keep 'run rollback'
  --no-color ''
  --state-dir ''
)

# rbc_dispatch: do what the command line asks for.
rbc_dispatch() {
  case "${rbc_command}" in
    plan) rbc_command_plan ;;
    check) rbc_command_check ;;
    rollback) rbc_command_rollback ;;
    resume) rbc_command_resume ;;
    status) rbc_command_status ;;
    log) rbc_command_log ;;
    receipt) rbc_command_receipt ;;
    *) rbc_command_run ;;
  esac
}

# What people see: sentences, marks, durations. Nothing here decides anything.

# rbc_fill KEY [NAME VALUE]...: the sentence KEY with its {placeholders} filled, into rbc_text.
rbc_fill() {
  rbc_text=${RBC_TEXT[$1]}
  shift
  while (($# > 1)); do
    rbc_text=${rbc_text//"{$1}"/"$2"}
    shift 2
  done
}

# rbc_visible TEXT: control, C1 and bidi characters become \xNN, a tab becomes spaces, into rbc_text.
rbc_visible() {
  local LC_ALL=C bad shown byte i
  local unsafe=$'[\001-\037\177]|\302[\200-\237]|\342\200[\216\217\252-\256]|\342\201[\246-\251]|\330\234'
  rbc_redact "$1"
  rbc_text=${rbc_text//$'\t'/    }
  while [[ "${rbc_text}" =~ ${unsafe} ]]; do
    bad=${BASH_REMATCH[0]} shown=''
    for ((i = 0; i < ${#bad}; i++)); do
      printf -v byte '%d' "'${bad:i:1}"
      printf -v byte '\\x%02x' "$((byte & 255))"
      shown+=${byte}
    done
    rbc_text=${rbc_text//"${bad}"/"${shown}"}
  done
}

# rbc_redact TEXT: secrets out, into rbc_text. Both sides are quoted: since bash 5.2 an unquoted & would put them back.
rbc_redact() {
  local form
  rbc_text=$1
  for form in "${rbc_hidden[@]}"; do
    rbc_text=${rbc_text//"${form}"/'***'}
  done
}

# rbc_line TEXT: one line to the terminal.
rbc_line() {
  printf '%s\n' "$1"
}

# rbc_tell KEY [NAME VALUE]...: a sentence of the runbook's language on a line of its own.
rbc_tell() {
  rbc_fill "$@"
  rbc_line "${rbc_text}"
}

# rbc_complain KEY [NAME VALUE]...: the same to standard error.
rbc_complain() {
  rbc_fill "$@"
  printf '%s\n' "${rbc_text}" >&2
}

# rbc_problem KEY [NAME VALUE]...: one more reason not to begin; rbc_misuse: the same, and the command line alone is at fault.
rbc_problem() {
  rbc_fill "$@"
  rbc_problems+=("${rbc_text}")
}

rbc_misuse() {
  rbc_fill "$@"
  rbc_usage+=("${rbc_text}")
}

# rbc_took MICROSECONDS: "0,3 s", "2 min 05 s", "1 h 02 min", into rbc_text.
rbc_took() {
  local tenths=$((($1 + 50000) / 100000)) seconds
  seconds=$((tenths / 10))
  if ((seconds < 60)); then
    rbc_text="${seconds}${RBC_TEXT[decimal]}$((tenths % 10)) s"
  elif ((seconds < 3600)); then
    printf -v rbc_text '%d min %02d s' "$((seconds / 60))" "$((seconds % 60))"
  else
    printf -v rbc_text '%d h %02d min' "$((seconds / 3600))" "$((seconds % 3600 / 60))"
  fi
}

# rbc_wrap TEXT PREFIX: lines of at most 76 columns, broken at blanks, each with PREFIX, into rbc_wrapped.
rbc_wrap() {
  local rest=$1 width=$((76 - ${#2})) line
  rbc_wrapped=()
  while ((${#rest} > width)); do
    line=${rest:0:width+1}
    [[ "${line}" != *' '* ]] || line=${line% *}
    line=${line:0:width}
    rbc_wrapped+=("$2${line}")
    rest=${rest:${#line}}
    rest=${rest# }
  done
  rbc_wrapped+=("$2${rest}")
}

# rbc_folded TEXT PREFIX: the text on lines that a narrow terminal has room for.
rbc_folded() {
  rbc_wrap "$1" "$2"
  printf '%s\n' "${rbc_wrapped[@]}"
}

# rbc_row MARK TEXT [RIGHT]: an outcome line; a long one is broken, RIGHT ends at column 76.
rbc_row() {
  local right=${3-} line gap
  rbc_wrap "$2" '    '
  gap=$((76 - ${#rbc_wrapped[-1]} - ${#right}))
  if [[ -n "${right}" ]] && ((gap < 1)); then
    rbc_wrapped+=('    ')
    gap=$((72 - ${#right}))
  fi
  if [[ -n "${right}" ]]; then
    printf -v line '%*s%s' "${gap}" '' "${right}"
    rbc_wrapped[-1]+=${line}
  fi
  rbc_line "  ${rbc_colors[$1]-}${RBC_MARKS[$1]}${rbc_colors[off]-}${rbc_wrapped[0]:3}"
  for line in "${rbc_wrapped[@]:1}"; do
    rbc_line "${line}"
  done
}

# rbc_transient TEXT [TAIL]: a line that the next one replaces; only where somebody looks at a terminal. Where both are too long
# it is TEXT that is cut.
rbc_transient() {
  local text=$1 tail=${2-} room
  [[ -n "${rbc_live_line}" ]] || return 0
  room=$((74 - ${#tail}))
  ((${#text} <= room)) || text=${text:0:room-1}…
  printf '\r\033[K  %s%s' "${text}" "${tail}"
}

rbc_transient_end() {
  [[ -z "${rbc_live_line}" ]] || printf '\r\033[K'
}

# rbc_keep_line MARK TEXT: the line that was to be replaced stays, in full, because something comes after it.
rbc_keep_line() {
  [[ -n "${rbc_live_line}" ]] || return 0
  rbc_transient_end
  rbc_row "$1" "$2"
}

rbc_set_colors() {
  declare -gA rbc_colors=()
  rbc_live_line=''
  [[ -t 1 && "${TERM-dumb}" != dumb ]] || return 0
  rbc_live_line=yes
  [[ -z "${NO_COLOR-}" && -z "${rbc_option[no_color]-}" ]] || return 0
  rbc_colors=([ok]=$'\033[32m' [bad]=$'\033[31m' [back]=$'\033[33m' [none]=$'\033[2m' [bold]=$'\033[1m' [off]=$'\033[0m')
}

# JSON strings without a child and without loss: a byte that is not UTF-8 becomes \udcNN.

# rbc_json TEXT: a quoted JSON string, into rbc_text.
rbc_json() {
  # Nearly all are of these characters, and then no locale has to be set and set back.
  if ((${#rbc_hidden[@]} == 0)) && [[ "$1" != *[!abcdefghijklmnopqrstuvwxyz0123456789._]* ]]; then
    rbc_text="\"$1\""
    return 0
  fi
  rbc_json_slowly "$1"
}

rbc_json_slowly() {
  local LC_ALL=C text out='' piece char code need
  local -i at=0
  rbc_redact "$1"
  text=${rbc_text}
  if [[ "${text}" != *[!\ -\~]* && "${text}" != *[\"\\]* ]]; then
    rbc_text="\"${text}\""
    return 0
  fi
  while ((at < ${#text})); do
    char=${text:at:1}
    printf -v code '%d' "'${char}"
    code=$((code & 255))
    need=0
    case "${char}" in
      '"' | "\\") piece="\\${char}" ;;
      $'\n') piece='\n' ;;
      $'\t') piece='\t' ;;
      *)
        if ((code < 32 || code == 127)); then
          printf -v piece '\\u%04x' "${code}"
        elif ((code < 128)); then
          piece=${char}
        else
          case "${text:at:4}" in
            [$'\302'-$'\337'][$'\200'-$'\277']*) need=2 ;;
            $'\340'[$'\240'-$'\277'][$'\200'-$'\277']*) need=3 ;;
            [$'\341'-$'\354'$'\356'$'\357'][$'\200'-$'\277'][$'\200'-$'\277']*) need=3 ;;
            $'\355'[$'\200'-$'\237'][$'\200'-$'\277']*) need=3 ;;
            $'\360'[$'\220'-$'\277'][$'\200'-$'\277'][$'\200'-$'\277']) need=4 ;;
            [$'\361'-$'\363'][$'\200'-$'\277'][$'\200'-$'\277'][$'\200'-$'\277']) need=4 ;;
            $'\364'[$'\200'-$'\217'][$'\200'-$'\277'][$'\200'-$'\277']) need=4 ;;
            *) printf -v piece '\\udc%02x' "${code}" ;;
          esac
          ((need == 0)) || piece=${text:at:need}
        fi
        ;;
    esac
    out+=${piece}
    at+=$((need > 1 ? need : 1))
  done
  rbc_text="\"${out}\""
}

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

# Every head goes where who may write to the log cannot: to syslog or the journal, as it comes to be.

# rbc_follow: from here on a process of its own reads the log as it grows, and `logger` gets each head. The driver waits for
# neither of them, and they end with it, however it ends.
rbc_follow() {
  [[ -n "${rbc_journal}" && -z "${rbc_follower}" && -S /dev/log ]] || return 0
  type -P logger >/dev/null || return 0
  rbc_heads {rbc_lock_fd}>&- </dev/null 2>/dev/null | {
    trap '' HUP INT TERM
    exec logger -t rbc {rbc_lock_fd}>&- {rbc_silence}>&- >/dev/null 2>&1
  } &
  rbc_follower=$!
}

# rbc_heads: a line for each new record: runbook, run, number and head. Ends after a record that ends a run, or without its driver.
rbc_heads() {
  local line='' part log stat
  trap '' HUP INT TERM
  exec {log}<"${rbc_journal}"
  while :; do
    if LC_ALL=C IFS= read -r part <&"${log}"; then
      line+=${part}
      rbc_field seq "${line}"
      if [[ "${line}" =~ ,\"hash\":\"([0-9a-f]{64})\"}$ ]] && ((rbc_text > rbc_told)); then
        printf '%s %s %s %s\n' "${RBC_RUNBOOK}" "${rbc_run##*/}" "${rbc_text}" "${BASH_REMATCH[1]}"
        rbc_field event "${line}"
        [[ "${rbc_text}" != @(end|pause) ]] || break
      fi
      line=''
    else
      line+=${part}
      LC_ALL=C IFS= read -r stat <"/proc/${BASHPID}/stat"
      [[ "${stat##*) }" == ?' '"$$ "* ]] || break
      read -r -t 0.1 -u "${rbc_silence}" _
    fi
  done
}

# rbc_tell_syslog TEXT: the last head and the outcome, when all heads are told. A syslog that hangs is not waited for.
rbc_tell_syslog() {
  local i
  type -P logger >/dev/null || return 0
  for ((i = 0; i < 40; i++)); do
    if [[ -z "${rbc_follower}" ]] || ! kill -0 "${rbc_follower}" 2>/dev/null; then
      timeout --kill-after=1 2 logger -t rbc -- "$1" 2>/dev/null
      return 0
    fi
    read -r -t 0.05 -u "${rbc_silence}" _
  done
  kill -KILL "${rbc_follower}" 2>/dev/null
}

# One run of a runbook at a time on the whole host. The lock is the descriptor; no child inherits it.

# rbc_lock: take it, or say in rbc_problems who holds it.
rbc_lock() {
  local file=${rbc_lock_file} holder='' try
  if [[ -L "${file}" ]]; then
    rbc_problem lock_strange file "${file}"
    return 0
  fi
  if [[ ! -e "${file}" ]]; then
    (umask 0 && set -C && : >"${file}") 2>/dev/null
  fi
  if ! { exec {rbc_lock_fd}<"${file}"; } 2>/dev/null; then
    rbc_problem lock_strange file "${file}"
    return 0
  fi
  if flock --nonblock "${rbc_lock_fd}"; then
    rbc_locked=yes
    rbc_fill lock_holder runbook "${RBC_RUNBOOK}" user "${rbc_user}" pid "$$" since "${rbc_since}"
    rbc_holder=${rbc_text}
    rbc_lock_say "${RBC_TEXT[lock_start]}"
    return 0
  fi
  # Who has only just got it has not written yet, and before that it says who had it last.
  for ((try = 0; try < 20; try++)); do
    LC_ALL=C IFS= read -r -n 300 holder <"${file}"
    [[ ! "${holder}" =~ PID\ ([0-9]+) || ! -e "/proc/${BASH_REMATCH[1]}" ]] || break
    read -r -t 0.05 -u "${rbc_silence}" _
  done
  rbc_visible "${holder}"
  rbc_problem lock_held holder "${rbc_text}"
}

# rbc_lock_say STEP: who holds the lock, since when, at which step, for the one who is refused. The file may be another
# user's, so it is written in place, through the descriptor, and never created or replaced here; only its first line counts.
rbc_lock_say() {
  [[ -n "${rbc_locked}" ]] || return 0
  { printf '%s\n' "${rbc_holder//"{step}"/"$1"}" 1<>"/proc/self/fd/${rbc_lock_fd}"; } 2>/dev/null
}

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

# Reading the tables above: rows of five words (kind, id, number, title, settings) and settings of `key=value` words.

# rbc_take TABLE INDEX: one row into rbc_kind, rbc_id, rbc_number, rbc_title, rbc_settings.
rbc_take() {
  local -n rbc_table=$1
  rbc_kind=${rbc_table[$2]} rbc_id=${rbc_table[$2 + 1]} rbc_number=${rbc_table[$2 + 2]}
  rbc_title=${rbc_table[$2 + 3]} rbc_settings=${rbc_table[$2 + 4]}
}

# rbc_setting KEY [SETTINGS]: its value, or '', into rbc_text.
rbc_setting() {
  rbc_get "${2-${rbc_settings}}" "rbc_text:$1"
}

# rbc_get SETTINGS [NAME:]KEY...: the values of these keys, or '', into the caller's variables of these names.
rbc_get() {
  local settings=" $1" pair value
  shift
  for pair in "$@"; do
    value=${settings#*" ${pair#*:}="}
    [[ "${value}" != "${settings}" ]] || value=''
    printf -v "${pair%%:*}" '%s' "${value%% *}"
  done
}

# rbc_on_path: is the row of rbc_settings on the chosen path? rbc_here is yes or ''.
rbc_on_path() {
  local decision decisions
  rbc_here=yes
  [[ " ${rbc_settings}" == *' when='* ]] || return 0
  rbc_setting when
  IFS=, read -r -a decisions <<<"${rbc_text}"
  for decision in "${decisions[@]}"; do
    [[ "${rbc_value[${decision%%:*}]-}" == "${decision#*:}" ]] || rbc_here=''
  done
}

# rbc_is_change: does the row of rbc_settings change something? rbc_change is yes or ''.
rbc_is_change() {
  rbc_change=''
  [[ "${rbc_kind}" != @(step|manual) || " ${rbc_settings} " == *' back=readonly '* ]] || rbc_change=yes
}

# rbc_needed SETTINGS: is the parameter or tool used on the chosen path? `needed=a:b,c:d;e:f`, alternatives of decisions. rbc_here.
rbc_needed() {
  local ways way
  rbc_setting needed "$1"
  ways=${rbc_text}
  rbc_here=''
  [[ "${ways}" != never ]] || return 0
  IFS=';' read -r -a ways <<<"${ways}"
  for way in "${ways[@]}"; do
    if [[ "${way}" == always ]]; then
      rbc_here=yes
      return 0
    fi
    rbc_settings="when=${way}"
    rbc_on_path
    [[ -z "${rbc_here}" ]] || return 0
  done
}

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

# Questions to the person at the terminal. End of input and interrupts are never a yes.

# rbc_prompt TEXT: one line from the terminal, into rbc_reply; rbc_answered is '' where there was none.
rbc_prompt() {
  local until status
  rbc_reply='' rbc_answered=''
  [[ -n "${rbc_terminal}" ]] || return 0
  rbc_on_disk
  printf '%s ' "$1" >/dev/tty
  rbc_prompt_limit
  rbc_clock
  until=$((rbc_now + rbc_text * 1000000))
  # In short turns, because a signal does not end `read`. What is typed stays with the terminal until its line is whole.
  while [[ -z "${rbc_caught}" ]] && ((rbc_now < until)); do
    LC_ALL=C IFS= read -r -t 0.5 rbc_reply </dev/tty
    status=$?
    if ((status == 0)) && [[ -z "${rbc_caught}" ]]; then
      rbc_answered=yes
      return 0
    fi
    ((status > 128)) || break
    rbc_clock
  done
  printf '\n' >/dev/tty
  rbc_reply=''
}

# rbc_yes KEY [NAME VALUE]...: rbc_answer is yes only where a person said so.
rbc_yes() {
  rbc_answer=''
  rbc_fill "$@"
  rbc_prompt "${rbc_text} ${RBC_TEXT[prompt_yes_no]}"
  if [[ "${rbc_reply}" =~ ${RBC_TEXT[prompt_yes]} ]]; then
    rbc_answer=yes
  fi
}

# Which programs the host has. A rehearsal brings its own answer.

# rbc_tool PROGRAM: rbc_here is yes where the host has it.
rbc_tool() {
  rbc_here=''
  ! type -P "$1" >/dev/null || rbc_here=yes
}

# Refuse early: everything that would stop the run is found before the first probe and said in one list.

# rbc_refuse_early: guards, needs, sudo, state, lock. Ends the run with 7 where anything is wrong.
rbc_refuse_early() {
  local name
  for name in "${RBC_GUARDS[@]}"; do
    rbc_spawn "${name}" 30 "${rbc_tmp}/refuse.log" no
    if ((rbc_rc != 0)); then
      rbc_problems+=("${RBC_NOTES[${name}]}")
    fi
  done
  # On a wrong host nothing else is looked at.
  ((${#rbc_problems[@]} > 0 && ${#RBC_GUARDS[@]} > 0)) || rbc_refuse_needs
  rbc_prepare
  # A command line that is wrong leaves nothing behind.
  if [[ -n "${rbc_state}" && ${#rbc_usage[@]} -eq 0 ]]; then
    rbc_make_state
    rbc_lock
    # Where the last run stands is only known with the lock: without it, another driver is at work.
    [[ "${rbc_command}" != run || -z "${rbc_locked}" ]] || rbc_refuse_unfinished
  fi
  rbc_prime
  rbc_stop_on_problems
}

# rbc_refuse_needs: RBC_NEEDS has rows of five: tool, function that prints its version or '', operator, version, settings.
rbc_refuse_needs() {
  local i tool version
  for ((i = 0; i < ${#RBC_NEEDS[@]}; i += 5)); do
    tool=${RBC_NEEDS[i]}
    rbc_needed "${RBC_NEEDS[i + 4]}"
    [[ -n "${rbc_here}" ]] || continue
    rbc_tool "${tool%% *}"
    if [[ -z "${rbc_here}" ]]; then
      rbc_problem need_missing tool "${tool}"
      continue
    fi
    [[ -n "${RBC_NEEDS[i + 1]}" ]] || continue
    rbc_spawn "${RBC_NEEDS[i + 1]}" 30 "${rbc_tmp}/refuse.log" no "${rbc_tmp}/value"
    version=$(<"${rbc_tmp}/value")
    if ((rbc_rc != 0)) || [[ ! "${version}" =~ [0-9]+(\.[0-9]+)* ]]; then
      rbc_problem need_missing tool "${tool}"
      continue
    fi
    version=${BASH_REMATCH[0]}
    [[ -n "${RBC_NEEDS[i + 2]}" ]] || continue
    rbc_compare "${version}" "${RBC_NEEDS[i + 3]}"
    case "${RBC_NEEDS[i + 2]}${rbc_order}" in
      '>=above' | '>=same' | '<=below' | '<=same' | '=same' | '>above' | '<below') ;;
      *)
        rbc_problem need_version tool "${tool}" op "${RBC_NEEDS[i + 2]}" wanted "${RBC_NEEDS[i + 3]}" found "${version}"
        ;;
    esac
  done
}

# rbc_compare A B: dotted numbers; rbc_order is below, same or above. Only as many places as B has are looked at.
rbc_compare() {
  local a b i
  IFS=. read -r -a a <<<"$1"
  IFS=. read -r -a b <<<"$2"
  rbc_order=same
  for ((i = 0; i < ${#b[@]}; i++)); do
    if ((10#${a[i]:-0} > 10#${b[i]})); then
      rbc_order=above
      return 0
    elif ((10#${a[i]:-0} < 10#${b[i]})); then
      rbc_order=below
      return 0
    fi
  done
}

# rbc_stop_on_problems: the list, and 7 (or 2 where only the command line is at fault).
rbc_stop_on_problems() {
  local problem
  ((${#rbc_problems[@]} + ${#rbc_usage[@]} > 0)) || return 0
  rbc_complain refuse_title runbook "${RBC_TITLE}"
  for problem in "${rbc_usage[@]}" "${rbc_problems[@]}"; do
    printf '  - %s\n' "${problem}" >&2
  done
  if ((${#rbc_problems[@]} == 0)); then
    rbc_complain refuse_help
    rbc_exit 2
  fi
  rbc_complain outcome_7
  rbc_exit 7
}

# rbc_gates_answered: without a terminal each gate on the path needs its own --accept.
rbc_gates_answered() {
  local i
  [[ -z "${rbc_terminal}" ]] || return 0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ " ${rbc_settings}" != *' interactive=1'* || -z "${rbc_here}" ]] || rbc_problem refuse_interactive title "${rbc_title}"
    [[ " ${rbc_settings}" != *' other=1'* ]] || continue
    if [[ -n "${rbc_here}" && "${rbc_kind}" == @(confirm|manual) && -z "${rbc_accept[${rbc_id##*.}]-}" &&
      "${rbc_status[${rbc_id}]-}" != ok ]]; then
      rbc_problem refuse_gate gate "${rbc_id##*.}" title "${rbc_title}"
    fi
  done
}

# Probes: asked until they hold or their patience ends. They only read.

# rbc_ask PROBE EVERY WITHIN LABEL: rbc_rc is 0 or the last try's status; rbc_spent (microseconds), rbc_tries.
rbc_ask() {
  local probe=$1 every=$2 within=$3 label=$4 began fn timeout final rest
  rbc_get "${RBC_PROBES[$1]}" fn timeout final
  rbc_clock
  began=${rbc_now} rbc_tries=0
  rbc_log=${rbc_run:-${rbc_tmp}}/${rbc_run:+steps/}probe-${probe}.log
  while :; do
    rbc_tries=$((rbc_tries + 1))
    : >"${rbc_log}"
    rbc_spawn "${fn}" "${timeout}" "${rbc_log}" no
    rbc_spent=$((rbc_now - began))
    rest=$((within * 1000000 - rbc_spent))
    if [[ -n "${final}" && "${rbc_rc}" == "${final}" ]]; then
      # It says itself that no further look will be better.
      rbc_rc=1
      break
    fi
    ((rbc_rc != 0 && rest > 0)) && [[ -z "${rbc_caught}" ]] || break
    rbc_took "${rest}"
    rbc_fill check_waiting left "${rbc_text}" tries "${rbc_tries}"
    rbc_last_word
    rbc_transient "${RBC_MARKS[wait]} ${label}" " · ${rbc_text}"
    rbc_sleep "$((every > 0 ? every : 1))"
  done
}

# rbc_last_word: the beginning of what the last try said last, behind rbc_text; where it said nothing, its exit code.
rbc_last_word() {
  local line last=''
  while LC_ALL=C IFS= read -r line; do
    [[ -z "${line}" ]] || last=${line}
  done <"${rbc_log}"
  last=${last:-exit ${rbc_rc}}
  rbc_text+=": ${last:0:24}"
}

# rbc_check_row STEP PROBE EVERY WITHIN LABEL: ask, show, record. rbc_rc is 0 where the probe holds or does not count.
rbc_check_row() {
  local step=$1 probe=$2 label=$5 optional right status
  rbc_transient "${RBC_MARKS[wait]} ${label}"
  rbc_ask "${probe}" "$3" "$4" "${label}"
  rbc_transient_end
  status=${rbc_rc}
  rbc_get "${RBC_PROBES[${probe}]}" optional
  rbc_record check step "${step}" phase "${rbc_phase}" exit "$((optional == 1 ? 0 : status))" try "${rbc_tries}" duration "${rbc_spent}" why "${probe}"
  rbc_took "${rbc_spent}"
  right=${rbc_text}
  if ((rbc_tries > 1)); then
    rbc_fill check_tries time "${right}" tries "${rbc_tries}"
    right=${rbc_text}
  fi
  if ((status == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${label}" "${right}"
  elif ((optional == 1)); then
    rbc_row none "${label}" "${right}"
    rbc_fill check_optional why "${RBC_NOTES["probe/${probe}/optional"]}"
    rbc_line "      ${rbc_text}"
    status=0
  else
    rbc_row bad "${label}" "${right}"
    rbc_explain "${status}" "${rbc_log}" "probe.${probe}" "${RBC_PROBES[${probe}]}"
  fi
  rbc_rc=${status}
}

# rbc_explain STATUS LOG KEY SETTINGS [SHOWN]: why it failed: the last lines where they were not SHOWN already, what `diagnose`
# finds, the trouble entries.
rbc_explain() {
  local status=$1 log=$2 name names diagnose trouble
  rbc_get "$4" diagnose trouble
  [[ "$3" == probe.* ]] || rbc_tell_line
  case "${status}" in
    0 | 1) ;;
    130) rbc_tell_in failed_interrupted ;;
    124 | 137) rbc_tell_in failed_timeout ;;
    125) rbc_tell_in failed_early ;;
    *) rbc_tell_in failed_status status "${status}" ;;
  esac
  if [[ -z "${5-}" && -s "${log}" ]]; then
    ((status < 2 || status == 130)) || rbc_tell_in failed_lines
    rbc_last_lines "${log}" 12
  fi
  if [[ -n "${diagnose}" && -z "${rbc_caught}" ]]; then
    rbc_tell_in failed_diagnose
    : >"${rbc_tmp}/diagnose.log"
    rbc_spawn "${diagnose}" 30 "${rbc_tmp}/diagnose.log" no
    [[ -z "${rbc_run}" ]] || cp -- "${rbc_tmp}/diagnose.log" "${rbc_run}/steps/${3//\//_}.diagnose.log"
    rbc_last_lines "${rbc_tmp}/diagnose.log" 20
  fi
  IFS=, read -r -a names <<<"${trouble}"
  for name in "${names[@]}"; do
    while IFS= read -r name; do
      rbc_line "      ${name}"
    done <<<"${RBC_NOTES["trouble/${name}"]}"
  done
}

# rbc_tell_line: the line that failed, as it stands in the script.
rbc_tell_line() {
  local number='' source=()
  { IFS= read -r number <"${rbc_tmp}/marker.failed"; } 2>/dev/null
  [[ "${number}" =~ ^[1-9][0-9]{0,6}$ ]] || return 0
  mapfile -t -s "$((number - 1))" -n 1 source <"${rbc_script}"
  [[ "${source[0]-}" =~ ^[[:space:]]*(.*)$ ]]
  rbc_visible "${BASH_REMATCH[1]:0:200}"
  rbc_tell_in failed_line line "${rbc_text}"
}

rbc_tell_in() {
  rbc_fill "$@"
  rbc_folded "${rbc_text}" '      '
}

rbc_do_check() {
  local probe every within
  rbc_get "${rbc_settings}" probe every within
  rbc_check_row "${rbc_id}" "${probe}" "${every:-0}" "${within:-0}" "${rbc_number} ${rbc_title}"
}

# rbc_command_check: the probes named, else those before the first change and those of `verify`, once each.
rbc_command_check() {
  local i name changed='' failed=0 names
  rbc_settle
  rbc_state=''
  rbc_refuse_early
  read -r -a names <<<"${rbc_named}"
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    rbc_is_change
    changed+=${rbc_change}
    rbc_setting probe
    [[ -n "${rbc_named}" || -z "${rbc_here}" || -n "${changed}" || -z "${rbc_text}" ]] || names+=("${rbc_text}")
  done
  for ((i = 0; i < ${#RBC_VERIFY[@]}; i += 5)); do
    rbc_take RBC_VERIFY "${i}"
    rbc_setting probe
    [[ -n "${rbc_named}" || " ${names[*]} " == *" ${rbc_text} "* ]] || names+=("${rbc_text}")
  done
  for name in "${names[@]}"; do
    rbc_check_captures "${name}"
    rbc_check_row "${name}" "${name}" 0 0 "${RBC_TITLES["probe/${name}"]}"
    ((rbc_rc == 0)) || failed=1
  done
  rbc_exit "${failed}"
}

# rbc_check_captures PROBE: what the probe reads is captured first, once.
rbc_check_captures() {
  local i reads
  rbc_get "${RBC_PROBES[$1]}" reads
  [[ -n "${reads}" ]] || return 0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_setting var
    if [[ "${rbc_kind}" == capture && ",${reads}," == *",${rbc_text},"* && -z "${rbc_value[${rbc_text}]+taken}" ]]; then
      rbc_item
    fi
  done
}

# Files of NAME=value that a service reads: what is required is there and has its form before anything runs.

# rbc_env_files: RBC_ENV has rows of four: service, path, variable, settings. The values are read, never executed.
rbc_env_files() {
  local i path name line value found pattern
  for ((i = 0; i < ${#RBC_ENV[@]}; i += 4)); do
    path=${RBC_ENV[i + 1]} name=${RBC_ENV[i + 2]} value='' found=''
    if [[ ! -r "${path}" || ! -f "${path}" ]]; then
      rbc_fill env_unreadable file "${path}"
      [[ " ${rbc_problems[*]-} " == *"${rbc_text}"* ]] || rbc_problems+=("${rbc_text}")
      continue
    fi
    [[ -n "${name}" ]] || continue
    while LC_ALL=C IFS= read -r line || [[ -n "${line}" ]]; do
      line=${line%$'\r'}
      if [[ "${line}" =~ ^[[:space:]]*(export[[:space:]]+)?"${name}"[[:space:]]*=[[:space:]]*(.*)$ ]]; then
        value=${BASH_REMATCH[2]} found=yes
        case "${value}" in
          \"*\") value=${value:1:-1} ;;
          \'*\') value=${value:1:-1} ;;
          *) ;;
        esac
      fi
    done <"${path}"
    pattern=${RBC_NOTES["env/${RBC_ENV[i]}/${name}"]-}
    rbc_setting secret "${RBC_ENV[i + 3]}"
    [[ -z "${rbc_text}" ]] || rbc_secret[${name}]=yes
    if [[ -z "${found}" || -z "${value}" ]]; then
      rbc_problem env_missing name "${name}" file "${path}"
    elif [[ -n "${pattern}" && ! "${value}" =~ ${pattern} ]]; then
      rbc_problem env_malformed name "${name}" file "${path}"
    fi
    rbc_value[${name}]=${value}
  done
}

# What must never be shown or kept: secrets in any of the forms in which commands print them.

# rbc_hide_secrets: fill rbc_hidden with every form. A very short secret cannot be hidden without hiding half of the output.
rbc_hide_secrets() {
  local name value line form lines
  rbc_hidden=()
  for name in "${!rbc_secret[@]}"; do
    value=${rbc_value[${name}]-}
    [[ -n "${value}" ]] || continue
    if ((${#value} < 6)); then
      rbc_problem secret_short name "${name}"
      continue
    fi
    rbc_hidden+=("${value}")
    printf -v form '%q' "${value}"
    rbc_hidden+=("${form}")
    form=$(printf '%s' "${value}" | base64 --wrap=0)
    rbc_hidden+=("${form}" "${form%%=*}")
    form=$(printf '%s\n' "${value}" | base64 --wrap=0)
    rbc_hidden+=("${form}")
    mapfile -t lines <<<"${value}"
    for line in "${lines[@]}"; do
      ((${#line} < 6)) || rbc_hidden+=("${line}")
    done
  done
}

# Steps: an intent on disk, the operator's commands in their own process, a result on disk.

# rbc_do_step: run the step of the row at hand, with its retries and its verify. rbc_rc is 0 or why not.
rbc_do_step() {
  local id=${rbc_id} label="${rbc_number} ${rbc_title}" settings=${rbc_settings} phase=${rbc_phase} change
  local fn timeout retry pause optional status try=0 spent=0
  rbc_get "${settings}" fn timeout retry pause optional
  rbc_log=${rbc_run:-${rbc_tmp}}/${rbc_run:+steps/}${id}.log
  rbc_is_change
  change=${rbc_change} rbc_intent=yes
  rbc_lock_say "${label}"
  [[ -n "${rbc_live_line}" || -n "${rbc_option[quiet]-}" ]] || rbc_row run "${label}"
  while :; do
    try=$((try + 1))
    rbc_transient "${RBC_MARKS[run]} ${label}"
    rbc_tick="run ${label}"
    : >>"${rbc_log}"
    rbc_run_step "${fn}" "${timeout:-0}"
    rbc_tick=''
    [[ -n "${rbc_printed}" ]] || rbc_transient_end
    if [[ -n "${rbc_intent}" ]]; then
      rbc_intent='' rbc_rc=1
      rbc_row bad "${label}"
      rbc_tell_in journal_full file "${rbc_journal}"
      return 0
    fi
    status=${rbc_rc}
    spent=$((spent + rbc_duration))
    if ((status == 0)); then
      rbc_verify "${settings}"
      # A probe has a log of its own.
      status=${rbc_rc} rbc_log=${rbc_run}/steps/${id}.log
    fi
    ((status != 0 && try <= retry)) && [[ -z "${rbc_caught}" ]] || break
    rbc_fill step_again try "$((try + 1))" of "$((retry + 1))" seconds "${pause}"
    rbc_row none "${label} · ${rbc_text}"
    rbc_sleep "${pause}"
  done
  rbc_settings=${settings}
  rbc_result "${id}" "${phase}" "${status}" "${try}" "${spent}"
  rbc_took "${spent}"
  if ((status == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${label}" "${rbc_text}"
  else
    rbc_row bad "${label}" "${rbc_text}"
    rbc_explain "${status}" "${rbc_log}" "${id}" "${settings}" "${rbc_printed}"
    if [[ "${optional}" == 1 && -z "${rbc_caught}" ]]; then
      rbc_fill step_optional why "${RBC_NOTES["${id}/optional"]}"
      rbc_line "      ${rbc_text}"
      rbc_undo "${id}"
      status=${rbc_rc}
      if ((status == 0)); then
        rbc_record skip step "${id}" phase "${phase}" why optional
        rbc_passed "${id}"
      fi
    fi
  fi
  rbc_rc=${status}
}

# rbc_intend: put the intent of the step at hand on disk, from within rbc_do_step; rbc_intent stays yes where that failed. The way
# back goes on without.
rbc_intend() {
  rbc_record intent step "${id}" phase "${phase}"
  if [[ "${phase}" == rollback.block ]]; then
    rbc_intent=''
  elif [[ -n "${rbc_written}" ]]; then
    rbc_intent=''
    if [[ -n "${change}" ]]; then
      rbc_note_start "${id}"
      rbc_status[${id}]=unknown rbc_changed=yes
    fi
  fi
}

# rbc_result STEP PHASE STATUS TRY MICROSECONDS: the result record with the digest of the output.
rbc_result() {
  local digest size
  rbc_size "${rbc_log}"
  size=${rbc_text}
  # An empty one needs no process: this is the SHA-256 of nothing.
  digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  ((size == 0)) || digest=$(LC_ALL=C exec sha256sum -- "${rbc_log}")
  (($3 != 0)) || rbc_step_follows "$1"
  rbc_record result step "$1" phase "$2" exit "$3" try "$4" duration "$5" output "${digest%% *}" size "${size}"
  if (($3 == 0)); then rbc_status[$1]=ok; else rbc_status[$1]=failed; fi
  if [[ -z "${rbc_written}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_journal_lost
  fi
}

# rbc_step_follows STEP: rbc_later is yes where another step begins at once, whatever was chosen: one sync does for this one's
# good result and the intent that follows it.
rbc_step_follows() {
  local next
  [[ "${rbc_phase}" != rollback.block ]] || return 0
  next=$((rbc_at[$1] + 5))
  [[ "${RBC_PLAN[next]-}" == step && -z "${rbc_status[${RBC_PLAN[next + 1]}]-}" ]] || return 0
  [[ " ${RBC_PLAN[next + 4]}" == *' '@(when|ask)=* ]] || rbc_later=yes
}

# rbc_size FILE: its size in bytes, into rbc_text; 0 where it cannot be read.
rbc_size() {
  local LC_ALL=C text=''
  if { IFS= read -r -N 65536 text <"$1"; } 2>/dev/null; then
    text=$(exec stat -c %s -- "$1")
    rbc_text=${text:-0}
  else
    rbc_text=${#text}
  fi
}

# rbc_verify SETTINGS: the probes that prove a step, `probe:every:within,…`. rbc_rc is 0 or the first that does not hold.
rbc_verify() {
  local use uses probe every within
  rbc_rc=0
  [[ " $1" == *' verify='* ]] || return 0
  rbc_setting verify "$1"
  IFS=, read -r -a uses <<<"${rbc_text}"
  for use in "${uses[@]}"; do
    IFS=: read -r probe every within <<<"${use}"
    rbc_check_row "${probe}" "${probe}" "${every}" "${within}" "${RBC_TITLES["probe/${probe}"]}"
    ((rbc_rc == 0)) || return 0
  done
}

# Gates and tasks for people. `--yes` answers none of them.

# rbc_show_values NAMES: parameters and captures above a question; in words for the log into rbc_shown.
rbc_show_values() {
  local name names
  rbc_shown=''
  IFS=, read -r -a names <<<"$1"
  for name in "${names[@]}"; do
    rbc_shown+="${rbc_shown:+, }${name}=${rbc_value[${name}]-}"
    rbc_visible "${rbc_value[${name}]-}"
    rbc_line "      ${name} = ${rbc_text}"
  done
}

# rbc_gate QUESTION-KEY: ask for, record and report the row at hand. rbc_rc is 0 for yes.
rbc_gate() {
  local by=''
  rbc_setting show
  rbc_show_values "${rbc_text}"
  rbc_rc=1
  if [[ -n "${rbc_accept[${rbc_id##*.}]-}" ]]; then
    rbc_rc=0 by=accept
  else
    rbc_yes "$1" title "${rbc_title}"
    [[ -z "${rbc_answer}" ]] || rbc_rc=0 by=terminal
  fi
  rbc_record gate step "${rbc_id}" phase "${rbc_phase}" exit "${rbc_rc}" by "${by:-nobody}" why "${rbc_shown}"
  if ((rbc_rc == 0)); then
    rbc_row ok "${rbc_number} ${rbc_title}" "${by}"
  else
    rbc_row bad "${rbc_number} ${rbc_title}"
    rbc_tell_in gate_declined
    # Who lost the terminal, or was told to end, has not said no.
    [[ "${rbc_caught}" == @(HUP|TERM) ]] || rbc_declined=yes
  fi
}

# What a person does: shown, waited for, recorded like a step.
rbc_do_manual() {
  rbc_record intent step "${rbc_id}" phase "${rbc_phase}"
  if [[ -z "${rbc_written}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_tell_in journal_full file "${rbc_journal}"
    rbc_rc=1
    return 0
  fi
  rbc_is_change
  if [[ -n "${rbc_change}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_note_start "${rbc_id}"
    rbc_status[${rbc_id}]=unknown rbc_changed=yes
  fi
  rbc_line "  ${RBC_MARKS[run]} ${rbc_number} ${rbc_title}"
  [[ -z "${RBC_NOTES["${rbc_id}/note"]-}" ]] || rbc_line "      ${RBC_NOTES["${rbc_id}/note"]//$'\n'/$'\n'      }"
  rbc_gate gate_manual
  if ((rbc_rc == 0)); then rbc_status[${rbc_id}]=ok; else rbc_status[${rbc_id}]=failed; fi
}

# The way back: every started step in reverse order of start, the failed one included; then the block; then the proof.

# rbc_undo STEP: take one started step back. rbc_rc is 0 where nothing is left of it to undo.
rbc_undo() {
  local id=$1 label back undo undo_timeout
  rbc_take RBC_PLAN "${rbc_at[${id}]}"
  label="${rbc_number} ${rbc_title}"
  rbc_get "${rbc_settings}" back undo undo_timeout
  rbc_rc=0
  rbc_before_undo "${id}"
  if ((rbc_rc != 0)); then
    rbc_record undo-intent step "${id}"
    rbc_record undo-result step "${id}" exit 1 duration 0
    rbc_status[${id}]='undo-failed'
    rbc_row bad "${label}"
    return 0
  fi
  rbc_take RBC_PLAN "${rbc_at[${id}]}"
  case "${back}" in
    readonly) ;;
    nothing)
      rbc_row none "${label}: ${RBC_TEXT[undo_nothing]}"
      rbc_record undo-result step "${id}" exit 0 why nothing
      rbc_status[${id}]=undone
      ;;
    rollback)
      rbc_row none "${label}: ${RBC_TEXT[undo_block]}"
      rbc_need_block=yes
      ;;
    irreversible)
      rbc_row bad "${label}: ${RBC_TEXT[undo_irreversible]}"
      rbc_stays+=("${label}: ${RBC_NOTES["${id}/back"]}")
      ;;
    *)
      rbc_record undo-intent step "${id}"
      if [[ "${rbc_kind}" == manual ]]; then
        rbc_line "  ${RBC_MARKS[back]} ${label}"
        rbc_line "      ${RBC_NOTES["${id}/back"]//$'\n'/$'\n'      }"
        rbc_yes gate_manual title "${label}"
        rbc_duration=0
        [[ -n "${rbc_answer}" ]] || rbc_rc=1
      else
        rbc_log=${rbc_run}/steps/${id}.undo.log
        [[ -n "${rbc_live_line}" || -n "${rbc_option[quiet]-}" ]] || rbc_row run "${label}: ${RBC_TEXT[undo_running]}"
        rbc_transient "${RBC_MARKS[back]} ${label}"
        rbc_tick="back ${label}"
        { : >>"${rbc_log}"; } 2>/dev/null || rbc_log=${rbc_tmp}/undo.log
        rbc_spawn "${undo}" "${undo_timeout:-0}" "${rbc_log}" "${rbc_show}"
        rbc_tick=''
        [[ -n "${rbc_printed}" ]] || rbc_transient_end
      fi
      rbc_record undo-result step "${id}" exit "${rbc_rc}" duration "${rbc_duration}"
      rbc_took "${rbc_duration}"
      if ((rbc_rc == 0)); then
        rbc_status[${id}]=undone
        rbc_undone=$((rbc_undone + 1))
        rbc_row back "${label}" "${rbc_text}"
      else
        rbc_status[${id}]='undo-failed'
        rbc_row bad "${label}" "${rbc_text}"
        [[ "${rbc_kind}" == manual ]] || rbc_explain "${rbc_rc}" "${rbc_log}" "${id}.undo" ''
      fi
      ;;
  esac
}

# rbc_roll_back [fresh]: all of it. rbc_code is 4, 5 or 6.
rbc_roll_back() {
  local i id failed='' began
  rbc_clock
  began=${rbc_now}
  rbc_follow
  # Room for the records of the way back, where the disk is full.
  [[ -z "${rbc_run}" ]] || rm -f -- "${rbc_run}/reserve"
  rbc_need_block=${1-} rbc_undone=0 rbc_stays=() rbc_left=()
  rbc_phase=rollback
  rbc_heading "${RBC_TEXT[back_title]}"
  if [[ -z "${1-}" ]]; then
    for ((i = ${#rbc_started[@]} - 1; i >= 0; i--)); do
      id=${rbc_started[i]}
      [[ "${rbc_status[${id}]}" != @(undone|passed) ]] || continue
      rbc_undo "${id}"
      if ((rbc_rc != 0)); then
        failed=yes
        rbc_left+=("${rbc_number} ${rbc_title}")
      fi
      rbc_calm
    done
  fi
  if [[ -n "${rbc_need_block}" ]]; then
    rbc_run_block
    ((rbc_rc == 0)) || failed=yes
  fi
  rbc_code=5 rbc_phase=rollback
  if ((${#RBC_VERIFY[@]} > 0)); then
    rbc_verify_rollback
    ((rbc_rc == 0)) || failed=yes
    rbc_code=4
  else
    rbc_tell back_unproven
  fi
  ((${#rbc_stays[@]} == 0)) || rbc_code=5
  [[ -z "${failed}" ]] || rbc_code=6
  rbc_clock
  rbc_back_took "$((rbc_now - began))"
}

# rbc_calm: a signal during the way back does not end it; a person may, after a question.
rbc_calm() {
  local caught=${rbc_caught}
  rbc_caught=''
  [[ "${caught}" == INT && -n "${rbc_terminal}" ]] || return 0
  rbc_yes back_abandon
  [[ -n "${rbc_answer}" ]] || return 0
  rbc_code=6
  rbc_finish
}

# rbc_verify_rollback: every probe of `verify`, also after one that failed. rbc_rc is 0 or 1.
rbc_verify_rollback() {
  local i failed=0
  for ((i = 0; i < ${#RBC_VERIFY[@]}; i += 5)); do
    rbc_take RBC_VERIFY "${i}"
    rbc_do_check
    if ((rbc_rc != 0)); then
      failed=1
      rbc_left+=("${rbc_title}")
    fi
    rbc_calm
  done
  rbc_rc=${failed}
}

# rbc_run_block: the rollback block's own steps, in order; they build on each other, so the first failure ends them.
rbc_run_block() {
  local i failed=0
  rbc_phase=rollback.block
  for ((i = 0; i < ${#RBC_BLOCK[@]}; i += 5)); do
    rbc_take RBC_BLOCK "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" && "${rbc_kind}" != choose ]] || continue
    if ((failed != 0)); then
      rbc_left+=("${rbc_number} ${rbc_title}")
      continue
    fi
    rbc_item
    if ((rbc_rc != 0)); then
      failed=1
      rbc_take RBC_BLOCK "${i}"
      rbc_left+=("${rbc_number} ${rbc_title}")
    fi
    rbc_calm
  done
  rbc_rc=${failed}
}

rbc_command_rollback() {
  local fresh=${rbc_option[fresh]-}
  rbc_last_run
  if [[ -z "${rbc_run}" && -z "${fresh}" ]]; then
    rbc_problem rollback_no_run
    rbc_other_state
    [[ -z "${rbc_text}" ]] || rbc_problems+=("${rbc_text}")
  fi
  if [[ -n "${fresh}" && ${#RBC_BLOCK[@]} -eq 0 ]]; then
    rbc_problem rollback_no_block
  fi
  rbc_attended_or_yes
  if [[ -n "${rbc_run}" ]]; then
    rbc_hand_over
    rbc_load_run
  fi
  rbc_settle
  rbc_refuse_early
  if [[ -n "${rbc_run}" ]]; then rbc_take_over; else rbc_new_run; fi
  rbc_overview
  rbc_headline
  if [[ -z "${fresh}" ]]; then rbc_list_started; fi
  if [[ -z "${rbc_option[yes]-}" ]]; then
    rbc_yes back_question
    if [[ -z "${rbc_answer}" ]]; then
      ((rbc_seq == 0)) || rbc_record refuse why rollback by terminal
      rbc_tell outcome_declined_rollback
      rbc_exit 7
    fi
  fi
  # Room for what follows, where the disk is full.
  rm -f -- "${rbc_run}/reserve"
  rbc_keep_back
  rbc_chosen
  rbc_record resume why "rollback${fresh:+ --fresh}" values "${rbc_text}"
  rm -f -- "${rbc_run}"/guard.*
  rbc_roll_back "${fresh}"
  ((rbc_code != 4)) || rbc_code=0
  rbc_finish rollback
}

# rbc_keep_back: what this way back was told, until it has ended well: killed or failed, it is done again with the same choices.
# The run's own values stay as they are.
rbc_keep_back() {
  local name
  {
    for name in "${!rbc_value[@]}"; do
      [[ -n "${rbc_secret[${name}]-}" ]] || printf '%s\0%s\0' "${name}" "${rbc_value[${name}]}"
    done >"${rbc_run}/.back" && mv -- "${rbc_run}/.back" "${rbc_run}/back" && LC_ALL=C sync -- "${rbc_run}/back" "${rbc_run}"
  } 2>/dev/null
}

# rbc_list_started: what would be taken back, before the question.
rbc_list_started() {
  local i
  for ((i = ${#rbc_started[@]} - 1; i >= 0; i--)); do
    [[ "${rbc_status[${rbc_started[i]}]}" != @(undone|passed) ]] || continue
    rbc_take RBC_PLAN "${rbc_at[${rbc_started[i]}]}"
    rbc_row back "${rbc_number} ${rbc_title}"
  done
}

# Which part of a runbook is done: `--from`, `--only`, `--skip`. A run that goes on keeps to what it began with.

# rbc_left_out: do the options leave out the row at hand? Why, into rbc_text, or ''.
rbc_left_out() {
  rbc_text=''
  if [[ -n "${rbc_option[only]-}" && "${rbc_phase}" != "${rbc_option[only]}" ]]; then
    rbc_text="--only ${rbc_option[only]}${rbc_option[why]:+: ${rbc_option[why]}}"
  elif [[ -n "${rbc_option[from]-}" ]] && ((rbc_at[${rbc_id}] < rbc_at[${rbc_option[from]}])); then
    rbc_text="--from ${rbc_option[from]}${rbc_option[why]:+: ${rbc_option[why]}}"
  elif [[ -n "${rbc_skip[${rbc_id}]-}" ]]; then
    rbc_text="--skip ${rbc_id##*.}: ${rbc_skip[${rbc_id}]}"
  fi
}

# rbc_selected: what is left out has a record that says so. rbc_here.
rbc_selected() {
  rbc_here=yes
  rbc_left_out
  [[ -n "${rbc_text}" ]] || return 0
  rbc_here=''
  rbc_record skip step "${rbc_id}" phase "${rbc_phase}" why "${rbc_text}"
  rbc_row none "${rbc_number} ${rbc_title}" "${RBC_TEXT[skip_asked]}"
  rbc_status[${rbc_id}]=ok
}

# rbc_check_selection: the names that the options give, as ids; what they leave out must not be needed.
rbc_check_selection() {
  local i wrong=${#rbc_usage[@]}
  rbc_select_phases
  rbc_select_skipped
  ((${#rbc_usage[@]} == wrong)) || return 0
  [[ -n "${rbc_option[from]-}${rbc_option[only]-}" ]] || return 0
  rbc_last_run
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ "${rbc_kind}" != phase ]] || rbc_phase=${rbc_id}
    [[ "${rbc_kind}" == capture && -n "${rbc_here}" ]] || continue
    rbc_left_out
    [[ -n "${rbc_text}" ]] || continue
    rbc_setting var
    if [[ -n "${rbc_run}" && -e "${rbc_run}/values/${rbc_text}" ]]; then
      LC_ALL=C IFS= read -r -d '' "rbc_value[${rbc_text}]" <"${rbc_run}/values/${rbc_text}"
    else
      rbc_problem refuse_capture title "${rbc_number} ${rbc_title}"
    fi
  done
  rbc_run='' rbc_phase=''
}

rbc_select_phases() {
  local only=${rbc_option[only]-} at=''
  if [[ -n "${only}" ]]; then
    [[ "${only}" == *[!a-z0-9_]* ]] || at=${rbc_at[${only}]-}
    if [[ -z "${at}" || "${RBC_PLAN[at]}" != phase ]]; then
      rbc_visible "${only}"
      rbc_misuse usage_phase phase "${rbc_text}"
    fi
  fi
  [[ -n "${rbc_option[from]-}" ]] || return 0
  rbc_find_row "${rbc_option[from]}"
  if [[ -n "${rbc_text}" ]]; then
    rbc_option[from]=${rbc_text}
  else
    rbc_visible "${rbc_option[from]}"
    rbc_misuse usage_step step "${rbc_text}"
  fi
}

rbc_select_skipped() {
  local name
  for name in ${rbc_option[skip]-}; do
    rbc_find_row "${name}"
    if [[ -z "${rbc_text}" ]]; then
      rbc_misuse usage_step step "${name}"
    elif [[ "${RBC_PLAN[${rbc_at[${rbc_text}]}]}" == @(confirm|manual|guarded|capture) ]]; then
      rbc_misuse usage_no_skip step "${name}"
    elif [[ -z "${rbc_option[why]-}" ]]; then
      rbc_misuse usage_why option "--skip ${name}"
    else
      rbc_skip[${rbc_text}]=${rbc_option[why]}
    fi
  done
}

# rbc_keep_selection: for a resume.
rbc_keep_selection() {
  local id
  [[ -n "${rbc_option[from]-}${rbc_option[only]-}${rbc_option[skip]-}" ]] || return 0
  {
    printf '%s\0%s\0%s\0' "${rbc_option[from]-}" "${rbc_option[only]-}" "${rbc_option[why]-}"
    for id in "${!rbc_skip[@]}"; do
      printf '%s\0%s\0' "${id}" "${rbc_skip[${id}]}"
    done
  } >"${rbc_run}/selection"
  LC_ALL=C sync -- "${rbc_run}/selection"
}

# rbc_selection_again: a run that goes on leaves out what it was told to; one more step may be skipped, with its reason.
rbc_selection_again() {
  local i kept=()
  rbc_select_skipped
  [[ -e "${rbc_run}/selection" ]] || return 0
  LC_ALL=C mapfile -d '' -t kept <"${rbc_run}/selection"
  # A subscript is evaluated: what is no id of this plan came from somebody else.
  rbc_option[from]='' rbc_option[only]=${kept[1]-} rbc_option[why]=${kept[2]-}
  [[ "${kept[0]-}" == *[!a-z0-9_.]* ]] || rbc_option[from]=${kept[0]-}
  for ((i = 3; i + 1 < ${#kept[@]}; i += 2)); do
    [[ "${kept[i]}" != *[!a-z0-9_.]* ]] || continue
    rbc_skip[${kept[i]}]=${rbc_skip[${kept[i]}]:-${kept[i + 1]}}
  done
}

# rbc_find_row NAME: the id of the row with this id, number or last word, into rbc_text, or ''. Of several, that on the chosen path.
rbc_find_row() {
  local i found=''
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    if [[ "${RBC_PLAN[i]}" != phase && ("${RBC_PLAN[i + 1]}" == "$1" || "${RBC_PLAN[i + 1]##*.}" == "$1" || "${RBC_PLAN[i + 2]}" == "$1") ]]; then
      rbc_take RBC_PLAN "${i}"
      rbc_on_path
      found=${found:-${rbc_id}}
      if [[ -n "${rbc_here}" ]]; then
        found=${rbc_id}
        break
      fi
    fi
  done
  rbc_text=${found}
}

# A run: the rows in order, one question before the first change, and what happens after a failure.

# rbc_execute: go through the plan. Ends with rbc_code set.
rbc_execute() {
  local i asked=${rbc_option[yes]-}${rbc_changed} rule='' skipped=''
  rbc_follow
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_setting on_failure
      rule=${rbc_text} skipped=''
      rbc_end_phase
      rbc_begin_phase
      if ((rbc_rc != 0)); then
        rbc_code=9
        return 0
      fi
      [[ -n "${rbc_here}" ]] || skipped=yes
      continue
    fi
    rbc_on_path
    [[ -n "${rbc_here}" && -z "${skipped}" ]] || continue
    if [[ "${rbc_kind}" == choose ]]; then
      rbc_fill choose_chosen title "${rbc_title}" option "${RBC_TITLES["${rbc_id}/${rbc_value[${rbc_id##*.}]}"]}"
      rbc_line "  ${rbc_text}"
      continue
    fi
    rbc_again_needed
    if [[ "${rbc_status[${rbc_id}]-}" == @(ok|passed) ]]; then
      rbc_row none "${rbc_number} ${rbc_title}" "${RBC_TEXT[resume_done]}"
      continue
    fi
    rbc_selected
    [[ -n "${rbc_here}" ]] || continue
    rbc_before_row
    if ((rbc_rc != 0)); then
      rbc_carry_out
      return 0
    fi
    [[ -n "${rbc_here}" ]] || continue
    rbc_is_change
    if [[ -n "${rbc_change}" && -z "${asked}" ]]; then
      rbc_ask_first_change
      [[ -n "${rbc_answer}" ]] || return 0
      rbc_take RBC_PLAN "${i}"
      asked=yes
    fi
    rbc_do_row "${i}" "${rule}"
    if ((rbc_rc != 0)); then
      rbc_carry_out
      return 0
    fi
  done
  rbc_end_phase
  rbc_code=0
}

# rbc_do_row INDEX RULE: one row, again as often as a person wants it. rbc_rc is 0, or rbc_decision says what follows.
rbc_do_row() {
  while :; do
    rbc_take RBC_PLAN "$1"
    rbc_decision='' rbc_rc=0
    [[ "${rbc_kind}" == step ]] || rbc_on_disk
    # A signal that came between two rows: the next one is not begun.
    [[ -n "${rbc_caught}${rbc_broken}" ]] || rbc_item
    ((rbc_rc != 0)) || [[ -n "${rbc_caught}" ]] || rbc_after_row "$1"
    [[ -z "${rbc_caught}${rbc_broken}" ]] || rbc_rc=1
    ((rbc_rc != 0)) || return 0
    rbc_after_failure
    [[ -n "${rbc_decision}" ]] || rbc_decide "$2"
    if [[ "${rbc_decision}" != again ]]; then
      rbc_before_leaving
      return 0
    fi
    rbc_caught='' rbc_declined=''
    # What a signal came too late for is not done twice.
    if [[ "${rbc_status[${RBC_PLAN[$1 + 1]}]-}" == ok && -z "${rbc_broken}" ]]; then
      rbc_rc=0
      rbc_after_row "$1"
      ((rbc_rc != 0)) || return 0
    fi
  done
}

# rbc_begin_phase: its heading, and whether it is done at all: rbc_here; rbc_rc is not 0 where the run pauses before it.
rbc_begin_phase() {
  rbc_phase=${rbc_id} rbc_rc=0 rbc_here=yes
  rbc_before_phase
  ((rbc_rc == 0)) || return 0
  [[ -z "${rbc_here}" ]] || rbc_heading "${rbc_number} ${rbc_title}"
}

# rbc_ask_first_change: what will change, how much of it can be taken back, and the question. A no ends the run with 8.
rbc_ask_first_change() {
  local i changes=0 stays=0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    rbc_is_change
    [[ -n "${rbc_here}" && -n "${rbc_change}" ]] || continue
    changes=$((changes + 1))
    rbc_setting back
    [[ "${rbc_text}" != irreversible ]] || stays=$((stays + 1))
  done
  rbc_line ''
  if ((stays == 0)); then
    rbc_yes first_change_reversible changes "${changes}"
  else
    rbc_yes first_change_irreversible changes "${changes}" stays "${stays}"
  fi
  rbc_record gate step first-change exit "$((${#rbc_answer} > 0 ? 0 : 1))" by terminal
  [[ -n "${rbc_answer}" ]] || rbc_code=8
}

# rbc_decide RULE: what follows a failure, into rbc_decision: nothing (nothing was changed), rollback, stop, pause or again.
rbc_decide() {
  local rule=$1 id way='' stays=''
  rbc_decision=nothing
  [[ -n "${rbc_changed}" ]] || return 0
  for id in "${rbc_started[@]}"; do
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    rbc_setting back
    if [[ "${rbc_text}" == irreversible ]]; then stays=yes; else way=yes; fi
  done
  if [[ "${rbc_caught}" == HUP ]]; then
    rbc_decision=pause
  elif [[ -n "${rule}" && ("${rbc_caught}" != INT || -z "${rbc_terminal}") ]]; then
    rbc_decision=${rule}
    rbc_tell "rule_${rule}"
  elif [[ -n "${rbc_terminal}" ]]; then
    rbc_ask_what_next "${stays}" "${way}"
  elif [[ -n "${stays}" ]]; then
    rbc_decision=pause
  else
    rbc_decision=rollback
  fi
  [[ "${rbc_decision}" != rollback || -n "${way}" ]] || rbc_decision=stop
}

# rbc_ask_what_next STAYS WAY: the person decides; without an answer the safe thing: back, or a pause where not all can go back.
rbc_ask_what_next() {
  local usual=rollback
  [[ -z "$1" && -n "$2" ]] || usual=pause
  rbc_caught=''
  while :; do
    rbc_fill "next_question_${usual}"
    rbc_prompt "${rbc_text}"
    if [[ "${rbc_caught}" == INT ]]; then
      # Pressed once more than needed: that is no answer.
      rbc_caught=''
      continue
    fi
    if [[ -z "${rbc_answered}" || -z "${rbc_reply}" ]]; then
      rbc_decision=${usual}
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_rollback]} ]]; then
      rbc_decision=rollback
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_again]} ]]; then
      rbc_decision=again
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_pause]} ]]; then
      rbc_decision=pause
    elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_stop]} ]]; then
      rbc_decision=stop
    else
      continue
    fi
    rbc_record gate step next exit 0 by terminal why "${rbc_decision}"
    return 0
  done
}

# rbc_carry_out: the decision, into rbc_code.
rbc_carry_out() {
  case "${rbc_decision}" in
    nothing) rbc_code=$((${#rbc_declined} > 0 ? 8 : 1)) ;;
    stop) rbc_code=3 ;;
    pause) rbc_code=9 ;;
    *)
      rbc_caught=''
      rbc_roll_back
      ;;
  esac
}

# rbc_heading TEXT: a phase begins.
rbc_heading() {
  rbc_line ''
  rbc_line "${rbc_colors[bold]-}$1${rbc_colors[off]-}"
}

# rbc_headline: which runbook, where, as whom, which run.
rbc_headline() {
  rbc_line "${rbc_colors[bold]-}${RBC_TITLE}${rbc_colors[off]-}"
  rbc_tell run_where host "${HOSTNAME}" user "${rbc_user}"
  if [[ -n "${rbc_run}" ]]; then
    rbc_tell run_line run "${rbc_run##*/}" steps "${rbc_count}" time "${RBC_MOST}"
  else
    rbc_tell run_none steps "${rbc_count}" time "${RBC_MOST}"
  fi
  rbc_more_headline
}

# rbc_overview: the way ahead, one line each, on the chosen path.
rbc_overview() {
  local i
  rbc_count=0
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" && "${rbc_kind}" != @(phase|choose) ]] || continue
    rbc_count=$((rbc_count + 1))
  done
  [[ "${1-}" == show && -z "${rbc_option[quiet]-}" ]] || return 0
  rbc_headline
  rbc_line ''
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" ]] || continue
    case "${rbc_kind}" in
      phase) rbc_line "  ${rbc_number} ${rbc_title}" ;;
      choose) rbc_line "    ${rbc_title}: ${RBC_TITLES["${rbc_id}/${rbc_value[${rbc_id##*.}]}"]}" ;;
      *)
        rbc_setting back
        rbc_wrap "${rbc_number} ${rbc_title}${rbc_text:+ · ${RBC_TEXT[way_${rbc_text}]}}" '    '
        printf '%s\n' "${rbc_wrapped[@]}"
        ;;
    esac
  done
}

rbc_command_run() {
  local words
  rbc_settle
  rbc_check_selection
  rbc_attended_or_yes
  rbc_gates_answered
  rbc_may_begin
  rbc_refuse_early
  rbc_new_run
  rbc_overview show
  rbc_chosen
  words=${rbc_arguments[*]}
  rbc_record start why "${words:0:500}" values "${rbc_text}"
  [[ -n "${rbc_written}" ]] || rbc_fail_hard state_full dir "${rbc_state}"
  rbc_keep_values
  rbc_keep_selection
  rbc_execute
  rbc_finish
}

# rbc_keep_values: parameters and choices, for a way back from another login, on disk before anything starts that needs them.
# Secrets stay in memory.
rbc_keep_values() {
  local name
  for name in "${!rbc_value[@]}"; do
    [[ -z "${rbc_secret[${name}]-}" ]] || continue
    printf '%s' "${rbc_value[${name}]}" >"${rbc_run}/values/${name}"
  done
  LC_ALL=C sync -- "${rbc_state}" "${rbc_run}" "${rbc_run}"/values{,/*} "${rbc_run}"/{folder,script.sh} 2>/dev/null
}

# rbc_chosen: parameters and choices in words, for the log, into rbc_text. Secrets are left out. A record has room for so much.
rbc_chosen() {
  local i name
  rbc_text=''
  for ((i = 1; i < ${#RBC_OPTIONS[@]}; i += 2)); do
    name=${RBC_OPTIONS[i]}
    [[ -n "${rbc_value[${name}]+set}" && -z "${rbc_secret[${name}]-}" ]] || continue
    rbc_text+="${rbc_text:+, }${name}=${rbc_value[${name}]}"
  done
  rbc_text=${rbc_text:0:500}
}

# rbc_refuse_unfinished: after 9, and after 6 until a rollback ended, a new run needs a reason.
rbc_refuse_unfinished() {
  rbc_refuse_orphans
  rbc_last_run
  [[ -n "${rbc_run}" ]] || return 0
  rbc_remember "${rbc_run}"
  if [[ ("${rbc_outcome:-9}" == 9 || "${rbc_outcome}" == 6) && -z "${rbc_option[anew]-}" ]]; then
    rbc_problem refuse_unfinished run "${rbc_run##*/}" code "${rbc_outcome:-9}"
  fi
  rbc_run='' rbc_started=() rbc_status=() rbc_starts=() rbc_task=() rbc_changed='' rbc_seq=0 rbc_head=''
}

# rbc_finish [rollback]: the outcome in words, on record and on the last line.
rbc_finish() {
  local note words event=end
  rbc_before_end
  [[ -z "${rbc_run}" ]] || rm -f -- "${rbc_run}/reserve"
  [[ -z "${rbc_run}" || "${rbc_code}" == 6 ]] || rm -f -- "${rbc_run}/back"
  words=outcome_${rbc_code}
  [[ "${1-}:${rbc_code}" != rollback:0 ]] || words=outcome_4
  rbc_fill "${words}"
  words=${rbc_text}
  # A run that waits has not ended.
  [[ "${rbc_code}" != 9 ]] || event=pause
  rbc_record "${event}" exit "${rbc_code}" words "${words}" why "${1-run}"
  rbc_line ''
  for note in "${rbc_stays[@]}"; do
    rbc_fill outcome_stays what "${note}"
    rbc_folded "${rbc_text}" ''
  done
  for note in "${rbc_left[@]}"; do
    rbc_fill outcome_left what "${note}"
    rbc_folded "${rbc_text}" ''
  done
  [[ -z "${rbc_journal}" ]] || rbc_tell outcome_log dir "${rbc_run}"
  rbc_tell_next "${rbc_code}"
  note="${rbc_colors[bold]-}${words} (${rbc_code})${rbc_colors[off]-}"
  if [[ -z "${rbc_journal}" ]]; then
    rbc_line "${note}"
  else
    rbc_fill outcome_head head "${rbc_head:0:16}"
    rbc_line "${note} · ${rbc_text}"
    rbc_tell_syslog "${RBC_RUNBOOK} ${rbc_run##*/} ${rbc_code} ${rbc_head}"
  fi
  rbc_exit "${rbc_code}"
}

# rbc_tell_next CODE: what a person can do after this outcome.
rbc_tell_next() {
  local state=''
  [[ -n "${RBC_TEXT[after_$1]-}" ]] || return 0
  [[ -z "${rbc_option[state_dir]-}" ]] || state=" --state-dir ${rbc_option[state_dir]}"
  rbc_tell "after_$1" script "$0" state "${state}"
}

# rbc_attended_or_yes: without a terminal nobody can answer the question before the first change.
rbc_attended_or_yes() {
  [[ -n "${rbc_terminal}" || -n "${rbc_option[yes]-}" ]] || rbc_problem refuse_no_terminal
}

# The truthful dry run: what only reads is run, everything else is shown with what would happen to it.

rbc_command_plan() {
  local i label changed='' code=0 skipped='' unsure=''
  rbc_settle
  rbc_check_selection
  rbc_state=''
  rbc_refuse_early
  rbc_overview
  rbc_headline
  rbc_command_of_file
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    label="${rbc_number} ${rbc_title}"
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_phase=${rbc_id} skipped=''
      rbc_heading "${label}"
      rbc_plan_condition "${changed}"
      unsure=${rbc_unknown}
      [[ -n "${rbc_here}" ]] || skipped=yes
    elif [[ -n "${skipped}" ]]; then
      rbc_row none "${label}" "${RBC_TEXT[plan_skip]}"
    elif [[ -z "${rbc_here}" ]]; then
      rbc_row none "${label}" "${RBC_TEXT[plan_skip]}: ${RBC_TEXT[plan_other]}"
    elif [[ "${rbc_kind}" == choose ]]; then
      rbc_line "  ${rbc_title}: ${RBC_TITLES["${rbc_id}/${rbc_value[${rbc_id##*.}]}"]}"
    else
      rbc_plan_row "${i}"
      rbc_take RBC_PLAN "${i}"
      [[ "${rbc_kind}" != @(step|capture|background) ]] || rbc_show_commands
    fi
  done
  rbc_line ''
  rbc_tell "plan_end_${code}"
  rbc_exit "${code}"
}

# rbc_plan_row INDEX: what a run would do with the row at hand; what only reads is done where nothing changed before it. The
# caller's `changed` names the first row that a later answer may depend on, its `code` is 1 where something does not hold.
rbc_plan_row() {
  rbc_left_out
  if [[ -n "${rbc_text}" ]]; then
    rbc_row none "${label}" "${RBC_TEXT[plan_skip]}"
    rbc_folded "${rbc_text}" '      '
    return 0
  fi
  rbc_plan_condition "${changed}"
  rbc_take RBC_PLAN "$1"
  rbc_is_change
  if [[ -z "${rbc_here}" ]]; then
    return 0
  elif [[ -n "${rbc_unknown}${unsure}" ]]; then
    rbc_plan_unknown
  elif [[ "${rbc_kind}" == @(confirm|manual|guarded) ]]; then
    rbc_row run "${label}" "${RBC_TEXT[plan_gate]}"
  elif [[ -n "${rbc_change}" || "${rbc_kind}" == @(background|hold) || " ${rbc_settings}" == *' job='* ||
    " ${rbc_settings}" == *' interactive=1'* ]]; then
    rbc_row run "${label}" "${RBC_TEXT[plan_run]}"
  elif [[ -n "${changed}" ]]; then
    rbc_plan_unknown
  else
    rbc_item
    ((rbc_rc == 0)) || code=1
    return 0
  fi
  # What runs beside a phase may be what its checks look at.
  [[ -z "${rbc_change}" && "${rbc_kind}" != background ]] || changed=${changed:-${rbc_number}}
}

rbc_plan_unknown() {
  rbc_fill plan_unknown step "${changed}"
  rbc_row none "${label}" "${rbc_text}"
}

# rbc_plan_condition CHANGED: the condition of the row at hand; after a change its answer is not known: rbc_unknown.
rbc_plan_condition() {
  rbc_here=yes rbc_unknown=''
  rbc_setting ask
  [[ -n "${rbc_text}" ]] || return 0
  if [[ -n "$1" ]]; then rbc_unknown=yes; else rbc_asked; fi
}

# rbc_command_of_file: where the commands stand in this script, so that they are shown exactly as they stand in it: from the line
# after a function's name to the last closing brace before the next function.
rbc_command_of_file() {
  local line found starts=() next first=''
  mapfile -t rbc_lines <"${rbc_self}"
  declare -gA rbc_body=()
  found=$(shopt -s extdebug && rbc_names)
  # `read` would take it byte by byte.
  while [[ "${found}" =~ ^([^ ]+)\ ([0-9]+)[^$'\n']*($'\n'|$) ]]; do
    starts[BASH_REMATCH[2]]=${BASH_REMATCH[1]}
    found=${found#"${BASH_REMATCH[0]}"}
  done
  for next in "${!starts[@]}"; do
    if [[ -n "${first}" ]]; then
      line=$((next - 2))
      while ((line > first)) && [[ "${rbc_lines[line]}" != '}' ]]; do
        line=$((line - 1))
      done
      rbc_body[${starts[first]}]="${first} ${line}"
    fi
    first=${next}
  done
}

# rbc_names: the functions of the world and the one that follows them, each with its line.
rbc_names() {
  local name names
  names=$(compgen -A function)
  for name in ${names}; do
    [[ "${name}" == rbc_* && "${name}" != rbc_world ]] || declare -F "${name}"
  done
}

# rbc_show_commands: the function of the row at hand, as it stands above.
rbc_show_commands() {
  local i last
  rbc_setting fn
  [[ -n "${rbc_text}" ]] || return 0
  read -r i last <<<"${rbc_body[${rbc_text}]}"
  while ((i < last)); do
    printf '      %s%s%s\n' "${rbc_colors[none]-}" "${rbc_lines[i]}" "${rbc_colors[off]-}"
    i=$((i + 1))
  done
}

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

# Going on with a run that was paused, interrupted or killed.

# A step that was interrupted this often is not started again: something keeps killing it.
readonly RBC_STARTS_AT_MOST=5

rbc_command_resume() {
  local id
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_problem resume_none
    rbc_other_state
    [[ -z "${rbc_text}" ]] || rbc_problems+=("${rbc_text}")
    rbc_stop_on_problems
  fi
  rbc_hand_over
  rbc_load_run
  if [[ "${rbc_outcome:-9}" != 9 ]]; then
    rbc_problem resume_ended run "${rbc_run##*/}" code "${rbc_outcome}"
    rbc_stop_on_problems
  fi
  for id in "${!rbc_starts[@]}"; do
    [[ "${rbc_task[${id}]-}" != @(after|started)' '* ]] || continue
    if ((rbc_starts[${id}] >= RBC_STARTS_AT_MOST)) && [[ "${rbc_status[${id}]}" == unknown ]]; then
      rbc_problem resume_cap step "${id}" times "${rbc_starts[${id}]}"
    fi
  done
  rbc_settle
  rbc_selection_again
  rbc_attended_or_yes
  rbc_gates_answered
  rbc_may_begin
  rbc_refuse_early
  rbc_take_over
  rbc_reserve
  rbc_overview
  rbc_headline
  rbc_record resume
  [[ -n "${rbc_written}" ]] || rbc_fail_hard state_full dir "${rbc_state}"
  rbc_code=''
  rbc_before_resume
  rbc_settle_unknown
  [[ -n "${rbc_code}" ]] || rbc_prove_done
  [[ -n "${rbc_code}" ]] || rbc_execute
  rbc_finish
}

# rbc_settle_unknown: steps with an intent and no result. Their verify decides, else a person; unattended they are taken back and
# run again, or, where there is no way back, the run stays paused.
rbc_settle_unknown() {
  local id back settings
  for id in "${rbc_started[@]}"; do
    [[ "${rbc_status[${id}]}" == @(unknown|undoing|failed) ]] || continue
    # A job whose task is on record is not run again: it is watched on.
    [[ "${rbc_status[${id}]}" == undoing || "${rbc_task[${id}]-}" != @(after|started)' '* ]] || continue
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    settings=${rbc_settings}
    rbc_setting back
    back=${rbc_text}
    if [[ "${rbc_status[${id}]}" == unknown && "${settings}" == *verify=* ]]; then
      rbc_line "${rbc_number} ${rbc_title}: ${RBC_TEXT[resume_unknown]}"
      rbc_verify "${settings}"
      if ((rbc_rc == 0)); then
        rbc_count_as_done "${id}" verify
        continue
      fi
    fi
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    if [[ -n "${rbc_terminal}" && ("${rbc_status[${id}]}" != failed || "${back}" == irreversible) ]]; then
      rbc_ask_unknown "${id}"
    elif [[ "${back}" == irreversible ]]; then
      rbc_code=9
      return 0
    elif [[ "${rbc_status[${id}]}" != failed ]]; then
      rbc_undo "${id}"
      ((rbc_rc == 0)) || rbc_code=6
    fi
    [[ -z "${rbc_code}" ]] || return 0
  done
}

# rbc_ask_unknown STEP: run it again, take it back first, or count it as done. No answer pauses.
rbc_ask_unknown() {
  rbc_fill resume_question title "${rbc_number} ${rbc_title}"
  rbc_prompt "${rbc_text}"
  if [[ "${rbc_reply}" =~ ${RBC_TEXT[next_again]} ]]; then
    rbc_record gate step "$1" exit 0 by terminal why again
  elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_undo]} ]]; then
    rbc_record gate step "$1" exit 0 by terminal why undo
    rbc_undo "$1"
    ((rbc_rc == 0)) || rbc_code=6
  elif [[ "${rbc_reply}" =~ ${RBC_TEXT[next_done]} ]]; then
    rbc_count_as_done "$1" terminal
  else
    rbc_code=9
  fi
}

# rbc_count_as_done STEP BY
rbc_count_as_done() {
  rbc_record recover step "$1" by "$2"
  rbc_record result step "$1" exit 0 by "$2"
  rbc_status[$1]=ok
}

# rbc_prove_done: what was finished and has a verify is proven again before anything goes on.
rbc_prove_done() {
  local id settings rule=''
  for id in "${rbc_started[@]}"; do
    rbc_take RBC_PLAN "${rbc_at[${id}]}"
    settings=${rbc_settings}
    [[ "${rbc_status[${id}]}" == ok && "${settings}" == *verify=* ]] || continue
    rbc_verify "${settings}"
    ((rbc_rc != 0)) || continue
    rbc_rule_of "${id}"
    rule=${rbc_text}
    rbc_decide "${rule}"
    if [[ "${rbc_decision}" == again ]]; then
      rbc_status[${id}]=failed
    else
      rbc_carry_out
      return 0
    fi
  done
}

# rbc_rule_of STEP: the `on failure` of its phase, into rbc_text.
rbc_rule_of() {
  local i rule=''
  for ((i = 0; i < rbc_at[$1]; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    if [[ "${rbc_kind}" == phase ]]; then
      rbc_setting on_failure
      rule=${rbc_text}
    fi
  done
  rbc_text=${rule}
}

# Looking back: where the last run stands, its log for people, its evidence for the ticket. None of it needs the lock.

rbc_command_status() {
  local id state i
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_tell status_none dir "${rbc_state}"
    rbc_other_state
    [[ -z "${rbc_text}" ]] || rbc_line "${rbc_text}"
    rbc_exit 0
  fi
  rbc_hand_over
  rbc_remember "${rbc_run}"
  rbc_kept_values
  rbc_fill "outcome_${rbc_outcome:-9}"
  state=${rbc_text}
  [[ -n "${rbc_outcome}" ]] || state=${RBC_TEXT[status_open]}
  rbc_fill status_line run "${rbc_run##*/}" state "${state}${rbc_outcome:+ (${rbc_outcome})}"
  rbc_line "${rbc_text}"
  rbc_first_record "${rbc_run}/audit.jsonl"
  rbc_line ''
  for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
    rbc_take RBC_PLAN "${i}"
    id=${rbc_status[${rbc_id}]-}
    [[ "${rbc_kind}" != @(phase|choose) ]] || continue
    rbc_on_path
    [[ -n "${id}" || (-n "${rbc_here}" && "${rbc_outcome:-9}" == 9) ]] || continue
    case "${id}" in
      '') rbc_row none "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_ahead]}" ;;
      ok) rbc_row ok "${rbc_number} ${rbc_title}" ;;
      undone | passed) rbc_row back "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_undone]}" ;;
      failed) rbc_row bad "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_failed]}" ;;
      undo-failed) rbc_row bad "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_undo_failed]}" ;;
      *) rbc_row wait "${rbc_number} ${rbc_title}" "${RBC_TEXT[state_unknown]}" ;;
    esac
  done
  rbc_line ''
  rbc_holder
  rbc_tell outcome_log dir "${rbc_run}"
  rbc_tell status_head head "${rbc_head}"
  [[ -n "${rbc_here}" ]] || rbc_tell_next "${rbc_outcome:-9}"
  rbc_exit 0
}

# rbc_first_record LOG: who started the run, when, where.
rbc_first_record() {
  local record time user
  LC_ALL=C IFS= read -r record <"$1"
  rbc_field time "${record}"
  time="${rbc_text:0:10} ${rbc_text:11:8} UTC"
  rbc_field user "${record}"
  user=${rbc_text}
  rbc_field host "${record}"
  rbc_tell status_who time "${time}" user "${user}" host "${rbc_text}"
}

# rbc_holder: who holds the lock now.
rbc_holder() {
  local holder=''
  rbc_here=''
  [[ -r "${rbc_lock_file}" && ! -L "${rbc_lock_file}" ]] || return 0
  exec {rbc_lock_fd}<"${rbc_lock_file}"
  if flock --nonblock "${rbc_lock_fd}"; then
    exec {rbc_lock_fd}</dev/null
    rbc_tell status_free
    return 0
  fi
  LC_ALL=C IFS= read -r -n 300 holder <"${rbc_lock_file}"
  rbc_visible "${holder}"
  rbc_tell lock_held holder "${rbc_text}"
  rbc_here=yes
}

rbc_command_log() {
  local record line key
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_tell status_none dir "${rbc_state}"
    rbc_exit 1
  fi
  if [[ -n "${rbc_option[verify]-}" ]]; then
    rbc_verify_log "${rbc_run}/audit.jsonl"
    rbc_exit "${rbc_rc}"
  fi
  while LC_ALL=C IFS= read -r record; do
    line=''
    for key in time event step exit words duration by why; do
      rbc_field "${key}" "${record}"
      [[ -n "${rbc_text}" ]] || continue
      case "${key}" in
        time) line=${rbc_text:0:19} ;;
        event | step) line+=" ${rbc_text}" ;;
        duration)
          rbc_took "${rbc_text}"
          line+=" ${rbc_text}"
          ;;
        words) line+=": ${rbc_text}" ;;
        *) line+=" ${key}=${rbc_text}" ;;
      esac
    done
    rbc_visible "${line}"
    rbc_line "${rbc_text}"
  done <"${rbc_run}/audit.jsonl"
  rbc_exit 0
}

# rbc_verify_log LOG: every record's hash, its place in the chain, and the head where one is given. rbc_rc is 0 or 1.
# `rbc audit verify` does the same, line for line.
rbc_verify_log() {
  local LC_ALL=C record seq=0 records=0 head='' torn=() number=0 own previous hash
  local whole='^(\{"v":1,"seq":([1-9][0-9]{0,8}),.*,"prev":"([0-9a-f]{64})?"),"hash":"([0-9a-f]{64})"\}$'
  rbc_rc=0
  while IFS= read -r record; do
    number=$((number + 1))
    if [[ ! "${record}" =~ ${whole} ]]; then
      rbc_digest "${record}"
      torn+=("${number} ${rbc_text}")
      continue
    fi
    records=$((records + 1)) own=${BASH_REMATCH[2]} previous=${BASH_REMATCH[3]} hash=${BASH_REMATCH[4]}
    rbc_digest "${BASH_REMATCH[1]}}"
    [[ "${rbc_text}" == "${hash}" && "${previous}" == "${head}" && "${own}" == "$((seq + 1))" ]] || rbc_broken_at "${number}"
    seq=${own} head=${hash}
    # Torn lines are closed at once, in order, each by a record of its own.
    ((${#torn[@]} > 0)) || continue
    if [[ "${record}" == *"\"event\":\"recover\",\"why\":\"torn ${torn[0]#* }\""* ]]; then
      torn=("${torn[@]:1}")
    else
      rbc_broken_lines
    fi
  done <"$1"
  rbc_broken_lines
  if [[ -n "${record}" ]]; then rbc_tell log_torn; fi
  # bash reads over a NUL, so it is looked for by itself.
  if IFS= read -r -d '' record <"$1"; then
    record=${record//[!$'\n']/}
    rbc_broken_at "$((${#record} + 1))"
  fi
  if [[ -n "${rbc_option[head]+given}" && (${#rbc_option[head]} -lt 16 || "${head}" != "${rbc_option[head]}"*) ]]; then
    rbc_tell log_head head "${head}"
    rbc_rc=1
  fi
  if ((rbc_rc == 0)); then rbc_tell log_good records "${records}" head "${head}"; fi
}

# rbc_broken_lines: the lines in the caller's `torn`, which nothing closes.
rbc_broken_lines() {
  local line
  for line in "${torn[@]}"; do
    rbc_broken_at "${line%% *}"
  done
  torn=()
}

rbc_broken_at() {
  rbc_tell log_broken line "$1"
  rbc_rc=1
}

# Evidence of the last run as Markdown, for the change ticket.

rbc_command_receipt() {
  local record event step exit duration digest by user time
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_tell status_none dir "${rbc_state}"
    rbc_exit 0
  fi
  rbc_hand_over
  rbc_remember "${rbc_run}"
  rbc_fill "outcome_${rbc_outcome:-9}"
  rbc_line "# ${RBC_TITLE}"
  rbc_line ''
  rbc_line "${rbc_text} (${rbc_outcome:-9})"
  rbc_line ''
  rbc_first_record "${rbc_run}/audit.jsonl"
  rbc_line ''
  rbc_receipt_values
  rbc_line "| ${RBC_TEXT[receipt_time]} | ${RBC_TEXT[receipt_what]} | ${RBC_TEXT[receipt_outcome]} | ${RBC_TEXT[receipt_duration]} | SHA-256 |"
  rbc_line '| --- | --- | --- | --- | --- |'
  while LC_ALL=C IFS= read -r record; do
    rbc_field event "${record}"
    event=${rbc_text}
    [[ "${event}" == @(check|result|capture|gate|skip|undo-result) ]] || continue
    rbc_field time "${record}"
    time=${rbc_text:0:19}
    rbc_field step "${record}"
    step=${rbc_text}
    rbc_field exit "${record}"
    exit=${rbc_text}
    rbc_field user "${record}"
    user=${rbc_text}
    rbc_field by "${record}"
    by=${rbc_text:+ (${rbc_text}, ${user})}
    rbc_field output "${record}"
    digest=${rbc_text:0:16}
    rbc_field duration "${record}"
    rbc_took "${rbc_text:-0}"
    duration=${rbc_text}
    case "${event}:${exit}" in
      skip:*)
        rbc_field why "${record}"
        exit="${RBC_MARKS[none]} ${rbc_text//|/\\|}"
        ;;
      *:0) exit=${RBC_MARKS[ok]} ;;
      *) exit="${RBC_MARKS[bad]} ${exit}" ;;
    esac
    if [[ "${event}" == undo-result ]]; then exit+=" ${RBC_MARKS[back]}"; fi
    if [[ -n "${rbc_at[${step}]-}" ]]; then
      rbc_take RBC_PLAN "${rbc_at[${step}]}"
      step="${rbc_number} ${rbc_title}"
    fi
    rbc_line "| ${time} | ${step//|/\\|}${by} | ${exit} | ${duration} | ${digest} |"
  done <"${rbc_run}/audit.jsonl"
  rbc_line ''
  rbc_tell receipt_end hash "${rbc_hash_of}" head "${rbc_head}"
  rbc_exit 0
}

# rbc_receipt_values: parameters and captures as they were kept; secrets are not kept.
rbc_receipt_values() {
  local file value
  rbc_hash_of=$(sha256sum -- "${rbc_run}/script.sh")
  rbc_hash_of=${rbc_hash_of%% *}
  for file in "${rbc_run}"/values/*; do
    LC_ALL=C IFS= read -r -d '' value <"${file}"
    rbc_visible "${value:0:200}"
    rbc_line "- ${file##*/}: \`${rbc_text//\`/\'}\`"
  done
  rbc_line ''
}

# The command line, the signals, the end.

rbc_main() {
  set +o posix
  set +xv
  # What bash takes from its environment even with -p, and would do otherwise for it.
  unset -v BASH_ENV ENV CDPATH GLOBIGNORE POSIXLY_CORRECT BASH_COMPAT EXECIGNORE FUNCNEST TMOUT
  IFS=$' \t\n'
  shopt -s nullglob extglob
  rbc_start "$@"
  rbc_parse "$@"
  rbc_stop_on_problems
  rbc_set_colors
  rbc_find_state
  rbc_scratch
  trap 'rbc_caught=INT rbc_woken=yes' INT
  trap 'rbc_caught=TERM rbc_woken=yes' TERM
  trap 'rbc_caught=HUP rbc_woken=yes' HUP
  trap rbc_cleanup EXIT
  rbc_dispatch
}

# rbc_start ARGUMENT...: every name that the machinery keeps, and a PATH without places that anybody can write to by accident.
rbc_start() {
  local entry entries path=''
  declare -gA rbc_option=() rbc_given=() rbc_accept=() rbc_value=() rbc_secret=() rbc_status=() rbc_starts=() rbc_at=() rbc_skip=() rbc_task=()
  declare -ga rbc_arguments=("$@") rbc_problems=() rbc_usage=() rbc_started=() rbc_stays=() rbc_left=() rbc_lines=() rbc_hidden=()
  declare -ga rbc_owed=()
  rbc_second='' rbc_stamp='' rbc_put_off='' rbc_digester='' rbc_half_written='' rbc_lead='' rbc_later='' rbc_intent='' rbc_follower=''
  rbc_told=0 rbc_silence='' rbc_tick=''
  rbc_command=run rbc_caught='' rbc_woken='' rbc_run='' rbc_journal='' rbc_seq=0 rbc_head='' rbc_phase='' rbc_changed=''
  rbc_broken='' rbc_declined='' rbc_locked='' rbc_tmp='' rbc_show=yes rbc_count=0 rbc_sudo_keeper='' rbc_code=0 rbc_named='' rbc_decision=''
  rbc_umask=$(umask)
  umask 077
  IFS=: read -r -a entries <<<"${PATH-}"
  for entry in "${entries[@]}" /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
    [[ "${entry}" == /* && ":${path}:" != *":${entry}:"* ]] && path+=${path:+:}${entry}
  done
  PATH=${path}
  export PATH
  # Not what the shell that started this one believes its host to be: a guard reads it.
  IFS= read -r HOSTNAME </proc/sys/kernel/hostname
  rbc_self=$(exec realpath -- "${BASH_SOURCE[0]}")
  rbc_script=${rbc_self}
  rbc_user=$(exec id -un)
  rbc_terminal=''
  if { : </dev/tty; } 2>/dev/null; then
    rbc_terminal=$(tty 2>/dev/null) || rbc_terminal=/dev/tty
  fi
  rbc_clock
  rbc_utc "${rbc_now}"
  rbc_since="${rbc_text} UTC" rbc_begun=$((rbc_now / 1000000))
  LC_ALL=C IFS= read -r entry <"/proc/$$/stat"
  read -r -a entries <<<"${entry##*) }"
  rbc_driver="$$ ${entries[19]}"
  exec {rbc_lock_fd}</dev/null
  for ((entry = 0; entry < ${#RBC_PLAN[@]}; entry += 5)); do
    rbc_at[${RBC_PLAN[entry + 1]}]=${entry}
  done
}

# rbc_parse ARGUMENT...: the command, its options, the parameters and choices.
rbc_parse() {
  local word value name lacks known i
  declare -A known=()
  for ((i = 0; i < ${#RBC_OPTIONS[@]}; i += 2)); do
    known[${RBC_OPTIONS[i]}]=${RBC_OPTIONS[i + 1]}
  done
  if [[ "${1-}" == rbc-guard ]]; then
    rbc_command=guard rbc_named=$2
    shift 2
  elif [[ $# -gt 0 && "$1" != -* ]]; then
    rbc_command=$1
    shift
    if [[ " ${RBC_COMMANDS} " != *" ${rbc_command} "* ]]; then
      rbc_misuse usage_command command "${rbc_command}" known "${RBC_COMMANDS// /, }"
      rbc_command=''
    fi
  fi
  while (($# > 0)); do
    word=$1 value='' name='' lacks=0
    shift
    case "${word}" in
      --help | -h) rbc_help ;;
      --yes | --no-color | --quiet | --fresh | --anew | --verify | --outside-window)
        rbc_belongs "${word}" "${word}"
        name=${word#--}
        [[ -z "${rbc_here}" ]] || rbc_option[${name//-/_}]=yes
        continue
        ;;
      --*=*)
        value=${word#*=}
        word=${word%%=*}
        ;;
      --*)
        lacks=$(($# == 0)) value=${1-}
        shift "$((1 - lacks))"
        ;;
      *)
        if [[ "${rbc_command}" == accept && -z "${rbc_named}" ]]; then
          rbc_named=${word}
          continue
        fi
        if [[ "${rbc_command}" == check && -n "${RBC_PROBES[${word}]-}" ]]; then
          rbc_named+=" ${word}"
          continue
        fi
        ;;
    esac
    name=${word//[A-Z]/?}
    [[ -z "${word}" || -z "${known[${word}]-}" ]] || name=--NAME
    rbc_belongs "${word}" "${name}"
    [[ -n "${rbc_here}" ]] || continue
    if ((lacks)); then
      rbc_misuse usage_value option "${word}"
      continue
    fi
    case "${word}" in
      --state-dir) rbc_option[state_dir]=$(realpath -m -- "${value}") ;;
      --skip) rbc_option[skip]+=" ${value//[!a-z0-9_.]/?}" ;;
      --keep | --why | --head | --from | --only)
        rbc_option[${word#--}]=${value}
        ;;
      --accept)
        if [[ " ${RBC_GATES} " == *" ${value} "* ]]; then
          rbc_accept[${value}]=yes
        else
          rbc_visible "${value}"
          rbc_misuse usage_gate gate "${rbc_text}"
        fi
        ;;
      *)
        if [[ -n "${rbc_given[${known[${word}]}]+given}" ]]; then
          rbc_misuse usage_twice option "${word}"
        else
          rbc_given[${known[${word}]}]=${value}
        fi
        ;;
    esac
  done
  rbc_check_options
  [[ -z "${rbc_option[quiet]-}" ]] || rbc_show=no
}

# rbc_belongs WORD OPTION: does the command take it? rbc_here. After a command that is none, any option may be one.
rbc_belongs() {
  local i
  rbc_here=''
  for ((i = 0; i < ${#RBC_TAKES[@]}; i += 2)); do
    [[ "${RBC_TAKES[i]}" == "$2" ]] || continue
    if [[ -z "${RBC_TAKES[i + 1]}" || -z "${rbc_command}" || " ${RBC_TAKES[i + 1]} " == *" ${rbc_command} "* ]]; then
      rbc_here=yes
    else
      rbc_misuse usage_elsewhere option "$1" commands "${RBC_TAKES[i + 1]// /, }" command "${rbc_command}"
    fi
    return 0
  done
  rbc_visible "$1"
  rbc_misuse usage_unknown option "${rbc_text}"
}

# rbc_check_options: what is against the rule needs its reason, a head its chain; a number is one before it is counted with.
rbc_check_options() {
  local name
  [[ -z "${rbc_option[head]+given}" || -n "${rbc_option[verify]-}" ]] || rbc_misuse usage_without option --head needed --verify
  for name in anew outside_window; do
    [[ -z "${rbc_option[${name}]-}" || -n "${rbc_option[why]-}" ]] || rbc_misuse usage_why option "--${name//_/-}"
  done
  if [[ ! "${rbc_option[keep]-20}" =~ ^[1-9][0-9]{0,5}$ ]]; then
    rbc_misuse usage_malformed option --keep type "${RBC_TEXT[type_int]}"
  fi
}

rbc_help() {
  local i j line
  rbc_line "${RBC_TITLE}"
  rbc_line ''
  rbc_fill help_usage script "${0##*/}"
  rbc_line "${rbc_text}"
  for i in ${RBC_COMMANDS}; do
    rbc_wrap "${RBC_TEXT[help_${i}]}" '             '
    printf '  %-10s %s\n' "${i}" "${rbc_wrapped[0]:13}"
    for line in "${rbc_wrapped[@]:1}"; do
      rbc_line "${line}"
    done
    line=''
    for ((j = 0; j < ${#RBC_TAKES[@]}; j += 2)); do
      [[ " ${RBC_TAKES[j + 1]} " != *" ${i} "* ]] || line+="${line:+ }${RBC_TAKES[j]}"
    done
    [[ -z "${line}" ]] || rbc_folded "${line}" '             '
  done
  if ((${#RBC_OPTIONS[@]} > 0)); then
    rbc_line ''
    rbc_tell help_parameters
    for ((i = 0; i < ${#RBC_OPTIONS[@]}; i += 2)); do
      rbc_line "  ${RBC_OPTIONS[i]}"
      rbc_folded "${RBC_NOTES["help/${RBC_OPTIONS[i + 1]}"]}" '      '
    done
  fi
  rbc_line ''
  rbc_tell help_options
  rbc_more_help
  rbc_exit 0
}

# rbc_exit CODE: nothing of the script comes after it.
rbc_exit() {
  exit "$1"
}

rbc_cleanup() {
  trap - EXIT
  rbc_before_end
  [[ -z "${rbc_sudo_keeper}" ]] || kill "${rbc_sudo_keeper}" 2>/dev/null
  [[ -z "${rbc_tmp}" ]] || rm -rf -- "${rbc_tmp}"
}

# rbc_fail_hard KEY [NAME VALUE]...: a refusal from the middle.
rbc_fail_hard() {
  rbc_complain "$@"
  rbc_exit 7
}

{ rbc_main "$@"; }
