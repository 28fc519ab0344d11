# The inside of one step: a fresh bash, because errexit can only be trusted in a new process. It ends before the tables are read.

# rbc_child FUNCTION MARKER NONCE LIVE: run one function of the world. Success is exit 0 and the marker. All names are the
# machinery's own: the values of the third descriptor are assigned beside them.
rbc_child() {
  local rbc_sent='' rbc_function=$1 rbc_marker=$2 rbc_nonce=$3 rbc_live=$4 rbc_name rbc_word rbc_stat rbc_boot
  # State, group and start of /proc/PID/stat; a here-string would be read byte by byte.
  local rbc_fields='^([^ ]+) [^ ]+ ([^ ]+) ([^ ]+ ){16}([^ ]+)'
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
    LC_ALL=C IFS= read -r rbc_stat <"/proc/$$/stat"
    [[ "${rbc_stat##*) }" =~ ${rbc_fields} ]]
    read -r rbc_boot </proc/sys/kernel/random/boot_id
    printf '%s %s %s\n' "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]}" "${rbc_boot}" >"${rbc_live}"
    # From here on a new driver finds this process. One that came before looked in vain, so without its driver this is not begun.
    { LC_ALL=C IFS= read -r rbc_stat <"/proc/${rbc_driver%% *}/stat"; } 2>/dev/null || exit 126
    [[ "${rbc_stat##*) }" =~ ${rbc_fields} ]]
    [[ "${BASH_REMATCH[1]}" != [ZX] && "${BASH_REMATCH[4]}" == "${rbc_driver#* }" ]] || exit 126
  fi
  umask "${rbc_umask}"
  # Which line failed, for the person who reads it: the commands' own, not the call of their function.
  trap '[[ "${FUNCNAME[0]-}" == rbc_* ]] || printf "%s" "${LINENO}" >"${rbc_marker}.failed"' ERR
  set -Eeuo pipefail
  shopt -s inherit_errexit
  rbc_world "${rbc_function}"
  printf '%s' "${rbc_nonce}" >"${rbc_marker}"
}
