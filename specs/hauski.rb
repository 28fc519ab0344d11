# Upgradepfade von HausKI: App-Release, Vendor-Snapshot, Policies, Toolchain.

use shared/http.rb

runbook hauski_upgradepfade {
  title     "Upgradepfade"
  lang      de
  status    draft
  owner     Platform
  purpose   "Sichere, reproduzierbare Upgrades (App + Vendor + Policies)."
  scope     "**App-Release**: neue Binaries (hauski-core, hauski-cli, indexd)."
  scope     "**Vendor-Snapshot**: aktualisierte Rust-Dependencies (`vendor/`)."
  scope     "**Policies**: Änderungen an `policies/limits.yaml`, `routing.yaml`, `models.yaml`."
  scope     "**Toolchain**: Rust/Python/UV (gemäß ADR-0001, `toolchain.versions.yml`)."
  reference "[Incident-Response](./incident-response.md)"
  reference "ADR: [Toolchain-Strategie](../adrs/ADR-0001-toolchain-strategy.md)"
  reference "Observability: `../modules/observability.md`"
}

host checkout {
  access "Arbeitskopie des Repos; im Wurzelordner starten"
  needs  git, curl
  guard  path scripts/check-vendor.sh
}

values lokal {
  url http://127.0.0.1:8080
}

values api {
  url $ziel
}

values metrik {
  p95    hauski_latency_p95_ms "Das Dokument nennt keinen Namen: eintragen, was `/metrics` zeigt."
  fehler hauski_error_rate     "Ebenso."
}

param ziel url {
  note    "Der ausgerollte Dienst mit `/ready`, `/health`, `/metrics`."
  env     HAUSKI_URL
  default http://127.0.0.1:8080
}

param p95_budget int {
  note "Budget der p95-Latenz in ms, aus `policies/limits.yaml`."
  env  HAUSKI_P95_BUDGET_MS
}

param beobachtung duration {
  note    "Wie lange nach dem Rollout beobachtet wird: 15–30 min."
  matches '^(1[5-9]|2[0-9]|30)m$'
  default 15m
}

param changelog path {
  note    "Changelog/Release-Notes."
  default CHANGELOG.md
}

param policy choice limits, routing, models {
  note "Welche Policy: `policies/limits.yaml`, `routing.yaml`, `models.yaml`."
}

param policy_branch string {
  note    "Branch mit der geprüften Änderung."
  matches '^[A-Za-z0-9][A-Za-z0-9._/-]*$'
}

param core_unit string {
  note    "systemd-Unit des Core. Das Dokument nennt keine."
  matches '^[A-Za-z0-9@._-]+$'
  default hauski-core
}

# ─── Was gelten muss ─────────────────────────────────────────────────────────

probe sauber "Arbeitskopie ohne Änderungen" {
  git . is clean
}

probe vendor "Vendor konsistent" {
  succeeds $ bash scripts/check-vendor.sh
  timeout  5m
  trouble  build_bricht
}

probe changelog "Changelog/Release-Notes vorhanden" {
  file $changelog
}

probe port_frei "Auf 8080 läuft noch nichts" {
  number = 0 $ ss -Hltn 'sport = :8080' | wc -l
  note   "Sonst prüft der Smoke den falschen Server."
}

probe lokal_ready "/ready und /health des neuen Builds" {
  http     ${lokal.url}/ready
  http     ${lokal.url}/health
  every    1s for 30s
  diagnose $ tail -n 50 server.log
}

probe ready {
  http    ${api.url}/ready
  every   5s for 2m
}

probe p95 "p95-Latenz (ms) innerhalb Budget" {
  metric  ${api.url}/metrics ${metrik.p95} <= $p95_budget
  trouble p95_hoch
}

probe fehlerrate "Fehlerraten unverändert/verbessert" {
  metric  ${api.url}/metrics ${metrik.fehler} <= $fehlerrate_vorher
}

probe snapshot_alt "Der Snapshot bringt nichts Neues" {
  succeeds $ git diff --cached --quiet -- vendor
}

# ─── Gemeinsame Phasen ───────────────────────────────────────────────────────

phase preflight "Vorbedingungen (Preflight)" {
  check vendor, changelog
  step doku "mkdocs baut lokal" {
    ```
    site=$(mktemp -d)
    mkdocs build --quiet --site-dir "$site"
    rm -r "$site"
    ```
    readonly "schreibt nur in einen temporären Ordner"
    optional "Die Doku hält kein Upgrade auf."
    timeout  5m
  }
  confirm ci "CI grün: ci.yml (fmt, clippy, tests, security)?"
  confirm policies "Policies validiert: Lint/Schema (falls vorhanden), Budget-Folgen abgeschätzt?"
  confirm plan "Rollout-Plan (App/Vendor/Policy/Toolchain) und Fallback geklärt?"
}

