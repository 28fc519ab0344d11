"""The language reference, `docs/language.md`, out of the keyword table. A test holds the file equal to it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.plan.model import Outcome
from compiler.schema.row import ANY, TOP, Block, Row
from compiler.schema.table import ROWS, below
from compiler.schema.types import TYPES

_HEAD = '''# The runbook language

What `rbc` compiles. A spec says what there is (hosts, services, parameters), what must hold (probes), what is done
(phases with their steps) and what to do when it goes wrong (ways back, rollback, troubles). Script, runbook and checks are
made of it.

The lists of statements, settings and types are written by the compiler from the table that it checks specs with.

## A small spec

```rb
runbook restart_web {
  title "Restart of the web server"
}

host web1 {
  needs docker >= 24, "docker compose" >= 2
  guard hostname web1.example
}

service web on web1 {
  dir     /opt/web
  compose compose.yml
  url     https://web.example
}

probe health "Health answers" {
  http    ${web.url}/health
  every   5s for 2m
  trouble web_down
}

phase restart "Restart" {
  on web
  step again "Restart the containers" {
    $ docker compose ${web.args} restart
    undo "a restart leaves nothing behind"
  }
  check health
}

trouble web_down "The site is down" {
  symptom "Health does not answer."
  fix $ docker compose ${web.args} logs --tail=100
}
```

## How it is written

- A spec is UTF-8 text, its name ends in `.rb`. At most 8 MiB, lines of at most 64 KiB, blocks at most 32 deep,
  and at most 5,000 statements that `each` writes out.
- One shape for everything: `keyword words… { … }`. A statement ends at the end of its line; a line that ends in a comma goes on
  in the next. `{` stands at the end of its line, `}` on a line of its own; an empty block is `{}`.
- `#` begins a comment, at the start of a line or after white space.
- Names are made of `a-z`, `0-9` and `_` and begin with a letter. Forward references are fine: order matters only inside phases.

Words are written in five ways:

| written | means |
|---|---|
| `/opt/web` | a bare word: no white space, quotes, commas or braces |
| `"…"` | a string; knows `\\"`, `\\\\`, `\\n`, `\\t` and `${a.b}` |
| `'…'` | raw, nothing is replaced: for patterns |
| `"""…"""` | a text of several lines, without its indentation; knows `${a.b}` |
| `$ …` | shell to the end of the line; an odd number of `\\` at its end continues it |

A fence of three or more backticks, alone on a line, holds shell of several lines, up to as many backticks. Where `$ …` may stand
behind the words, a block of `$` lines or a fence may stand instead.

## Shell, names and constants

A command stands as it is typed. The compiler puts in two things only:

- `${name.key}`, with a dot, is a constant: the setting `key` of a host or service, or an entry of a `values`. It is replaced by
  its value, so that what is read is what runs. In a command it must be a plain word (letters, digits, `_@%+=:,./-`); another
  value is passed as a parameter. `$${name.key}` writes the text itself. Constants may be made of constants.
- `$name` stays, as `${name}`: it is a shell variable. It is a parameter, a capture, a choice, a variable that an `env_file`
  requires, assigned in the same body, or one of `HOME`, `USER`, `PATH`, `TMPDIR`, `PWD`. A path, URL, host or number outside of
  commands may hold it too. In prose and titles a `$` is a character.

`${service.args}` gives docker compose its options for a service: `-f FILE … --env-file FILE … -p PROJECT`, seen from the
service's `dir`. It is the only constant of several words, and stands in commands only. `values`, hosts and services have
names that differ, because `${name.key}` does not say which is meant.

## Reading the forms

Small words stand for themselves, CAPITALS for a value of a type. `[…]` may be left out; several of them stand in any order.
`X, …` is a list with commas. `a|b` is one of both. `$ …` is shell. *Repeatable* settings may stand several times in a block.
'''

_TAIL = """## What must come of a fault

`expect` says how a run must end after a fault; `rbc rehearse` makes the fault happen and holds the run to it. What holds for
every runbook (the exact reverse order, nothing twice) need not be said.

```text
expect step up fails                -> rolled back verified
expect probe health in before fails -> stopped
expect confirm go declined          -> declined
expect undo up fails                -> person needed
expect verify health fails          -> person needed
expect kill in step up              -> resumable
expect kill in step up              -> rolled back verified
```

The outcomes are those of a script: {outcomes}. What follows a kill is a
`resume` (`resumable`: it goes on to the end; or `paused`) or a `rollback`; both may be expected. A step fails at its start,
half-way, by its timeout and by what it verifies: the outcome must be the same in all of them.

## Using other files

`use FILE` takes a file, seen from the file that says it; it lies in the same project. The project is the nearest folder upward
with `rbc.toml`, `pyproject.toml` or `.git`, else the spec's own. Files must not use each other in a circle.

A used spec brings its {shared} statements, whether it has a `runbook` or not;
all else stays its own. Names must stay unique.

