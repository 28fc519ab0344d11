# specs/gateway.rb: updates of the Leitstand gateway on the home server

runbook leitstand_gateway_updates {
  title     "Updates des Leitstand-Gateways"
  lang      de
  id        ops.runbook.leitstand-gateway.updates
  updated   2026-02-03
  owner     "ops / Heimserver"
  scope     "Heimserver-only: Updates für den Stack compose.gateway.yml"
  purpose   "Sichere Sequenz für Updates des Leitstand-Gateways."
  principle "Keine Auto-Updates by default."
  drift     "Jede Änderung an der Update-Mechanik ändert diese Spec im selben PR."
}

host heimserver {
  address heimserver.heimgewebe.home.arpa
  access  "WireGuard oder LAN"
  needs   docker >= 24, "docker compose" >= 2, git
  guard   path /opt/heimgewebe/gateway           # refuse to run anywhere else
}

service leitstand on heimserver {                # the compose project; its containers are parts, never declared
  dir     /opt/heimgewebe/gateway
  compose compose.gateway.yml
  url     https://leitstand.heimgewebe.home.arpa
}

param repo_root path {
  note    "Wurzel der Quell-Repos"
  env     HG_REPO_ROOT
  default $HOME/repos/heimgewebe
}

probe dns "DNS löst auf" {
  dns     leitstand.heimgewebe.home.arpa
  trouble dns_bricht
}

probe running "Container laufen, ohne Neustarts" {
  compose  leitstand is running
  diagnose $ docker compose ${leitstand.args} logs --tail=100 --no-color
}

probe cage "Firewall-Kette DOCKER-USER steht" {
  succeeds $ sudo iptables -S DOCKER-USER
  trouble  docker_user_fehlt
}

probe health "Health antwortet mit striktem TLS" {
  http     ${leitstand.url}/health status 200
  every    5s for 2m
  trouble  tls_untrusted, health_nicht_200
}

phase preflight "Preflight" {
  check dns, running, ports, cage
}

phase update "Update" {
  on leitstand

  choose strategy "Pfad" {
    option image "Image-based Deploy (empfohlen)" default {
      update leitstand                  # records the running images, pulls, starts; its undo puts the recorded ones back
    }
    option build "Build-based Deploy" {
      capture leitstand_before "Stand von leitstand"             $ git -C "$repo_root/leitstand" rev-parse HEAD
      capture acs_before       "Stand von agent-control-surface" $ git -C "$repo_root/agent-control-surface" rev-parse HEAD
      step sources "Quellen aktualisieren" {
        ```
        for repo in leitstand agent-control-surface; do
          [[ -d "$repo_root/$repo" ]] || { echo "Missing repo: $repo" >&2; exit 1; }
          git -C "$repo_root/$repo" pull --ff-only
        done
        ```
        undo {
          $ git -C "$repo_root/leitstand" reset --keep "$leitstand_before"
          $ git -C "$repo_root/agent-control-surface" reset --keep "$acs_before"
        }
      }
      update leitstand build
    }
  }
}

phase postflight "Postflight" {
  check health, running
  on failure rollback
}

rollback "Rollback (Emergency)" {
  verify health, running
}

trouble dns_bricht "DNS bricht" {
  symptom "`getent hosts` liefert nichts"
  fix     "`/etc/hosts` oder FritzBox prüfen."
}
