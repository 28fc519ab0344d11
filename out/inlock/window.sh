#!/bin/bash -p
# Zero-Surprise Upgrade Window Runbook: Upgrade window
# inlock_upgrade_window.window
# Built by rbc 0.1.0 from specs/inlock.rb (sha256 d6e1a4ec115bd929b4c953a28183b94396af797949317dd50bdfd8e45f306c5c).
# Change the spec, not this file.
#
{ set +xv; } 2>/dev/null
rbc_eol='
'
test "${#rbc_eol}" = 1 || { echo 'This script has got Windows line endings (CRLF). To mend it: dos2unix window.sh' >&2 && exit 7; } #
case "${BASH_VERSION-}" in
  '' | [0-3].* | 4.[0-3].*)
    echo 'This script needs bash 4.4 or newer and is started like this: bash window.sh' >&2
    exit 7
    ;;
  *) ;;
esac
if [[ "${1-}" != rbc-child ]] && (return 0 2>/dev/null); then
  echo 'This script must be started as a file: bash window.sh' >&2
  return 7
fi
if [[ ! -f "${BASH_SOURCE[0]-}" ]]; then
  echo 'This script must be started as a file: bash window.sh' >&2
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
  echo 'The end of this script is missing. Please copy it again.' >&2
  exit 7
fi

# ─── What this runbook does ───────────────────────────────────────────────────

# guard hostname (specs/inlock.rb:29)
guard_1() {
  [[ "${HOSTNAME}" == 'vmi2953354' || "${HOSTNAME%%.*}" == 'vmi2953354' ]]
}

# guard path (specs/inlock.rb:30)
guard_2() {
  [[ -e '/home/comzis/inlock' ]]
}

# docker compose config (specs/shared/compose.rb:3)
probe_config() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env config >/dev/null
}

# stack runs (specs/shared/compose.rb:8)
probe_running() {
  cd /home/comzis/inlock
  recent=$(date --utc --date='10 seconds ago' +%FT%T)
  config=$(docker compose -f compose/services/stack.yml --env-file .env config)
  parts=$(docker compose -f compose/services/stack.yml --env-file .env config --services)
  failed=''
  for part in ${parts}; do
    # How many containers of it does the compose file want?
    settings=${config#*$'\n'"  ${part}:"}
    settings=${settings%%$'\n'"  "[!\ ]*}
    wanted=1
    if [[ "${settings}" =~ $'\n'"    "(scale|"  replicas"):\ ([0-9]+) ]]; then wanted=${BASH_REMATCH[2]}; fi
    found=0
    containers=$(docker compose -f compose/services/stack.yml --env-file .env ps --all --quiet "${part}")
    for container in ${containers}; do
      facts=$(docker inspect "${container}" --format '
      {{- index .Config.Labels "com.docker.compose.oneoff"}} {{.State.StartedAt}} {{.RestartCount}}
      {{- " "}}{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}}
      {{- if .State.Health}} {{.State.Health.Status}}{{else}} none{{end}}')
      read -r oneoff started restarts state health <<<"${facts}"
      [[ "${oneoff}" == False ]] || continue
      found=$((found + 1))
      problem=''
      case "${state} ${health}" in
        exited:0:no' '* | exited:0:on-failure' '*) ;;
        running:*) ;;
        *) problem="is ${state}, health: ${health}" ;;
      esac
      [[ "${restarts}" == 0 || "${started}" < "${recent}" ]] || problem="keeps restarting (${restarts})"
      if [[ -n "${problem}" ]]; then
        echo "${part}: container ${container:0:12} ${problem}" >&2
        failed=yes
      fi
    done
    if ((found < wanted)); then
      echo "${part}: ${found} of ${wanted} containers are there" >&2
      failed=yes
    fi
  done
  [[ -z "${failed}" ]]
}

# stack runs ? (specs/shared/compose.rb:8)
diagnose_running() {
  cd /home/comzis/inlock
  (
    docker compose -f compose/services/stack.yml --env-file .env ps
  )
  (
    docker compose -f compose/services/stack.yml --env-file .env logs --tail=100 --no-color
  )
}

# /: at most 85% used (specs/shared/disk.rb:3)
probe_disk() {
  disk_used=$(df --output=pcent /)
  disk_used=${disk_used%\%}
  disk_used=${disk_used##*[!0-9]}
  [[ "${disk_used}" =~ ^[0-9]+$ && "${disk_used}" -le 85 ]] || {
    echo "${disk_used}% used at /, expected <= 85%" >&2
    false
  }
}

# /: at most 85% used ? (specs/shared/disk.rb:3)
diagnose_disk() {
  df -h /
}

# No local drift on the production host (specs/inlock.rb:65)
probe_no_drift() {
  git_changes=$(git -C /home/comzis/inlock status --porcelain)
  [[ -z "${git_changes}" ]] || {
    echo 'not clean: /home/comzis/inlock' >&2
    printf '%s\n' "${git_changes}" >&2
    false
  }
}

# Public endpoints answer (specs/inlock.rb:70)
probe_public() {
  (
    http_status=$(curl -sS -I -k -o /dev/null -w '%{http_code}' --max-time 39 https://inlock.ai)
    [[ "${http_status}" == @(2??|3??) ]] || {
      echo "HTTP ${http_status}, expected 200 to 399" >&2
      false
    }
  )
  (
    http_status=$(curl -sS -I -k -o /dev/null -w '%{http_code}' --max-time 39 https://mail.inlock.ai)
    [[ "${http_status}" == @(2??|3??) ]] || {
      echo "HTTP ${http_status}, expected 200 to 399" >&2
      false
    }
  )
  (
    http_status=$(curl -sS -I -k -o /dev/null -w '%{http_code}' --max-time 39 https://grafana.inlock.ai)
    [[ "${http_status}" == @(2??|3??) ]] || {
      echo "HTTP ${http_status}, expected 200 to 399" >&2
      false
    }
  )
}

# libexpat1 is at the newest version (specs/inlock.rb:77)
probe_libexpat() {
  installed=$(dpkg-query -W -f "\${Version}" libexpat1)
  candidate=$(LC_ALL=C apt-cache policy libexpat1 | sed -n 's/^  Candidate: //p')
  echo "installed ${installed}, candidate ${candidate}"
  [[ ${installed} == "${candidate}" ]]
}

# No new error bursts in journald (specs/inlock.rb:88)
probe_journal() {
  journal_errors=$(timeout 9 journalctl -q --no-pager --priority=err --since=-900s \
    --output=json --output-fields=PRIORITY | wc -l)
  [[ "${journal_errors}" =~ ^[0-9]+$ && "${journal_errors}" -le 5 ]] || {
    echo "${journal_errors} errors in the journal, expected <= 5:" >&2
    timeout 9 journalctl -q --no-pager --priority=err --since=-900s --lines=5 >&2
    false
  }
}

# No new error bursts in journald ? (specs/inlock.rb:88)
diagnose_journal() {
  journalctl -p err -n 50 --no-pager
}

# auth endpoint returns expected status (specs/inlock.rb:93)
probe_auth() {
  http_status=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 9 https://auth.inlock.ai/oauth2/start)
  [[ "${http_status}" == 302 ]] || (echo "HTTP ${http_status}, expected 302" >&2 && false)
}

# alertmanager ready (specs/inlock.rb:98)
probe_alertmanager() {
  http_status=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 9 http://127.0.0.1:9093/-/ready)
  [[ "${http_status}" == 2?? ]] || (echo "HTTP ${http_status}, expected 200 to 299" >&2 && false)
}

# loki ready (specs/inlock.rb:103)
probe_loki() {
  http_status=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 9 http://127.0.0.1:3100/ready)
  [[ "${http_status}" == 2?? ]] || (echo "HTTP ${http_status}, expected 200 to 299" >&2 && false)
}

# oauth2-proxy runs, healthy where it can say so, and has not restarted (specs/inlock.rb:206)
probe_stack_oauth2_proxy_runs() {
  cd /home/comzis/inlock
  recent=$(date --utc --date='5 seconds ago' +%FT%T)
  config=$(docker compose -f compose/services/stack.yml --env-file .env config)
  parts='oauth2-proxy'
  failed='' final=''
  for part in ${parts}; do
    # How many containers of it does the compose file want?
    settings=${config#*$'\n'"  ${part}:"}
    settings=${settings%%$'\n'"  "[!\ ]*}
    wanted=1
    if [[ "${settings}" =~ $'\n'"    "(scale|"  replicas"):\ ([0-9]+) ]]; then wanted=${BASH_REMATCH[2]}; fi
    found=0
    containers=$(docker compose -f compose/services/stack.yml --env-file .env ps --all --quiet "${part}")
    for container in ${containers}; do
      facts=$(docker inspect "${container}" --format '
      {{- index .Config.Labels "com.docker.compose.oneoff"}} {{.State.StartedAt}} {{.RestartCount}}
      {{- " "}}{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}}
      {{- if .State.Health}} {{.State.Health.Status}}{{else}} none{{end}}')
      read -r oneoff started restarts state health <<<"${facts}"
      [[ "${oneoff}" == False ]] || continue
      found=$((found + 1))
      problem=''
      case "${state} ${health}" in
        exited:0:no' '* | exited:0:on-failure' '*) ;;
        running:*' healthy') ;;
        running:*' none') [[ "${started}" < "${recent}" ]] || problem='has only just started' ;;
        *) problem="is ${state}, health: ${health}" ;;
      esac
      before=0
      if [[ "${stack_oauth2_proxy_images}" =~ "${container} running:"[^\ ]+" "([0-9]+) ]]; then
        before=${BASH_REMATCH[1]}
      fi
      if [[ ! "${restarts}" =~ ^(0|"${before}")$ ]]; then
        problem="has restarted (${restarts})" final=yes
      fi
      if [[ -n "${problem}" ]]; then
        echo "${part}: container ${container:0:12} ${problem}" >&2
        failed=yes
      fi
    done
    if ((found < wanted)); then
      echo "${part}: ${found} of ${wanted} containers are there" >&2
      failed=yes
    fi
  done
  [[ -z "${final}" ]] || (exit 75)
  [[ -z "${failed}" ]]
}

# alertmanager, cadvisor runs, healthy where it can say so, and has not restarted (specs/inlock.rb:212)
probe_stack_alertmanager_cadvisor_runs() {
  cd /home/comzis/inlock
  recent=$(date --utc --date='5 seconds ago' +%FT%T)
  config=$(docker compose -f compose/services/stack.yml --env-file .env config)
  parts='alertmanager cadvisor'
  failed='' final=''
  for part in ${parts}; do
    # How many containers of it does the compose file want?
    settings=${config#*$'\n'"  ${part}:"}
    settings=${settings%%$'\n'"  "[!\ ]*}
    wanted=1
    if [[ "${settings}" =~ $'\n'"    "(scale|"  replicas"):\ ([0-9]+) ]]; then wanted=${BASH_REMATCH[2]}; fi
    found=0
    containers=$(docker compose -f compose/services/stack.yml --env-file .env ps --all --quiet "${part}")
    for container in ${containers}; do
      facts=$(docker inspect "${container}" --format '
      {{- index .Config.Labels "com.docker.compose.oneoff"}} {{.State.StartedAt}} {{.RestartCount}}
      {{- " "}}{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}}
      {{- if .State.Health}} {{.State.Health.Status}}{{else}} none{{end}}')
      read -r oneoff started restarts state health <<<"${facts}"
      [[ "${oneoff}" == False ]] || continue
      found=$((found + 1))
      problem=''
      case "${state} ${health}" in
        exited:0:no' '* | exited:0:on-failure' '*) ;;
        running:*' healthy') ;;
        running:*' none') [[ "${started}" < "${recent}" ]] || problem='has only just started' ;;
        *) problem="is ${state}, health: ${health}" ;;
      esac
      before=0
      if [[ "${stack_alertmanager_cadvisor_images}" =~ "${container} running:"[^\ ]+" "([0-9]+) ]]; then
        before=${BASH_REMATCH[1]}
      fi
      if [[ ! "${restarts}" =~ ^(0|"${before}")$ ]]; then
        problem="has restarted (${restarts})" final=yes
      fi
      if [[ -n "${problem}" ]]; then
        echo "${part}: container ${container:0:12} ${problem}" >&2
        failed=yes
      fi
    done
    if ((found < wanted)); then
      echo "${part}: ${found} of ${wanted} containers are there" >&2
      failed=yes
    fi
  done
  [[ -z "${final}" ]] || (exit 75)
  [[ -z "${failed}" ]]
}

