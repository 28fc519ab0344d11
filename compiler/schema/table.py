"""THE keyword table: which keyword may stand where, and what follows it. No keyword is known anywhere else.

A row's signature is what checks the words and what the language reference prints (`compiler.schema.signature`):
UPPERCASE is a typed argument (`compiler.schema.types`), lowercase a literal word, `[…]` may be left out (trailing ones stand
in any order), `X, …` is a comma list, `a|b` are alternative words, ` | ` between blanks are alternative forms, `$ …` is shell.

How the names of `Node.args` come from a signature:

1. A typed argument is named by the literal words written directly before it since the last argument, joined by `_`; where
   there are none, by its own word in lower case. `URL [status INT] [header WORD matches PATTERN] [body matches PATTERN]` gives
   `url`, `status`, `header`, `matches`, `body_matches`; `PROBE, … [every DURATION for DURATION]` gives `probe`, `every`, `for`;
   the statement `every DURATION for DURATION` gives `duration`, `for`. Symbols (`>=`, `<=`) are no words: `free >= SIZE` gives
   `free`.
2. A list is a tuple under the same name. A list of several words (`TOOL [OP VERSION], …`) is a tuple of mappings, under the
   name of its first argument: `args["tool"] == ({"tool": "docker", "op": ">=", "version": "24"}, {"tool": "git"})`.
3. Alternatives of literals after a literal are an argument named by it, the value is the word: `is running|healthy` gives
   `is == "running"`, `since start|DURATION` gives `since == "start"` or `since == 900`. Where no literal stands before them it
   is called `which`: `lang en|de`, `on failure rollback|stop|pause` (`node.one("on failure").args["which"]`), `param NAME
   string|int|…`.
4. Other literals that no argument follows are `True` under their own name: `build`, `default`, `int`, `secret`, `rollback` (of
   `undo rollback`), `is_clean`. `guard path PATH` gives `path`, `guard hostname ADDRESS` gives `hostname`, `guard command $ …`
   gives `command`.

`Node.keyword` is the row's keyword (`on failure` for `on failure …`; for a free constant of `values` the author's own word).
Shell, whether it stands behind the words or in the block, is `Node.bodies`, one for each `$` command or fence, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from compiler.schema import rows_phase, rows_probe, rows_top, rows_watch
from compiler.schema.row import ANY, TOP, Row

ROWS: tuple[Row, ...] = (*rows_top.ROWS, *rows_probe.ROWS, *rows_phase.ROWS, *rows_watch.ROWS)


@cache
def rows() -> Mapping[str, Mapping[str, Row]]:
    """Parent's key -> keyword -> row. The parent `TOP` is the top level of a file."""
    table: dict[str, dict[str, Row]] = {TOP: {}}
    for row in ROWS:
        table.setdefault(row.key, {})
        for parent in row.parents:
            below = table.setdefault(parent, {})
            if row.keyword in below:
                raise AssertionError(f"two rows for `{row.keyword}` in `{parent}`")
            below[row.keyword] = row
    return table


def below(parent: str) -> Mapping[str, Row]:
    """The rows that may stand in the block of the row with this key (or at the `TOP`)."""
    return rows().get(parent, {})


@cache
def keywords() -> frozenset[str]:
    """Every keyword there is, `on failure` included."""
    return frozenset(row.keyword for row in ROWS if row.keyword != ANY)


def parents_of(keyword: str) -> Iterable[str]:
    """The keywords in whose blocks this keyword may stand; `TOP` for the top level."""
    by_key = {row.key: row.keyword for row in ROWS}
    return sorted({by_key.get(parent, parent) for row in ROWS if row.keyword == keyword for parent in row.parents})


def row_by_key(key: str) -> Row:
    """The row with this key; KeyError where there is none."""
    return {row.key: row for row in ROWS}[key]
