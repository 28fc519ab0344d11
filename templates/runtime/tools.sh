# Which programs the host has. A rehearsal brings its own answer.

# rbc_tool PROGRAM: rbc_here is yes where the host has it.
rbc_tool() {
  rbc_here=''
  ! type -P "$1" >/dev/null || rbc_here=yes
}
