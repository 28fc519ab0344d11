# Nothing asks for a password in a rehearsal: no command uses it.
rbc_prime_sudo() {
  :
}
