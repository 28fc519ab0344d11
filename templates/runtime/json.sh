# JSON strings without a child and without loss: a byte that is not UTF-8 becomes \udcNN.

# rbc_json TEXT: a quoted JSON string, into rbc_text.
rbc_json() {
  # Nearly all are of these characters, and then no locale has to be set and set back.
  if ((${#rbc_hidden[@]} == 0)) && [[ "$1" != *[!abcdefghijklmnopqrstuvwxyz0123456789._]* ]]; then
    rbc_text="\"$1\""
    return 0
  fi
  rbc_json_slowly "$1"
}

rbc_json_slowly() {
  local LC_ALL=C text out='' piece char code need
  local -i at=0
  rbc_redact "$1"
  text=${rbc_text}
  if [[ "${text}" != *[!\ -\~]* && "${text}" != *[\"\\]* ]]; then
    rbc_text="\"${text}\""
    return 0
  fi
  while ((at < ${#text})); do
    char=${text:at:1}
    printf -v code '%d' "'${char}"
    code=$((code & 255))
    need=0
    case "${char}" in
      '"' | "\\") piece="\\${char}" ;;
      $'\n') piece='\n' ;;
      $'\t') piece='\t' ;;
      *)
        if ((code < 32 || code == 127)); then
          printf -v piece '\\u%04x' "${code}"
        elif ((code < 128)); then
          piece=${char}
        else
          case "${text:at:4}" in
            [$'\302'-$'\337'][$'\200'-$'\277']*) need=2 ;;
            $'\340'[$'\240'-$'\277'][$'\200'-$'\277']*) need=3 ;;
            [$'\341'-$'\354'$'\356'$'\357'][$'\200'-$'\277'][$'\200'-$'\277']*) need=3 ;;
            $'\355'[$'\200'-$'\237'][$'\200'-$'\277']*) need=3 ;;
            $'\360'[$'\220'-$'\277'][$'\200'-$'\277'][$'\200'-$'\277']) need=4 ;;
            [$'\361'-$'\363'][$'\200'-$'\277'][$'\200'-$'\277'][$'\200'-$'\277']) need=4 ;;
            $'\364'[$'\200'-$'\217'][$'\200'-$'\277'][$'\200'-$'\277']) need=4 ;;
            *) printf -v piece '\\udc%02x' "${code}" ;;
          esac
          ((need == 0)) || piece=${text:at:need}
        fi
        ;;
    esac
    out+=${piece}
    at+=$((need > 1 ? need : 1))
  done
  rbc_text="\"${out}\""
}
