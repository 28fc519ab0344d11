# The inside of one step: a fresh bash, because errexit can only be trusted in a new process.

# rbc_child FUNCTION MARKER NONCE LIVE: run one function of the world. Success is exit 0 and the marker.
rbc_child() {
  local function=$1 marker=$2 nonce=$3 live=$4 name value stat boot
  while LC_ALL=C IFS= read -r -d '' name && LC_ALL=C IFS= read -r -d '' value; do
    printf -v "${name}" '%s' "${value}"
  done <&3
  exec 3<&-
  if [[ -n "${live}" ]]; then
    LC_ALL=C IFS= read -r stat <"/proc/$$/stat"
    read -r -a stat <<<"${stat##*) }"
    read -r boot </proc/sys/kernel/random/boot_id
    printf '%s %s %s\n' "${stat[2]}" "${stat[19]}" "${boot}" >"${live}"
  fi
  umask "${rbc_umask}"
  set -euo pipefail
  shopt -s inherit_errexit
  rbc_world "${function}"
  printf '%s' "${nonce}" >"${marker}"
}
