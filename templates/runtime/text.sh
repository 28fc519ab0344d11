# What people see: sentences, marks, durations. Nothing here decides anything.

# rbc_fill KEY [NAME VALUE]...: the sentence KEY with its {placeholders} filled, into rbc_text.
rbc_fill() {
  rbc_text=${RBC_TEXT[$1]}
  shift
  while (($# > 1)); do
    rbc_text=${rbc_text//"{$1}"/"$2"}
    shift 2
  done
}

# rbc_visible TEXT: control, C1 and bidi characters become \xNN, a tab becomes spaces, into rbc_text.
rbc_visible() {
  local LC_ALL=C bad shown byte i
  local unsafe=$'[\001-\037\177]|\302[\200-\237]|\342\200[\216\217\252-\256]|\342\201[\246-\251]|\330\234'
  rbc_redact "$1"
  rbc_text=${rbc_text//$'\t'/    }
  while [[ "${rbc_text}" =~ ${unsafe} ]]; do
    bad=${BASH_REMATCH[0]} shown=''
    for ((i = 0; i < ${#bad}; i++)); do
      printf -v byte '%d' "'${bad:i:1}"
      printf -v byte '\\x%02x' "$((byte & 255))"
      shown+=${byte}
    done
    rbc_text=${rbc_text//"${bad}"/"${shown}"}
  done
}

# rbc_redact TEXT: secrets out, into rbc_text. Both sides are quoted: since bash 5.2 an unquoted & would put them back.
rbc_redact() {
  local form
  rbc_text=$1
  for form in "${rbc_hidden[@]}"; do
    rbc_text=${rbc_text//"${form}"/'***'}
  done
}

# rbc_line TEXT: one line to the terminal.
rbc_line() {
  printf '%s\n' "$1"
}

# rbc_tell KEY [NAME VALUE]...: a sentence of the runbook's language on a line of its own.
rbc_tell() {
  rbc_fill "$@"
  rbc_line "${rbc_text}"
}

# rbc_complain KEY [NAME VALUE]...: the same to standard error.
rbc_complain() {
  rbc_fill "$@"
  printf '%s\n' "${rbc_text}" >&2
}

# rbc_problem KEY [NAME VALUE]...: one more reason not to begin; rbc_misuse: the same, and the command line alone is at fault.
rbc_problem() {
  rbc_fill "$@"
  rbc_problems+=("${rbc_text}")
}

rbc_misuse() {
  rbc_fill "$@"
  rbc_usage+=("${rbc_text}")
}

# rbc_took MICROSECONDS: "0,3 s", "2 min 05 s", "1 h 02 min", into rbc_text.
rbc_took() {
  local tenths=$((($1 + 50000) / 100000)) seconds
  seconds=$((tenths / 10))
  if ((seconds < 60)); then
    rbc_text="${seconds}${RBC_TEXT[decimal]}$((tenths % 10)) s"
  elif ((seconds < 3600)); then
    printf -v rbc_text '%d min %02d s' "$((seconds / 60))" "$((seconds % 60))"
  else
    printf -v rbc_text '%d h %02d min' "$((seconds / 3600))" "$((seconds % 3600 / 60))"
  fi
}

# rbc_wrap TEXT PREFIX: lines of at most 76 columns, broken at blanks, each with PREFIX, into rbc_wrapped.
rbc_wrap() {
  local rest=$1 width=$((76 - ${#2})) line
  rbc_wrapped=()
  while ((${#rest} > width)); do
    line=${rest:0:width+1}
    [[ "${line}" != *' '* ]] || line=${line% *}
    line=${line:0:width}
    rbc_wrapped+=("$2${line}")
    rest=${rest:${#line}}
    rest=${rest# }
  done
  rbc_wrapped+=("$2${rest}")
}

# rbc_folded TEXT PREFIX: the text on lines that a narrow terminal has room for.
rbc_folded() {
  rbc_wrap "$1" "$2"
  printf '%s\n' "${rbc_wrapped[@]}"
}

# rbc_row MARK TEXT [RIGHT]: an outcome line; a long one is broken, RIGHT ends at column 76.
rbc_row() {
  local right=${3-} line gap
  rbc_wrap "$2" '    '
  gap=$((76 - ${#rbc_wrapped[-1]} - ${#right}))
  if [[ -n "${right}" ]] && ((gap < 1)); then
    rbc_wrapped+=('    ')
    gap=$((72 - ${#right}))
  fi
  if [[ -n "${right}" ]]; then
    printf -v line '%*s%s' "${gap}" '' "${right}"
    rbc_wrapped[-1]+=${line}
  fi
  rbc_line "  ${rbc_colors[$1]-}${RBC_MARKS[$1]}${rbc_colors[off]-}${rbc_wrapped[0]:3}"
  for line in "${rbc_wrapped[@]:1}"; do
    rbc_line "${line}"
  done
}

# rbc_transient TEXT [TAIL]: a line that the next one replaces; only where somebody looks at a terminal. Where both are too long
# it is TEXT that is cut.
rbc_transient() {
  local text=$1 tail=${2-} room
  [[ -n "${rbc_live_line}" ]] || return 0
  room=$((74 - ${#tail}))
  ((${#text} <= room)) || text=${text:0:room-1}…
  printf '\r\033[K  %s%s' "${text}" "${tail}"
}

rbc_transient_end() {
  [[ -z "${rbc_live_line}" ]] || printf '\r\033[K'
}

# rbc_keep_line MARK TEXT: the line that was to be replaced stays, in full, because something comes after it.
rbc_keep_line() {
  [[ -n "${rbc_live_line}" ]] || return 0
  rbc_transient_end
  rbc_row "$1" "$2"
}

rbc_set_colors() {
  declare -gA rbc_colors=()
  rbc_live_line=''
  [[ -t 1 && "${TERM-dumb}" != dumb ]] || return 0
  rbc_live_line=yes
  [[ -z "${NO_COLOR-}" && -z "${rbc_option[no_color]-}" ]] || return 0
  rbc_colors=([ok]=$'\033[32m' [bad]=$'\033[31m' [back]=$'\033[33m' [none]=$'\033[2m' [bold]=$'\033[1m' [off]=$'\033[0m')
}
