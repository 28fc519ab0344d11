# RALF ab Phase 1: Deployments und Smokes als Jobs in Semaphore.

runbook ralf_semaphore {
  title     "RALF Runbook ab Phase 1 (Semaphore-first)"
  lang      de
  scope     "Gilt **nach erfolgreicher Phase 1** (`MinIO`, `PostgreSQL`, `Gitea`, `Semaphore`)."
  purpose   "Weitere Deployments standardisiert über `Semaphore` ausführen und direkt mit Smokes prüfen."
  principle "Erst das `Apply`-Template starten, dann das passende `Smoke`-Template."
  principle "Bei Fehler: Logs in Semaphore prüfen, Fix im Repo, Commit/Push, Template erneut starten."
  principle "`bootstrap/start.sh` bleibt nur für Recovery / Break-Glass."
}

automation semaphore semaphore {
  url     https://10.10.40.10
  project $semaphore_projekt
  token   semaphore_token
  ca      $semaphore_ca
  every   5s for 10m                      # so oft nachsehen, so lange auf einen Server warten, der nicht antwortet
  timeout 1h                              # je Job; das Dokument nennt keine Zeiten
  trouble tofu_fehler, ansible_fehler, smoke_fehler, semaphore_fehler
}

param semaphore_projekt int {
  note "Die `<id>` des Projekts in `POST /api/project/<id>/tasks`."
  env  SEMAPHORE_PROJECT_ID
}

param semaphore_token string {
  note   "API-Token eines Benutzers, der im Projekt Tasks starten darf."
  env    SEMAPHORE_TOKEN
  secret
}

param semaphore_ca path {
  note    "CA, die das Zertifikat von Semaphore ausgestellt hat. Das Dokument sagt nichts dazu; Vorgabe: was der Host schon kennt."
  env     SEMAPHORE_CA
  default /etc/ssl/certs/ca-certificates.crt
}

param repo path {
  note "Arbeitskopie des RALF-Repos mit dem Ordner `bootstrap`."
  env  RALF_REPO
}

param gruppen string {
  note    "Die betroffenen Gruppen, mit Kommas; ohne Angabe alle."
  matches '^(Vault|Automation|Communication|AI)(,(Vault|Automation|Communication|AI))*$'
  default "Vault,Automation,Communication,AI"
}

# ─── Was gelten muss ─────────────────────────────────────────────────────────

probe phase1 "bootstrap/smoke.sh phase1 erfolgreich" {
  in       $repo
  succeeds $ bash bootstrap/smoke.sh phase1
  timeout  15m
  trouble  smoke_fehler
}

probe erreichbar "Semaphore erreichbar" {
  http    ${semaphore.url}/ status 200-399 ca $semaphore_ca
  trouble semaphore_fehler
}

probe gepusht "Commit und Push sind erledigt" {
  git    $repo is clean
  number = 0 $ git -C "$repo" rev-list --count "@{upstream}..HEAD"
}

# ─── Gemeinsame Phasen ───────────────────────────────────────────────────────

phase voraussetzungen "Voraussetzungen" {
  note  "Templates wurden durch `041-semaphore-config` geseedet: Fehlt eines, wird der Lauf abgewiesen, bevor etwas startet."
  check phase1, erreichbar
}

phase aenderung "Code ändern, Commit + Push" {
  on failure pause
  manual code "Code ändern, Commit + Push" {
    undo "Den Commit mit `git revert` zurücknehmen, pushen und das Apply-Template erneut starten."
  }
  check gepusht
}

phase einzelservice "Einzelservice-Apply, dann Gruppen-Smoke" {
  note         "Verwenden bei Fehleranalyse oder kleineren Änderungen."
  irreversible "Apply rollt vorwärts: Fix im Repo, Commit/Push, Template erneut starten."
  on failure   pause
  choose dienst "Dienst" {
    option vaultwarden "Vaultwarden" {
      job "RALF Vaultwarden Apply"
      job "RALF Vault Smoke" {
        readonly
      }
    }
    option n8n "N8N" {
      job "RALF N8N Apply"
      job "RALF Automation Smoke" {
        readonly
      }
    }
    option synapse "Synapse" {
      job "RALF Synapse Apply"
      job "RALF Communication Smoke" {
        readonly
      }
    }
    option mail "Mail" {
      job "RALF Mail Apply"
      job "RALF Communication Smoke" {
        readonly
      }
    }
    option exo "Exo" {
      job "RALF Exo Apply"
      job "RALF AI Smoke" {
        readonly
      }
    }
  }
}

