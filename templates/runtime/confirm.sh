# A recorded gate: its probes first, then what is to be seen, then the question.
rbc_do_confirm() {
  local uses use probe every within settings=${rbc_settings}
  rbc_setting checks
  IFS=, read -r -a uses <<<"${rbc_text}"
  for use in "${uses[@]}"; do
    IFS=: read -r probe every within <<<"${use}"
    rbc_check_row "${rbc_id}" "${probe}" "${every}" "${within}" "${RBC_TITLES["probe/${probe}"]}"
    ((rbc_rc == 0)) || return 0
  done
  rbc_settings=${settings}
  rbc_line "  ${rbc_number} ${rbc_title}"
  [[ -z "${RBC_NOTES["${rbc_id}/note"]-}" ]] || rbc_line "      ${RBC_NOTES["${rbc_id}/note"]//$'\n'/$'\n'      }"
  rbc_ask_gate
}
