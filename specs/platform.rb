# obsidian-nextcloud-platform: Deployment, Betrieb und Wartung in Stage und Produktion.

use shared/http.rb
use shared/compose.rb
use shared/disk.rb

runbook platform {
  title    "obsidian-nextcloud-platform – Commercial Operations Manual"
  lang     de
  status   "Commercial Deployment Ready"
  purpose """
    Dieses Dokument beschreibt den **Deployment-, Betriebs- und Wartungsprozess** der Plattform in einer
    **kommerziellen Umgebung** und einen **vollständig betrieblichen Zustand**. Ziele:

    - Reproduzierbare Deployments (immutable Images)
    - Sichere Stage → Prod Promotion
    - Schnelle Rollbacks ohne Rebuild
    - Klare Verantwortlichkeiten für Secrets & Keys
    """
  principle "**Immutable Container Images**: einmal gebaut (CI), über **Stages promotet**."
  principle "Server **bauen nichts**, sie deployen nur."
  principle "**Stage** darf `:stage` verwenden."
  principle "**Production** MUSS einen **SHA-Tag** verwenden."
  principle "**Rollback** = Tag zurückdrehen (kein Rebuild)."
  excludes  "Feature-Entwicklung."
  excludes  "Architektur-Design (siehe `ARCHITECTURE.md`, falls vorhanden)."
}

# ─── Stage und Produktion ────────────────────────────────────────────────────

values env {
  domain  example.com "Steht für die eigene Domain."
  dir     /opt/platform "Angenommen: Hier liegen Compose- und Env-Dateien."
  file    .env.stage
  compose docker-compose.stage.yml
  stripe  '^sk_test_'
  images  ghcr.io/masterofmakros/obsidian-nextcloud-platform
  grace   T+30d "Angenommen: So lange gelten alte und neue Keys nebeneinander."
}

environment stage {}

environment prod {
  values env {
    file    .env.prod               "Angenommen, nach dem Namen in Stage."
    compose docker-compose.prod.yml "Ebenso."
    stripe  '^sk_live_'             "Stripes Präfix für echte Schlüssel."
  }
  service stack {
    images match '^(ghcr[.]io/.+(:[0-9a-f]{40}|@sha256:[0-9a-f]{64})|[^/]+|(docker[.]io|library)/.+)$' "Production MUSS einen SHA-Tag verwenden: kein `:stage`, kein `:latest`"
  }
}

values api {
  url  https://api.${env.domain}
  host api.${env.domain}
}

values db {
  user platform "Angenommen: der Benutzer in PostgreSQL; er steht in `DATABASE_URL`."
  name platform "Ebenso, die Datenbank."
}

values limits {
  disk_used 85%
}

host server {
  access "Linux-Server (Ubuntu/Debian empfohlen) mit öffentlich erreichbarer Domain, Ports 80 / 443 offen"
  guard  path ${stack.dir}
}

service stack on server {
  dir      ${env.dir}
  compose  ${env.compose}
  unit     docker-compose@platform
  url      ${api.url}
  env_file ${env.file} {
    require ROOT_DOMAIN             matches '^[a-z0-9.-]+$'
    require LETSENCRYPT_EMAIL       matches '^[^@ ]+@[^@ ]+$'
    require DATABASE_URL            matches '^postgresql://' secret
    require REDIS_URL               matches '^redis://'
    require STRIPE_SECRET_KEY       matches ${env.stripe} secret
    require STRIPE_WEBHOOK_SECRET   matches '^whsec_' secret
    require CORS_ALLOW_ORIGINS      matches '^https://'
    require LICENSE_PRIVATE_KEY_B64 matches '^[A-Za-z0-9+/]+=*$' secret
    require LICENSE_PUBLIC_KEY_B64  matches '^[A-Za-z0-9+/]+=*$'
    require LICENSE_KEY_VERSION     matches '^[0-9]+$'
    require ADMIN_API_KEY           secret
  }
}

