"""The commands of `update` and of the `compose` check, as bash that is run and printed word for word.

Every function is pure. The text runs in the service's directory, in a fresh `bash -p -euo pipefail` with inherit_errexit
(bash >= 4.4), needs docker, Compose v2 and coreutils only, and ends without a newline. `args` are the words between
`docker compose` and its command, `parts` the compose services it is about (none means all of them); both stand in the text
as they are given, so a word that needs quoting comes quoted.

What the engine does, and why the text looks as it does:

- `ps --all` lists the containers of `compose run` too; the label `com.docker.compose.oneoff` tells them apart.
- `RestartCount` begins at 0 again when a container is started by hand, so a count is compared with a record only where the
  container ran when it was recorded, and 0 is always good.
- `up -d web` also brings what web depends on up to date; `--no-deps` keeps to what was said.
- A tag can be set back with `docker tag`, a digest cannot; but a digest stays known as long as its image is there. So the way
  back sets the tags, then names each part's recorded reference in an override, or the image's id where the reference still
  means something else. A plain `up -d` later then changes nothing, unless the compose file itself says otherwise.
- A container that crashes at once is `running` for a moment: one without a healthcheck has to run for some seconds.
"""

from __future__ import annotations

from compiler.emit.shell import quote

SETTLED = 5
"""Seconds that a part without a healthcheck has to run before an update counts as good."""

FINAL = 75
"""How `wait` ends where no further look will be better. The engine counts restarts up and never down, as long as a container is
not started by hand: one that has restarted since the record will not count as good, however long it is waited for."""

CALM = 10
"""Seconds after which the engine forgets a crash (its restart delay begins anew): a start more recent than that, after a
restart, is a crash loop."""


def record(args: tuple[str, ...], parts: tuple[str, ...]) -> str:
    """Print a line per container: part, image reference, image id, container id, state, restart count.

    The state is `running:0:always`: the engine's word, the exit code, the restart policy. The output is empty where nothing
    was started yet.
    """
    return f"""\
containers=$({_compose(args, "ps --all --quiet", *parts)})
for container in ${{containers}}; do
  line=$(docker inspect "${{container}}" --format '
    {{{{- if eq (index .Config.Labels "com.docker.compose.oneoff") "False"}}}}
    {{{{- index .Config.Labels "com.docker.compose.service"}}}} {{{{.Config.Image}}}} {{{{.Image}}}} {{{{.Id}}}}
    {{{{- " "}}}}{_STATE} {{{{.RestartCount}}}}
    {{{{- end}}}}')
  [[ -z "${{line}}" ]] || echo "${{line}}"
done"""


def pull(args: tuple[str, ...], parts: tuple[str, ...], build: bool) -> str:
    """Fetch the images, or build them on the newest bases."""
    return _compose(args, "build --pull" if build else "pull", *parts)


def up(args: tuple[str, ...], parts: tuple[str, ...]) -> str:
    """Start what is to be updated, and nothing else."""
    return _compose(args, "up -d", "--no-deps", *parts) if parts else _compose(args, "up -d")


def images_match(args: tuple[str, ...], pattern: str) -> str:
    """Name each image of the compose files that does not match, and fail if there is one. Variables are put in by compose."""
    return f"""\
image_pattern={quote(pattern)}
images=$({_compose(args, "config --images")})
wrong=''
while read -r image; do
  [[ "${{image}}" =~ ${{image_pattern}} ]] || wrong+="${{image}} "
done <<<"${{images}}"
[[ -z "${{wrong}}" ]] || (echo "${{wrong% }}" >&2 && false)"""


def images(args: tuple[str, ...]) -> str:
    """Print the images of the compose files: what a person looks at."""
    return _compose(args, "config --images")


def undo_pull(variable: str) -> str:
    """Point the tags at the recorded images again, so that a later plain `up -d` does not start what was fetched or built."""
    return f'''\
# The tags go back to the images that ran before.
while read -r _ reference image _; do
  [[ "${{reference}}" =~ ^$|@|^sha256: ]] || docker tag "${{image}}" "${{reference}}"
done <<<"${{{variable}}}"'''


def undo_up(args: tuple[str, ...], parts: tuple[str, ...], variable: str) -> str:
    """Put the recorded images back; stop what was stopped, remove what was not there.

    `variable` is the name that holds what `record` printed. May run twice. A part that had run once and ended well is run
    again with its image of before, as by every `up -d`. How many containers a part has stays the compose file's business.

    Raises ValueError where `args` names no compose file: an override can only follow one.
    """
    if "-f" not in args and "--file" not in args:
        raise ValueError("the way back of an update needs the compose files by name")
    override = (*args, "-f -")
    again = "--no-deps --no-build --pull never"
    return f"""\
{undo_pull(variable)}

# What was each part before, and with which image?
{_parts(args, parts)}
images='services:' running=() stopped=() added=()
for part in ${{parts}}; do
  before=''
  while read -r name name_reference name_image _ state _; do
    [[ "${{name}}" == "${{part}}" && "${{before}}" != running:* ]] || continue
    before=${{state}} reference=${{name_reference}} image=${{name_image}}
  done <<<"${{{variable}}}"
  case "${{before}}" in
    '') added+=("${{part}}") ;;
    running:* | restarting:* | paused:* | exited:0:no | exited:0:on-failure) running+=("${{part}}") ;;
    *) stopped+=("${{part}}") ;;
  esac
  [[ -n "${{before}}" ]] || continue
  known=$(docker image inspect --format '{{{{.Id}}}}' "${{reference}}" 2>/dev/null) || known=''
  [[ "${{known}}" == "${{image}}" ]] || reference=${{image}}
  images+=$'\\n'"  ${{part}}: {{image: '${{reference}}'}}"
done

if ((${{#added[@]}} > 0)); then
  {_compose(args, "rm --stop --force", '"${added[@]}"')}
fi
if ((${{#stopped[@]}} > 0)); then
  {_compose(override, "up --no-start", again, '"${stopped[@]}"', '<<<"${images}"')}
  {_compose(args, "stop", '"${stopped[@]}"')}
fi
if ((${{#running[@]}} > 0)); then
  {_compose(override, "up -d", again, '"${running[@]}"', '<<<"${images}"')}
fi"""


