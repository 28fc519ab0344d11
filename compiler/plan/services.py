"""What commands say about a service: the words of `docker compose`."""

from __future__ import annotations

from compiler.emit.shell import word
from compiler.plan.words import as_word
from compiler.schema.model import Node

# The files that compose finds by itself.
DEFAULT_FILES = frozenset({"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"})


def arguments(service: Node) -> tuple[str, ...]:
    """`-f FILE`, `--env-file FILE` and `-p PROJECT`, as shell words: what stands between `docker compose` and its command."""
    words: list[str] = []
    compose, project = service.one("compose"), service.one("project")
    for file in () if compose is None else compose.args["file"]:
        words += ("-f", word(str(file)))
    for env_file in service.all("env_file"):
        words += ("--env-file", as_word(env_file.args["path"]))
    if project is not None:
        words += ("-p", word(str(project.args["label"])))
    return tuple(words)


def needs_arguments(service: Node) -> bool:
    """Whether a bare `docker compose` in the service's folder would mean something else."""
    compose = service.one("compose")
    files = () if compose is None else tuple(compose.args["file"])
    other_files = bool(files) and (len(files) > 1 or files[0] not in DEFAULT_FILES)
    return other_files or service.one("env_file") is not None or service.one("project") is not None