phase vorher "Stand vor dem Rollout" {
  capture fehlerrate_vorher "Fehlerrate vorher" matches '^[0-9.eE+-]+$' {
    $ curl -sS --fail --max-time 10 "$ziel/metrics" | sed -n 's/^${metrik.fehler} //p'
  }
}

phase beobachten "Beobachten" {
  hold beobachtung "p95-Latenz (ms)/Fehlerraten beobachten" {
    for   $beobachtung
    watch health, ready, p95, fehlerrate every 30s tolerate 1
  }
}

phase postflight "Checks nach dem Upgrade (Postflight)" {
  check   ready, health, metrics, p95, fehlerrate
  confirm logs "Logs/Tracing ohne anhaltende Errors/Warnings?"
}

phase erster_tag "Die ersten 24 h" {
  at      T+24h
  check   ready, health, p95, fehlerrate
  confirm feedback "Nutzer-Feedback/Monitoring in den ersten 24 h ohne Befunde?"
}

# ─── App-Release ─────────────────────────────────────────────────────────────

procedure app_release "App-Release" {
  phase preflight

  phase build "Build" {
    step build "Build" {
      $ cargo build --workspace --release --locked
      timeout 1h
      undo    "Was in `target/` liegt, läuft erst nach dem Rollout."
      trouble build_bricht
    }
  }

  phase smoke "Smoke lokal" {
    on failure stop
    check port_frei
    background server "hauski-core" {
      until lokal_ready
      $ target/release/hauski-core >server.log 2>&1
    }
    check lokal_ready
  }

  phase stage "Stage" {
    choose stage "Stage-Umgebung" {
      option keine "Keine Stage-Umgebung verfügbar" default {
        note "Dann geht es gleich an den Rollout."
      }
      option da "Prometheus-/Health-Checks auf Stage" {
        manual stage "Release auf Stage bringen, Prometheus-/Health-Checks ansehen" {
          undo "Stage auf das letzte Release zurücksetzen."
        }
      }
    }
  }

  phase vorher

  phase rollout "Rollout" {
    choose rollout "Blau/Grün oder Canary, je nach Umgebung" {
      option blau_gruen "Blau/Grün" {
        manual umschalten "Neues Release neben dem alten starten, dann umschalten" {
          undo "Auf das letzte Release zurückschalten."
        }
      }
      option canary "Canary" {
        manual canary "Neues Release auf einen Teil der Instanzen bringen" {
          undo "Die Canary-Instanzen auf das letzte Release zurücksetzen."
        }
        hold canary_beobachtung "Canary beobachten" {
          for   $beobachtung
          watch health, ready, p95, fehlerrate every 30s tolerate 1
        }
        manual rest "Die übrigen Instanzen folgen lassen" {
          undo "Alle Instanzen auf das letzte Release zurücksetzen."
        }
      }
    }
  }

  phase beobachten
  phase postflight
  phase erster_tag

  rollback "Fallback" {
    trigger "Regression: Rollback (letztes Release)."
    verify  ready, health, metrics, p95, fehlerrate
  }

  expect probe lokal_ready in smoke fails -> changes left    # der Rollout hat noch nicht begonnen
  expect hold beobachtung fails           -> person needed   # zurückschalten muss ein Mensch
}

# ─── Vendor-Snapshot ─────────────────────────────────────────────────────────

procedure vendor_snapshot "Vendor-Snapshot" {
  phase preflight

  phase snapshot "Update vorbereiten" {
    check sauber
    capture stand_vorher "Commit vorher" matches '^[0-9a-f]{40}$' $ git rev-parse HEAD
    step vendor_neu "Vendor-Snapshot erneuern" {
      $ rm -rf vendor/
      $ cargo vendor --locked --respect-source-config >/dev/null
      $ git add vendor
      undo {
        $ git restore --source "$stand_vorher" --staged --worktree -- vendor
        $ git clean -fdq -- vendor
      }
      timeout 30m
    }
  }

  phase validierung "Validierung" {
    check vendor
    step build "Build" {
      $ cargo build --locked
      timeout 1h
      undo    "Nur `target/` ist neu."
      trouble build_bricht
    }
  }

  phase pr "Commit & PR" {
    step commit "Commit" {
      unless snapshot_alt
      $ git commit -m "vendor: refresh snapshot"
      undo   $ git reset --soft "$stand_vorher"
    }
    manual pr "Push und PR anlegen" {
      undo "Den PR schließen, den Branch im Remote löschen."
      note "PR-Title: `vendor: refresh snapshot (YYYY-MM-DD)`."
    }
    confirm ci_pr "CI abgewartet und grün?"
  }

  rollback "Zurück zum alten Snapshot" {
    verify vendor, sauber
  }

  expect step doku fails                   -> done
  expect step vendor_neu fails             -> rolled back verified
  expect probe vendor in validierung fails -> rolled back verified
  expect kill in step vendor_neu           -> resumable
  expect undo vendor_neu fails             -> person needed
}

