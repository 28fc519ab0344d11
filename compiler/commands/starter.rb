# Updates of one compose project. Read it from top to bottom, change what is not yours, then:
#
#   rbc build specs/starter.rb      writes out/starter/starter.sh and out/starter/README.md
#   ./out/starter/starter.sh plan   shows what a run would do, and changes nothing

runbook starter {
  title   "Updates of example"
  lang    en                                  # or de: the language of script and runbook
  owner   "ops"
  purpose "Bring example to its newest images, with a way back."
}

# Where it runs. A guard refuses to run anywhere else.
host server {
  address server.example.org
  needs   docker >= 24, "docker compose" >= 2
  guard   path /opt/example
}

# What it is about: one compose project.
service example on server {
  dir     /opt/example
  compose compose.yml
  url     https://example.example.org
}

# A probe only reads. It is asked where a phase says `check`, and after a rollback.
probe running "Containers run" {
  compose example is running
}

probe health "Health answers" {
  http    ${example.url}/health status 200
  every   5s for 2m                           # patience: the service may take its time to start
  trouble unhealthy
}

phase preflight "Preflight" {
  check running
}

phase update "Update" {
  on example

  # A step may change things, so it says how the way back goes.
  step backup "Keep a copy of the data" {
    timeout 10m
    $ mkdir -p backups
    $ tar -czf backups/before-update.tar.gz data
    undo    "the copy may stay"
  }

  update example                              # its undo brings the old images back
}

phase postflight "Postflight" {
  check health, running
  on failure rollback
}

rollback "Rollback" {
  verify running, health
}

# Printed by the script when what names it fails, and listed in the runbook.
trouble unhealthy "Health does not answer" {
  symptom "The page shows an error, or nothing."
  cause   "The container runs, but the application has crashed."
  fix     $ docker compose ${example.args} logs --tail=200
}