# loki, promtail runs, healthy where it can say so, and has not restarted (specs/inlock.rb:218)
probe_stack_loki_promtail_runs() {
  cd /home/comzis/inlock
  recent=$(date --utc --date='5 seconds ago' +%FT%T)
  config=$(docker compose -f compose/services/stack.yml --env-file .env config)
  parts='loki promtail'
  failed='' final=''
  for part in ${parts}; do
    # How many containers of it does the compose file want?
    settings=${config#*$'\n'"  ${part}:"}
    settings=${settings%%$'\n'"  "[!\ ]*}
    wanted=1
    if [[ "${settings}" =~ $'\n'"    "(scale|"  replicas"):\ ([0-9]+) ]]; then wanted=${BASH_REMATCH[2]}; fi
    found=0
    containers=$(docker compose -f compose/services/stack.yml --env-file .env ps --all --quiet "${part}")
    for container in ${containers}; do
      facts=$(docker inspect "${container}" --format '
      {{- index .Config.Labels "com.docker.compose.oneoff"}} {{.State.StartedAt}} {{.RestartCount}}
      {{- " "}}{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}}
      {{- if .State.Health}} {{.State.Health.Status}}{{else}} none{{end}}')
      read -r oneoff started restarts state health <<<"${facts}"
      [[ "${oneoff}" == False ]] || continue
      found=$((found + 1))
      problem=''
      case "${state} ${health}" in
        exited:0:no' '* | exited:0:on-failure' '*) ;;
        running:*' healthy') ;;
        running:*' none') [[ "${started}" < "${recent}" ]] || problem='has only just started' ;;
        *) problem="is ${state}, health: ${health}" ;;
      esac
      before=0
      if [[ "${stack_loki_promtail_images}" =~ "${container} running:"[^\ ]+" "([0-9]+) ]]; then
        before=${BASH_REMATCH[1]}
      fi
      if [[ ! "${restarts}" =~ ^(0|"${before}")$ ]]; then
        problem="has restarted (${restarts})" final=yes
      fi
      if [[ -n "${problem}" ]]; then
        echo "${part}: container ${container:0:12} ${problem}" >&2
        failed=yes
      fi
    done
    if ((found < wanted)); then
      echo "${part}: ${found} of ${wanted} containers are there" >&2
      failed=yes
    fi
  done
  [[ -z "${final}" ]] || (exit 75)
  [[ -z "${failed}" ]]
}

# T-24h Preparation: Fetch (specs/inlock.rb:115)
step_fetch() {
  cd /home/comzis/inlock
  git fetch --all --prune
}

# T-24h Preparation: Time stamp of the evidence (specs/inlock.rb:123)
capture_ts() {
  cd /home/comzis/inlock
  date +%Y%m%d-%H%M%S
}

# T-24h Preparation: Pre-change snapshot (specs/inlock.rb:124)
step_snapshot() {
  cd /home/comzis/inlock
  mkdir -p /tmp/inlock-maintenance-"${ts}"
  docker ps --format 'table {{.Names}}\t{{.Image}}\t{{.Status}}' >/tmp/inlock-maintenance-"${ts}"/docker-ps-before.txt
  docker compose -f compose/services/stack.yml --env-file .env config >/tmp/inlock-maintenance-"${ts}"/stack-config-before.yml
}

# T-24h Preparation: Current image IDs for fast rollback (specs/inlock.rb:132)
step_image_ids() {
  cd /home/comzis/inlock
  docker ps -q | xargs -r docker inspect --format '{{.Name}} {{.Config.Image}} {{.Image}}' |
    sed 's#^/##' >/tmp/inlock-maintenance-"${ts}"/image-ids-before.txt
}

# T-15m Preflight: Host state (specs/inlock.rb:147)
step_host_state() {
  cd /home/comzis/inlock
  uptime
  free -h
  df -h /
}

# Pull latest repo changes: Commit before (specs/inlock.rb:163)
capture_commit_before() {
  cd /home/comzis/inlock
  git rev-parse HEAD
}

# Pull latest repo changes: Pull latest repo changes (specs/inlock.rb:164)
step_pull() {
  cd /home/comzis/inlock
  git pull --ff-only
}

# Pull latest repo changes: Pull latest repo changes ↶ (specs/inlock.rb:166)
undo_pull() {
  cd /home/comzis/inlock
  git reset --keep "${commit_before}"
  docker compose -f compose/services/stack.yml --env-file .env up -d --pull never
}

# OS security updates first: libexpat1 before (specs/inlock.rb:180)
capture_libexpat_before() {
  cd /home/comzis/inlock
  dpkg-query -W -f "\${Version}" libexpat1
}

# OS security updates first: Update libexpat1 (specs/inlock.rb:181)
step_libexpat1() {
  cd /home/comzis/inlock
  sudo ./scripts/maintenance/update-libexpat1.sh
}

# OS security updates first: Pending security updates (specs/inlock.rb:187)
step_pending() {
  cd /home/comzis/inlock
  sudo apt update
  apt list --upgradable 2>/dev/null | sed -nE '/security|libexpat1/Ip'
}

# OS security updates first: Service failures since (specs/inlock.rb:194)
step_journal_a() {
  cd /home/comzis/inlock
  journalctl -p err -n 50 --no-pager
}

# Phase 1: auth path (oauth2-proxy): Record the running images of oauth2-proxy (specs/inlock.rb:206)
capture_stack_oauth2_proxy_images() {
  cd /home/comzis/inlock
  containers=$(docker compose -f compose/services/stack.yml --env-file .env ps --all --quiet oauth2-proxy)
  for container in ${containers}; do
    line=$(docker inspect "${container}" --format '
    {{- if eq (index .Config.Labels "com.docker.compose.oneoff") "False"}}
    {{- index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}} {{.Image}} {{.Id}}
    {{- " "}}{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}} {{.RestartCount}}
    {{- end}}')
    [[ -z "${line}" ]] || echo "${line}"
  done
}

# Phase 1: auth path (oauth2-proxy): Pull the new images of oauth2-proxy (specs/inlock.rb:206)
step_stack_oauth2_proxy_pull() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env pull oauth2-proxy
}

# Phase 1: auth path (oauth2-proxy): Pull the new images of oauth2-proxy ↶ (specs/inlock.rb:206)
undo_stack_oauth2_proxy_pull() {
  cd /home/comzis/inlock
  # The tags go back to the images that ran before.
  while read -r _ reference image _; do
    [[ "${reference}" =~ ^$|@|^sha256: ]] || docker tag "${image}" "${reference}"
  done <<<"${stack_oauth2_proxy_images}"
}

# Phase 1: auth path (oauth2-proxy): Start oauth2-proxy (specs/inlock.rb:206)
step_stack_oauth2_proxy_up() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env up -d --no-deps oauth2-proxy
}

