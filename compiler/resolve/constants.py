"""Constants: `${name.key}` of `values`, `host` and `service`, and constants made of constants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic, Note
from compiler.plan.model import Lit
from compiler.resolve.near import nearest_fix
from compiler.schema.each import WORD
from compiler.schema.row import ANY, TOP, Row
from compiler.schema.table import below
from compiler.schema.values import value_of
from compiler.schema.wrong import Wrong
from compiler.shell.body import PLAIN
from compiler.source import Span
from compiler.syntax.tree import Literal, Statement, Word

LONGEST = 64 * 1024  # characters of one value
DEEPEST = 60  # constants behind one another
_QUOTED = re.compile(r"[A-Za-z0-9_@%+=:,./ -]+")
ARGS = "args"  # `${service.args}`: the options of docker compose


@dataclass
class _Holder:
    """What stands before the dot: a `values`, a host or a service."""

    statement: Statement
    row: Row
    settings: dict[str, list[Statement]]

    def is_constant(self, key: str) -> bool:
        row = below(self.row.key).get(key) or below(self.row.key).get(ANY)
        return row is not None and row.constant


class Constants:
    """The constants that these statements declare.

    `found` collects what is wrong with the declarations (RB302, RB303, RB304, RB306). `whole` is False where a used file was not
    understood: then an unknown name is no message of its own.
    """

    def __init__(self, statements: Sequence[Statement], *, whole: bool = True) -> None:
        self.whole = whole
        self.found: list[Diagnostic] = []
        self._values: dict[tuple[str, str], str | None] = {}
        self._unknown: list[Span] = []
        self._under_way: list[tuple[tuple[str, str], Span]] = []
        self._holders: dict[str, _Holder] = {}
        rows = below(TOP)
        for statement in statements:
            row = rows.get(statement.keyword)
            if row is None or not any(child.constant for child in below(row.key).values()) or not statement.words:
                continue
            settings: dict[str, list[Statement]] = {}
            for inner in statement.block or ():
                if isinstance(inner, Statement):
                    settings.setdefault(inner.keyword, []).append(inner)
            self._holders.setdefault(statement.words[0].text, _Holder(statement, row, settings))
        for name, holder in self._holders.items():
            for key in holder.settings:
                if holder.is_constant(key):
                    self._value(name, key)

    # ── what others ask ───────────────────────────────────────────────────────────────────────────────────────────

    def substitute(self, word: Word) -> str | None:
        """The word's text with all constants in place; None where one is unknown, which is then in `found`."""
        if len(word.parts) == 1 and isinstance(word.parts[0], Literal):
            return word.parts[0].text
        texts: list[str | None] = [
            part.text if isinstance(part, Literal) else self._reported(part.path, part.span) for part in word.parts
        ]
        known = [text for text in texts if text is not None]
        return "".join(known) if len(known) == len(texts) else None

    def in_shell(self, path: tuple[str, ...], span: Span) -> str | Diagnostic:
        """The value of `${a.b}` inside a command. What is a mistake of the declaration was reported there."""
        if len(path) == 2 and path[1] == ARGS and (holder := self._holders.get(path[0])) and holder.row.keyword == "service":
            return self._arguments(path[0], holder, span)
        result = self._lookup(path, span)
        if isinstance(result, Diagnostic):
            return result if self.whole or result.code != "RB302" else "unknown"
        return "unknown" if result is None else result

    def within(self, turns: Iterable[tuple[str, str]]) -> Callable[[tuple[str, ...], Span], str | Diagnostic]:
        """`in_shell` inside of `each` statements, given with the words whose turn it is: the innermost of a name counts."""
        words = dict(turns)

        def constant(path: tuple[str, ...], span: Span) -> str | Diagnostic:
            if path[0] not in words:
                return self.in_shell(path, span)
            word = words[path[0]]
            return word if path[1:] == (WORD,) else self.in_shell((word, *path[1:]), span)

        return constant

    # ── values ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _reported(self, path: tuple[str, ...], span: Span) -> str | None:
        if len(path) == 2 and path[1] == ARGS and (holder := self._holders.get(path[0])) and holder.row.keyword == "service":
            message = f"`${{{path[0]}.{ARGS}}}` is several words, which only a command can take"
            self.found.append(Diagnostic("RB306", message, span, f"name the setting, e.g. `${{{path[0]}.dir}}`"))
            return None
        result = self._lookup(path, span)
        if isinstance(result, Diagnostic):
            if self.whole or result.code != "RB302":
                self.found.append(result)
            return None
        return result

    def _lookup(self, path: tuple[str, ...], span: Span) -> str | Diagnostic | None:
        """The value, why there is none, or None where its declaration is at fault."""
        written = "${" + ".".join(path) + "}"
        holder = self._holders.get(path[0])
        if holder is None or path[1] not in holder.settings:
            self._unknown.append(span)
        if holder is None:
            fix = nearest_fix(path[0], self._holders, self._unknown) or "declare it with `values`, `host` or `service`"
            return Diagnostic("RB302", f"`{written}`: nothing that has constants is called `{path[0]}`", span, fix)
        if len(path) != 2:
            return Diagnostic("RB303", f"`{written}`: a constant has two names, as in `${{name.key}}`", span)
        key = path[1]
        if key in holder.settings and holder.is_constant(key):
            return self._value(path[0], key, span)
        known = [k for k in holder.settings if holder.is_constant(k)]
        note = Note(holder.statement.head, f"`{path[0]}` is declared here")
        if key in holder.settings:
            message = f"`{written}`: `{key}` of a {holder.row.keyword} is no constant"
            listed = f"it has {', '.join(f'`{k}`' for k in known)}" if known else None
            return Diagnostic("RB303", message, span, listed, (note,))
        fix = nearest_fix(key, known, self._unknown) or (
            f"it has {', '.join(f'`{k}`' for k in known[:12])}" if known else "it has no constants yet"
        )
        return Diagnostic("RB303", f"`{written}`: `{path[0]}` has no `{key}`", span, fix, (note,))

    def _value(self, name: str, key: str, span: Span | None = None) -> str | Diagnostic | None:
        if (name, key) in self._values:
            value = self._values[name, key]
            return self._several(name, key, span) if value is None and span is not None else value
        setting = self._holders[name].settings[key][0]
        place = span or setting.head
        names = [under_way for under_way, _ in self._under_way]
        if (name, key) in names:
            circle = [*names[names.index((name, key)) :], (name, key)]
            text = " → ".join(f"${{{a}.{b}}}" for a, b in circle)
            self.found.append(
                Diagnostic("RB304", f"constants are made of each other in a circle: {text}", place, "write one of them out")
            )
            return None
        if len(names) >= DEEPEST:
            self.found.append(
                Diagnostic("RB304", f"more than {DEEPEST} constants hang on each other", place, "write some of them out")
            )
            return None
        remark = self._holders[name].row.keyword == "values" and len(setting.words) == 2  # what an entry is explained with
        if len(setting.words) != 1 and not remark:
            self._values[name, key] = None
            return self._several(name, key, span) if span is not None else None
        self._under_way.append(((name, key), place))
        value = self.substitute(setting.words[0])
        self._under_way.pop()
        if value is not None and len(value) > LONGEST:
            message = f"the value of `${{{name}.{key}}}` is longer than {LONGEST // 1024} KiB"
            self.found.append(Diagnostic("RB304", message, setting.head, "constants are names, paths and addresses"))
            value = None
        self._values[name, key] = value
        return value

    def _several(self, name: str, key: str, span: Span) -> Diagnostic | None:
        """Why a setting that is there has no value: it has several words. (Everything else was reported at the setting.)"""
        setting = self._holders[name].settings[key][0]
        if len(setting.words) < 2:
            return None
        fix = (
            f"for docker compose write `${{{name}.{ARGS}}}`"
            if key == "compose"
            else "put a single word into a `values` of your own"
        )
        note = Note(setting.head, "it stands here")
        return Diagnostic("RB303", f"`${{{name}.{key}}}`: `{key}` has {len(setting.words)} words here", span, fix, (note,))

    # ── `${service.args}` ─────────────────────────────────────────────────────────────────────────────────────────

    def _arguments(self, name: str, holder: _Holder, span: Span) -> str | Diagnostic:
        """`-f FILE … --env-file FILE … -p PROJECT`: what docker compose needs for this service, seen from its `dir`."""
        words: list[str] = []
        for key, option in (("compose", "-f"), ("env_file", "--env-file"), ("project", "-p")):
            for setting in holder.settings.get(key, ()):
                for word in setting.words:
                    text = self.substitute(word) or "unknown"
                    shown = shell_word(text)
                    if shown is None:
                        note = Note(word.span, "this word")
                        message = f"`${{{name}.{ARGS}}}` would hold `{text}`, which cannot stand in a command as it is"
                        return Diagnostic("RB305", message, span, "use letters, digits and `_@%+=:,./-` in it", (note,))
                    words += [option, shown]
        if not words:
            note = Note(holder.statement.head, "declared here")
            message = f"`${{{name}.{ARGS}}}` is empty: the service `{name}` has no `compose`, `env_file` or `project`"
            return Diagnostic("RB305", message, span, "leave it out, or name the compose file in the service", (note,))
        return " ".join(words)


def shell_word(text: str) -> str | None:
    """The text as one word of a command: as it is, or in double quotes with `${name}` and blanks; None where neither will do."""
    if PLAIN.fullmatch(text):
        return text
    value = value_of(text)
    if isinstance(value, Wrong):
        return None
    parts = []
    for part in value.parts:
        if isinstance(part, Lit):
            if not _QUOTED.fullmatch(part.text):
                return None
            parts.append(part.text)
        else:
            parts.append(f"${{{part.name}}}")
    return f'"{"".join(parts)}"'
