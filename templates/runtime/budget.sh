# Budgets: how long a phase and the run may take, measured and shown. More than allowed is said, and ends nothing.

rbc_begin_budget() {
  rbc_clock
  rbc_phase_began=${rbc_now} rbc_phase_label="${rbc_number} ${rbc_title}"
  rbc_setting budget
  rbc_phase_budget=${rbc_text}
  rbc_run_began=${rbc_run_began:-${rbc_now}}
}

rbc_end_budget() {
  rbc_clock
  if [[ -n "${rbc_phase_budget-}" ]]; then
    rbc_show_budget "${rbc_phase_label}" "${rbc_phase_budget}" "$((rbc_now - rbc_phase_began))"
  fi
  if [[ -n "${RBC_BUDGET}" && -n "${rbc_run_began-}" ]]; then
    rbc_show_budget "${RBC_TEXT[budget_run]}" "${RBC_BUDGET}" "$((rbc_now - rbc_run_began))"
  fi
}

# rbc_end_back MICROSECONDS: how long the way back took, beside what was planned for it.
rbc_end_back() {
  [[ -z "${RBC_BACK_BUDGET}" ]] || rbc_show_budget "${RBC_TEXT[budget_back]}" "${RBC_BACK_BUDGET}" "$1"
}

# rbc_show_budget LABEL SECONDS SPENT
rbc_show_budget() {
  local allowed mark=none key=budget_kept
  rbc_took "$(($2 * 1000000))"
  allowed=${rbc_text}
  if (($3 > $2 * 1000000)); then mark=bad key=budget_over; fi
  rbc_took "$3"
  rbc_fill "${key}" label "$1" spent "${rbc_text}" allowed "${allowed}"
  rbc_row "${mark}" "${rbc_text}"
}