# Phase 1: auth path (oauth2-proxy): Start oauth2-proxy ↶ (specs/inlock.rb:206)
undo_stack_oauth2_proxy_up() {
  cd /home/comzis/inlock
  # The tags go back to the images that ran before.
  while read -r _ reference image _; do
    [[ "${reference}" =~ ^$|@|^sha256: ]] || docker tag "${image}" "${reference}"
  done <<<"${stack_oauth2_proxy_images}"

  # What was each part before, and with which image?
  parts='oauth2-proxy'
  images='services:' running=() stopped=() added=()
  for part in ${parts}; do
    before=''
    while read -r name name_reference name_image _ state _; do
      [[ "${name}" == "${part}" && "${before}" != running:* ]] || continue
      before=${state} reference=${name_reference} image=${name_image}
    done <<<"${stack_oauth2_proxy_images}"
    case "${before}" in
      '') added+=("${part}") ;;
      running:* | restarting:* | paused:* | exited:0:no | exited:0:on-failure) running+=("${part}") ;;
      *) stopped+=("${part}") ;;
    esac
    [[ -n "${before}" ]] || continue
    known=$(docker image inspect --format '{{.Id}}' "${reference}" 2>/dev/null) || known=''
    [[ "${known}" == "${image}" ]] || reference=${image}
    images+=$'\n'"  ${part}: {image: '${reference}'}"
  done

  if ((${#added[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env rm --stop --force "${added[@]}"
  fi
  if ((${#stopped[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env -f - up --no-start --no-deps --no-build --pull never "${stopped[@]}" <<<"${images}"
    docker compose -f compose/services/stack.yml --env-file .env stop "${stopped[@]}"
  fi
  if ((${#running[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env -f - up -d --no-deps --no-build --pull never "${running[@]}" <<<"${images}"
  fi
}

# Phase 2: monitoring control plane (alertmanager, cadvisor): Record the running images of alertmanager, cadvisor (specs/inlock.rb:212)
capture_stack_alertmanager_cadvisor_images() {
  cd /home/comzis/inlock
  containers=$(docker compose -f compose/services/stack.yml --env-file .env ps --all --quiet alertmanager cadvisor)
  for container in ${containers}; do
    line=$(docker inspect "${container}" --format '
    {{- if eq (index .Config.Labels "com.docker.compose.oneoff") "False"}}
    {{- index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}} {{.Image}} {{.Id}}
    {{- " "}}{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}} {{.RestartCount}}
    {{- end}}')
    [[ -z "${line}" ]] || echo "${line}"
  done
}

# Phase 2: monitoring control plane (alertmanager, cadvisor): Pull the new images of alertmanager, cadvisor (specs/inlock.rb:212)
step_stack_alertmanager_cadvisor_pull() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env pull alertmanager cadvisor
}

# Phase 2: monitoring control plane (alertmanager, cadvisor): Pull the new images of alertmanager, cadvisor ↶ (specs/inlock.rb:212)
undo_stack_alertmanager_cadvisor_pull() {
  cd /home/comzis/inlock
  # The tags go back to the images that ran before.
  while read -r _ reference image _; do
    [[ "${reference}" =~ ^$|@|^sha256: ]] || docker tag "${image}" "${reference}"
  done <<<"${stack_alertmanager_cadvisor_images}"
}

# Phase 2: monitoring control plane (alertmanager, cadvisor): Start alertmanager, cadvisor (specs/inlock.rb:212)
step_stack_alertmanager_cadvisor_up() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env up -d --no-deps alertmanager cadvisor
}

# Phase 2: monitoring control plane (alertmanager, cadvisor): Start alertmanager, cadvisor ↶ (specs/inlock.rb:212)
undo_stack_alertmanager_cadvisor_up() {
  cd /home/comzis/inlock
  # The tags go back to the images that ran before.
  while read -r _ reference image _; do
    [[ "${reference}" =~ ^$|@|^sha256: ]] || docker tag "${image}" "${reference}"
  done <<<"${stack_alertmanager_cadvisor_images}"

  # What was each part before, and with which image?
  parts='alertmanager cadvisor'
  images='services:' running=() stopped=() added=()
  for part in ${parts}; do
    before=''
    while read -r name name_reference name_image _ state _; do
      [[ "${name}" == "${part}" && "${before}" != running:* ]] || continue
      before=${state} reference=${name_reference} image=${name_image}
    done <<<"${stack_alertmanager_cadvisor_images}"
    case "${before}" in
      '') added+=("${part}") ;;
      running:* | restarting:* | paused:* | exited:0:no | exited:0:on-failure) running+=("${part}") ;;
      *) stopped+=("${part}") ;;
    esac
    [[ -n "${before}" ]] || continue
    known=$(docker image inspect --format '{{.Id}}' "${reference}" 2>/dev/null) || known=''
    [[ "${known}" == "${image}" ]] || reference=${image}
    images+=$'\n'"  ${part}: {image: '${reference}'}"
  done

  if ((${#added[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env rm --stop --force "${added[@]}"
  fi
  if ((${#stopped[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env -f - up --no-start --no-deps --no-build --pull never "${stopped[@]}" <<<"${images}"
    docker compose -f compose/services/stack.yml --env-file .env stop "${stopped[@]}"
  fi
  if ((${#running[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env -f - up -d --no-deps --no-build --pull never "${running[@]}" <<<"${images}"
  fi
}

# Phase 3: logging plane (loki, promtail): Record the running images of loki, promtail (specs/inlock.rb:218)
capture_stack_loki_promtail_images() {
  cd /home/comzis/inlock
  containers=$(docker compose -f compose/services/stack.yml --env-file .env ps --all --quiet loki promtail)
  for container in ${containers}; do
    line=$(docker inspect "${container}" --format '
    {{- if eq (index .Config.Labels "com.docker.compose.oneoff") "False"}}
    {{- index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}} {{.Image}} {{.Id}}
    {{- " "}}{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}} {{.RestartCount}}
    {{- end}}')
    [[ -z "${line}" ]] || echo "${line}"
  done
}

# Phase 3: logging plane (loki, promtail): Pull the new images of loki, promtail (specs/inlock.rb:218)
step_stack_loki_promtail_pull() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env pull loki promtail
}

# Phase 3: logging plane (loki, promtail): Pull the new images of loki, promtail ↶ (specs/inlock.rb:218)
undo_stack_loki_promtail_pull() {
  cd /home/comzis/inlock
  # The tags go back to the images that ran before.
  while read -r _ reference image _; do
    [[ "${reference}" =~ ^$|@|^sha256: ]] || docker tag "${image}" "${reference}"
  done <<<"${stack_loki_promtail_images}"
}

# Phase 3: logging plane (loki, promtail): Start loki, promtail (specs/inlock.rb:218)
step_stack_loki_promtail_up() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env up -d --no-deps loki promtail
}

# Phase 3: logging plane (loki, promtail): Start loki, promtail ↶ (specs/inlock.rb:218)
undo_stack_loki_promtail_up() {
  cd /home/comzis/inlock
  # The tags go back to the images that ran before.
  while read -r _ reference image _; do
    [[ "${reference}" =~ ^$|@|^sha256: ]] || docker tag "${image}" "${reference}"
  done <<<"${stack_loki_promtail_images}"

  # What was each part before, and with which image?
  parts='loki promtail'
  images='services:' running=() stopped=() added=()
  for part in ${parts}; do
    before=''
    while read -r name name_reference name_image _ state _; do
      [[ "${name}" == "${part}" && "${before}" != running:* ]] || continue
      before=${state} reference=${name_reference} image=${name_image}
    done <<<"${stack_loki_promtail_images}"
    case "${before}" in
      '') added+=("${part}") ;;
      running:* | restarting:* | paused:* | exited:0:no | exited:0:on-failure) running+=("${part}") ;;
      *) stopped+=("${part}") ;;
    esac
    [[ -n "${before}" ]] || continue
    known=$(docker image inspect --format '{{.Id}}' "${reference}" 2>/dev/null) || known=''
    [[ "${known}" == "${image}" ]] || reference=${image}
    images+=$'\n'"  ${part}: {image: '${reference}'}"
  done

  if ((${#added[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env rm --stop --force "${added[@]}"
  fi
  if ((${#stopped[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env -f - up --no-start --no-deps --no-build --pull never "${stopped[@]}" <<<"${images}"
    docker compose -f compose/services/stack.yml --env-file .env stop "${stopped[@]}"
  fi
  if ((${#running[@]} > 0)); then
    docker compose -f compose/services/stack.yml --env-file .env -f - up -d --no-deps --no-build --pull never "${running[@]}" <<<"${images}"
  fi
}

# Broad stack reconcile: Full reconcile (specs/inlock.rb:228)
step_up() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env up -d
}

# Post-Change Monitoring Hold (15 min): State after the hold (specs/inlock.rb:242)
step_state() {
  cd /home/comzis/inlock
  uptime
  docker ps --format 'table {{.Names}}\t{{.Status}}'
  journalctl -p err --since "15 min ago" --no-pager
}

# Post-Change Monitoring Hold (15 min): Test endpoints (specs/inlock.rb:248)
step_endpoints() {
  cd /home/comzis/inlock
  ./scripts/test-endpoints.sh
}

# Rollback Plan: Find the commit (specs/inlock.rb:271)
step_history() {
  cd /home/comzis/inlock
  git log --oneline -n 10
}

# Rollback Plan: Revert the commit and pull old images (specs/inlock.rb:275)
step_revert() {
  cd /home/comzis/inlock
  git revert --no-edit "${bad_commit}"
  docker compose -f compose/services/stack.yml --env-file .env pull
  docker compose -f compose/services/stack.yml --env-file .env up -d
}

# Rollback Plan: Start the service (specs/inlock.rb:289)
step_one() {
  cd /home/comzis/inlock
  docker compose -f compose/services/stack.yml --env-file .env up -d "${service_name}"
}

# Rollback Plan: Install the previous version and pin it (specs/inlock.rb:296)
step_downgrade() {
  sudo apt-get install -y --allow-downgrades "libexpat1=${libexpat_before}"
  sudo apt-mark hold libexpat1
}

# Names that the commands read; the run sets them in each step.
bad_commit=''
commit_before=''
libexpat_before=''
service_name=''
stack_alertmanager_cadvisor_images=''
stack_loki_promtail_images=''
stack_oauth2_proxy_images=''
ts=''

# The only way from the machinery to the commands.
rbc_world() {
  case "$1" in
    guard_1) guard_1 ;;
    guard_2) guard_2 ;;
    probe_config) probe_config ;;
    probe_running) probe_running ;;
    diagnose_running) diagnose_running ;;
    probe_disk) probe_disk ;;
    diagnose_disk) diagnose_disk ;;
    probe_no_drift) probe_no_drift ;;
    probe_public) probe_public ;;
    probe_libexpat) probe_libexpat ;;
    probe_journal) probe_journal ;;
    diagnose_journal) diagnose_journal ;;
    probe_auth) probe_auth ;;
    probe_alertmanager) probe_alertmanager ;;
    probe_loki) probe_loki ;;
    probe_stack_oauth2_proxy_runs) probe_stack_oauth2_proxy_runs ;;
    probe_stack_alertmanager_cadvisor_runs) probe_stack_alertmanager_cadvisor_runs ;;
    probe_stack_loki_promtail_runs) probe_stack_loki_promtail_runs ;;
    step_fetch) step_fetch ;;
    capture_ts) capture_ts ;;
    step_snapshot) step_snapshot ;;
    step_image_ids) step_image_ids ;;
    step_host_state) step_host_state ;;
    capture_commit_before) capture_commit_before ;;
    step_pull) step_pull ;;
    undo_pull) undo_pull ;;
    capture_libexpat_before) capture_libexpat_before ;;
    step_libexpat1) step_libexpat1 ;;
    step_pending) step_pending ;;
    step_journal_a) step_journal_a ;;
    capture_stack_oauth2_proxy_images) capture_stack_oauth2_proxy_images ;;
    step_stack_oauth2_proxy_pull) step_stack_oauth2_proxy_pull ;;
    undo_stack_oauth2_proxy_pull) undo_stack_oauth2_proxy_pull ;;
    step_stack_oauth2_proxy_up) step_stack_oauth2_proxy_up ;;
    undo_stack_oauth2_proxy_up) undo_stack_oauth2_proxy_up ;;
    capture_stack_alertmanager_cadvisor_images) capture_stack_alertmanager_cadvisor_images ;;
    step_stack_alertmanager_cadvisor_pull) step_stack_alertmanager_cadvisor_pull ;;
    undo_stack_alertmanager_cadvisor_pull) undo_stack_alertmanager_cadvisor_pull ;;
    step_stack_alertmanager_cadvisor_up) step_stack_alertmanager_cadvisor_up ;;
    undo_stack_alertmanager_cadvisor_up) undo_stack_alertmanager_cadvisor_up ;;
    capture_stack_loki_promtail_images) capture_stack_loki_promtail_images ;;
    step_stack_loki_promtail_pull) step_stack_loki_promtail_pull ;;
    undo_stack_loki_promtail_pull) undo_stack_loki_promtail_pull ;;
    step_stack_loki_promtail_up) step_stack_loki_promtail_up ;;
    undo_stack_loki_promtail_up) undo_stack_loki_promtail_up ;;
    step_up) step_up ;;
    step_state) step_state ;;
    step_endpoints) step_endpoints ;;
    step_history) step_history ;;
    step_revert) step_revert ;;
    step_one) step_one ;;
    step_downgrade) step_downgrade ;;
    *) return 127 ;;
  esac
}