param sha sha {
  note    "Der SHA, der auf Stage stabil läuft: der ganze Commit-Hash, kein `:stage`, kein `:latest`."
  matches '^[0-9a-f]{40}$'
}

param known_good_sha sha {
  note    "Letzter funktionierender SHA (`<KNOWN_GOOD_SHA>`)."
  matches '^[0-9a-f]{40}$'
  env     KNOWN_GOOD_SHA
}

param ghcr_user string {
  note "GitHub Username."
}

param ghcr_token string {
  note   "GitHub Personal Access Token (`read:packages`)."
  env    GHCR_TOKEN
  secret
}

param backup path {
  note "Die Sicherung, `backup_YYYYMMDD.sql`."
}

# ─── Was gelten muss ─────────────────────────────────────────────────────────

probe docker "Docker ≥ 24 und Docker Compose Plugin" {
  tool docker >= 24
  tool "docker compose" >= 2
}

probe docker_gruppe "Der Benutzer ist in der Gruppe docker" {
  output matches '(^| )docker( |$)' $ id -nG "$USER"
}

probe domain "Öffentliche Domain löst auf" {
  dns     ${api.host}
  trouble traefik_ssl
}

probe ports "Ports 80 / 443 lauschen" {
  listens 80, 443
  timeout 5s
  trouble compose_start
}

probe readyz "readyz → 200" {
  http    ${api.url}/readyz status 200
  every   5s for 2m
  timeout 5s
  trouble health_bad
}

probe worker "Worker: metrics → Prometheus Text" {
  on       stack
  output   matches '# (TYPE|HELP) ' $ docker compose ${stack.args} exec -T worker wget -qO- http://localhost:9110/metrics
  diagnose $ docker compose ${stack.args} logs worker --tail 50
  trouble  worker_backlog
}

probe stripe_bereit "stripe listen ist bereit" {
  on       stack
  succeeds $ grep -q 'Ready!' stripe-listen.log
  every    1s for 30s
}

probe webhook "Webhook akzeptiert" {
  on       stack
  succeeds $ grep -q '<-- *\[200\]' stripe-listen.log
  every    2s for 1m
  diagnose $ tail -n 20 stripe-listen.log
  trouble  stripe_webhooks
}

probe sicherung_da "Die Sicherung ist da" {
  file $backup
}

# ─── Einrichten (4.1, 4.2) ───────────────────────────────────────────────────

procedure installation "Server einrichten" {
  phase installation "Installation" {
    on failure stop
    step docker "Docker installieren" {
      unless docker
      $ sudo apt update
      $ sudo apt install -y docker.io docker-compose-plugin
      timeout 15m
      undo    "Installierte Pakete bleiben; sie tun von sich aus nichts."
      verify  docker
    }
    step gruppe "Benutzer in die Gruppe docker" {
      unless docker_gruppe
      $ sudo usermod -aG docker "$USER"
      timeout 1m
      undo    $ sudo gpasswd -d "$USER" docker
      note    "Wirkt erst nach neuer Anmeldung."
    }
    check docker
  }
}

procedure anmeldung "GHCR Login (einmalig)" {
  phase login "GHCR Login" {
    on failure stop
    step login "An der Registry anmelden" {
      $ printf '%s' "$ghcr_token" | docker login ghcr.io --username "$ghcr_user" --password-stdin
      timeout 1m
      undo    $ docker logout ghcr.io
      trouble ghcr
    }
    step pull "Anmeldung prüfen" {
      $ docker pull ${env.images}/api:stage
      undo    "Ein Image, das nur da ist, ändert nichts."
      trouble ghcr
      timeout 10m
    }
  }
}

# ─── Gemeinsame Phasen ───────────────────────────────────────────────────────

phase voraussetzungen "Voraussetzungen" {
  check docker, domain, disk, config
}

phase smoke "Smoke Verification (Pflicht)" {
  check readyz, health, metrics, worker, running, ports
}

