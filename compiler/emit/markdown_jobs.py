"""Jobs of automations in the runbook: the server and its functions once, and each job as commands and a click path."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.emit.locale import duration
from compiler.emit.markdown_blocks import Block, Book, Paragraph, commands, passage, typed
from compiler.emit.markdown_leaves import Inline, MarkdownLeaf, Prose, Sentence, Text, Url
from compiler.plan.model import Automation, JobItem

_BY_HAND = ("api", "find", "start", "state", "output", "stop")  # `templates` and `newest` are asked by scripts only


def servers(book: Book) -> Iterator[Block]:
    """What jobs run on, how a person starts one, and the functions that their commands call."""
    for this in book.plan.automations:
        yield book.heading(3, book.words["job.title"].replace("{server}", this.name), _key(this.name))
        if this.note:
            yield Paragraph(passage(this.note))
        address: MarkdownLeaf = Inline(this.url.shown)
        if this.url.constant is not None:
            address = Sentence("<{url}>", {"url": Url(this.url.constant)})
        yield Paragraph(book.say("job.server", url=address, project=Inline(this.project.shown)))
        if this.insecure:
            yield Paragraph(book.say("job.insecure", why=Prose(this.insecure)))
        times = {"every": Text(duration(this.patience.every)), "within": Text(duration(this.patience.within))}
        yield Paragraph(book.say("job.script", **times))
        yield Paragraph(book.say("job.functions"))
        yield typed("\n".join(_function(this, role) for role in _BY_HAND))
        state, output, stop = (Inline(this.commands[role].name) for role in ("state", "output", "stop"))
        ends = {word: Inline(word) for word in ("success", "error", "stopped")}
        yield Paragraph(book.say("job.ends", state=state, output=output, stop=stop, **ends))


def job(book: Book, this: JobItem) -> Iterator[Block]:
    """One job: the command that starts it, what says where it stands, and what is to come of it."""
    server = book.plan.automation(this.automation)
    state = server.commands["state"].name
    yield commands((this.body,), None, before=f"{server.functions}_task=$(", after=f")\n{state}")
    limit = {} if this.timeout is None else {"limit": Text(duration(this.timeout))}
    link = book.link(book.words["job.again"], _key(server.name))
    yield Paragraph(book.say("job.expected_within" if limit else "job.expected", state=Inline("success"), again=link, **limit))


def link(book: Book, server: str) -> MarkdownLeaf:
    """A link to where the jobs of a server are told about."""
    return book.link(book.words["job.title"].replace("{server}", server), _key(server))


def _function(this: Automation, role: str) -> str:
    command = this.commands[role]
    return "\n".join((f"{command.name}() {{", *(f"  {line}" for line in command.body.text.split("\n")), "}"))


def _key(server: str) -> str:
    return f"automation/{server}"
