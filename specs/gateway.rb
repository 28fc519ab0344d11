# Updates des Leitstand-Gateways auf dem Heimserver.

runbook leitstand_gateway_updates {
  title     "Updates des Leitstand-Gateways"
  lang      de
  id        ops.runbook.leitstand-gateway.updates
  class     "OPERATIV · PROZEDURAL"
  updated   2026-02-03
  owner     "ops / Heimserver"
  scope     "Heimserver-only: Updates für den Stack `compose.gateway.yml`."
  purpose   "Dieses Runbook definiert die sichere Sequenz für Updates des Leitstand-Gateways."
  principle "Keine Auto-Updates by default."
  principle "Updates sind bewusst, manuell ausgelöst und auditierbar."
  reference "Ergänzt `ops.runbook.leitstand-gateway.md`."
  drift """
    Jede Änderung an der Update-Mechanik (z. B. Umstellung auf Watchtower, neue Health-Checks)
    ändert diese Spec im selben PR.
    """
}

# ─── Worauf es läuft ─────────────────────────────────────────────────────────

host heimserver {
  address heimserver.heimgewebe.home.arpa
  access  "WireGuard oder LAN"
  needs   docker >= 24, "docker compose" >= 2
  guard   path /opt/heimgewebe/gateway           # läuft nirgends sonst
}

service leitstand on heimserver {
  dir     /opt/heimgewebe/gateway
  compose compose.gateway.yml
  url     https://leitstand.heimgewebe.home.arpa
}

param repo_root path {
  note    "Wurzel der Quell-Repos `leitstand` und `agent-control-surface`, nur für den Build-Pfad."
  env     HG_REPO_ROOT
  default $HOME/repos/heimgewebe
}

# ─── Was gelten muss ─────────────────────────────────────────────────────────

probe files "Compose-Datei und Caddyfile sind da" {
  on   leitstand
  file compose.gateway.yml
  file Caddyfile
}

probe dns "DNS löst auf" {
  dns     leitstand.heimgewebe.home.arpa
  trouble dns_bricht
}

probe running "Container laufen, ohne Neustarts" {
  compose  leitstand is running
  diagnose $ docker ps
  diagnose $ docker compose ${leitstand.args} ps
  diagnose $ docker compose ${leitstand.args} logs --tail=100 --no-color
  trouble  health_nicht_200
}

probe ports "80 und 443 lauschen" {
  listens  80, 443
  diagnose $ ss -lnt
}

probe cage "Firewall-Kette DOCKER-USER steht" {
  succeeds $ sudo iptables -S DOCKER-USER
  trouble  docker_user_fehlt
}

probe health "Health antwortet mit striktem TLS" {
  http     ${leitstand.url}/health status 200
  every    5s for 2m
  diagnose $ curl -k -I --max-time 10 ${leitstand.url}/health
  trouble  tls_untrusted, health_nicht_200
  note     "`curl -k` dient nur der Diagnose: Antwortet es ohne Zertifikatsprüfung, liegt es an CA oder Trust Store."
}

probe ops_api "Ops-Endpoint antwortet" {
  http     ${leitstand.url}/api/ops/audit/git
  optional "Den Ops-Endpoint gibt es nicht in jeder Version."
  diagnose $ curl -k -I --max-time 10 ${leitstand.url}/api/ops/audit/git
}

probe repos "Beide Quell-Repos sind da" {
  dir  $repo_root/leitstand
  dir  $repo_root/agent-control-surface
  note "Liegen sie woanders: `--repo-root` oder `HG_REPO_ROOT` setzen."
}

# ─── Der Weg ─────────────────────────────────────────────────────────────────

phase preflight "Preflight" {
  note  "Stelle sicher, dass das System gesund ist, bevor du etwas änderst."
  check files, dns, running, ports, cage
  check health every 1s for 5s                   # vorher gesund, also ist ein Fehler danach vom Update
}