phase stripe "Stripe Webhook (Test Mode)" {
  environment stage                       # echte Schlüssel lösen keine Testereignisse aus
  on         stack
  on failure pause
  background listen "stripe listen" {
    until stripe_bereit
    ```
    stripe listen --forward-to ${api.url}/stripe/webhook 2>&1 |
      sed -u 's/whsec_[A-Za-z0-9_]*/whsec_…/g' >stripe-listen.log
    ```
  }
  step trigger "Testereignis auslösen" {
    $ stripe trigger checkout.session.completed
    undo    "Ein Testereignis in Stripe; es betrifft keine Kunden."
    verify  webhook
    trouble stripe_webhooks
  }
  confirm stripe "Webhook akzeptiert, Worker verarbeitet Event, Lizenzstatus aktualisiert?"
}

phase env_sichern "Environment File sichern" {
  on stack
  step sichern "Environment File sichern" {
    $ cp -p ${env.file} ${env.file}.vorher
    undo $ cp -p ${env.file}.vorher ${env.file}
  }
}

phase env_anwenden "Mit den neuen Werten starten" {
  on stack
  step up "Stack mit den neuen Werten starten" {
    $ docker compose ${stack.args} up -d
    timeout 5m
    undo    rollback
  }
  check readyz, health, worker
}

phase env_aufraeumen "Alte Werte vom Server entfernen" {
  on stack
  step aufraeumen "Gesicherte Datei löschen" {
    $ rm -f ${env.file}.vorher
    irreversible "Die alten Werte gelten nicht mehr."
  }
  check health
}

# ─── Staging Deployment (4.4, 5) ─────────────────────────────────────────────

procedure staging "Staging Deployment" {
  environment stage
  phase voraussetzungen
  phase start "Start" {
    on     stack
    update stack undo 50s
  }
  phase smoke
  phase stripe
  rollback sha_zurueck
}

# ─── Production Promotion (9) ────────────────────────────────────────────────

procedure promotion "Production Promotion" {
  environment prod
  phase voraussetzungen
  phase deploy "Deploy" {
    on stack
    confirm stage_stabil "Stage läuft stabil mit diesem SHA?" {
      show sha
    }
    capture api_vorher "Bisherige Referenz von api" matches '^[:@][A-Za-z0-9_.:-]+$' {
      $ sed -nE 's#^ *image: *${env.images}/api([:@][^ ]+) *$#\1#p' ${env.compose}
    }
    capture worker_vorher "Bisherige Referenz von worker" matches '^[:@][A-Za-z0-9_.:-]+$' {
      $ sed -nE 's#^ *image: *${env.images}/worker([:@][^ ]+) *$#\1#p' ${env.compose}
    }
    step referenz "Prod-Compose referenziert exakt diesen SHA" {
      $ sed -i -E "s#(image: *${env.images}/(api|worker))[:@][^ ]+#\1:${sha:?}#" ${env.compose}
      undo {
        ```
        sed -i -E ${env.compose} \
          -e "s#(image: *${env.images}/api)[:@][^ ]+#\1$api_vorher#" \
          -e "s#(image: *${env.images}/worker)[:@][^ ]+#\1$worker_vorher#"
        ```
        timeout 5s
      }
    }
    update stack undo 50s
  }
  phase smoke
  rollback sha_zurueck
}

# ─── Rollback Procedure (6) ──────────────────────────────────────────────────

rollback sha_zurueck "Rollback Procedure (kritisch)" {
  trigger "Fehlerhafte Version in Stage oder Prod."
  trigger "System soll **sofort** stabilisiert werden."
  budget  2m
  note """
    Kein Rebuild. Kein CI. Kein Risiko. Ein gescheiterter Lauf stellt seine festgehaltenen Images selbst wieder her.
    Nach einem fertigen Lauf: letzten funktionierenden SHA identifizieren, dann `rollback --fresh --known-good-sha SHA`.
    """
  step referenz_zurueck "Image-Referenz im Compose anpassen" {
    on   stack
    $ sed -i -E "s#(image: *${env.images}/(api|worker))[:@][^ ]+#\1:${known_good_sha:?}#" ${env.compose}
    timeout 5s
    note    "`image: ghcr.io/.../api:<KNOWN_GOOD_SHA>`"
  }
  step redeploy "Redeploy" {
    on      stack
    $ docker compose ${stack.args} up -d
    timeout 50s
  }
  verify readyz every 2s for 25s
  verify health, metrics, worker, running, ports
}