# Defaults of the parameters.
rbc_default() {
  case "$1" in
    bad_commit) rbc_text=HEAD ;;
    *) rbc_text='' ;;
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

# ─── The order, the ways back, the proofs ─────────────────────────────────────

readonly RBC_RUNBOOK='inlock_upgrade_window.window'
readonly RBC_SYSTEM='inlock_upgrade_window'
readonly RBC_TITLE='Zero-Surprise Upgrade Window Runbook: Upgrade window'
readonly RBC_MOST='without a fixed limit, back in 54 min'
readonly RBC_COMMANDS='run plan check rollback resume status log receipt'
readonly RBC_GATES='keep_drift approved checkpoint_a checkpoint_b tag document'
readonly RBC_BUDGET='3600'
readonly RBC_BACK_BUDGET=''

# The way. Columns: kind, name, number, title, settings.
readonly -a RBC_PLAN=(
  'phase' 'preparation' '1' 'T-24h Preparation' 'at=-86400'
  'step' 'preparation.fetch' '1.1' 'Fetch' 'fn=step_fetch back=nothing'
  'confirm' 'preparation.keep_drift' '1.2' 'There is local drift. Is it documented, and is it kept?' 'ask=unless:no_drift'
  'capture' 'preparation.ts' '1.3' 'Time stamp of the evidence' 'fn=capture_ts var=ts timeout=30'
  'step' 'preparation.snapshot' '1.4' 'Pre-change snapshot' 'fn=step_snapshot back=readonly'
  'step' 'preparation.image_ids' '1.5' 'Current image IDs for fast rollback' 'fn=step_image_ids back=readonly'
  'phase' 'preflight' '2' 'T-15m Preflight' 'budget=900 at=-900'
  'step' 'preflight.host_state' '2.1' 'Host state' 'fn=step_host_state back=readonly'
  'check' 'preflight.disk' '2.2' '/: at most 85% used' 'probe=disk'
  'check' 'preflight.running' '2.3' 'stack runs' 'probe=running'
  'check' 'preflight.config' '2.4' 'docker compose config' 'probe=config'
  'check' 'preflight.public' '2.5' 'Public endpoints answer' 'probe=public'
  'confirm' 'preflight.approved' '2.6' 'Maintenance window approved, backup evidence captured, rollback owner assigned?' 'show=ts,rollback_owner'
  'phase' 'sources' '3' 'Pull latest repo changes' ''
  'capture' 'sources.commit_before' '3.1' 'Commit before' 'fn=capture_commit_before var=commit_before timeout=30'
  'step' 'sources.pull' '3.2' 'Pull latest repo changes' 'fn=step_pull back=undo undo=undo_pull undo_timeout=300'
  'phase' 'os' '4' 'OS security updates first' 'on_failure=pause'
  'capture' 'os.libexpat_before' '4.1' 'libexpat1 before' 'fn=capture_libexpat_before var=libexpat_before timeout=30'
  'step' 'os.libexpat1' '4.2' 'Update libexpat1' 'fn=step_libexpat1 timeout=600 back=nothing verify=libexpat:0:0'
  'step' 'os.pending' '4.3' 'Pending security updates' 'fn=step_pending timeout=300 back=readonly optional=1'
  'step' 'os.journal_a' '4.4' 'Service failures since' 'fn=step_journal_a back=readonly'
  'confirm' 'os.checkpoint_a' '4.5' 'Checkpoint A: libexpat1 update succeeded, no unexpected service failures?' 'checks=libexpat:0:0 show=libexpat_before'
  'phase' 'auth_path' '5' 'Phase 1: auth path (oauth2-proxy)' ''
  'capture' 'auth_path.stack_oauth2_proxy_images' '5.1' 'Record the running images of oauth2-proxy' 'fn=capture_stack_oauth2_proxy_images var=stack_oauth2_proxy_images timeout=30 empty=1'
  'step' 'auth_path.stack_oauth2_proxy_pull' '5.2' 'Pull the new images of oauth2-proxy' 'fn=step_stack_oauth2_proxy_pull timeout=600 back=undo undo=undo_stack_oauth2_proxy_pull undo_timeout=30'
  'step' 'auth_path.stack_oauth2_proxy_up' '5.3' 'Start oauth2-proxy' 'fn=step_stack_oauth2_proxy_up timeout=300 back=undo undo=undo_stack_oauth2_proxy_up undo_timeout=300'
  'check' 'auth_path.stack_oauth2_proxy_runs' '5.4' 'oauth2-proxy runs, healthy where it can say so, and has not restarted' 'probe=stack_oauth2_proxy_runs every=5 within=180'
  'check' 'auth_path.auth' '5.5' 'auth endpoint returns expected status' 'probe=auth every=10 within=600'
  'phase' 'monitoring' '6' 'Phase 2: monitoring control plane (alertmanager, cadvisor)' ''
  'capture' 'monitoring.stack_alertmanager_cadvisor_images' '6.1' 'Record the running images of alertmanager, cadvisor' 'fn=capture_stack_alertmanager_cadvisor_images var=stack_alertmanager_cadvisor_images timeout=30 empty=1'
  'step' 'monitoring.stack_alertmanager_cadvisor_pull' '6.2' 'Pull the new images of alertmanager, cadvisor' 'fn=step_stack_alertmanager_cadvisor_pull timeout=600 back=undo undo=undo_stack_alertmanager_cadvisor_pull undo_timeout=30'
  'step' 'monitoring.stack_alertmanager_cadvisor_up' '6.3' 'Start alertmanager, cadvisor' 'fn=step_stack_alertmanager_cadvisor_up timeout=300 back=undo undo=undo_stack_alertmanager_cadvisor_up undo_timeout=300'
  'check' 'monitoring.stack_alertmanager_cadvisor_runs' '6.4' 'alertmanager, cadvisor runs, healthy where it can say so, and has not restarted' 'probe=stack_alertmanager_cadvisor_runs every=5 within=180'
  'check' 'monitoring.alertmanager' '6.5' 'alertmanager ready' 'probe=alertmanager every=10 within=600'
  'phase' 'logging' '7' 'Phase 3: logging plane (loki, promtail)' ''
  'capture' 'logging.stack_loki_promtail_images' '7.1' 'Record the running images of loki, promtail' 'fn=capture_stack_loki_promtail_images var=stack_loki_promtail_images timeout=30 empty=1'
  'step' 'logging.stack_loki_promtail_pull' '7.2' 'Pull the new images of loki, promtail' 'fn=step_stack_loki_promtail_pull timeout=600 back=undo undo=undo_stack_loki_promtail_pull undo_timeout=30'
  'step' 'logging.stack_loki_promtail_up' '7.3' 'Start loki, promtail' 'fn=step_stack_loki_promtail_up timeout=300 back=undo undo=undo_stack_loki_promtail_up undo_timeout=300'
  'check' 'logging.stack_loki_promtail_runs' '7.4' 'loki, promtail runs, healthy where it can say so, and has not restarted' 'probe=stack_loki_promtail_runs every=5 within=180'
  'check' 'logging.loki' '7.5' 'loki ready' 'probe=loki every=10 within=600'
  'confirm' 'logging.checkpoint_b' '7.6' 'Checkpoint B: updated containers are Up and healthy, auth, alertmanager and loki answer?' 'checks=running:0:0,auth:10:600,alertmanager:10:600,loki:10:600'
  'phase' 'reconcile' '8' 'Broad stack reconcile' ''
  'step' 'reconcile.up' '8.1' 'Full reconcile' 'fn=step_up timeout=300 back=nothing verify=running:5:120'
  'phase' 'monitoring_hold' '9' 'Post-Change Monitoring Hold (15 min)' ''
  'hold' 'monitoring_hold.stable' '9.1' 'Post-change monitoring' 'seconds=900 watch=running,public,auth,alertmanager,loki every=60 tolerate=1'
  'step' 'monitoring_hold.state' '9.2' 'State after the hold' 'fn=step_state back=readonly'
  'step' 'monitoring_hold.endpoints' '9.3' 'Test endpoints' 'fn=step_endpoints timeout=300 back=readonly optional=1'
  'phase' 'success' '10' 'Success criteria' 'on_failure=pause'
  'check' 'success.running' '10.1' 'stack runs' 'probe=running'
  'check' 'success.journal' '10.2' 'No new error bursts in journald' 'probe=journal'
  'check' 'success.public' '10.3' 'Public endpoints answer' 'probe=public'
)

# The rollback block. Columns: kind, name, number, title, settings.
readonly -a RBC_BLOCK=(
  'choose' 'rollback.extent' 'R.1' 'Extent' 'options=whole,service,package default=whole block=1'
  'step' 'rollback.extent.whole.history' 'R.1a.1' 'Find the commit' 'fn=step_history back=nothing when=extent:whole'
  'step' 'rollback.extent.whole.revert' 'R.1a.2' 'Revert the commit and pull old images' 'fn=step_revert timeout=900 back=nothing when=extent:whole'
  'manual' 'rollback.extent.service.tag' 'R.1b.1' 'Put the old image of this service back' 'back=nothing show=service_name when=extent:service'
  'step' 'rollback.extent.service.one' 'R.1b.2' 'Start the service' 'fn=step_one timeout=300 back=nothing when=extent:service'
  'step' 'rollback.extent.package.downgrade' 'R.1c.1' 'Install the previous version and pin it' 'fn=step_downgrade timeout=600 back=nothing when=extent:package'
  'manual' 'rollback.extent.package.document' 'R.1c.2' 'Document the exact package version change' 'back=nothing show=libexpat_before when=extent:package'
)