phase smokes "Relevante Smokes" {
  on failure pause
  job "RALF Phase1 Smoke" {
    readonly
  }
  each gruppe in Vault, Automation, Communication, AI {
    probe betroffen "${gruppe.word} ist betroffen" {
      succeeds $ [[ ",$gruppen," == *,${gruppe.word},* ]]
    }
    job "RALF ${gruppe.word} Smoke" {
      when    betroffen
      readonly
    }
  }
}

# ─── Die Wege ────────────────────────────────────────────────────────────────

procedure standard "Standard-Reihenfolge ab Phase 1" {
  phase voraussetzungen
  phase reihenfolge "Standard-Reihenfolge" {
    irreversible "Apply rollt vorwärts: Fix im Repo, Commit/Push, Template erneut starten."
    on failure   pause
    each gruppe in Vault, Automation, Communication, AI {
      job "RALF ${gruppe.word} Apply"
      job "RALF ${gruppe.word} Smoke" {
        readonly
      }
    }
  }
}

procedure einzel "Einzelservice-Run (gezielt)" {
  phase voraussetzungen
  phase einzelservice
}

procedure muster_a "Muster A: normale Änderung an einem Dienst" {
  phase voraussetzungen
  phase aenderung
  phase einzelservice
  rollback "Änderung zurücknehmen" {
    verify gepusht
  }
}

procedure muster_b "Muster B: Änderung an gemeinsam genutzter Basis (z. B. smoke.sh, Seeder, Runner)" {
  phase voraussetzungen
  phase aenderung
  phase basis "Phase-1-Konfiguration ausrollen" {
    on failure pause
    job "RALF Phase1 Config Apply" {
      irreversible "Apply rollt vorwärts: Fix im Repo, Commit/Push, Template erneut starten."
      note         "Aktualisiert Semaphore-Host-Werkzeuge/Repo."
    }
  }
  phase smokes
  rollback "Änderung zurücknehmen" {
    verify gepusht
  }
}

procedure cleanroom "Cleanroom-Checks pro Phase" {
  phase cleanroom "Cleanroom" {
    note       "Nach einer abgeschlossenen größeren Phase (z. B. neue Dienstgruppe produktionsreif)."
    in         $repo
    on failure pause
    step cleanroom "Cleanroom-Check der Phase 1" {
      $ bash bootstrap/cleanroom-phase1.sh
      irreversible "Das Dokument nennt keinen Weg zurück; was das Skript anfasst, steht in ihm selbst."
      timeout      1h
      trouble      tofu_fehler, ansible_fehler, smoke_fehler
    }
  }
  phase smokes
}

# ─── Fehlerbehandlung (Standard) ─────────────────────────────────────────────

trouble tofu_fehler "tofu-Fehler" {
  symptom "Der Job scheitert in `tofu`."
  fix     "Zuerst MinIO/State-Erreichbarkeit und Proxmox-API prüfen."
}

trouble ansible_fehler "ansible-Fehler" {
  symptom "Der Job scheitert in `ansible`."
  fix     "Betroffenen Stack direkt über das Einzelservice-Template wiederholen: Ablauf „Einzelservice-Run“, `einzel.sh`."
}

trouble smoke_fehler "smoke-Fehler" {
  symptom "Ein Smoke scheitert."
  fix     "Zuerst Dienststatus im Ziel-CT, dann Nginx/TLS, dann App-Port."
}

trouble semaphore_fehler "Semaphore-Fehler" {
  symptom "Semaphore antwortet nicht, oder ein Template fehlt."
  fix     "`041-semaphore-config` erneut ausrollen."
}

section "API-Hinweis" """
  Die Skripte starten Template-Tasks so, wie es die aktuelle Semaphore-Version verlangt:
  `POST /api/project/<id>/tasks` mit Body `{"template_id": <id>}`.

  Nicht mehr verwenden: `POST /api/project/<id>/templates/<id>/tasks` (liefert `404`).
  """
