"""Compose files that lie in the project: the parts that a spec names must be in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compiler.diagnostics import Diagnostic, Note, Refused
from compiler.resolve.near import nearest_fix
from compiler.schema.check import Checked
from compiler.schema.ere_search import search
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


def check_images(services: Mapping[str, Checked], load: Load) -> list[Diagnostic]:
    """RB314 for each image of a compose file in the project that does not match what its service says of images.

    References that hold a variable are known only on the host; there the script asks all of them.
    """
    found: list[Diagnostic] = []
    for name, service in services.items():
        rules = [c for c in service.children if c.row.keyword == "images" and c.complete and isinstance(c.args.get("match"), str)]
        for source in (_files(service, load) or ()) if rules else ():
            for image, place in images_of(source):
                for rule in rules:
                    if "$" not in image and search(rule.args["match"], image) is False:  # else it is asked on the host
                        message = (
                            f"the image `{image}` of `{name}` does not match `{rule.args['match']}`: {rule.args.get('text')}"
                        )
                        note = Note(rule.statement.head, "it must match this")
                        found.append(
                            Diagnostic("RB314", message, place, "name an image that matches, or run it elsewhere", (note,))
                        )
    return found


def _files(service: Checked, load: Load) -> list[Source] | None:
    """The compose files of a service; None where one is not in the project."""
    setting = next((child for child in service.children if child.row.keyword == "compose"), None)
    if setting is None or not setting.complete:
        return None
    files = []
    for file, place in zip(setting.args["file"], setting.places["file"], strict=True):
        if file.startswith("/"):
            return None
        try:
            files.append(load(file, place.source, place))
        except Refused:
            return None
    return files


def images_of(source: Source) -> list[tuple[str, Span]]:
    """The `image` of each part of a compose file with its place; none where it cannot be read."""
    import yaml

    if len(source.text) > _LONGEST:
        return []
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        tree = yaml.compose(source.text, Loader=loader)
    except (yaml.YAMLError, RecursionError):
        return []
    found = []
    for services in _below(tree, "services"):
        for part in (value for _, value in services.value) if isinstance(services, yaml.MappingNode) else ():
            for image in _below(part, "image"):
                if isinstance(image, yaml.ScalarNode):
                    found.append((str(image.value), source.span(image.start_mark.index, image.end_mark.index)))
    return found


def _below(node: Any, key: str) -> list[Any]:
    """The values of a key in a mapping."""
    import yaml

    return [value for name, value in node.value if name.value == key] if isinstance(node, yaml.MappingNode) else []


def _parts(service: Checked, load: Load) -> tuple[frozenset[str], Note] | None:
    """The parts of a service, and where its files are named. None where a file is not in the project, or not plain enough."""
    files = _files(service, load)
    if files is None:
        return None
    setting = next(child for child in service.children if child.row.keyword == "compose")
    names: set[str] = set()
    for source in files:
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