# What proves, after the way back, that all is as before.
readonly -a RBC_VERIFY=(
  'check' 'rollback.verify.disk' 'R.2' '/: at most 85% used' 'probe=disk'
  'check' 'rollback.verify.running' 'R.3' 'stack runs' 'probe=running'
  'check' 'rollback.verify.config' 'R.4' 'docker compose config' 'probe=config'
  'check' 'rollback.verify.auth' 'R.5' 'auth endpoint returns expected status' 'probe=auth every=10 within=600'
  'check' 'rollback.verify.alertmanager' 'R.6' 'alertmanager ready' 'probe=alertmanager every=10 within=600'
  'check' 'rollback.verify.loki' 'R.7' 'loki ready' 'probe=loki every=10 within=600'
  'check' 'rollback.verify.public' 'R.8' 'Public endpoints answer' 'probe=public'
)

# Where this script may run.
readonly -a RBC_GUARDS=(
  'guard_1'
  'guard_2'
)

# What the host must have: tool, function for its version, comparison, version.
readonly -a RBC_NEEDS=(
  'docker' '' '' '' 'needed=always'
  'docker compose' '' '' '' 'needed=always'
  'git' '' '' '' 'needed=always'
  'apt-cache' '' '' '' 'needed=always'
  'curl' '' '' '' 'needed=always'
  'dpkg-query' '' '' '' 'needed=always'
  'free' '' '' '' 'needed=always'
  'journalctl' '' '' '' 'needed=always'
  'sed' '' '' '' 'needed=always'
  'sudo' '' '' '' 'needed=always'
  'xargs' '' '' '' 'needed=always'
)

# Parameters: name, option, type, settings.
readonly -a RBC_PARAMS=(
  'rollback_owner' '--rollback-owner' 'string' 'needed=always env=ROLLBACK_OWNER'
  'bad_commit' '--bad-commit' 'string' 'needed=extent:whole block=1'
  'service_name' '--service-name' 'choice' 'needed=extent:service choices=oauth2-proxy,alertmanager,cadvisor,loki,promtail block=1'
)

# Options of the command line and their names.
readonly -a RBC_OPTIONS=(
  '--rollback-owner' 'rollback_owner'
  '--bad-commit' 'bad_commit'
  '--service-name' 'service_name'
  '--extent' 'extent'
)

# What the env files must hold: service, file, name, settings.
readonly -a RBC_ENV=(
  'stack' '/home/comzis/inlock/.env' '' ''
)

# The probes.
declare -rA RBC_PROBES=(
  ['config']='fn=probe_config timeout=10'
  ['running']='fn=probe_running timeout=10 diagnose=diagnose_running'
  ['disk']='fn=probe_disk timeout=10 diagnose=diagnose_disk'
  ['no_drift']='fn=probe_no_drift timeout=10 trouble=drift'
  ['public']='fn=probe_public timeout=40'
  ['libexpat']='fn=probe_libexpat timeout=10'
  ['journal']='fn=probe_journal timeout=10 diagnose=diagnose_journal'
  ['auth']='fn=probe_auth timeout=10 every=10 within=600'
  ['alertmanager']='fn=probe_alertmanager timeout=10 every=10 within=600'
  ['loki']='fn=probe_loki timeout=10 every=10 within=600'
  ['stack_oauth2_proxy_runs']='fn=probe_stack_oauth2_proxy_runs timeout=30 every=5 within=180 reads=stack_oauth2_proxy_images final=75'
  ['stack_alertmanager_cadvisor_runs']='fn=probe_stack_alertmanager_cadvisor_runs timeout=30 every=5 within=180 reads=stack_alertmanager_cadvisor_images final=75'
  ['stack_loki_promtail_runs']='fn=probe_stack_loki_promtail_runs timeout=30 every=5 within=180 reads=stack_loki_promtail_images final=75'
)

# Titles of probes and paths.
declare -rA RBC_TITLES=(
  ['probe/config']='docker compose config'
  ['probe/running']='stack runs'
  ['probe/disk']='/: at most 85% used'
  ['probe/no_drift']='No local drift on the production host'
  ['probe/public']='Public endpoints answer'
  ['probe/libexpat']='libexpat1 is at the newest version'
  ['probe/journal']='No new error bursts in journald'
  ['probe/auth']='auth endpoint returns expected status'
  ['probe/alertmanager']='alertmanager ready'
  ['probe/loki']='loki ready'
  ['probe/stack_oauth2_proxy_runs']='oauth2-proxy runs, healthy where it can say so, and has not restarted'
  ['probe/stack_alertmanager_cadvisor_runs']='alertmanager, cadvisor runs, healthy where it can say so, and has not restarted'
  ['probe/stack_loki_promtail_runs']='loki, promtail runs, healthy where it can say so, and has not restarted'
  ['rollback.extent/whole']='Revert the compose tag changes'
  ['rollback.extent/service']='Only one service'
  ['rollback.extent/package']='OS package (libexpat1)'
)

# Notes, reasons and troubles.
declare -rA RBC_NOTES=(
  ['help/bad_commit']="\`<commit_with_image_updates>\`; \`git log --oneline -n 10\` shows it. Only for the rollback of the whole change: string [HEAD]"
  ['help/extent']='Extent: whole [*] | service | package'
  ['help/rollback_owner']="Who decides about a rollback in this window: string (\$ROLLBACK_OWNER)"
  ['help/service_name']="\`<service_name>\`: the one service to roll back: oauth2-proxy | alertmanager | cadvisor | loki | promtail"
  ['monitoring_hold.endpoints/optional']='only if available'
  ['os.pending/optional']='only informs'
  ['param/bad_commit/matches']="^(HEAD|[0-9a-f]{7,40})\$"
  ['param/bad_commit/note']="\`<commit_with_image_updates>\`; \`git log --oneline -n 10\` shows it. Only for the rollback of the whole change."
  ['param/rollback_owner/note']='Who decides about a rollback in this window.'
  ['param/service_name/note']="\`<service_name>\`: the one service to roll back."
  ['preparation.keep_drift/note']="\`git status --short\` shows it. To revert it instead: answer no, revert, start again."
  ['preparation.ts/matches']="^[0-9]{8}-[0-9]{6}\$"
  ['rollback.extent.package.document/note']="Only if required: it opens the security hole again. \`sudo apt-mark unhold libexpat1\` ends the pin."
  ['rollback.extent.service.tag/note']="In \`compose/services/stack.yml\` or \`compose/config/monitoring/logging.yml\`, only the image of that service."
  ['sources.commit_before/matches']="^[0-9a-f]{40}\$"
  ['trouble/drift']=$'Local drift on the production host: `git status --short` lists files.\n→ Document it and decide to keep or revert before proceeding.\n→ git -C /home/comzis/inlock status --short'
  ['guard_1']='Wrong host: this script runs on vmi2953354 only.'
  ['guard_2']='Wrong host: /home/comzis/inlock is missing, so this is not vmi2953354.'
  ['preparation/at']='T-24h'
  ['preflight/at']='T-15m'
  ['sources/at']='T'
  ['os/at']='T'
  ['auth_path/at']='T'
  ['monitoring/at']='T'
  ['logging/at']='T'
  ['reconcile/at']='T'
  ['monitoring_hold/at']='T'
  ['success/at']='T'
)

# ─── What the script says ─────────────────────────────────────────────────────

