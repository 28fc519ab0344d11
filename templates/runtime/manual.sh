# What a person does: shown, waited for, recorded like a step.
rbc_do_manual() {
  rbc_record intent step "${rbc_id}" phase "${rbc_phase}"
  if [[ -z "${rbc_written}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_tell_in journal_full file "${rbc_journal}"
    rbc_rc=1
    return 0
  fi
  rbc_is_change
  if [[ -n "${rbc_change}" && "${rbc_phase}" != rollback.block ]]; then
    rbc_note_start "${rbc_id}"
    rbc_status[${rbc_id}]=unknown rbc_changed=yes
  fi
  rbc_line "  ${RBC_MARKS[run]} ${rbc_number} ${rbc_title}"
  [[ -z "${RBC_NOTES["${rbc_id}/note"]-}" ]] || rbc_line "      ${RBC_NOTES["${rbc_id}/note"]//$'\n'/$'\n'      }"
  rbc_gate gate_manual
  if ((rbc_rc == 0)); then rbc_status[${rbc_id}]=ok; else rbc_status[${rbc_id}]=failed; fi
}