rollback env_zurueck "Zurück zu den alten Werten" {
  note "Das gesicherte Environment File liegt dann schon wieder da; der Stack muss es noch lesen."
  step up_zurueck "Stack mit den alten Werten starten" {
    on stack
    $ docker compose ${stack.args} up -d
    timeout 5m
  }
  verify readyz, health, worker
}

# ─── Key & Secret Rotation (7) ───────────────────────────────────────────────

procedure stripe_keys "Stripe Keys" {
  phase neu "Neue Keys" {
    manual keys "Neue Keys in Stripe erzeugen" {
      undo "Die neuen Keys in Stripe löschen."
    }
  }
  phase env_sichern
  phase eintragen "Eintragen" {
    manual eintragen "Neue Keys ins Environment File eintragen" {
      undo "Nichts von Hand: Die gesicherte Datei wird zurückgelegt."
      note "`STRIPE_SECRET_KEY` und `STRIPE_WEBHOOK_SECRET` in `${env.file}`."
    }
  }
  phase env_anwenden
  phase stripe
  phase alte_keys "Alte Keys" {
    manual deaktivieren "Alte Keys nach Verifikation deaktivieren" {
      irreversible "Ein deaktivierter Key lebt nicht wieder auf."
    }
  }
  phase env_aufraeumen
  rollback env_zurueck
}

procedure license_keys "License Signing Keys (Ed25519)" {
  phase env_sichern
  phase neue_version "Neue Version" {
    note "**Regel:** Keys sind versioniert."
    manual keypair "Neues Keypair generieren" {
      undo "Das neue Keypair verwerfen."
    }
    manual eintragen "Neue Version ins Environment File eintragen" {
      undo "Nichts von Hand: Die gesicherte Datei wird zurückgelegt."
      note "`LICENSE_KEY_VERSION=2`, `LICENSE_PRIVATE_KEY_B64=...`, `LICENSE_PUBLIC_KEY_B64=...` in `${env.file}`."
    }
  }
  phase env_anwenden
  phase clients "Clients" {
    confirm clients "Clients akzeptieren alte + neue Public Keys?"
  }
  phase entfernen "Nach der Grace-Period" {
    at     ${env.grace}
    manual alt "Alte Version nach Grace-Period entfernen" {
      irreversible "Mit dem alten Key signierte Lizenzen gelten danach nicht mehr."
    }
  }
  phase env_aufraeumen
  rollback env_zurueck
}

procedure admin_key "Admin API Key" {
  phase env_sichern
  phase eintragen "Eintragen" {
    note   "Einfacher Austausch via ENV. Kein DB-State betroffen."
    manual eintragen "Neuen ADMIN_API_KEY ins Environment File eintragen" {
      undo "Nichts von Hand: Die gesicherte Datei wird zurückgelegt."
      note "In `${env.file}`."
    }
  }
  phase env_anwenden
  phase env_aufraeumen
  rollback env_zurueck
}

# ─── Emergency Procedures (11.3) ─────────────────────────────────────────────

procedure ausfall "Complete System Outage" {
  phase neustart "Ausgefallene Dienste neu starten" {
    on stack
    on failure rollback
    step status "Status aller Dienste" {
      $ docker compose ${stack.args} ps
      readonly
    }
    step neustart "Ausgefallene Dienste neu starten" {
      $ docker compose ${stack.args} restart api worker
      timeout 3m
      undo    rollback
    }
    check readyz, health, worker
  }
  phase melden "Nutzer informieren" {
    manual melden "Nutzer über die Status-Seite informieren" {
      irreversible "Was gelesen ist, ist gelesen."
    }
  }
  rollback sha_zurueck
}

