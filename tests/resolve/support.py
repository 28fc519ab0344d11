"""A project of texts, resolved."""

from __future__ import annotations

from pathlib import PurePosixPath

from compiler.diagnostics import Diagnostic, Refused
from compiler.resolve import resolve
from compiler.schema.model import Model
from compiler.source import Source, Span
from compiler.syntax.parser import parse

RUNBOOK = 'runbook main {\n  title "Main"\n}\n'


class Texts:
    """A project whose files are given as text."""

    def __init__(self, files: dict[str, str]) -> None:
        self.sources = {name: Source(name, text) for name, text in files.items()}
        self.asked: list[str] = []

    def load(self, name: str, importer: Source, span: Span) -> Source:
        path = str(PurePosixPath(importer.name).parent / name)
        self.asked.append(path)
        if path not in self.sources:
            raise Refused([Diagnostic("RB001", f"`{path}` does not exist", span)])
        return self.sources[path]


def resolved(text: str, **files: str) -> tuple[Model | None, tuple[Diagnostic, ...]]:
    """The model of a spec and what is wrong; `files` are others, `_rb`, `_yml` for their endings."""
    names = {name.replace("_rb", ".rb").replace("_yml", ".yml").replace("_yaml", ".yaml"): body for name, body in files.items()}
    texts = Texts({"main.rb": text, **names})
    document, errors = parse(texts.sources["main.rb"])
    assert not errors, errors
    return resolve(document, texts)


def model(text: str, **files: str) -> Model:
    """The model of a spec that is right; it gets a `runbook`."""
    found, diagnostics = resolved(RUNBOOK + text, **files)
    assert found is not None, diagnostics
    assert not diagnostics
    return found


def told(text: str, **files: str) -> list[str]:
    """`file:line code message` of everything that is wrong, by place."""
    return [f"{d.span} {d.code} {d.message}" for d in resolved(text, **files)[1]]
