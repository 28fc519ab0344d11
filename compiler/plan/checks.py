"""The command of every check that a probe may hold.

Each function gives bash that a person can paste and that a script runs under `set -euo pipefail`: it reads only, prints one
useful line on stderr when the check does not hold, and ends with a status other than 0 then. Nothing but bash, coreutils,
util-linux and the tool that the check is about is used. What is compared as a number is matched against a pattern first: bash's
arithmetic would execute `a[$(command)]`. `limit` is the longest that a tool may wait for an answer, in seconds.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from compiler.emit.shell import quote, word
from compiler.plan.model import Value, Var
from compiler.plan.words import as_word, joined, literal, otherwise, say

Status = tuple[int, int]  # of HTTP: the first and the last of a range
SUCCESS: Status = (200, 299)
COMPARE = {">=": "-ge", "<=": "-le", "=": "-eq", ">": "-gt", "<": "-lt"}
WHOLE_NUMBER = r"^[[:space:]]*(-?)0*([0-9]{1,18})[[:space:]]*$"  # 18 digits always fit; zeros in front would mean octal
JOURNAL_START = "${rbc_begun:?set it to when the change began, in seconds since 1970}"
DECIMAL = r"^[+-]?(([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|Inf)$"  # what Prometheus writes, without NaN

# How a tool says its version, where it is not `TOOL --version`.
VERSION_COMMANDS = {
    "docker compose": "docker compose version",
    "docker buildx": "docker buildx version",
    "go": "go version",
    "helm": "helm version --short",
    "java": "java -version",
    "kubectl": "kubectl version --client",
    "nginx": "nginx -v",
    "openssl": "openssl version",
    "ssh": "ssh -V",
    "terraform": "terraform version",
    "ss": "ss --version",
}


@dataclass(frozen=True)
class Tls:
    """What the server's certificate is held to: the host's authorities, those of the file `ca`, or (`insecure`) nothing."""

    insecure: bool = False
    ca: Value | None = None


VERIFIED = Tls()


def curl(url: Value, limit: int, tls: Tls, *options: str, head: bool = False) -> str:
    """One GET (or HEAD) without redirects. `-g` where the URL holds what curl would take for a pattern, or may hold it."""
    constant = url.constant
    words = ["curl", "-sS"]
    if head:
        words.append("-I")
    if tls.insecure:
        words.append("-k")
    if tls.ca is not None:
        words += ("--cacert", as_word(tls.ca))
    if constant is None or any(c in "[]{}" for c in constant):
        words.append("-g")
    return " ".join((*words, *options, "--max-time", str(limit), as_word(url)))


def http_status(url: Value, statuses: Sequence[Status], limit: int, tls: Tls = VERIFIED, *, head: bool = False) -> str:
    """The answer's status is one of `statuses`, each from first to last; 200 to 299 where there are none."""
    request = curl(url, limit, tls, "-o", "/dev/null", "-w", "'%{http_code}'", head=head)
    statuses = statuses or (SUCCESS,)
    globs = list(dict.fromkeys(pattern for status in statuses for pattern in patterns(*status)))
    wanted = globs[0] if len(globs) == 1 else f"@({'|'.join(globs)})"
    expected = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in statuses)
    return "\n".join(
        (
            f"http_status=$({request})",
            otherwise(f'[[ "${{http_status}}" == {wanted} ]]', say("HTTP ", Var("http_status"), f", expected {expected}")),
        )
    )