procedure datenkorruption "Data Corruption Detected" {
  phase stoppen "STOP all writes immediately" {
    on stack
    on failure pause
    step stop "Alle Schreibzugriffe sofort stoppen" {
      $ docker compose ${stack.args} stop api worker
      timeout 2m
      undo    $ docker compose ${stack.args} start api worker
    }
  }
  phase wiederherstellen "Aus der Sicherung wiederherstellen" {
    on stack
    on failure pause
    check sicherung_da
    step stand "Beschädigten Stand festhalten" {
      ```
      docker compose ${stack.args} exec -T postgres pg_dump -U ${db.user} -d ${db.name} \
        --clean --if-exists >beschaedigt.sql
      ```
      readonly "schreibt nur beschaedigt.sql"
      timeout  1h
    }
    step restore "Datenbank wiederherstellen" {
      ```
      docker compose ${stack.args} exec -T postgres psql -U ${db.user} -d ${db.name} \
        --single-transaction -v ON_ERROR_STOP=1 <"$backup"
      ```
      undo {
        ```
        docker compose ${stack.args} exec -T postgres psql -U ${db.user} -d ${db.name} \
          --single-transaction -v ON_ERROR_STOP=1 <beschaedigt.sql
        ```
        timeout 1h
      }
      timeout 1h
    }
    capture lizenzen int "Zahl der Lizenzen" {
      ```
      docker compose ${stack.args} exec -T postgres psql -U ${db.user} -d ${db.name} \
        -tAc "SELECT COUNT(*) FROM licenses;"
      ```
    }
    confirm integritaet "Ist die Datenintegrität geprüft, stimmt die Zahl der Lizenzen?" {
      show backup, lizenzen
    }
  }
  phase start "Dienste wieder starten" {
    on stack
    step up "Dienste wieder starten" {
      $ docker compose ${stack.args} up -d
      timeout 5m
      undo    $ docker compose ${stack.args} stop api worker
    }
    check readyz, health, worker
  }
  rollback "Zurück" {
    verify running, readyz, health, worker
  }
}

procedure sicherheitsvorfall "Security Breach Detected" {
  phase sofort "Immediate Actions" {
    on           stack
    irreversible "Was kompromittiert ist, wird nicht wieder gültig."
    on failure   pause
    manual secrets "Alle Secrets rotieren" {
      note "Mit den Skripten für Stripe Keys, License Signing Keys und Admin API Key (Key & Secret Rotation)."
    }
    step zugriffe "Zugriffe durchsehen" {
      $ docker compose ${stack.args} logs api | sed -nE '/401|403|500/p'
      readonly
    }
    manual api_keys "Kompromittierte API Keys deaktivieren" {}
    manual passwoerter "Passwort-Reset für betroffene Nutzer erzwingen" {}
    check  health
  }
}

# ─── Monitoring & Alerts (12, 8.1) ───────────────────────────────────────────

alert "API Error Rate" error_rate > 5% "Logs prüfen, Rollback erwägen" {
  metric "sum(rate(http_requests_total{status=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m]))"
  for    5m
  note   "Metrik und Dauer sind angenommen."
}

alert "Database Connections" connections > 80% "Datenbank skalieren oder Pool vergrößern" {
  metric "sum(pg_stat_activity_count) / max(pg_settings_max_connections)"
  for    5m
  note   "Metrik und Dauer sind angenommen."
}

alert "Queue Depth" queue_depth > 1000 "Worker skalieren" {
  metric queue_depth
  for    5m
  note   "Die Dauer ist angenommen."
}

alert "Disk Usage" disk_used > 85% "Logs aufräumen, Speicher erweitern" {
  metric "1 - node_filesystem_avail_bytes{mountpoint=\"/\"} / node_filesystem_size_bytes{mountpoint=\"/\"}"
  for    5m
  note   "Metrik und Dauer sind angenommen."
}