declare -rA RBC_MARKS=(['ok']='✓' ['bad']='✗' ['back']='↶' ['none']='·' ['run']='▸' ['wait']='…')
declare -rA RBC_TEXT=(
  ['after_3']='Take the changes back: {script} rollback{state}'
  ['after_6']='Once it is put right, back again: {script} rollback{state}'
  ['after_9']=$'Go on: {script} resume{state}\nBack:  {script} rollback{state}'
  ['back_abandon']='Abandon the way back? What is not undone yet stays as it is.'
  ['back_question']='Take these steps back?'
  ['back_title']='Way back'
  ['back_unproven']="No check proves that the old state is back: the spec has no \`verify\`."
  ['budget_back']='Way back'
  ['budget_kept']='{label}: {spent} of {allowed}'
  ['budget_over']='{label}: {spent}, {allowed} were planned'
  ['budget_run']='The whole run'
  ['capture_empty']='The output is empty.'
  ['capture_lost']='The value cannot be kept.'
  ['capture_mismatch']='Unexpected output: {value}'
  ['check_optional']='Does not count: {why}'
  ['check_tries']='{time}, {tries} tries'
  ['check_waiting']='{left} left, try {tries}'
  ['choose_chosen']='{title}: {option}'
  ['choose_question']='Which way?{default}'
  ['decimal']='.'
  ['env_malformed']='{name} in {file} does not have the required form.'
  ['env_missing']='{name} is missing in {file}, or empty.'
  ['env_unreadable']='{file} is missing or cannot be read.'
  ['failed_diagnose']='A closer look:'
  ['failed_early']='The step ended before it was done (exit 0 in the middle of it).'
  ['failed_interrupted']='Interrupted.'
  ['failed_line']='At: {line}'
  ['failed_lines']='Last lines:'
  ['failed_status']='Exit code {status}.'
  ['failed_timeout']='Time is up.'
  ['first_change_irreversible']='Changes begin here: {changes} steps, {stays} of them cannot be undone. Go on?'
  ['first_change_reversible']='Changes begin here: {changes} steps, each with a way back. Go on?'
  ['gate_confirm']='{title}'
  ['gate_declined']='Not confirmed.'
  ['gate_manual']='{title}: done?'
  ['help_check']='the checks alone, once each (also: check PROBE…); for cron and monitoring'
  ['help_log']='the log for people; --verify checks the chain, --head HEX also its end'
  ['help_options']=$'Options of the commands that they stand under; --no-color, --state-dir\nand --help are for all:\n  --yes               no question before the first change (answers no other)\n  --from STEP         leaves out what comes before this step (name or number)\n  --only PHASE        does this phase alone\n  --skip STEP --why TEXT\n                      leaves this one step out; the reason is recorded\n  --anew --why TEXT   a new run although the last one has not ended\n  --fresh             rollback: only the runbook\'s block, not the single steps\n  --verify            log: checks its chain; with --head HEX also its end\n  --quiet             only phases, failures, questions and the outcome\n  --no-color          no colours\n  --keep N            how many old runs are kept (20)\n  --state-dir DIR     where runs and lock are written\n  --help              this help'
  ['help_parameters']='Parameters and paths:'
  ['help_plan']='shows every step with its commands; only what reads is run'
  ['help_receipt']='evidence of the last run as Markdown, for the ticket'
  ['help_resume']='goes on with a run that was paused or interrupted'
  ['help_rollback']='takes the started steps of the last run back and checks'
  ['help_run']='shows the way, checks, asks once before the first change, runs'
  ['help_status']='where the last run stands and who holds the lock'
  ['help_usage']=$'Usage: {script} [COMMAND] [options]\n\nCommands (run if none is given):'
  ['hold_looks']='{time}, {looks} looks'
  ['hold_waiting']='{left} left, look {looks}, failed looks in a row {failed}'
  ['journal_full']='The log cannot be written ({file}); no step starts without its entry.'
  ['journal_lost']='The result cannot be written to the log ({file}); the run ends here.'
  ['lock_held']='A run is under way: {holder}'
  ['lock_holder']='{runbook}, {user}, PID {pid}, since {since}, at "{step}"'
  ['lock_start']='start'
  ['lock_strange']='The lock {file} cannot be opened.'
  ['log_broken']='Line {line}: the record was changed, moved, added, or one is missing before it.'
  ['log_good']='The chain is whole: {records} records, head {head}'
  ['log_head']='The end is missing or another one: the last record has the head {head}'
  ['log_torn']='The last line was not written to its end (a crash); it does not count.'
  ['need_missing']='{tool} is missing or does not answer.'
  ['need_version']='{tool} {found} is there, {op} {wanted} is needed.'
  ['next_again']='^[tT]'
  ['next_done']='^[dD]'
  ['next_pause']='^[pP]'
  ['next_question_pause']='What next? [r]oll back, [t]ry again, [P]ause, [l]eave it so:'
  ['next_question_rollback']='What next? [R]oll back, [t]ry again, [p]ause, [l]eave it so:'
  ['next_rollback']='^[rR]'
  ['next_stop']='^[lL]'
  ['next_undo']='^[uU]'
  ['option_gates']='  --accept NAME       answers this one gate, or confirms this guard, beforehand'
  ['outcome_0']='DONE'
  ['outcome_1']='STOPPED, NOTHING CHANGED'
  ['outcome_2']='WRONG USAGE'
  ['outcome_3']='FAILED, CHANGES LEFT IN PLACE'
  ['outcome_4']='ROLLED BACK, VERIFIED'
  ['outcome_5']='ROLLED BACK, NOT WHOLE OR NOT PROVEN'
  ['outcome_6']='WAY BACK FAILED, A PERSON IS NEEDED'
  ['outcome_7']='REFUSED'
  ['outcome_8']='DECLINED'
  ['outcome_9']='PAUSED'
  ['outcome_declined_rollback']='Nothing was taken back.'
  ['outcome_head']='head for the ticket {head}'
  ['outcome_left']='Not in order: {what}'
  ['outcome_log']='Log: {dir}'
  ['outcome_stays']='Stays as it is: {what}'
  ['param_question']='{option} ({note}):'
  ['plan_end_0']='Nothing was changed. Everything that can be checked now holds.'
  ['plan_end_1']='Nothing was changed. A check does not hold: a run would end there.'
  ['plan_gate']='would ask'
  ['plan_other']='other path'
  ['plan_run']='would run'
  ['plan_skip']='would skip'
  ['plan_unknown']='unknown until {step}'
  ['prompt_yes']='^[yY]'
  ['prompt_yes_no']='[y/N]'
  ['receipt_duration']='Duration'
  ['receipt_end']=$'Script: sha256 `{hash}`\nHead of the log: `{head}`'
  ['receipt_outcome']='Outcome'
  ['receipt_time']='Time (UTC)'
  ['receipt_what']='What'
  ['refuse_capture']='The value of "{title}" is missing: no earlier run kept it.'
  ['refuse_choice']='{option} must be given: {known}'
  ['refuse_differs']='{option}: this run began with {value}, and that stays.'
  ['refuse_folder']='The folder in which the run began is gone.'
  ['refuse_gate']='Without a terminal the gate "{title}" needs its own --accept {gate}.'
  ['refuse_help']='More with --help.'
  ['refuse_host']='This run began on {host}; it goes on only there.'
  ['refuse_interactive']='"{title}" needs a terminal.'
  ['refuse_moved']="The run went on meanwhile; nothing was done. Look at \`status\`."
  ['refuse_no_copy']="{file} is not there: without the run's own copy there is no way on and none back."
  ['refuse_no_terminal']='No terminal for the question before the first change: give --yes.'
  ['refuse_orphan']='A step of an earlier run is still alive (process group {group}).'
  ['refuse_title']='{runbook}: not started.'
  ['refuse_unfinished']="The last run {run} has not ended (outcome {code}): \`resume\`, \`rollback\`, or --anew --why TEXT."
  ['resume_cap']="{step} has been interrupted {times} times and is not started again: \`rollback\`."
  ['resume_done']='done before'
  ['resume_ended']='The last run {run} has ended (outcome {code}); there is nothing to go on with.'
  ['resume_none']='There is no run to go on with.'
  ['resume_question']='{title}: outcome unknown. [t]ry again, [u]ndo first, or [d]one?'
  ['resume_unknown']='outcome unknown; the probe decides.'
  ['rollback_no_block']='This runbook has no rollback block of its own.'
  ['rollback_no_run']='There is no run that could be taken back.'
  ['rule_pause']='Laid down in the runbook: pause.'
  ['rule_rollback']='Laid down in the runbook: roll back.'
  ['rule_stop']='Laid down in the runbook: leave it so.'
  ['run_line']='run {run} · {steps} steps · {time}'
  ['run_none']='{steps} steps · {time}'
  ['run_where']='{host} · as {user}'
  ['sitting_next']="The next sitting ({at}) begins with {title}: \`resume\` then."
  ['skip_asked']='left out'
  ['skip_failed']='Not needed: "{probe}" does not hold.'
  ['skip_ok']='Not needed: "{probe}" holds already.'
  ['state_ahead']='still ahead'
  ['state_failed']='failed'
  ['state_foreign']='{dir} belongs to {user}, not to who starts here.'
  ['state_full']='There is no room for the log in {dir}.'
  ['state_no_scratch']='No folder for scratch files: neither /run nor /dev/shm nor /tmp can be written.'
  ['state_other']='{dir} belongs to {user}: a run of this runbook may lie there that only {user} can go on with or take back.'
  ['state_undo_failed']='undo failed'
  ['state_undone']='undone'
  ['state_unknown']='outcome unknown'
  ['state_unwritable']='{dir} cannot be created or written.'
  ['status_free']='Nobody holds the lock.'
  ['status_head']=$'Head of the log:\n  {head}'
  ['status_line']='Run {run}: {state}'
  ['status_none']='No run yet in {dir}.'
  ['status_open']='not ended'
  ['status_who']='Started {time} by {user} on {host}.'
  ['step_again']='again in {seconds} s, try {try} of {of}'
  ['step_limit']='{time} of at most {limit}'
  ['step_optional']='Does not count: {why}'
  ['sudo_asking']='Some commands run with sudo; the password is needed now. Running the whole script as root is the safer way.'
  ['sudo_refused']='sudo grants no rights, and some commands need them.'
  ['type_choice']='one of the options named'
  ['type_duration']='a duration such as 90s or 15m'
  ['type_host']='a host name or an address'
  ['type_int']='a whole number'
  ['type_path']='a path that does not begin with -'
  ['type_sha']='a SHA (at least 7 hexadecimal characters)'
  ['type_string']='text without control characters'
  ['type_url']='a URL'
  ['undo_block']='the rollback block takes it back'
  ['undo_irreversible']='cannot be undone'
  ['undo_nothing']='nothing to undo'
  ['undo_running']='being undone'
  ['usage_command']='Unknown command {command}; there are: {known}.'
  ['usage_elsewhere']='{option} belongs to {commands}, not to {command}: leave it out.'
  ['usage_gate']='There is no gate {gate}.'
  ['usage_malformed']='{option}: {type} is expected.'
  ['usage_missing']='{option} is missing.'
  ['usage_no_skip']='{step} cannot be skipped.'
  ['usage_option']='{option} does not know {value}; there are: {known}.'
  ['usage_phase']='There is no phase {phase}.'
  ['usage_step']='There is no step {step}.'
  ['usage_twice']='{option} is given twice.'
  ['usage_unknown']='Unknown option {option}.'
  ['usage_value']='{option} needs a value.'
  ['usage_why']='{option} needs a reason: --why TEXT.'
  ['usage_without']='{option} needs {needed} with it.'
  ['way_irreversible']='cannot be undone'
  ['way_nothing']='nothing to undo'
  ['way_readonly']='only reads'
  ['way_rollback']='way back in the block'
  ['way_undo']='can be undone'
)

# ─── The machinery ────────────────────────────────────────────────────────────

# rbc_settle: the path and the parameters of this run.
rbc_settle() {
  rbc_choices RBC_PLAN
  rbc_expect_block
  rbc_choices RBC_BLOCK
  rbc_parameters
  :
}

# rbc_prepare: what else has to be right before the first probe.
rbc_prepare() {
  rbc_env_files
  :
}

# rbc_prime: what asks a person, when nothing else stands in the way.
rbc_prime() {
  rbc_prime_sudo
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
    capture) rbc_do_capture ;;
    confirm) rbc_do_confirm ;;
    manual) rbc_do_manual ;;
    hold) rbc_do_hold ;;
    *) rbc_rc=1 ;;
  esac
}

# rbc_before_phase: rbc_here is '' where the phase is left out, rbc_rc is not 0 where the run pauses before it.
rbc_before_phase() {
  rbc_begin_sitting
  ((rbc_rc == 0)) || return 0
  rbc_condition
  rbc_begin_budget
  :
}

# rbc_end_phase: what a phase leaves running ends with it.
rbc_end_phase() {
  rbc_end_budget
  :
}

# rbc_before_row: rbc_here is '' where the row is left out, rbc_rc is not 0 where the run pauses before it.
rbc_before_row() {
  rbc_rc=0 rbc_here=yes
  rbc_condition
  :
}

# rbc_asked: rbc_here is '' where its condition leaves out the row at hand.
rbc_asked() {
  rbc_here=yes
  rbc_condition
  :
}

# rbc_run_step FUNCTION SECONDS: the commands of the step at hand.
rbc_run_step() {
  rbc_spawn "$1" "$2" "${rbc_log}" "${rbc_show}"
}

