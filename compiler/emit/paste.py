"""One block that an operator pastes into a shell on the host: it writes the script, checks it, and runs nothing of it.

What a terminal does to a pasted text decides its form:

* **Base64, not a here-document of the script itself.** An interactive shell reads here-documents through its line editor: a tab
  completes, and where history expansion is on, `!` may expand. A terminal without UTF-8 damages umlauts, and while the shell is
  busy the kernel cuts lines after 4,095 bytes. Base64 in lines of 72 characters holds nothing that any of them reacts to.
* **gzip**, because a shorter paste is a safer one: a script shrinks to two fifths, base64 included.
* **All or nothing.** The block is one command, `{ … }`: a shell runs nothing of it before its last line has arrived. The code
  that writes is hashed before it runs, and the script in memory before there is a file: beside its place, hashed again, renamed.
* **Stranded lines do nothing.** Where a damaged first line is a syntax error, an interactive shell goes on with the next line. So
  all code stands on the first one, and each of the others is a `:` command that does nothing.
* No comment (an interactive zsh has none), no alias (`command`, since `mv` may be `mv -i`), `>|` (noclobber may be set), a
  subshell (no variable is left behind), a leading space (it stays out of the history where that is wished), nothing but POSIX.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Mapping

WIDTH = 72  # characters of base64 in a line
MODE = "0755"
END = ": /end"  # were `<<` damaged to `<>`, a name without a folder would be created
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,80}")
_PLAIN = re.compile(r"[A-Za-z0-9 ,.:;()-]+")

# Each is printed as one line, the second within the first. `@NAME@` is filled in; words: templates/locale/paste.LANG.yaml.
# Only the frame is not hashed: "sha256sum" stands in quotes because a `6` that is damaged can be a `>`.
_FRAME = """\
 { ( rbc_code='@code@';
 if [ "$(printf "%s" "$rbc_code" | command "sha256sum")" = "@check@  -" ];
 then eval "$rbc_code"; else printf "%s\\n" "@damaged@"; false; fi ) <<"@end@"
"""
_CODE = """\
rbc_name=@name@; rbc_mode=@mode@; rbc_sum=@sum@; rbc_temp=; rbc_text=$(command cat);
 rbc_script() { printf "%s\\n" "$rbc_text" | command tr -d ": " | command base64 -d | command gzip -d; };
 rbc_hash() { command sha256sum | command cut -c 1-64; };
 rbc_say() { printf "%s %s\\n" "$1" "$PWD/$rbc_name"; };
 if [ "$(rbc_script | rbc_hash)" = "$rbc_sum" ]; then
 if [ -f "$rbc_name" ] && [ "$(rbc_hash <"$rbc_name")" = "$rbc_sum" ]; then
 command chmod "$rbc_mode" "$rbc_name" && rbc_say "@same@";
 elif @taken@; then rbc_say "@other@"; false;
 elif rbc_temp=$(command mktemp ".$rbc_name.XXXXXX") && rbc_script >|"$rbc_temp" &&
 [ "$(rbc_hash <"$rbc_temp")" = "$rbc_sum" ] && command chmod "$rbc_mode" "$rbc_temp" &&
 @keep@command mv @how@ "$rbc_temp" "$rbc_name" && [ "$(rbc_hash <"$rbc_name")" = "$rbc_sum" ]; then rbc_say "@written@";
 else rbc_say "@failed@"; [ -z "$rbc_temp" ] || command rm -f "$rbc_temp"; false; fi;
 else printf "%s\\n" "@damaged@"; false; fi
"""
_TAKEN = {
    False: '[ -e "$rbc_name" ] || [ -L "$rbc_name" ]',
    True: 'if [ -f "$rbc_name" ]; then [ -L "$rbc_name" ]; else [ -e "$rbc_name" ] || [ -L "$rbc_name" ]; fi',
}
_KEEP = """\
if [ -e "$rbc_name" ]; then rbc_old=$rbc_name.$(rbc_hash <"$rbc_name" | command cut -c 1-12) &&
 command cp -p "$rbc_name" "$rbc_old" && printf "%s %s\\n" "@kept@" "$PWD/$rbc_old"; fi &&
 """


def block(name: str, script: bytes, words: Mapping[str, str], replace: bool = False) -> str:
    """The block that writes `script` as `name` into the folder in which it is pasted: printable ASCII, the first line the code.

    `words` are those of `templates/locale/paste.LANG.yaml`. Another file of that name is left alone, and that is said; with
    `replace` it is kept under a name of its own, and that is said. Raises ValueError for a name that is not plain.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a plain file name: {name!r}")
    values = {key: text for key, text in words.items() if _PLAIN.fullmatch(text)}
    values |= {
        "name": name,
        "mode": MODE,
        "sum": hashlib.sha256(script).hexdigest(),
        "taken": _TAKEN[replace],
        "how": "-f" if replace else "-n",
        "end": END,
    }
    code = _filled(_CODE.replace("@keep@", _KEEP if replace else ""), values)
    first = _filled(_FRAME, values | {"code": code, "check": hashlib.sha256(code.encode()).hexdigest()})
    text = base64.b64encode(gzip.compress(script, mtime=0)).decode()
    lines = [f": {text[at : at + WIDTH]}" for at in range(0, len(text), WIDTH)]
    return "\n".join((first, *lines, END, "}", ""))


def _filled(template: str, values: Mapping[str, str]) -> str:
    return re.sub("@([a-z]+)@", lambda match: values[match[1]], template).replace("\n", "")