def patterns(first: int, last: int) -> Iterator[str]:
    """Whole numbers of one length as patterns of bash: 200 to 404 are `2??`, `3??`, `400` … `404`."""
    while first <= last:
        unknown = next(n for n in (2, 1, 0) if first % 10**n == 0 and first + 10**n - 1 <= last)
        yield str(first // 10**unknown) + "?" * unknown
        first += 10**unknown


def http_header(url: Value, header: str, pattern: str, limit: int, tls: Tls = VERIFIED, *, head: bool = False) -> str:
    """A header of that name, in any case, has a value that matches; of several, one is enough."""
    request = curl(url, limit, tls, "-o", "/dev/null", "-D", "-", head=head)
    return "\n".join(
        (
            f"http_pattern={quote(pattern)}",
            f"http_header=$({request})",
            "http_seen='' http_match=''",
            "while IFS= read -r line; do",
            f'  [[ "${{line,,}}" == {word(header.lower())}:* ]] || continue',
            "  line=${line%$'\\r'}",
            "  http_seen=${line#*:}",
            '  http_seen=${http_seen#"${http_seen%%[![:blank:]]*}"}',
            '  [[ ! "${http_seen}" =~ ${http_pattern} ]] || http_match=yes',
            'done <<<"${http_header}"',
            otherwise(
                '[[ -n "${http_match}" ]]', say(f"header {header} is '", Var("http_seen"), "', expected a match of ", pattern)
            ),
        )
    )


def http_body(url: Value, pattern: str, limit: int, tls: Tls = VERIFIED) -> str:
    """The answer's body matches."""
    return "\n".join(
        (
            f"http_pattern={quote(pattern)}",
            f"http_body=$({curl(url, limit, tls)})",
            otherwise(
                '[[ "${http_body}" =~ ${http_pattern} ]]',
                say("the body does not match ", pattern, ":"),
                r"""printf '%s\n' "${http_body:0:500}" >&2""",
            ),
        )
    )


def connects(address: Value, limit: int) -> str:
    """Opens a TCP connection to HOST:PORT: bash's own /dev/tcp, in a child so that `timeout` can end it."""
    constant = address.constant
    if constant is not None:
        host, _, port = constant.rpartition(":")
        return f"timeout {limit} bash -c {quote(': </dev/tcp/' + host.strip('[]') + '/' + port)}"
    # the child gets the value as an argument: in its text it would be executed
    return f'timeout {limit} bash -c ": </dev/tcp/\\${{1%:*}}/\\${{1##*:}}" tcp {as_word(address)}'


def tcp(address: Value, limit: int) -> str:
    """A TCP connection to HOST:PORT can be opened."""
    return otherwise(connects(address, limit), say("no TCP connection to ", address))


def listens(ports: Sequence[Value]) -> str:
    """A socket listens on each port, on any address, IPv4 or IPv6."""
    if len(ports) == 1:
        port = ports[0]
        query = word("sport = :" + port.constant) if port.constant is not None else as_word(joined("sport = :", port))
        return f"sockets=$(ss -Hltn {query})\n" + otherwise('[[ -n "${sockets}" ]]', say("nothing listens on port ", port))
    return "\n".join(
        (
            "ports_missing=''",
            f"for port in {' '.join(as_word(p) for p in ports)}; do",
            '  sockets=$(ss -Hltn "sport = :${port}")',
            '  [[ -n "${sockets}" ]] || ports_missing+=" ${port}"',
            "done",
            otherwise('[[ -z "${ports_missing}" ]]', say("nothing listens on port", Var("ports_missing"))),
        )
    )


def dns(name: Value) -> str:
    """The name resolves, by whatever the host itself asks (`/etc/hosts` included)."""
    return otherwise(f"getent hosts {as_word(name)}", say(name, " does not resolve"))


def dns_is(name: Value, address: Value) -> str:
    """The address is among those that the name resolves to."""
    constant = address.constant
    if constant is not None:
        with suppress(ValueError):  # getent prints IPv6 in its short form
            address = literal(str(ipaddress.ip_address(constant)))
    return "\n".join(
        (
            otherwise(f"dns_answer=$(getent ahosts {as_word(name)})", say(name, " does not resolve")),
            otherwise(
                f"""[[ $'\\n'"${{dns_answer}}" == *$'\\n'{as_word(joined(address, " "))}* ]]""",
                say(name, " is not ", address, ":"),
                r"""printf '%s\n' "${dns_answer}" >&2""",
            ),
        )
    )


def unit_active(name: Value) -> str:
    """systemd calls the unit active; its last lines are shown where it does not."""
    unit = as_word(name)
    return otherwise(f"systemctl is-active {unit}", f"systemctl --no-pager --lines=5 status {unit} >&2")


def file_exists(path: Value) -> str:
    """A regular file, or a link to one."""
    return otherwise(f"[[ -f {as_word(path)} ]]", say("no file ", path))


def dir_exists(path: Value) -> str:
    """A directory, or a link to one."""
    return otherwise(f"[[ -d {as_word(path)} ]]", say("no directory ", path))


def git_clean(path: Value) -> str:
    """Nothing is changed, staged or untracked in the working tree."""
    return "\n".join(
        (
            f"git_changes=$(git -C {as_word(path)} status --porcelain)",
            otherwise('[[ -z "${git_changes}" ]]', say("not clean: ", path), r"""printf '%s\n' "${git_changes}" >&2"""),
        )
    )


def disk_free(path: Value, op: str, size: int, shown: str) -> str:
    """Bytes that an ordinary user may still write on the file system of `path`, compared with `size` bytes."""
    return "\n".join(
        (
            f"disk_free=$(df --output=avail --block-size=1 {as_word(path)})",
            "disk_free=${disk_free##*[!0-9]}",
            otherwise(
                f'[[ "${{disk_free}}" =~ ^[0-9]+$ && "${{disk_free}}" {COMPARE[op]} {size} ]]',
                say(Var("disk_free"), " bytes free at ", path, f", expected {op} {shown}"),
            ),
        )
    )


def disk_used(path: Value, op: str, percent: int) -> str:
    """The share of the file system of `path` that is used, as `df` rounds it (up)."""
    return "\n".join(
        (
            f"disk_used=$(df --output=pcent {as_word(path)})",
            "disk_used=${disk_used%\\%}",
            "disk_used=${disk_used##*[!0-9]}",
            otherwise(
                f'[[ "${{disk_used}}" =~ ^[0-9]+$ && "${{disk_used}}" {COMPARE[op]} {percent} ]]',
                say(Var("disk_used"), "% used at ", path, f", expected {op} {percent}%"),
            ),
        )
    )


def metric(url: Value, name: str, op: str, limit_value: Value, limit: int) -> str:
    """Every series of that name, whatever its labels, holds the comparison; a name without a series fails.

    Values are compared as decimals by `sort -g`; NaN is no number and fails. `name` may carry labels (`up{job="a"}`): then
    only the series written exactly so counts.
    """
    series = f"^{_escaped(name)}" + ("" if "{" in name else r"([{].*[}])?")
    setup, condition = _sorted(op, Var("metric_value"), limit_value)
    is_number = otherwise('[[ "${metric_value}" =~ ${metric_number} ]]', say(Var("line"), ": the value is not a number"))
    limit_is_number = ""
    if limit_value.constant is None:
        limit_is_number = otherwise(f"[[ {as_word(limit_value)} =~ ${{metric_number}} ]]", say("not a number: ", limit_value))
    holds = otherwise(condition, say(Var("line"), f", expected {op} ", limit_value))
    return "\n".join(
        (
            f"metric_line={quote(series + '[[:blank:]]+([^[:blank:]]+)([[:blank:]]+-?[0-9]+)?$')}",
            f"metric_number={quote(DECIMAL)}",
            *filter(None, (limit_is_number,)),
            f"metric_all=$({curl(url, limit, VERIFIED, '--fail')})",
            "metric_series=0",
            "while IFS= read -r line; do",
            '  [[ "${line}" =~ ${metric_line} ]] || continue',
            f"  metric_value=${{BASH_REMATCH[{1 if '{' in name else 2}]}}",
            "  metric_series=$((metric_series + 1))",
            *(f"  {line}" for line in "\n".join((is_number, *setup, holds)).splitlines()),
            'done <<<"${metric_all}"',
            otherwise('[[ "${metric_series}" -gt 0 ]]', say("no series ", name, " at ", url)),
        )
    )


def journal_errors(at_most: int, op: str, since: int | None, limit: int) -> str:
    """Entries of priority err or worse in the journal: of the last `since` seconds, or (None) since the run started.

    A run tells its commands in `rbc_begun` when it began (seconds since 1970); who pastes the line says so himself.
    """
    if since is None:
        start = '"@${journal_start}"'
        setting = [f"journal_start={JOURNAL_START}"]
    else:
        start, setting = f"-{since}s", []
    entries = f"timeout {limit} journalctl -q --no-pager --priority=err --since={start}"
    return "\n".join(
        (
            *setting,
            f"journal_errors=$({entries} \\\n  --output=json --output-fields=PRIORITY | wc -l)",
            otherwise(
                f'[[ "${{journal_errors}}" =~ ^[0-9]+$ && "${{journal_errors}}" {COMPARE[op]} {at_most} ]]',
                say(Var("journal_errors"), f" errors in the journal, expected {op} {at_most}:"),
                f"{entries} --lines=5 >&2",
            ),
        )
    )


def cert_days(host: Value, op: str, days: int, limit: int) -> str:
    """Whole days until the certificate that the host presents ends; port 443 unless the value names another."""
    address, name = endpoint(host)
    server_name = "" if name is None else f" -servername {as_word(name)}"
    fetched = f"timeout {limit} openssl s_client -connect {as_word(address)}{server_name}"
    return "\n".join(
        (
            otherwise(
                f"cert_end=$({fetched} </dev/null 2>/dev/null |\n  openssl x509 -noout -enddate)",
                say("no certificate from ", address),
            ),
            'cert_end=$(date --date="${cert_end#notAfter=}" +%s)',
            "now=$(date +%s)",
            "cert_left=$((cert_end - now))",
            otherwise(
                f'[[ "${{cert_left}}" {COMPARE[op]} {days * 86400} ]]',
                "cert_end=$(date --date=\"@${cert_end}\" '+%Y-%m-%d %H:%M')",
                say("the certificate of ", address, " ends ", Var("cert_end"), f", expected {op} {days} days"),
            ),
        )
    )


def version_command(tool: str) -> str:
    """How the tool is asked for its version."""
    return VERSION_COMMANDS.get(tool, f"{' '.join(word(w) for w in tool.split())} --version")


def tool_version(tool: str, op: str, version: str) -> str:
    """The first version number that the tool prints about itself, compared part by part (`sort -V`).

    `=` holds for everything that begins so: `= 2` for 2.26.
    """
    command = version_command(tool)
    if op == "=":
        setup: tuple[str, ...] = ()
        compared = f'[[ "${{tool_version}}." == {word(version + ".")}* ]]'
    else:
        setup, compared = _sorted(op, Var("tool_version"), literal(version), by_version=True)
    return "\n".join(
        (
            f"tool_says=$({command} 2>&1)",
            otherwise(
                '[[ "${tool_says}" =~ [0-9]+([.][0-9]+)+ || "${tool_says}" =~ [0-9]+ ]]', say(f"{tool} does not say its version")
            ),
            "tool_version=${BASH_REMATCH[0]}",
            *setup,
            otherwise(compared, say(f"{tool} is ", Var("tool_version"), f", expected {op} {version}")),
        )
    )


def output_matches(pattern: str) -> tuple[str, str, str]:
    """What goes around the operator's command: variable, and the text after it."""
    return (
        "output",
        f"output_pattern={quote(pattern)}",
        otherwise(
            '[[ "${output}" =~ ${output_pattern} ]]',
            say("the output does not match ", pattern, ":"),
            r"""printf '%s\n' "${output:0:500}" >&2""",
        ),
    )


def number_compares(op: str, value: Value) -> tuple[str, str, str]:
    """As `output_matches`, for one whole number; a `$name` to compare with is checked in the same way."""
    lines = [*_whole("number", Value((Var("number"),)))]
    constant = value.constant
    if constant is None:
        lines += _whole("number_limit", value)
        right = '"${number_limit}"'
    else:
        right = str(int(constant))
    lines.append(otherwise(f'[[ "${{number}}" {COMPARE[op]} {right} ]]', say(Var("number"), f", expected {op} ", value)))
    return "number", "", "\n".join(lines)


def around(body: str) -> tuple[str, str]:
    """What stands between `name=` and the operator's command, and after it, so that its output and its failures are kept.

    One plain command stands in `$(…)` on its line. In anything longer a failure in the middle would be lost there: `$(…)` does
    not inherit `set -e`, so it says it again.
    """
    plain = "\n" not in body and not any(c in body for c in ("#", ";", "<<")) and not body.startswith("(")
    return ("$(", ")") if plain and not body.endswith("\\") else ("$(\nset -e\n", "\n)")


def _whole(name: str, source: Value) -> tuple[str, ...]:
    """`name` becomes the whole number in `source`, or the check fails."""
    return (
        otherwise(f"[[ {as_word(source)} =~ {WHOLE_NUMBER} ]]", say("not a whole number: ", source)),
        f'{name}="${{BASH_REMATCH[1]}}${{BASH_REMATCH[2]}}"',
    )


def _sorted(op: str, left: Var, right: Value, by_version: bool = False) -> tuple[tuple[str, ...], str]:
    """Lines to run first, and a condition that holds when `left OP right`: two lines are in order, `-u`: strictly."""
    ascending = op not in (">=", ">")
    first, second = (Value((left,)), right) if ascending else (right, Value((left,)))
    lines = f"printf '%s\\n' {as_word(first)} {as_word(second)} | LC_ALL=C sort {'-V' if by_version else '-g'}"
    if op == "=":
        return (f"distinct=$({lines} -u)",), "[[ \"${distinct}\" != *$'\\n'* ]]"
    return (), f"{lines} {'-u' if op in ('<', '>') else '-s'} -C"


def endpoint(host: Value) -> tuple[Value, Value | None]:
    """HOST:PORT, and the name to ask for (None for an address)."""
    constant = host.constant
    if constant is None:
        return joined(host, ":443"), host
    name, _, port = constant.rpartition(":")
    if not port.isdigit() or not name or (":" in name and not name.startswith("[")):
        name, port = constant, "443"
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return literal(f"{name}:{port}"), literal(name)
    return literal(f"{name}:{port}"), None


def _escaped(text: str) -> str:
    """`text` as a POSIX extended regular expression that matches just it."""
    return "".join(c if c.isalnum() or c in '_:=," -/%' else f"[{c}]" if c not in "\\^" else "\\" + c for c in text)
