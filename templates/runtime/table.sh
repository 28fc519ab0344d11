# Reading the tables above: rows of five words (kind, id, number, title, settings) and settings of `key=value` words.

# rbc_take TABLE INDEX: one row into rbc_kind, rbc_id, rbc_number, rbc_title, rbc_settings.
rbc_take() {
  local -n rbc_table=$1
  rbc_kind=${rbc_table[$2]} rbc_id=${rbc_table[$2 + 1]} rbc_number=${rbc_table[$2 + 2]}
  rbc_title=${rbc_table[$2 + 3]} rbc_settings=${rbc_table[$2 + 4]}
}

# rbc_setting KEY [SETTINGS]: its value, or '', into rbc_text.
rbc_setting() {
  rbc_get "${2-${rbc_settings}}" "rbc_text:$1"
}

# rbc_get SETTINGS [NAME:]KEY...: the values of these keys, or '', into the caller's variables of these names.
rbc_get() {
  local settings=" $1" pair value
  shift
  for pair in "$@"; do
    value=${settings#*" ${pair#*:}="}
    [[ "${value}" != "${settings}" ]] || value=''
    printf -v "${pair%%:*}" '%s' "${value%% *}"
  done
}

# rbc_on_path: is the row of rbc_settings on the chosen path? rbc_here is yes or ''.
rbc_on_path() {
  local decision decisions
  rbc_here=yes
  [[ " ${rbc_settings}" == *' when='* ]] || return 0
  rbc_setting when
  IFS=, read -r -a decisions <<<"${rbc_text}"
  for decision in "${decisions[@]}"; do
    [[ "${rbc_value[${decision%%:*}]-}" == "${decision#*:}" ]] || rbc_here=''
  done
}

# rbc_is_change: does the row of rbc_settings change something? rbc_change is yes or ''.
rbc_is_change() {
  rbc_change=''
  [[ "${rbc_kind}" != @(step|manual) || " ${rbc_settings} " == *' back=readonly '* ]] || rbc_change=yes
}

# rbc_needed SETTINGS: is the parameter or tool used on the chosen path? `needed=a:b,c:d;e:f`, alternatives of decisions. rbc_here.
rbc_needed() {
  local ways way
  rbc_setting needed "$1"
  ways=${rbc_text}
  rbc_here=''
  [[ "${ways}" != never ]] || return 0
  IFS=';' read -r -a ways <<<"${ways}"
  for way in "${ways[@]}"; do
    if [[ "${way}" == always ]]; then
      rbc_here=yes
      return 0
    fi
    rbc_settings="when=${way}"
    rbc_on_path
    [[ -z "${rbc_here}" ]] || return 0
  done
}
