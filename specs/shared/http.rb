# What an HTTP service shows of itself. Who takes this in declares `values api { url … }`.

probe health "health → 200" {
  http    ${api.url}/health status 200
  timeout 5s
}

probe metrics "metrics → Prometheus Text" {
  http    ${api.url}/metrics status 200 body matches '# (TYPE|HELP) '
  timeout 5s
}
