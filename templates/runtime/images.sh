# Images that a service's compose files may name, asked before anything runs.

# rbc_refuse_images: RBC_IMAGES has rows of two: function, why. Asked of a run only: a way back may lead out of what is wrong.
rbc_refuse_images() {
  local i
  if [[ "${rbc_command}" != run ]] || ((${#rbc_problems[@]} > 0)); then
    return 0
  fi
  for ((i = 0; i < ${#RBC_IMAGES[@]}; i += 2)); do
    rbc_spawn "${RBC_IMAGES[i]}" 30 "${rbc_tmp}/refuse.log" no
    ((rbc_rc != 0)) || continue
    rbc_text=$(<"${rbc_tmp}/refuse.log")
    rbc_visible "${rbc_text//$'\n'/ }"
    rbc_problem refuse_images images "${rbc_text}" why "${RBC_IMAGES[i + 1]}"
  done
}