def wait(args: tuple[str, ...], parts: tuple[str, ...], variable: str) -> str:
    """One look: does every part run, healthy where it has a healthcheck, with no restart since the record in `variable`?

    Prints what does not, and why; ends with 1 then, or with `FINAL` where one has restarted. A container that is not restarted
    and ended with 0 counts as good.
    """
    return _look(
        args,
        parts,
        [
            "      running:*' healthy') ;;",
            """      running:*' none') [[ "${started}" < "${recent}" ]] || problem='has only just started' ;;""",
        ],
        [
            "    before=0",
            f"""    if [[ "${{{variable}}}" =~ "${{container}} running:"[^\\ ]+" "([0-9]+) ]]; then""",
            "      before=${BASH_REMATCH[1]}",
            "    fi",
            '    if [[ ! "${restarts}" =~ ^(0|"${before}")$ ]]; then',
            '      problem="has restarted (${restarts})" final=yes',
            "    fi",
        ],
        SETTLED,
        FINAL,
    )


def look(args: tuple[str, ...], parts: tuple[str, ...], healthy: bool) -> str:
    """One look: does every part run now, healthy where it has a healthcheck if `healthy`, and not in a crash loop?

    Prints what does not, and why; ends with 1 then. A container that is not restarted and ended with 0 counts as good.
    """
    return _look(
        args,
        parts,
        ["      running:*' healthy' | running:*' none') ;;" if healthy else "      running:*) ;;"],
        ["""    [[ "${restarts}" == 0 || "${started}" < "${recent}" ]] || problem="keeps restarting (${restarts})\""""],
        CALM,
    )


_STATE = "{{.State.Status}}:{{.State.ExitCode}}:{{.HostConfig.RestartPolicy.Name}}"


def _look(
    args: tuple[str, ...], parts: tuple[str, ...], good: list[str], restarts: list[str], seconds: int, final: int = 0
) -> str:
    """The look that `wait` and `look` share: `good` are the case lines of a running container, `restarts` its last question,
    `final` how it ends where they found out that waiting is in vain.
    """
    lines = "\n".join
    ends = f'[[ -z "${{final}}" ]] || (exit {final})\n' if final else ""
    return f"""\
recent=$(date --utc --date='{seconds} seconds ago' +%FT%T)
config=$({_compose(args, "config")})
{_parts(args, parts)}
failed=''{" final=''" if final else ""}
for part in ${{parts}}; do
  # How many containers of it does the compose file want?
  settings=${{config#*$'\\n'"  ${{part}}:"}}
  settings=${{settings%%$'\\n'"  "[!\\ ]*}}
  wanted=1
  if [[ "${{settings}}" =~ $'\\n'"    "(scale|"  replicas"):\\ ([0-9]+) ]]; then wanted=${{BASH_REMATCH[2]}}; fi
  found=0
  containers=$({_compose(args, "ps --all --quiet", '"${part}"')})
  for container in ${{containers}}; do
    facts=$(docker inspect "${{container}}" --format '
      {{{{- index .Config.Labels "com.docker.compose.oneoff"}}}} {{{{.State.StartedAt}}}} {{{{.RestartCount}}}}
      {{{{- " "}}}}{_STATE}
      {{{{- if .State.Health}}}} {{{{.State.Health.Status}}}}{{{{else}}}} none{{{{end}}}}')
    read -r oneoff started restarts state health <<<"${{facts}}"
    [[ "${{oneoff}}" == False ]] || continue
    found=$((found + 1))
    problem=''
    case "${{state}} ${{health}}" in
      exited:0:no' '* | exited:0:on-failure' '*) ;;
{lines(good)}
      *) problem="is ${{state}}, health: ${{health}}" ;;
    esac
{lines(restarts)}
    if [[ -n "${{problem}}" ]]; then
      echo "${{part}}: container ${{container:0:12}} ${{problem}}" >&2
      failed=yes
    fi
  done
  if ((found < wanted)); then
    echo "${{part}}: ${{found}} of ${{wanted}} containers are there" >&2
    failed=yes
  fi
done
{ends}[[ -z "${{failed}}" ]]"""


def _parts(args: tuple[str, ...], parts: tuple[str, ...]) -> str:
    """Set `parts` to the services that are meant."""
    return f"parts='{' '.join(parts)}'" if parts else f"parts=$({_compose(args, 'config --services')})"


def _compose(args: tuple[str, ...], *words: str) -> str:
    return " ".join(("docker compose", *args, *words))