# rbc_ask_gate: the question of the gate at hand.
rbc_ask_gate() {
  rbc_gate gate_confirm
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
  rbc_end_back "$1"
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
  --NAME 'run plan check rollback resume'
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

# What a run was started with stays as it is.

# rbc_same_as_kept NAME OPTION: a run that goes on or back is bound to the values that it was started with.
rbc_same_as_kept() {
  [[ -n "${rbc_given[$1]+given}" && "${rbc_given[$1]}" != "${rbc_value[$1]}" ]] || return 0
  rbc_visible "${rbc_value[$1]}"
  rbc_problem refuse_differs option "$2" value "${rbc_text}"
}

# Choices: --name OPTION, then a question on a terminal, then the default. What only the rollback block has to choose is asked by
# `rollback` alone: in the middle of a run nothing of the way back waits for an answer.

# rbc_choices TABLE: decide every choice of a table that is on the path decided so far.
rbc_choices() {
  local i name options default given block
  local -n rbc_chosen_table=$1
  for ((i = 0; i < ${#rbc_chosen_table[@]}; i += 5)); do
    rbc_take "$1" "${i}"
    [[ "${rbc_kind}" == choose ]] || continue
    rbc_on_path
    name=${rbc_id##*.}
    rbc_get "${rbc_settings}" options default block
    given=${rbc_given[${name}]-${rbc_value[${name}]-}}
    if [[ -n "${block}" ]]; then
      # What the run was begun with is only what is usual.
      default=${rbc_value[${name}]-${default}}
      given=${rbc_given[${name}]-}
      [[ -n "${given}${rbc_block-}" ]] || continue
    fi
    [[ "$1" == RBC_BLOCK || -z "${rbc_value[${name}]+kept}" ]] || rbc_same_as_kept "${name}" "--${name//_/-}"
    if [[ -n "${given}" ]]; then
      if [[ ",${options}," != *",${given},"* ]]; then
        rbc_misuse usage_option option "--${name//_/-}" value "${given}" known "${options//,/, }"
        continue
      fi
    elif [[ -z "${rbc_here}" ]]; then
      continue
    elif [[ -n "${rbc_terminal}" && -z "${rbc_option[yes]-}" && "${rbc_command}" != @(plan|check) &&
      (-z "${block}" || "${rbc_command}" == rollback) ]]; then
      rbc_ask_choice "${options}" "${default}"
      given=${rbc_reply}
    else
      given=${default}
    fi
    if [[ -z "${given}" ]]; then
      rbc_problem refuse_choice option "--${name//_/-}" known "${options//,/, }"
      continue
    fi
    rbc_value[${name}]=${given}
  done
}

# rbc_ask_choice OPTIONS DEFAULT: by number; an empty answer takes the default. The name into rbc_reply.
rbc_ask_choice() {
  local names i
  IFS=, read -r -a names <<<"$1"
  rbc_line "${rbc_title}"
  for i in "${!names[@]}"; do
    rbc_line "  $((i + 1)) ${RBC_TITLES["${rbc_id}/${names[i]}"]}"
  done
  while :; do
    rbc_fill choose_question default "${2:+ [${RBC_TITLES["${rbc_id}/$2"]}]}"
    rbc_prompt "${rbc_text}"
    if [[ -z "${rbc_reply}" ]]; then
      [[ -z "${rbc_answered}" && -z "$2" ]] || rbc_reply=$2
      [[ -z "${rbc_answered}" || -n "$2" ]] || continue
      return 0
    fi
    if [[ "${rbc_reply}" =~ ^[1-9][0-9]?$ ]] && ((rbc_reply <= ${#names[@]})); then
      rbc_reply=${names[rbc_reply - 1]}
      return 0
    fi
  done
}

# Parameters: --name, then the environment, then the default, then a question on a terminal; only where the path needs them, and
# what only the rollback block reads only where that may run.

rbc_parameters() {
  local i name option type settings env secret block
  for ((i = 0; i < ${#RBC_PARAMS[@]}; i += 4)); do
    name=${RBC_PARAMS[i]} option=${RBC_PARAMS[i + 1]} type=${RBC_PARAMS[i + 2]} settings=${RBC_PARAMS[i + 3]}
    rbc_needed "${settings}"
    rbc_get "${settings}" env secret block
    [[ -z "${block}" || -n "${rbc_block-}" ]] || rbc_here=''
    if [[ -n "${rbc_value[${name}]+kept}" && (-z "${block}" || -z "${rbc_given[${name}]+given}") ]]; then
      rbc_same_as_kept "${name}" "${option}"
    elif [[ -n "${rbc_given[${name}]+given}" ]]; then
      rbc_value[${name}]=${rbc_given[${name}]}
    elif [[ -n "${env}" && -n "${!env-}" ]]; then
      rbc_value[${name}]=${!env}
    elif [[ -z "${rbc_here}" ]]; then
      continue
    else
      rbc_default "${name}"
      if [[ -n "${rbc_text}" ]]; then
        rbc_value[${name}]=${rbc_text}
      elif [[ -n "${rbc_terminal}" ]]; then
        rbc_ask_parameter "${name}" "${option}" "${secret}"
      else
        rbc_misuse usage_missing option "${option}"
        continue
      fi
    fi
    if [[ -n "${secret}" ]]; then
      rbc_secret[${name}]=yes
      [[ -z "${env}" ]] || unset -v "${env}"
    fi
    rbc_accepts "${type}" "${rbc_value[${name}]}" "${RBC_NOTES["param/${name}/matches"]-}" "${settings}"
    if [[ -z "${rbc_here}" ]]; then
      rbc_misuse usage_malformed option "${option}" type "${RBC_TEXT[type_${type}]}"
    fi
  done
}

# rbc_ask_parameter NAME OPTION SECRET: a question on the terminal; a secret is not echoed.
rbc_ask_parameter() {
  local echo=''
  rbc_fill param_question option "$2" note "${RBC_NOTES["param/$1/note"]-}"
  if [[ -n "$3" ]]; then
    echo=$(stty -g </dev/tty)
    stty -echo </dev/tty
  fi
  rbc_prompt "${rbc_text}"
  if [[ -n "${echo}" ]]; then
    stty "${echo}" </dev/tty
    printf '\n' >/dev/tty
  fi
  rbc_value[$1]=${rbc_reply}
}

# rbc_accepts TYPE VALUE PATTERN SETTINGS: rbc_here is yes where the value is of the type. A value that could be read as an
# option, or that holds a control character, is of none.
rbc_accepts() {
  local value=$2 pattern='' control=$'[\001-\037\177]' LC_ALL=C
  rbc_here=''
  [[ -n "${value}" && ! "${value}" =~ ${control} ]] || return 0
  case "$1" in
    string) ;;
    int) pattern='^-?[0-9]{1,18}$' ;;
    sha) pattern='^(sha256:)?[0-9a-f]{7,64}$' ;;
    duration) pattern='^[0-9]{1,9}[smhd]$' ;;
    url) pattern='^[a-z][a-z0-9+.-]*://[^ ]+$' ;;
    host) pattern='^[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9])?$' ;;
    choice)
      rbc_setting choices "$4"
      [[ ",${rbc_text}," == *",${value},"* ]] || return 0
      ;;
    *) pattern='^[^-]' ;;
  esac
  [[ -z "${pattern}" || "${value}" =~ ${pattern} ]] || return 0
  [[ -z "$3" || "${value}" =~ $3 ]] || return 0
  rbc_here=yes
}

# What only the rollback block reads: a run that cannot come to the block does not ask for it, and nothing binds the way back to it.

# rbc_expect_block: may this command run the block? rbc_block is yes or ''.
rbc_expect_block() {
  local i id
  rbc_block=''
  case "${rbc_command}" in
    run | resume)
      for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
        rbc_back_over_block "${i}"
      done
      ;;
    rollback)
      rbc_block=${rbc_option[fresh]-}
      for id in "${rbc_started[@]}"; do
        [[ "${rbc_status[${id}]}" == @(undone|passed) ]] || rbc_back_over_block "${rbc_at[${id}]}"
      done
      ;;
    *) ;;
  esac
}

