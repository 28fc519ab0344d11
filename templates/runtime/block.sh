# What only the rollback block reads: a run that cannot come to the block does not ask for it, and nothing binds the way back to it.

# rbc_expect_block: may this command run the block? rbc_block is yes or ''.
rbc_expect_block() {
  local i id
  rbc_block=''
  case "${rbc_command}" in
    run | resume)
      for ((i = 0; i < ${#RBC_PLAN[@]}; i += 5)); do
        rbc_back_over_block "${i}"
      done
      ;;
    rollback)
      rbc_block=${rbc_option[fresh]-}
      for id in "${rbc_started[@]}"; do
        [[ "${rbc_status[${id}]}" == @(undone|passed) ]] || rbc_back_over_block "${rbc_at[${id}]}"
      done
      ;;
    *) ;;
  esac
}

# rbc_back_over_block INDEX: does the way back of this row of the chosen path go over the block? Then rbc_block is yes.
rbc_back_over_block() {
  rbc_take RBC_PLAN "$1"
  rbc_on_path
  [[ -z "${rbc_here}" || " ${rbc_settings} " != *' back=rollback '* ]] || rbc_block=yes
}