phase update "Update" {
  on leitstand

  choose strategy "Pfad" {
    option image "Image-based Deploy (empfohlen)" default {
      note "Nutzung von vorgebauten Images (z. B. `ghcr.io/…`)."
      update leitstand
    }
    option build "Build-based Deploy" {
      note "Nutzung von lokalem Source-Code: `git pull` in den Repos, dann ein Build mit neuen Basis-Images."
      check repos
      capture leitstand_before "Stand von leitstand"             $ git -C "$repo_root/leitstand" rev-parse HEAD
      capture acs_before       "Stand von agent-control-surface" $ git -C "$repo_root/agent-control-surface" rev-parse HEAD
      step sources "Quellen aktualisieren" {
        timeout 5m
        $ git -C "$repo_root/leitstand" pull --ff-only
        $ git -C "$repo_root/agent-control-surface" pull --ff-only
        undo {
          $ git -C "$repo_root/leitstand" reset --keep "$leitstand_before"
          $ git -C "$repo_root/agent-control-surface" reset --keep "$acs_before"
          timeout 1m
        }
      }
      update leitstand build
    }
  }
}

phase postflight "Postflight" {
  note  "Prüfe, ob das Update erfolgreich war."
  check health, ops_api, running
  on failure rollback
}

# ─── Der Weg zurück ──────────────────────────────────────────────────────────

rollback "Rollback (Emergency)" {
  trigger "Postflight schlägt fehl."
  note """
    Nach einem gescheiterten Lauf stellt das Skript die festgehaltenen Images selbst wieder her.
    Die Schritte hier sind für den Fall, dass das nicht reicht: `rollback --fresh`.
    """

  choose emergency "Notfall-Weg" {
    option tags "Zurück zu vorherigen Tags" default {
      manual pin "Vorherige Tags in der Compose-Datei eintragen" {
        note "`nano /opt/heimgewebe/gateway/compose.gateway.yml`: Images auf die vorherigen Tags festlegen (Pinning)."
      }
      step start_pinned "Mit den vorherigen Tags starten" {
        on leitstand
        $ docker compose ${leitstand.args} up -d
        timeout 5m
      }
    }
    option reset "Hard Reset (Downtime)" {
      step down "Stack herunterfahren" {
        on leitstand
        $ docker compose ${leitstand.args} down
        timeout 5m
      }
      manual versions "Funktionierende Versionen eintragen" {
        note "In `compose.gateway.yml` nur Versionen stehen lassen, die nachweislich funktionieren."
      }
      step start_known "Mit diesen Versionen starten" {
        on leitstand
        $ docker compose ${leitstand.args} up -d
        timeout 5m
      }
    }
  }

  verify health, running
}

# ─── Was bei einem Fehler geschehen muss: die Probe prüft es ─────────────────

expect probe health in preflight fails -> stopped             # vorher krank: nichts anfassen
expect step sources fails              -> rolled back verified
expect step leitstand_pull fails       -> rolled back verified
expect step leitstand_up fails         -> rolled back verified
expect probe health in postflight fails -> rolled back verified
expect probe ops_api fails             -> done
expect kill in step leitstand_up       -> resumable
expect kill in step leitstand_up       -> rolled back verified
expect undo leitstand_up fails         -> person needed
expect verify health fails             -> person needed

# ─── Fehlerbilder ────────────────────────────────────────────────────────────

trouble dns_bricht "DNS bricht" {
  symptom "`getent hosts` liefert nichts."
  fix     "`/etc/hosts` oder FritzBox prüfen."
}

trouble tls_untrusted "TLS Untrusted" {
  symptom "`curl` meckert über das Zertifikat."
  cause   "Die interne CA von Caddy steht nicht im Trust Store, oder im `Caddyfile` fehlt `tls internal`."
  fix     "CA in den Trust Store aufnehmen, `tls internal` ergänzen."
  fix     $ curl -k -I --max-time 10 ${leitstand.url}/health
}

trouble docker_user_fehlt "DOCKER-USER fehlt" {
  symptom "Der Zugriff aus dem LAN ist blockiert."
  fix     $ sudo netfilter-persistent reload
}

trouble health_nicht_200 "Health != 200" {
  symptom "Der Container läuft, aber die App stürzt ab."
  fix     "Services ermitteln und die Logs des betroffenen lesen, hier von `leitstand`:"
  fix {
    $ cd ${leitstand.dir}
    $ docker compose ${leitstand.args} ps
    $ docker compose ${leitstand.args} logs --tail=200 leitstand
  }
}
