"""Build hook of the wheel: adds the serialized grammar, so that an installed `rbc` does not construct it at each start."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GrammarHook(BuildHookInterface[Any]):
    """Writes the grammar beside nothing: into a temporary folder, from where the wheel takes it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """An editable install has no serialized grammar: its source may change."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from compiler.syntax.grammar import SERIALIZED, serialize

        self.folder = tempfile.TemporaryDirectory()
        made = Path(self.folder.name) / SERIALIZED
        made.write_bytes(serialize())
        build_data["force_include"][str(made)] = f"compiler/syntax/{SERIALIZED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The wheel is written."""
        if version != "editable":
            self.folder.cleanup()
