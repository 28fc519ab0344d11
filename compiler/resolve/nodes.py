"""Checked statements to nodes of the model: the shell gets its constants, a parameter's default its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.diagnostics import Diagnostic, did_you_mean
from compiler.plan.model import Body, Lit, Value
from compiler.resolve.constants import Constants
from compiler.schema.check import Checked
from compiler.schema.model import Node
from compiler.schema.types import PARAM_TYPES
from compiler.schema.wrong import Wrong
from compiler.shell import to_body


class Builder:
    """Makes nodes; `found` collects what is wrong with shell and defaults (RB209, RB309, and the codes of `compiler.shell`)."""

    def __init__(self, constants: Constants) -> None:
        self.constants = constants
        self.found: list[Diagnostic] = []

    def node(self, checked: Checked) -> Node:
        """The node of a statement with everything below it."""
        statement = checked.statement
        args: Mapping[str, Any] = checked.args
        if checked.row.declares == "param":
            self.parameter(checked)
        return Node(
            keyword=checked.keyword if checked.row.keyword != "*" else statement.keyword,
            span=statement.span,
            head=statement.head,
            args=args,
            places=checked.places,
            children=tuple(self.node(child) for child in checked.children),
            bodies=self.bodies(checked),
        )

    def bodies(self, checked: Checked) -> tuple[Body, ...]:
        if not checked.shells:
            return ()
        made = []
        for shell in checked.shells:
            body, found = to_body(shell, self.constants.within(shell.bound))
            self.found.extend(found)
            made.append(body)
        return tuple(made)

    def parameter(self, checked: Checked) -> None:
        """A choice names each word once; a default is of the parameter's type, and becomes a `Value`."""
        choices: tuple[Any, ...] | None = checked.args.get("choice")
        seen: set[str] = set()
        for choice, place in zip(choices or (), checked.places.get("choice", ()), strict=True):
            if choice in seen:
                self.found.append(Diagnostic("RB307", f"`{choice}` stands twice in this choice", place, "keep one of them"))
            seen.add(choice)
        for child in checked.children:
            if child.row.keyword != "default" or not isinstance(text := child.args.get("value"), str):
                continue
            place = child.places["value"]
            if choices is not None:
                value: Any = Value((Lit(text),))
                if text not in choices and None not in choices:
                    fix = did_you_mean(text, choices) or f"one of {', '.join(f'`{c}`' for c in choices)}"
                    self.found.append(Diagnostic("RB209", f"`{text}` is not one of this parameter's choices", place, fix))
            else:
                kind = str(checked.args.get("which"))
                value = PARAM_TYPES[kind](text) if kind in PARAM_TYPES else Value((Lit(text),))
            if isinstance(value, Wrong):
                self.found.append(Diagnostic(value.code, f"the default does not fit: {value.message}", place, value.fix))
            else:
                child.args["value"] = value if isinstance(value, Value) else Value((Lit(text),))