# ─── Policies ────────────────────────────────────────────────────────────────

procedure policies "Policies" {
  phase preflight

  phase aenderung "Änderung in Branch" {
    manual branch "Änderung in Branch" {
      undo nothing "Der Branch darf liegen bleiben."
      show policy, policy_branch
    }
    confirm validiert "Schema/Lint (sofern vorhanden), sonst Peer-Review: in Ordnung?" {
      note "Im Zweifel Stage mit erhöhten Budgets testen."
    }
  }

  phase vorher

  phase rollout "Rollout" {
    check sauber
    capture stand_vorher "Commit vorher" matches '^[0-9a-f]{40}$' $ git rev-parse HEAD
    step datei "Policy-Datei übernehmen" {
      $ git restore --source "$policy_branch" -- "policies/$policy.yaml"
      undo $ git restore --source "$stand_vorher" -- "policies/$policy.yaml"
    }
    choose laden "Core neustarten oder Hot-Reload (wenn vorhanden)" {
      option neustart "Core neustarten" default {
        step neustart "Core neustarten" {
          $ sudo systemctl restart "$core_unit"
          undo rollback
        }
      }
      option hot_reload "Hot-Reload" {
        step hot_reload "Hot-Reload" {
          $ sudo systemctl reload "$core_unit"
          undo rollback
        }
      }
    }
  }

  phase beobachten
  phase postflight
  phase erster_tag

  rollback "Vorherige Policy-Datei wiederherstellen" {
    note "Die vorherige Policy-Datei liegt dann schon wieder da; der Core muss sie noch laden."
    step neustart_alt "Core mit der vorherigen Policy-Datei neustarten" {
      $ sudo systemctl restart "$core_unit"
    }
    verify ready, health, metrics, p95, fehlerrate, sauber
  }

  expect step datei fails        -> rolled back verified
  expect step neustart_alt fails -> person needed
}

# ─── Toolchain ───────────────────────────────────────────────────────────────

procedure toolchain "Toolchain-Anpassungen" {
  phase preflight

  phase anpassen "Gemäß ADR-0001 anpassen" {
    note "Gemäß [ADR-0001](../adrs/ADR-0001-toolchain-strategy.md)."
    check sauber
    manual versionen "toolchain.versions.yml anpassen" {
      undo "`git restore toolchain.versions.yml`"
    }
    confirm ci_variablen "CI-Variablen (RUST_TOOLCHAIN, PYTHON_VERSION, UV_VERSION) ziehen zentral aus der Datei?"
    manual spiegel "DevContainer / .wgx synchronisieren" {
      undo "DevContainer / `.wgx` mit `git restore` zurücksetzen."
    }
    confirm ci_neu "CI mit der neuen Toolchain grün?"
  }

  rollback "Alte Toolchain" {
    verify sauber
  }
}

# ─── Was bei einem Fehler geschehen muss ─────────────────────────────────────

expect probe vendor in preflight fails -> stopped
expect confirm ci declined             -> declined

# ─── Fehlerbilder ────────────────────────────────────────────────────────────

trouble build_bricht "Build bricht" {
  symptom "Build oder Vendor-Prüfung scheitert."
  cause   "`--locked` prüfen, Vendor-Snapshot konsistent?"
  fix     "Ggf. den Snapshot erneuern, dann committen:"
  fix     $ cargo vendor --locked
}

trouble health_bad "Timeout/Errors" {
  shows at ready, health, metrics, fehlerrate
  symptom "`/ready` oder `/health` antwortet nicht, oder die Fehlerrate steigt."
  fix     "`routing.yaml` Änderungen/Downstream prüfen."
}

trouble p95_hoch "p95-Latenz (ms) hoch" {
  symptom "Die p95-Latenz liegt über dem Budget."
  fix     "Limits/Budgets temporär justieren, Regression identifizieren (Profiling/Tracing)."
}

checklist "Checkliste" {
  item "Preflight-Prüfungen (CI, Vendor, Doku, Policies) abgeschlossen"
  item "Rollout-Plan (App/Vendor/Policy/Toolchain) und Fallback geklärt"
  item "Postflight-Checks (`/health`, `/ready`, `/metrics`, Logs) ohne Befunde"
  item "Lessons Learned und Follow-ups im Ticket/Postmortem dokumentiert"
}
