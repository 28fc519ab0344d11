# A compose project that runs. Who takes this in declares `service stack { dir … compose … }`.

probe config "docker compose config" {
  on       stack
  succeeds $ docker compose ${stack.args} config >/dev/null
}

probe running {
  compose  stack is running
  diagnose $ docker compose ${stack.args} ps
  diagnose $ docker compose ${stack.args} logs --tail=100 --no-color
}
