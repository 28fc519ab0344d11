"""Compose files that lie in the project: the parts that a spec names must be in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compiler.diagnostics import Diagnostic, Note, Refused
from compiler.resolve.near import nearest_fix
from compiler.schema.check import Checked
from compiler.source import Source, Span

Load = Callable[[str, Source, Span], Source]
_LONGEST = 1024 * 1024
_ELSEWHERE = frozenset({"include", "<<"})  # keys that bring parts from somewhere else


def check_parts(statements: Sequence[Checked], services: Mapping[str, Checked], load: Load) -> list[Diagnostic]:
    """RB313 for each part (`only PART`) that the compose files of its service do not have.

    Asked only of services all of whose compose files lie beside the file that declares them; a file that is not there lies on the
    host alone, and is no mistake.
    """
    found: list[Diagnostic] = []
    known: dict[str, tuple[frozenset[str], Note] | None] = {}
    for statement in statements:
        service, parts = statement.args.get("service"), statement.args.get("only")
        if not isinstance(service, str) or not isinstance(parts, tuple) or service not in services:
            continue
        if service not in known:
            known[service] = _parts(services[service], load)
        there = known[service]
        if there is None:
            continue
        names, note = there
        for part, place in zip(parts, statement.places["only"], strict=True):
            if isinstance(part, str) and part not in names:
                fix = nearest_fix(part, names, found) or (
                    f"it has {', '.join(f'`{n}`' for n in sorted(names)[:12])}" if names else None
                )
                found.append(Diagnostic("RB313", f"`{service}` has no part `{part}`", place, fix, (note,)))
    return found


def _parts(service: Checked, load: Load) -> tuple[frozenset[str], Note] | None:
    """The parts of a service, and where its files are named. None where a file is not in the project, or not plain enough."""
    setting = next((child for child in service.children if child.keyword == "compose"), None)
    if setting is None or not setting.complete:
        return None
    names: set[str] = set()
    for file, place in zip(setting.args["file"], setting.places["file"], strict=True):
        if file.startswith("/"):
            return None
        try:
            source = load(file, place.source, place)
        except Refused:
            return None
        parts = parts_of(source)
        if parts is None:
            return None
        names |= parts
    return frozenset(names), Note(setting.statement.head, "its compose files are read from the project")


def parts_of(source: Source) -> frozenset[str] | None:
    """The keys below `services:` of a compose file; None where it cannot be read so far, or takes parts from other files."""
    import yaml

    if len(source.text) > _LONGEST:
        return None
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    names: set[str] = set()
    depth = 0
    is_key = [True]  # for each open collection: whether the next node is a key (None in a list)
    mappings: list[bool] = []
    section: str | None = None
    try:
        for event in yaml.parse(source.text, Loader=loader):
            if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
                mappings.pop()
                is_key.pop()
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            at_key = depth > 0 and mappings[-1] and is_key[-1]
            if mappings and mappings[-1]:
                is_key[-1] = not is_key[-1]
            if at_key and isinstance(event, yaml.ScalarEvent):
                if depth == 1:
                    section = event.value
                if depth <= 2 and event.value in _ELSEWHERE and (depth == 1 or section == "services"):
                    return None
                if depth == 2 and section == "services":
                    names.add(event.value)
            elif not at_key and depth == 1 and section == "services" and isinstance(event, yaml.AliasEvent):
                return None
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
                mappings.append(isinstance(event, yaml.MappingStartEvent))
                is_key.append(True)
    except yaml.YAMLError:
        return None
    return frozenset(names)
