# Evidence of the last run as Markdown, for the change ticket.

rbc_command_receipt() {
  local record event step exit duration digest by user time
  rbc_last_run
  if [[ -z "${rbc_run}" ]]; then
    rbc_tell status_none dir "${rbc_state}"
    rbc_exit 0
  fi
  rbc_hand_over
  rbc_remember "${rbc_run}"
  rbc_fill "outcome_${rbc_outcome:-9}"
  rbc_line "# ${RBC_TITLE}"
  rbc_line ''
  rbc_line "${rbc_text} (${rbc_outcome:-9})"
  rbc_line ''
  rbc_first_record "${rbc_run}/audit.jsonl"
  rbc_line ''
  rbc_receipt_values
  rbc_line "| ${RBC_TEXT[receipt_time]} | ${RBC_TEXT[receipt_what]} | ${RBC_TEXT[receipt_outcome]} | ${RBC_TEXT[receipt_duration]} | SHA-256 |"
  rbc_line '| --- | --- | --- | --- | --- |'
  while LC_ALL=C IFS= read -r record; do
    rbc_field event "${record}"
    event=${rbc_text}
    [[ "${event}" == @(check|result|capture|gate|skip|undo-result) ]] || continue
    rbc_field time "${record}"
    time=${rbc_text:0:19}
    rbc_field step "${record}"
    step=${rbc_text}
    rbc_field exit "${record}"
    exit=${rbc_text}
    rbc_field user "${record}"
    user=${rbc_text}
    rbc_field by "${record}"
    by=${rbc_text:+ (${rbc_text}, ${user})}
    rbc_field output "${record}"
    digest=${rbc_text:0:16}
    rbc_field duration "${record}"
    rbc_took "${rbc_text:-0}"
    duration=${rbc_text}
    case "${event}:${exit}" in
      skip:*)
        rbc_field why "${record}"
        exit="${RBC_MARKS[none]} ${rbc_text//|/\\|}"
        ;;
      *:0) exit=${RBC_MARKS[ok]} ;;
      *) exit="${RBC_MARKS[bad]} ${exit}" ;;
    esac
    if [[ "${event}" == undo-result ]]; then exit+=" ${RBC_MARKS[back]}"; fi
    if [[ -n "${rbc_at[${step}]-}" ]]; then
      rbc_take RBC_PLAN "${rbc_at[${step}]}"
      step="${rbc_number} ${rbc_title}"
    fi
    rbc_line "| ${time} | ${step//|/\\|}${by} | ${exit} | ${duration} | ${digest} |"
  done <"${rbc_run}/audit.jsonl"
  rbc_line ''
  rbc_tell receipt_end hash "${rbc_hash_of}" head "${rbc_head}"
  rbc_exit 0
}

# rbc_receipt_values: parameters and captures as they were kept; secrets are not kept.
rbc_receipt_values() {
  local file value
  rbc_hash_of=$(sha256sum -- "${rbc_run}/script.sh")
  rbc_hash_of=${rbc_hash_of%% *}
  for file in "${rbc_run}"/values/*; do
    LC_ALL=C IFS= read -r -d '' value <"${file}"
    rbc_visible "${value:0:200}"
    rbc_line "- ${file##*/}: \`${rbc_text//\`/\'}\`"
  done
  rbc_line ''
}