alert "SSL Expiry" cert_days < 7d "Let's-Encrypt-Erneuerung prüfen" {
  metric "probe_ssl_earliest_cert_expiry - time()"
  for    5m
  note   "Metrik und Dauer sind angenommen."
}

alert "RateLimitExceeded" "Empfohlen; Schwelle und Maßnahme sind noch festzulegen."
alert "Queue Lag" "Empfohlen; Schwelle und Maßnahme sind noch festzulegen."
alert "Worker Failures" "Empfohlen; Schwelle und Maßnahme sind noch festzulegen."

schedule "Health Check" {
  every     5m
  check     health every 5s for 2m
  otherwise $ systemctl restart docker-compose@platform
}

checklist "Definition of Done (P2)" {
  item "CI baut & pusht Images"
  item "Stage läuft stabil"
  item "Health / Readyz / Metrics erreichbar"
  item "Stripe Webhook getestet"
  item "Rollback getestet"
  item "Secrets dokumentiert"
}

# ─── Nachschlagen (1, 2, 3, 8) ───────────────────────────────────────────────

section "Registry und Tags" """
  GitHub Container Registry (GHCR), Namespace `ghcr.io/<owner>/<repo>/<service>`, zum Beispiel
  `ghcr.io/masterofmakros/obsidian-nextcloud-platform/api` und `ghcr.io/masterofmakros/obsidian-nextcloud-platform/worker`.

  | Tag | Bedeutung |
  | --- | --- |
  | `:<git-sha>` | **Immutable**, referenzierbar, auditierbar |
  | `:stage` | Aktuell freigegebener Stage-Stand |
  | `:latest` | **nicht empfohlen** für produktive Nutzung |
  """

section "CI/CD – Build & Push" """
  - Auslöser: Push auf `main` oder manueller Trigger (`workflow_dispatch`).
  - Ergebnis eines CI-Runs: API Image gebaut & gepusht, Worker Image gebaut & gepusht, Tags `:<git-sha>` und `:stage`.
  - Quelle: `.github/workflows/docker-build.yml`.
  """

section "Metriken und Logs" """
  - Metriken: `/metrics` API und `/metrics` Worker; empfohlen: Prometheus Scrape.
  - Logs: JSON mit den Feldern `service`, `event`, `context`. Keine PII.
  """

# ─── Troubleshooting Guide (11) ──────────────────────────────────────────────

trouble compose_start "Docker Compose startet nicht" {
  symptom "`Error: Cannot start service api: driver failed programming external connectivity`"
  cause   "Port schon belegt."
  fix     $ sudo lsof -i :3011
  fix     "Den Prozess beenden (`sudo kill -9 <PID>`) oder den Port in `docker-compose.yml` ändern."
}

trouble datenbank "Datenbankverbindung scheitert" {
  shows at readyz
  symptom "`Error: Can't reach database server at localhost:5432`"
  cause   "PostgreSQL läuft nicht, oder die Zugangsdaten sind falsch."
  fix {
    $ cd ${stack.dir}
    $ docker compose ${stack.args} ps postgres
    $ docker compose ${stack.args} logs postgres
  }
  fix "`DATABASE_URL` in `.env` prüfen, ohne sie anzuzeigen, und die Verbindung von Hand:"
  fix {
    $ cd ${stack.dir}
    $ grep -c '^DATABASE_URL=postgresql://' ${env.file}
    $ docker compose ${stack.args} exec -T postgres psql -U ${db.user} -d ${db.name} -c "SELECT 1"
  }
}

trouble health_bad "Health Check liefert 503" {
  shows at health, metrics
  symptom "`curl ${api.url}/health` → `503 Service Unavailable`"
  cause   "Datenbank oder Redis nicht erreichbar."
  fix {
    $ cd ${stack.dir}
    $ docker compose ${stack.args} ps
    $ docker compose ${stack.args} logs api --tail 100
    $ docker compose ${stack.args} exec -T api sh -c 'wget -qO- http://localhost:3011/health'
  }
}

