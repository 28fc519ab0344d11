"""Which tools the commands need on the host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compiler.plan.context import Context, Path
from compiler.plan.model import Decision, Need
from compiler.schema.model import Node
from compiler.shell.facts import Program

# bash, coreutils and util-linux are what every script may count on.
_ALWAYS = """
[ arch b2sum base32 base64 basename basenc bash cat chcon chgrp chmod chown chroot cksum comm cp csplit cut date dd df dir
dircolors dirname du echo env expand expr factor false fmt fold groups head hostid id install join kill link ln logname ls
md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx pwd readlink
realpath rm rmdir runcon seq sh sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf stty
sum sync tac tail tee test timeout touch tr true truncate tsort tty uname unexpand uniq unlink uptime users vdir wc who
whoami yes
blkid blockdev cal chrt column dmesg fallocate findmnt flock fsfreeze fstrim getopt hexdump hwclock ionice ipcrm ipcs
logger look losetup lsblk lscpu lsipc lslocks lsns mcookie mesg mkswap more mount mountpoint namei nsenter prlimit rename
renice rev runuser script setpriv setsid setterm su swapoff swapon taskset ul umount unshare utmpdump wall wdctl whereis
"""
ALWAYS = frozenset(_ALWAYS.split())
# Two words that make a tool of their own.
PLUGINS = {"docker": frozenset({"compose", "buildx"})}


def of_bodies(context: Context, node: Node, path: Path) -> None:
    """Note what the statement's commands run.

    What stands behind `sudo` is looked for on root's PATH, which is not ours; what stands behind `command` may be missing.
    """
    for facts in context.bodies.facts(node):
        for program in facts.external:
            if {"sudo", "doas", "command"} & set(program.via) or "/" in program.name:
                continue
            for tool in _tools(program):
                context.need(tool, path, program.place.span)


def _tools(program: Program) -> Iterable[str]:
    if program.name in ALWAYS:
        return
    yield program.name
    first = next((w for w in program.words if w is None or not w.startswith("-")), None)
    if first in PLUGINS.get(program.name, ()):
        yield f"{program.name} {first}"


def needs(context: Context, declared: Iterable[Node]) -> tuple[Need, ...]:
    """What the host must have: first as the author declared it, then what else the commands run, by name."""
    found: dict[str, Need] = {}
    for node in declared:
        places = node.places.get("tool", ())
        for index, entry in enumerate(node.args["tool"]):
            span = places[index] if index < len(places) else node.head
            span = span if not isinstance(span, dict) else span.get("tool", node.head)
            found[entry["tool"]] = Need(entry["tool"], entry.get("op"), entry.get("version"), declared=True, span=span)
    for reading in sorted(context.tools, key=lambda r: r.name):
        if reading.name not in found:
            paths = minimal((r.path for r in context.tools if r.name == reading.name), context.choices)
            found[reading.name] = Need(reading.name, None, None, declared=False, span=reading.span, needed_when=paths)
    return tuple(found.values())


def minimal(paths: Iterable[Path], choices: Mapping[str, tuple[str, ...]]) -> tuple[Path, ...]:
    """The paths without those that another one implies; `((),)` means always. What holds for each option of one of the
    `choices` holds before it."""
    unique = list(dict.fromkeys(paths))
    for path in sorted(unique, key=len, reverse=True):
        if path and all((*path[:-1], Decision(path[-1].choice, option)) in unique for option in choices[path[-1].choice]):
            unique += [path[:-1]] if path[:-1] not in unique else []
    return tuple(p for p in unique if not any(set(q) < set(p) for q in unique))
