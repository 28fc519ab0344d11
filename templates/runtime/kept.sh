# What a run was started with stays as it is.

# rbc_same_as_kept NAME OPTION: a run that goes on or back is bound to the values that it was started with.
rbc_same_as_kept() {
  [[ -n "${rbc_given[$1]+given}" && "${rbc_given[$1]}" != "${rbc_value[$1]}" ]] || return 0
  rbc_visible "${rbc_value[$1]}"
  rbc_problem refuse_differs option "$2" value "${rbc_text}"
}
