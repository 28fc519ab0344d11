# Zero-surprise upgrade window of the Inlock host: OS security updates and selected container updates.

use shared/compose.rb
use shared/disk.rb

runbook inlock_upgrade_window {
  title    "Zero-Surprise Upgrade Window Runbook"
  lang     en
  updated  2026-02-10
  audience "operator with sudo + docker access"
  purpose """
    Apply OS security updates and selected container app updates with:

    - no unplanned downtime
    - clear pause/rollback points
    - verifiable health checks after each step
    """
  scope "OS security patching (priority package: `libexpat1`)."
  scope "Pinned container updates in `compose/services/stack.yml` and `compose/config/monitoring/logging.yml`."
  scope "Services currently planned for update: `oauth2-proxy`, `alertmanager`, `cadvisor`, `loki`, `promtail`."
  excludes "This runbook does not include Mailcow version upgrades."
  budget   60m
}

host vmi2953354 {
  access "SSH, with sudo and docker"
  user   comzis
  needs  docker, "docker compose", git
  guard  hostname vmi2953354
  guard  path /home/comzis/inlock
}

service stack on vmi2953354 {
  dir      /home/comzis/inlock
  compose  compose/services/stack.yml              # use the compose stack file only
  env_file .env
}

values limits {
  disk_used  85% "Left open by the document."
  new_errors 5   "Left open by the document: more errors in 15 minutes are an \"error burst\"."
}

values expected {
  auth 302 "oauth2-proxy sends the browser to the login."
}

param rollback_owner string {
  note "Who decides about a rollback in this window."
  env  ROLLBACK_OWNER
}

param bad_commit string {
  note    "`<commit_with_image_updates>`; `git log --oneline -n 10` shows it. Only for the rollback of the whole change."
  matches '^(HEAD|[0-9a-f]{7,40})$'
  default HEAD                                     # the newest: what the window has pulled
}

param service_name choice oauth2-proxy, alertmanager, cadvisor, loki, promtail {
  note "`<service_name>`: the one service to roll back."
}

# ─── What must hold ──────────────────────────────────────────────────────────

probe no_drift "No local drift on the production host" {
  git     /home/comzis/inlock is clean
  trouble drift
}

probe public "Public endpoints answer" {
  http    https://inlock.ai         status 200-399 head insecure "as `curl -Ik`: it is the answer that counts here"
  http    https://mail.inlock.ai    status 200-399 head insecure "as `curl -Ik`: it is the answer that counts here"
  http    https://grafana.inlock.ai status 200-399 head insecure "as `curl -Ik`: it is the answer that counts here"
  timeout 40s
}

probe libexpat "libexpat1 is at the newest version" {
  succeeds {
    ```
    installed=$(dpkg-query -W -f "\${Version}" libexpat1)
    candidate=$(LC_ALL=C apt-cache policy libexpat1 | sed -n 's/^  Candidate: //p')
    echo "installed $installed, candidate $candidate"
    [[ $installed == "$candidate" ]]
    ```
  }
}

probe journal "No new error bursts in journald" {
  journal  errors <= ${limits.new_errors} since 15m
  diagnose $ journalctl -p err -n 50 --no-pager
}

probe auth "auth endpoint returns expected status" {
  http  https://auth.inlock.ai/oauth2/start status ${expected.auth}
  every 10s for 10m
}

probe alertmanager "alertmanager ready" {
  http  http://127.0.0.1:9093/-/ready
  every 10s for 10m
}

probe loki "loki ready" {
  http  http://127.0.0.1:3100/ready
  every 10s for 10m
}

# ─── T-24h and T-15m ─────────────────────────────────────────────────────────

