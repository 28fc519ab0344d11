# What must never be shown or kept: secrets in any of the forms in which commands print them.

# rbc_hide_secrets: fill rbc_hidden with every form. A very short secret cannot be hidden without hiding half of the output.
rbc_hide_secrets() {
  local name value line form lines
  rbc_hidden=()
  for name in "${!rbc_secret[@]}"; do
    value=${rbc_value[${name}]-}
    [[ -n "${value}" ]] || continue
    if ((${#value} < 6)); then
      rbc_problem secret_short name "${name}"
      continue
    fi
    rbc_hidden+=("${value}")
    printf -v form '%q' "${value}"
    rbc_hidden+=("${form}")
    form=$(printf '%s' "${value}" | base64 --wrap=0)
    rbc_hidden+=("${form}" "${form%%=*}")
    form=$(printf '%s\n' "${value}" | base64 --wrap=0)
    rbc_hidden+=("${form}")
    mapfile -t lines <<<"${value}"
    for line in "${lines[@]}"; do
      ((${#line} < 6)) || rbc_hidden+=("${line}")
    done
  done
}
