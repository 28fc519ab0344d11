"""From the tree to the typed model: files, constants, the keyword table, names, shell.

| module | does |
|---|---|
| `files` | follows `use`: specs, libraries, inventories |
| `inventory` | YAML to statements |
| `environments` | the declarations as they are in each environment |
| `constants` | the values of `${a.b}` |
| `names` | what is declared and what is referred to |
| `ways` | which phases and which rollback each procedure runs |
| `compose` | parts of compose files that lie in the project |
| `nodes` | checked statements to nodes, shell included |

Nothing here reads a file: the `Loader` does.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.diagnostics import Diagnostic
from compiler.resolve.compose import check_images, check_parts
from compiler.resolve.constants import Constants
from compiler.resolve.environments import Settings, environments
from compiler.resolve.files import Files, read_files
from compiler.resolve.names import Names
from compiler.resolve.nodes import Builder
from compiler.schema.check import check
from compiler.schema.model import Model, Node
from compiler.source import Loader
from compiler.syntax.tree import Document

__all__ = ["resolve", "resolve_all"]


def resolve(document: Document, loader: Loader) -> tuple[Model | None, tuple[Diagnostic, ...]]:
    """The typed model of a spec without environments (of one with them, that of the first), and what is wrong with it."""
    models, found = resolve_all(document, loader)
    return (models[0] if models else None), found


def resolve_all(document: Document, loader: Loader) -> tuple[tuple[Model, ...], tuple[Diagnostic, ...]]:
    """The typed model of a spec with everything that it uses, one for each environment, and everything that is wrong with it.

    There is none where there is an error, and for a library (a file without `runbook`), which builds nothing and may have no
    diagnostics at all. Codes RB2xx and RB3xx, those of the shell (`compiler.shell.to_body`), and those of used files.
    """
    files = read_files(document, loader)
    settings, rest, wrong = environments(files.statements, files.own)
    whole = replace(files, statements=rest, found=(*files.found, *wrong))
    made = [_resolved(document, replace(whole, statements=s.statements, own=s.own), loader, s) for s in settings]
    made = made or [_resolved(document, whole, loader, None)]
    found = tuple(sorted({each for _, several in made for each in several}, key=lambda d: d.order))
    models = tuple(model for model, _ in made if model is not None)
    return (models if len(models) == len(made) else ()), found


def _resolved(
    document: Document, files: Files, loader: Loader, settings: Settings | None
) -> tuple[Model | None, tuple[Diagnostic, ...]]:
    """The model of a spec as it is in one environment."""
    constants = Constants(files.statements, whole=files.whole)
    checked, wrong = check(files.statements, constants.substitute)
    names = Names(checked, whole=files.whole)
    services = names.spaces.get("service", {})
    parts = [*check_parts(names.everything, services, loader.load), *check_images(services, loader.load)]
    builder = Builder(constants)
    nodes = [(statement, builder.node(statement)) for statement in checked]
    names.check_references()  # after the builder, which gives the defaults of parameters their type
    found = {*files.found, *constants.found, *wrong, *names.found, *parts, *builder.found}
    diagnostics = tuple(sorted(found, key=lambda d: d.order))
    own = tuple(node for statement, node in nodes if id(statement.statement) in files.own)
    runbook = next((node for node in own if node.keyword == "runbook"), None)
    if runbook is None or any(not d.warning for d in diagnostics):
        return None, diagnostics
    declared: dict[str, dict[str, Node]] = {}
    for statement, node in nodes:
        if statement.row.declares is not None and "name" in node.args:
            declared.setdefault(node.keyword, {})[node.name] = node
    environment = None if settings is None else settings.shown(constants.substitute)
    return Model(document.source, files.uses, runbook, declared, own, environment), diagnostics