A used inventory (`.yml`, `.yaml`) brings hosts, services and values. Everything in it has the name, the type and the
errors that it has in a spec:

```yaml
hosts:
  web1:
    address: web1.example
    needs: [docker >= 24, '"docker compose" >= 2', git]
    guard: hostname web1.example
services:
  web:
    on: web1
    dir: /opt/web
    compose: [compose.yml, compose.local.yml]
    env_file:
      .env:
        require: [APP_TOKEN secret, "APP_PORT matches ^[0-9]+$"]
values:
  mail:
    sender: ops@example.org
```

A setting of one word takes the value as it is, one of several words what stands behind its keyword in a spec. A list is a list
with commas, or the setting several times; a mapping is its block. Commands do not stand in an inventory. It is plain YAML: no
tags, anchors or aliases, at most 512 KiB.

A compose file that lies beside the spec is read: a part after `only` that is not in it is an error.
"""


def reference() -> str:
    """The whole reference as Markdown."""
    parts = [_HEAD, "\n".join(_statements())]
    shared = [f"`{row.keyword}`" for row in ROWS if row.shared]
    outcomes = ", ".join(f"`{o.value}` ({o.code})" for o in Outcome if o is not Outcome.RESUMABLE)
    parts.append(_TAIL.replace("{shared}", f"{', '.join(shared[:-1])} and {shared[-1]}").replace("{outcomes}", outcomes))
    parts.append("\n".join(_types()))
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _statements() -> Iterator[str]:
    """A section for every statement of the top level, and below it one for each that has settings of its own."""
    yield "## Statements of the top level\n"
    yield "In any order. The runbook keeps the order of the file.\n"
    yield from _table(TOP)
    told = set(below(TOP))  # what stands at the top level is told there, also where it may stand elsewhere
    for row in below(TOP).values():
        if below(row.key):
            yield f"## `{row.keyword}`\n"
            yield from _section(row, told, 3)


def _section(row: Row, told: set[str], depth: int) -> Iterator[str]:
    told.add(row.key)
    yield f"{row.doc}\n"
    yield f"```text\n{_shape(row)}\n```\n"
    if row.required or row.exclusive:
        yield f"{_needs(row)}\n"
    yield from _table(row.key)
    for child in below(row.key).values():
        if below(child.key) and child.key not in told:
            holder = f"the rollback's `{row.keyword}`" if row.key.startswith("rollback ") else f"`{row.keyword}`"
            yield f"{'#' * depth} `{child.keyword}` in {holder}\n"
            yield from _section(child, told, min(depth + 1, 5))


def _shape(row: Row) -> str:
    """The statement's forms; shell is shown in the block where a block is the rule."""
    lines = []
    for form in row.pattern.forms:
        words = " ".join(filter(None, (row.keyword, form.text)))
        block = {Block.NO: "", Block.MAY: " [{ … }]", Block.MUST: " { … }"}[row.block]
        if row.pattern.shell and not form.shell:
            lines.append(words)
        elif form.shell and block:
            bare = words.removesuffix("$ …").rstrip()
            lines += [words, f"{bare} {{ … $ … }}"]
        else:
            lines.append(words + block)
    return "\n".join(lines)


def _needs(row: Row) -> str:
    sentences = []
    for wanted in row.required:
        options = (wanted,) if isinstance(wanted, str) else wanted
        listed = ", ".join(f"`{option}`" for option in options)
        only = options in row.exclusive
        how = "" if len(options) == 1 else "exactly one of " if only else "at least one of "
        sentences.append(f"It needs {how}{listed}.")
    for group in row.exclusive:
        if group not in row.required:
            sentences.append(f"At most one of {', '.join(f'`{option}`' for option in group)}.")
    return " ".join(sentences)


def _table(parent: str) -> Iterator[str]:
    yield "| written | means |"
    yield "|---|---|"
    for row in below(parent).values():
        yield f"| {' or '.join(_forms(row))} | {' '.join(_remarks(row))} |"
    yield ""


def _forms(row: Row) -> Iterator[str]:
    keyword = "KEY" if row.keyword == ANY else row.keyword
    for form in row.pattern.forms:
        text = " ".join(filter(None, (keyword, form.text))) + (" { … }" if row.block is Block.MUST else "")
        yield f"`{text}`".replace("|", "\\|")


def _remarks(row: Row) -> Iterator[str]:
    yield row.doc.replace("|", "\\|")
    if row.default is not None:
        yield f"Else: {row.default}."
    if row.repeatable and row.declares is None:
        yield "*Repeatable.*"


def _types() -> Iterator[str]:
    yield "## Types of values\n"
    yield "| type | a value is |"
    yield "|---|---|"
    for kind in TYPES.values():
        yield f"| `{kind.word}` | {kind.doc.replace('|', chr(92) + '|')} |"
    yield ""