# rbc_back_over_block INDEX: does the way back of this row of the chosen path go over the block? Then rbc_block is yes.
rbc_back_over_block() {
  rbc_take RBC_PLAN "$1"
  rbc_on_path
  [[ -z "${rbc_here}" || " ${rbc_settings} " != *' back=rollback '* ]] || rbc_block=yes
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

# Where commands use sudo: the password is asked for once, in the foreground, before the first probe, and kept alive.

rbc_prime_sudo() {
  local answer
  ((EUID != 0)) || return 0
  if ! type -P sudo >/dev/null; then return 0; fi
  if [[ -n "${rbc_terminal}" ]]; then
    # Nobody types a password for what does not begin anyway.
    ((${#rbc_problems[@]} + ${#rbc_usage[@]} == 0)) || return 0
    rbc_tell sudo_asking
    sudo -v
  else
    sudo -n -v 2>/dev/null
  fi
  answer=$?
  if ((answer != 0)); then
    rbc_problem sudo_refused
    return 0
  fi
  rbc_keep_sudo {rbc_lock_fd}>&- &
  rbc_sudo_keeper=$!
}

# rbc_keep_sudo: renews the ticket until the driver is gone.
rbc_keep_sudo() {
  trap - INT TERM HUP
  while kill -0 "$$" 2>/dev/null; do
    sudo -n -v
    read -r -t 50 -u "${rbc_silence}" _
  done >/dev/null 2>&1
}

# `unless PROBE` and `when PROBE`: asked once, without patience; the answer is on record and a resume keeps it.

# rbc_condition: may the row at hand be done? rbc_here is yes or ''.
rbc_condition() {
  local ask probe id=${rbc_id} label="${rbc_number} ${rbc_title}" state settings=${rbc_settings} kind=${rbc_kind} why right
  rbc_here=yes
  rbc_get "${rbc_settings}" ask
  [[ -n "${ask}" ]] || return 0
  probe=${ask#*:}
  state=${rbc_status["${id}.ask"]-}
  if [[ -z "${state}" ]]; then
    rbc_transient "${RBC_MARKS[wait]} ${label}"
    rbc_ask "${probe}" 0 0 "${label}"
    rbc_transient_end
    if [[ -n "${rbc_caught}" ]]; then
      rbc_rc=0 rbc_settings=${settings}
      return 0
    fi
    rbc_record check step "${id}.ask" phase "${rbc_phase}" exit "${rbc_rc}" duration "${rbc_spent}" why "${ask}"
    if ((rbc_rc == 0)); then state=ok; else state=failed; fi
    rbc_status["${id}.ask"]=${state} rbc_rc=0
  fi
  if [[ "${ask%%:*}${state}" == @(unlessok|whenfailed) ]]; then
    rbc_here=''
    rbc_fill "skip_${state}" probe "${RBC_TITLES["probe/${probe}"]}"
    why=${rbc_text} right=''
    [[ "${rbc_command}" != plan ]] || right=${RBC_TEXT[plan_skip]}
    rbc_row none "${label}" "${right}"
    rbc_line "      ${why}"
    rbc_record skip step "${id}" phase "${rbc_phase}" why "${ask}"
    [[ "${kind}" == phase ]] || rbc_status[${id}]=ok
  fi
  rbc_settings=${settings}
}

# Budgets: how long a phase and the run may take, measured and shown. More than allowed is said, and ends nothing.

rbc_begin_budget() {
  rbc_clock
  rbc_phase_began=${rbc_now} rbc_phase_label="${rbc_number} ${rbc_title}"
  rbc_setting budget
  rbc_phase_budget=${rbc_text}
  rbc_run_began=${rbc_run_began:-${rbc_now}}
}

rbc_end_budget() {
  rbc_clock
  if [[ -n "${rbc_phase_budget-}" ]]; then
    rbc_show_budget "${rbc_phase_label}" "${rbc_phase_budget}" "$((rbc_now - rbc_phase_began))"
  fi
  if [[ -n "${RBC_BUDGET}" && -n "${rbc_run_began-}" ]]; then
    rbc_show_budget "${RBC_TEXT[budget_run]}" "${RBC_BUDGET}" "$((rbc_now - rbc_run_began))"
  fi
}

# rbc_end_back MICROSECONDS: how long the way back took, beside what was planned for it.
rbc_end_back() {
  [[ -z "${RBC_BACK_BUDGET}" ]] || rbc_show_budget "${RBC_TEXT[budget_back]}" "${RBC_BACK_BUDGET}" "$1"
}

# rbc_show_budget LABEL SECONDS SPENT
rbc_show_budget() {
  local allowed mark=none key=budget_kept
  rbc_took "$(($2 * 1000000))"
  allowed=${rbc_text}
  if (($3 > $2 * 1000000)); then mark=bad key=budget_over; fi
  rbc_took "$3"
  rbc_fill "${key}" label "$1" spent "${rbc_text}" allowed "${allowed}"
  rbc_row "${mark}" "${rbc_text}"
}

# Sittings: phases with another `at` are done in another sitting; the run pauses before them, `resume` begins the next one.

rbc_sitting=''

# rbc_begin_sitting: the sitting of the phase at hand, if anything of it is still to be done. rbc_rc is not 0 where it is another
# one than this run's.
rbc_begin_sitting() {
  local at i=${rbc_at[${rbc_id}]}
  rbc_get "${rbc_settings}" at
  rbc_open_in_phase
  rbc_take RBC_PLAN "${i}"
  if [[ -z "${rbc_here}" ]]; then
    rbc_here=yes
    return 0
  fi
  if [[ -z "${rbc_sitting}" ]]; then
    rbc_sitting=${at:-0}
  elif [[ "${rbc_sitting}" != "${at:-0}" ]]; then
    rbc_tell sitting_next title "${rbc_number} ${rbc_title}" at "${RBC_NOTES["${rbc_id}/at"]-T}"
    rbc_rc=1
  fi
}

# rbc_open_in_phase: is anything of the phase at hand still to be done on the chosen path? rbc_here.
rbc_open_in_phase() {
  local i ask
  rbc_get "${rbc_settings}" ask
  ask=${ask%%:*}${rbc_status["${rbc_id}.ask"]-}
  rbc_here=''
  # A phase that its condition left out has nothing to do.
  [[ "${ask}" != @(unlessok|whenfailed) ]] || return 0
  for ((i = rbc_at[${rbc_id}] + 5; i < ${#RBC_PLAN[@]}; i += 5)); do
    [[ "${RBC_PLAN[i]}" != phase ]] || break
    rbc_take RBC_PLAN "${i}"
    rbc_on_path
    [[ -n "${rbc_here}" && "${rbc_kind}" != choose && "${rbc_status[${rbc_id}]-}" != @(ok|passed) ]] || continue
    return 0
  done
  rbc_here=''
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

# Captures keep a command's output as a value, also for a rollback from another login.

rbc_do_capture() {
  local file value='' status pattern digest var fn timeout empty int
  rbc_get "${rbc_settings}" var fn timeout empty int
  file=${rbc_tmp}/value
  rbc_log=${rbc_run:-${rbc_tmp}}/${rbc_run:+steps/}${rbc_id}.log
  rbc_transient "${RBC_MARKS[wait]} ${rbc_number} ${rbc_title}"
  : >"${rbc_log}"
  rbc_spawn "${fn}" "${timeout}" "${rbc_log}" no "${file}"
  rbc_transient_end
  status=${rbc_rc}
  if ((status == 0)); then
    LC_ALL=C IFS= read -r -d '' value <"${file}" && status=126
    while [[ "${value}" == *$'\n' ]]; do
      value=${value%$'\n'}
    done
    pattern=${RBC_NOTES["${rbc_id}/matches"]-}
    if [[ -z "${value}" && "${empty}" != 1 ]]; then
      printf '%s\n' "${RBC_TEXT[capture_empty]}" >>"${rbc_log}"
      status=126
    elif [[ "${int}" == 1 && ! "${value}" =~ ^-?[0-9]{1,18}$ ]] ||
      [[ -n "${pattern}" && ! "${value}" =~ ${pattern} ]]; then
      rbc_visible "${value:0:200}"
      rbc_fill capture_mismatch value "${rbc_text}"
      printf '%s\n' "${rbc_text}" >>"${rbc_log}"
      status=126
    fi
  fi
  if ((status == 0)); then
    rbc_value[${var}]=${value}
    # A record may not say that a value was taken which a power cut takes away again.
    if [[ -n "${rbc_run}" ]] &&
      ! { printf '%s' "${value}" >"${rbc_run}/values/${var}" && LC_ALL=C sync -- "${rbc_run}/values/${var}"; } 2>/dev/null; then
      printf '%s\n' "${RBC_TEXT[capture_lost]}" >>"${rbc_log}"
      status=126
    fi
  fi
  rbc_digest "${value}"
  digest=${rbc_text}
  rbc_bytes "${value}"
  rbc_record capture step "${rbc_id}" exit "${status}" duration "${rbc_duration}" output "${digest}" size "${rbc_text}"
  rbc_took "${rbc_duration}"
  if ((status == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${rbc_number} ${rbc_title}" "${rbc_text}"
  else
    rbc_row bad "${rbc_number} ${rbc_title}" "${rbc_text}"
    rbc_explain "$((status == 126 ? 1 : status))" "${rbc_log}" "${rbc_id}" "${rbc_settings}"
  fi
  rbc_rc=${status}
}

# rbc_bytes TEXT: how many bytes it has, into rbc_text.
rbc_bytes() {
  local LC_ALL=C
  rbc_text=${#1}
}

# A hold watches for a time. Each look is one try; more than the tolerated number of failed looks in a row fails it.

rbc_do_hold() {
  local seconds parameter watch every tolerate label="${rbc_number} ${rbc_title}" id=${rbc_id} began rest names name
  local looks=0 row=0 worst=0 failed
  rbc_get "${rbc_settings}" seconds parameter watch every tolerate
  [[ -z "${parameter}" ]] || rbc_seconds "${rbc_value[${parameter}]}"
  seconds=${seconds:-${rbc_text}}
  IFS=, read -r -a names <<<"${watch}"
  rbc_clock
  began=${rbc_now}
  [[ -n "${rbc_live_line}" || -n "${rbc_option[quiet]-}" ]] || rbc_row run "${label}"
  while :; do
    looks=$((looks + 1)) failed=''
    for name in "${names[@]}"; do
      rbc_ask "${name}" 0 0 "${label}"
      [[ -z "${rbc_caught}" ]] || break 2
      ((rbc_rc == 0)) || failed=${failed:-${name}}
    done
    if [[ -n "${failed}" ]]; then row=$((row + 1)); else row=0; fi
    ((row <= worst)) || worst=${row}
    ((row <= ${tolerate:-0})) || break
    rbc_clock
    rest=$((began + seconds * 1000000 - rbc_now))
    ((rest > 0)) || break
    rbc_took "${rest}"
    rbc_fill hold_waiting left "${rbc_text}" looks "${looks}" failed "${worst}"
    rbc_transient "${RBC_MARKS[wait]} ${label}" " · ${rbc_text}"
    rbc_sleep "$((rest < every * 1000000 ? (rest + 999999) / 1000000 : every))"
    [[ -z "${rbc_caught}" ]] || break
  done
  rbc_transient_end
  rbc_rc=0
  if [[ -n "${rbc_caught}" ]]; then rbc_rc=130; fi
  ((row <= ${tolerate:-0})) || rbc_rc=1
  rbc_clock
  rbc_record check step "${id}" phase "${rbc_phase}" exit "${rbc_rc}" try "${looks}" duration "$((rbc_now - began))" why "${failed:-${watch}}"
  rbc_took "$((rbc_now - began))"
  rbc_fill hold_looks time "${rbc_text}" looks "${looks}"
  if ((rbc_rc == 0)); then
    [[ -n "${rbc_option[quiet]-}" ]] || rbc_row ok "${label}" "${rbc_text}"
  else
    rbc_row bad "${label}" "${rbc_text}"
    [[ -z "${failed}" ]] || rbc_explain 1 "${rbc_log}" "probe.${failed}" "${RBC_PROBES[${failed}]}"
    ((row > ${tolerate:-0})) && rbc_rc=1
  fi
  rbc_status[${id}]=failed
  ((rbc_rc != 0)) || rbc_status[${id}]=ok
}

# rbc_seconds DURATION: 90s, 15m, 2h, 1d as seconds, into rbc_text.
rbc_seconds() {
  rbc_text=${1%[smhd]}
  case "$1" in
    *m) rbc_text=$((10#${rbc_text} * 60)) ;;
    *h) rbc_text=$((10#${rbc_text} * 3600)) ;;
    *d) rbc_text=$((10#${rbc_text} * 86400)) ;;
    *) rbc_text=$((10#${rbc_text})) ;;
  esac
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

# A recorded gate: its probes first, then what is to be seen, then the question.
rbc_do_confirm() {
  local uses use probe every within settings=${rbc_settings}
  rbc_setting checks
  IFS=, read -r -a uses <<<"${rbc_text}"
  for use in "${uses[@]}"; do
    IFS=: read -r probe every within <<<"${use}"
    rbc_check_row "${rbc_id}" "${probe}" "${every}" "${within}" "${RBC_TITLES["probe/${probe}"]}"
    ((rbc_rc == 0)) || return 0
  done
  rbc_settings=${settings}
  rbc_line "  ${rbc_number} ${rbc_title}"
  [[ -z "${RBC_NOTES["${rbc_id}/note"]-}" ]] || rbc_line "      ${RBC_NOTES["${rbc_id}/note"]//$'\n'/$'\n'      }"
  rbc_ask_gate
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
