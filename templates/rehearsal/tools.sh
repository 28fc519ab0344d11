# In a rehearsal the host has every program but the one that shall be missing.

rbc_tool() {
  rbc_ordered "tool_$1"
  rbc_here=yes
  [[ -z "${rbc_text}" ]] || rbc_here=''
}
