"""A small script in two parts, its own and a runtime; `#1` to `#7` mark the places where a test puts something in."""

from __future__ import annotations

OWN = """\
#!/bin/bash -p
# Title
x=''
repo_root=''
step_a() {
  ls "${x}"
#1
}
helper() {
  true
}
step_b() {
  git -C "${repo_root}" status
  helper
#2
}
rbc_world() {
  case "$1" in
    step_a) step_a ;;
    step_b) step_b ;;
    *) return 127 ;;
  esac
}
rbc_default() {
  rbc_text="${HOME}/$1"
}
readonly RBC_TITLE='A title'
readonly -a RBC_PLAN=(
  'step' 'a' 'status=it is'
  'step' 'b' 'two'
)
declare -rA RBC_TEXT=(
  ['ok']='fine'
)
rbc_item() {
  case "${rbc_kind}" in
    step) rbc_do_step ;;
    *) rbc_rc=1 ;;
  esac
#3
}
#4
"""
RUNTIME = """\
# Runtime
rbc_say() {
  printf '%s\\n' "$1"
#5
}
rbc_do_step() {
  local status
  rbc_default b
  rbc_say "${rbc_text}"
  set +e
  rbc_world "$1"
  status=$?
  rbc_rc=${status}
#6
}
rbc_main() {
  set -euo pipefail
  local -a entries=()
  local -A known=()
  local name i
  entries=("${RBC_PLAN[@]}" "${RBC_TEXT[ok]}")
  known['a']=b
  for name in "${entries[@]}" "${known[@]}"; do
    rbc_kind=${name}
    rbc_rc=0
    rbc_item
    rbc_say "${RBC_TITLE} ${rbc_rc}"
  done
  for ((i = 0; i < 3; i++)); do
    rbc_say "${i}"
  done
#7
}
{ rbc_main "$@"; }
"""
