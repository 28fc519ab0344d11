# The inside of one step: a fresh bash, because errexit can only be trusted in a new process. It ends before the tables are read.

# rbc_child FUNCTION MARKER NONCE LIVE: run one function of the world. Success is exit 0 and the marker. All names are the
# machinery's own: the values of the third descriptor are assigned beside them.
rbc_child() {
  local rbc_sent='' rbc_function=$1 rbc_marker=$2 rbc_nonce=$3 rbc_live=$4 rbc_name rbc_word rbc_boot
  local -a rbc_stat
  local rbc_state rbc_group rbc_start
  set +o posix
  unset -v BASH_ENV ENV CDPATH GLOBIGNORE POSIXLY_CORRECT
  IFS=$' \t\n'
  shopt -s nullglob extglob
  while LC_ALL=C IFS= read -r -d '' rbc_name && LC_ALL=C IFS= read -r -d '' rbc_word; do
    printf -v "${rbc_name}" '%s' "${rbc_word}"
  done <&3
  exec 3<&-
  # Not all of them: nothing is begun with a value that is missing.
  [[ -n "${rbc_sent}" ]] || exit 126
  if [[ -n "${rbc_live}" ]]; then
    rbc_child_stat "$$"
    read -r rbc_boot </proc/sys/kernel/random/boot_id
    printf '%s %s %s\n' "${rbc_group}" "${rbc_start}" "${rbc_boot}" 1<>"${rbc_live}"
    # From here on a new driver finds this process. One that came before looked in vain, so without its driver this is not begun.
    rbc_child_stat "${rbc_driver%% *}"
    [[ "${rbc_state}" != [ZX] && "${rbc_start}" == "${rbc_driver#* }" ]] || exit 126
  fi
  umask "${rbc_umask}"
  # Which line failed, for the person who reads it: the commands' own, not the call of their function.
  trap '[[ "${FUNCNAME[0]-}" == rbc_* ]] || printf "%s" "${LINENO}" >"${rbc_marker}.failed"' ERR
  set -Eeuo pipefail
  shopt -s inherit_errexit
  rbc_world "${rbc_function}"
  printf '%s' "${rbc_nonce}" >"${rbc_marker}"
}

# rbc_child_stat PID: state, group and start of a process, into rbc_state, rbc_group and rbc_start; a pattern that takes
# /proc/PID/stat to pieces, or a here-string, would cost a step more than its start. A program's name may hold anything: what comes
# behind it is counted from the last `)`.
rbc_child_stat() {
  local i=1
  rbc_stat=() rbc_state='' rbc_group='' rbc_start=''
  { LC_ALL=C mapfile -d ' ' -t rbc_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  while [[ "${rbc_stat[*]:i+1}" == *')'* ]]; do
    i=$((i + 1))
  done
  rbc_state=${rbc_stat[i + 1]-} rbc_group=${rbc_stat[i + 3]-} rbc_start=${rbc_stat[i + 20]-}
}
