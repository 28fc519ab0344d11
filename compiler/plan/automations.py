"""What the jobs of an automation are made of: the requests to its API, as functions that script and runbook share.

Semaphore's API as published, version 2.2.0: https://docs.semaphoreui.com (`/api/project/{project_id}/…`). The answers are JSON,
which bash cannot read by itself, so a spec with jobs needs `jq` beside `curl`. The token goes from a builtin through a pipe to
curl's `--header @-` (curl >= 7.55): it is never an argument, in no environment and in no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.emit.shell import double
from compiler.plan.bodies import inserted
from compiler.plan.context import Context, patience, variables
from compiler.plan.model import Automation, Command, Lit, Patience, Value, Var
from compiler.plan.words import as_word, joined
from compiler.schema.model import Node

TOOLS = ("curl", "jq")
_PATIENCE = Patience(5, 300)  # where an automation says nothing
_ANSWER = 30  # seconds that curl waits for one answer
_FIRST = "rbc_first"  # stands for a function's first argument until the text is whole
_MISSING = {"en": "no template is called so, or several are: ", "de": "Kein Template heißt so, oder mehrere: "}
# How other functions of a script begin: one called `step_start` would be the step `start`.
_TAKEN = frozenset({"background", "capture", "diagnose", "guard", "job", "need", "probe", "step", "undo"})
# Terminal colours, which Semaphore keeps in a task's output, are no part of what it says. `stop` wants a body, even an empty one.
_SEMAPHORE = {
    "api": r"""
printf 'Authorization: Bearer %s\n' "${@token@}" |
  curl --silent --show-error --fail --max-time @limit@ --header @-@trust@ \
    @address@ "${@:2}"
""",
    "templates": r"""
@names@_api 'templates?sort=name&order=asc' | jq --raw-output '.[] | "\(.id) \(.name)"'
""",
    "find": r"""
@names@_api 'templates?sort=name&order=asc' |
  jq --arg name "${1}" '.[] | select(.name == $name) | .id'
""",
    "start": r"""
@template@=$(@names@_find "${1}")
if [[ "${@template@}" =~ ^[0-9]+$ ]]; then
  @names@_api tasks --header 'Content-Type: application/json' \
    --data "{\"template_id\": ${@template@}}" | jq .id
else
  echo @missing@ >&2
  false
fi
""",
    "newest": r"""
@template@=$(@names@_find "${@job@}")
@names@_api tasks/last |
  jq --argjson template "${@template@}" '[.[] | select(.template_id == $template) | .id] | max // 0'
""",
    "state": r"""
@names@_api "tasks/${@task@}" | jq --raw-output .status
""",
    "output": r"""
@names@_api "tasks/${@task@}/output" |
  jq --raw-output '.[].output // "" | gsub("\u001b\\[[0-9;]*m"; "")'
""",
    "stop": r"""
@names@_api "tasks/${@task@}/stop" --header 'Content-Type: application/json' --data '{}'
""",
}


def automation(context: Context, node: Node) -> Automation:
    """An automation whose jobs are run, made once.

    Reports a token that is not `secret` (RB551), and names that the automation's own functions use (RB307).
    """
    if node.name in context.automations:
        return context.automations[node.name]
    ca, insecure, every = node.one("ca"), node.text("insecure"), node.one("every")
    token = node.children[[child.keyword for child in node.children].index("token")]
    _secret(context, node, token)
    names = f"automation_{node.name}" if node.name in _TAKEN else node.name
    own = _Own(*(f"{names}_{what}" for what in ("job", "task", "template")))
    _free(context, node, own)
    server = _Server(
        url=_argument(node, "url", "url"),
        project=_argument(node, "project", "whole"),
        token=str(token.args["param"]),
        ca=None if ca is None else ca.args["path"],
        insecure=insecure is not None,
    )
    commands = {
        role: Command(f"{names}_{role}", inserted(text, node.head)) for role, text in _semaphore(server, names, own, context.lang)
    }
    context.commands += [command.body for command in commands.values()]
    made = Automation(
        name=node.name,
        functions=names,
        kind="semaphore",
        url=server.url,
        project=server.project,
        token=server.token,
        ca=server.ca,
        insecure=insecure,
        patience=_PATIENCE if every is None else patience(every.args, "duration") or _PATIENCE,
        commands=commands,
        variables=(own.job, own.task),
        note=node.text("note"),
        span=node.head,
    )
    context.automations[node.name] = made
    return made


def reads(made: Automation) -> tuple[str, ...]:
    """The parameters that every request reads."""
    return (made.token, *variables(made.project), *variables(made.url), *variables(made.ca))


@dataclass(frozen=True)
class _Own:
    """The shell names of an automation's functions: what they are handed, and the template that they find."""

    job: str
    task: str
    template: str


@dataclass(frozen=True)
class _Server:
    """Where requests go, and what goes with them."""

    url: Value
    project: Value
    token: str
    ca: Value | None
    insecure: bool


def _argument(node: Node, keyword: str, argument: str) -> Value:
    setting = node.one(keyword)
    assert setting is not None  # the schema asks for it
    value: Value = setting.args[argument]
    return value


def _secret(context: Context, node: Node, token: Node) -> None:
    name = str(token.args["param"])
    declared = context.model.declared.get("param", {}).get(name)
    if declared is not None and declared.one("secret") is None:
        message = f"the token of `{node.name}` is the parameter `{name}`, which is not `secret`"
        context.wrong("RB551", message, token.head, f"write `secret` in the block of `param {name}`")


def _free(context: Context, node: Node, own: _Own) -> None:
    taken = {*context.everywhere(), *(capture.name for capture in context.every_capture)}
    for name in sorted({own.job, own.task, own.template} & taken):
        message = f"`${name}` belongs to the automation `{node.name}`: its functions use it"
        context.wrong("RB307", message, node.head, f"give the parameter or capture `{name}` another name")


def _semaphore(server: _Server, names: str, own: _Own, lang: str) -> Iterator[tuple[str, str]]:
    """The functions of a Semaphore server by role, each before those that call it."""
    path = joined(_without_slash(server.url), "/api/project/", server.project, "/", Var(_FIRST))
    words = {
        "names": names,
        "job": own.job,
        "task": own.task,
        "template": own.template,
        "token": server.token,
        "trust": " --insecure" if server.insecure else "" if server.ca is None else f" --cacert {as_word(server.ca)}",
        "limit": str(_ANSWER),
        "address": double(path),
        "missing": double(joined(_MISSING[lang], Var(_FIRST))),
    }
    for role, text in _SEMAPHORE.items():
        filled = re.sub("@([a-z]+)@", lambda match: words[match[1]], text)
        yield role, filled.replace(f"${{{_FIRST}}}", "${1}").strip("\n")


def _without_slash(url: Value) -> Value:
    *before, last = url.parts
    return Value((*before, Lit(last.text.rstrip("/")))) if isinstance(last, Lit) else url
