# Nothing asks for a password in a rehearsal: no command uses it. Where it shall be refused, it is.
rbc_prime_sudo() {
  rbc_ordered sudo
  [[ -z "${rbc_text}" ]] || rbc_problem sudo_refused
}