trouble stripe_webhooks "Stripe Webhooks kommen nicht an" {
  symptom "Checkout abgeschlossen, aber keine Lizenz erstellt."
  symptom "Der Worker verarbeitet keine Events."
  cause   "Die Prüfung der Webhook-Signatur scheitert, oder der Endpoint ist falsch."
  fix     "Webhook-Endpoint im Stripe Dashboard prüfen; richtig ist `${api.url}/stripe/webhook`."
  fix     "`STRIPE_WEBHOOK_SECRET` muss dem Stripe Dashboard entsprechen."
  fix {
    $ cd ${stack.dir}
    $ docker compose ${stack.args} logs worker --tail 50
  }
  fix     "Webhook von Hand testen, nur in Stage:"
  fix     $ stripe trigger checkout.session.completed --override checkout_session:customer_email=test@example.com
}

trouble ghcr "Images kommen nicht aus GHCR" {
  symptom "`Error: pull access denied for ghcr.io/...`"
  cause   "Nicht angemeldet, oder falsche Zugangsdaten."
  fix     $ docker logout ghcr.io
  fix     "Neu anmelden: GitHub Username, GitHub Personal Access Token mit `read:packages` scope."
  fix     $ docker login ghcr.io
  fix     $ docker pull ${env.images}/api:stage
}

trouble traefik_ssl "Traefik: SSL-Zertifikat scheitert" {
  symptom "`SSL certificate problem: unable to get local issuer certificate`"
  cause   "Rate Limit von Let's Encrypt, oder DNS noch nicht verbreitet."
  fix {
    $ cd ${stack.dir}
    $ dig ${api.host}
    $ docker compose ${stack.args} logs traefik --tail 100
  }
  fix     "Erneuerung erzwingen, nachdem DNS stimmt:"
  fix {
    $ cd ${stack.dir}
    $ docker compose ${stack.args} exec -T traefik rm -rf /letsencrypt/acme.json </dev/null
    $ docker compose ${stack.args} restart traefik
  }
  fix """
    Bei Rate Limit vorübergehend den Staging-Server nehmen, in `docker-compose.yml`:
    `--certificatesresolvers.letsencrypt.acme.caserver=https://acme-staging-v02.api.letsencrypt.org/directory`
    """
}

trouble latenz "Hohe API-Latenz" {
  symptom "Die API antwortet langsam."
  fix {
    ```
    cd ${stack.dir}
    curl -sS --fail --max-time 10 ${api.url}/metrics | sed -n '/http_request_duration/p'
    docker compose ${stack.args} exec -T postgres psql -U ${db.user} -d ${db.name} -c "
    SELECT query, mean_exec_time, calls
    FROM pg_stat_statements
    ORDER BY mean_exec_time DESC
    LIMIT 10;
    "
    ```
  }
  fix     "Datenbank-Indizes ergänzen (siehe PERFORMANCE_ANALYSIS.md)."
  fix     "Connection Pool vergrößern."
  fix     "Redis Caching einschalten."
}

trouble worker_backlog "Rückstau in der Worker-Queue" {
  symptom "Die Queue wächst."
  fix {
    $ cd ${stack.dir}
    $ docker compose ${stack.args} exec -T worker wget -qO- http://localhost:9110/metrics | sed -n '/queue_depth/p'
  }
  fix     "Worker skalieren:"
  fix     $ cd ${stack.dir} && docker compose ${stack.args} up -d --scale worker=3
  fix     "Parallelität erhöhen (in der Worker-Config): `WORKER_CONCURRENCY=10`."
  fix     "Gescheiterte Jobs zählen:"
  fix     $ cd ${stack.dir} && docker compose ${stack.args} exec redis redis-cli LLEN bull:stripe:failed
}