phase preparation "T-24h Preparation" {
  at   T-24h
  on   stack
  note "Run these checks ahead of the maintenance window."

  step fetch "Fetch" {
    $ git fetch --all --prune
    undo "remote-tracking branches only; the working tree is untouched"
  }
  confirm keep_drift "There is local drift. Is it documented, and is it kept?" {
    unless no_drift
    note   "`git status --short` shows it. To revert it instead: answer no, revert, start again."
  }
  capture ts "Time stamp of the evidence" matches '^[0-9]{8}-[0-9]{6}$' $ date +%Y%m%d-%H%M%S
  step snapshot "Pre-change snapshot" {
    ```
    mkdir -p /tmp/inlock-maintenance-"$ts"
    docker ps --format 'table {{.Names}}\t{{.Image}}\t{{.Status}}' >/tmp/inlock-maintenance-"$ts"/docker-ps-before.txt
    docker compose ${stack.args} config >/tmp/inlock-maintenance-"$ts"/stack-config-before.yml
    ```
    readonly "writes its evidence directory only"
  }
  step image_ids "Current image IDs for fast rollback" {
    ```
    docker ps -q | xargs -r docker inspect --format '{{.Name}} {{.Config.Image}} {{.Image}}' |
      sed 's#^/##' >/tmp/inlock-maintenance-"$ts"/image-ids-before.txt
    ```
    readonly "writes its evidence directory only"
  }
}

phase preflight "T-15m Preflight" {
  at     T-15m
  on     stack
  budget 15m
  note   "Verify host is stable before starting updates. If any check fails, stop and investigate before applying changes."

  step host_state "Host state" {
    $ uptime
    $ free -h
    $ df -h /
    readonly
  }
  check disk, running, config, public
  confirm approved "Maintenance window approved, backup evidence captured, rollback owner assigned?" {
    show ts, rollback_owner
  }
}

# ─── Execution plan ──────────────────────────────────────────────────────────

phase sources "Pull latest repo changes" {
  on stack
  capture commit_before "Commit before" matches '^[0-9a-f]{40}$' $ git rev-parse HEAD
  step pull "Pull latest repo changes" {
    $ git pull --ff-only
    undo {
      $ git reset --keep "$commit_before"
      $ docker compose ${stack.args} up -d --pull never
      timeout 5m
    }
    note "Taking it back also brings the whole stack back to the compose files of before."
  }
}

phase os "OS security updates first" {
  on         stack
  on failure pause
  note       "Low risk, high value."

  capture libexpat_before "libexpat1 before" $ dpkg-query -W -f "\${Version}" libexpat1
  step libexpat1 "Update libexpat1" {
    $ sudo ./scripts/maintenance/update-libexpat1.sh
    timeout 10m
    undo    "The security update stays. Only where it is the cause: `rollback --fresh --extent package`."
    verify  libexpat
  }
  step pending "Pending security updates" {
    $ sudo apt update
    $ apt list --upgradable 2>/dev/null | sed -nE '/security|libexpat1/Ip'
    readonly "refreshes apt's package lists"
    optional "only informs"
    timeout  5m
  }
  step journal_a "Service failures since" {
    $ journalctl -p err -n 50 --no-pager
    readonly
  }
  confirm checkpoint_a "Checkpoint A: libexpat1 update succeeded, no unexpected service failures?" {
    check libexpat
    show  libexpat_before
  }
}

phase auth_path "Phase 1: auth path (oauth2-proxy)" {
  on     stack
  update stack only oauth2-proxy
  check  auth
}

phase monitoring "Phase 2: monitoring control plane (alertmanager, cadvisor)" {
  on     stack
  update stack only alertmanager, cadvisor
  check  alertmanager
}

phase logging "Phase 3: logging plane (loki, promtail)" {
  on     stack
  update stack only loki, promtail
  check  loki
  confirm checkpoint_b "Checkpoint B: updated containers are Up and healthy, auth, alertmanager and loki answer?" {
    check running, auth, alertmanager, loki
  }
}

phase reconcile "Broad stack reconcile" {
  on   stack
  note "After phased updates, one full reconcile."
  step up "Full reconcile" {
    $ docker compose ${stack.args} up -d
    timeout 5m
    undo    "Taking back the pull brings the whole stack back to the files of before."
    verify  running every 5s for 2m
  }
}

phase monitoring_hold "Post-Change Monitoring Hold (15 min)" {
  on stack
  hold stable "Post-change monitoring" {
    for   15m
    watch running, public, auth, alertmanager, loki every 1m tolerate 1
  }
  step state "State after the hold" {
    $ uptime
    $ docker ps --format 'table {{.Names}}\t{{.Status}}'
    $ journalctl -p err --since "15 min ago" --no-pager
    readonly
  }
  step endpoints "Test endpoints" {
    $ ./scripts/test-endpoints.sh
    readonly "asks the endpoints"
    optional "only if available"
    timeout  5m
  }
}

