# What an HTTP service shows of itself. Who takes this in declares `values api { url … }`.

probe health {
  http    ${api.url}/health status 200
  every   5s for 2m
}

probe metrics {
  http    ${api.url}/metrics status 200 body matches '# (TYPE|HELP) '
}