phase success "Success criteria" {
  on failure pause
  note  "No restart loops, no new error bursts in journald, public endpoints return expected responses."
  check running, journal, public
}

rollback "Rollback Plan" {
  trigger "Any critical path fails and does not recover within 10 minutes."
  note """
    A failed run takes its own steps back: recorded images, then the commit. What stands here is for afterwards:
    `rollback --fresh`.
    """

  choose extent "Extent" {
    option whole "Revert the compose tag changes" default {
      step history "Find the commit" {
        on stack
        $ git log --oneline -n 10
      }
      step revert "Revert the commit and pull old images" {
        on   stack
        $ git revert --no-edit "$bad_commit"
        $ docker compose ${stack.args} pull
        $ docker compose ${stack.args} up -d
        timeout 15m
        note "Push the revert: until then the host is ahead of the remote and `git pull --ff-only` is refused."
      }
    }
    option service "Only one service" {
      manual tag "Put the old image of this service back" {
        show service_name
        note "In `compose/services/stack.yml` or `compose/config/monitoring/logging.yml`, only the image of that service."
      }
      step one "Start the service" {
        on stack
        $ docker compose ${stack.args} up -d "$service_name"
        timeout 5m
      }
    }
    option package "OS package (libexpat1)" {
      step downgrade "Install the previous version and pin it" {
        $ sudo apt-get install -y --allow-downgrades "libexpat1=$libexpat_before"
        $ sudo apt-mark hold libexpat1
        timeout 10m
      }
      manual document "Document the exact package version change" {
        show libexpat_before
        note "Only if required: it opens the security hole again. `sudo apt-mark unhold libexpat1` ends the pin."
      }
    }
  }

  verify disk, running, config, auth, alertmanager, loki, public
}

# ─── The two ways ────────────────────────────────────────────────────────────

procedure window "Upgrade window" {
  phase preparation
  phase preflight
  phase sources
  phase os
  phase auth_path
  phase monitoring
  phase logging
  phase reconcile
  phase monitoring_hold
  phase success
  rollback
}

procedure fast "Fast Path (Scripted)" {
  phase preparation
  phase preflight
  phase sources
  phase os
  phase scripted "Single-step rollout" {
    on stack
    confirm single_step "Prechecks passed. Do you accept a single-step rollout?"
    step services "Update the compose services" {
      $ ./scripts/maintenance/update-inlock-compose-services.sh
      timeout 30m
      undo    "Taking back the pull brings the whole stack back to the files of before."
      verify  running, auth, alertmanager, loki
      note    "This script validates compose config, pulls images, runs `up -d`, and prints status."
    }
  }
  phase monitoring_hold
  phase success
  rollback
}

# ─── What must come of a fault ───────────────────────────────────────────────

expect step fetch fails                  -> rolled back verified
expect confirm keep_drift declined       -> rolled back verified
expect undo pull fails                   -> person needed
expect verify loki fails                 -> person needed
expect step libexpat1 fails              -> paused
expect probe journal in success fails    -> paused
expect hold stable fails                 -> rolled back verified
expect kill in step pull                 -> resumable

# ─── For people ──────────────────────────────────────────────────────────────

section "Change window" """
  Use a 60-minute window with three checkpoints:

  1. Preflight + backup evidence (15 min)
  2. OS patching + container updates (30 min)
  3. Post-check monitoring hold (15 min)
  """

trouble drift "Local drift on the production host" {
  symptom "`git status --short` lists files."
  fix     "Document it and decide to keep or revert before proceeding."
  fix     $ git -C ${stack.dir} status --short
}

checklist "Before window" {
  item "Maintenance window approved"
  item "Backup evidence captured (`/tmp/inlock-maintenance-<ts>/`)"
  item "Rollback owner assigned"
}

checklist "During window" {
  item "Checkpoint A passed (OS patch)"
  item "Checkpoint B passed (phased containers)"
  item "Full reconcile done"
}

checklist "After window" {
  item "15-minute monitoring hold passed"
  item "Security scorecard updated if versions changed"
  item "Maintenance notes committed to repo"
}
