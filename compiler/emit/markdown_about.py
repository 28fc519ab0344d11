"""The first page of the runbook: the glance, how to run it, what it is for, what must be there, the paths and the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.emit import markdown_jobs, markdown_time, overview
from compiler.emit.locale import duration
from compiler.emit.markdown_blocks import (
    Block,
    Book,
    Bullets,
    Code,
    Paragraph,
    Table,
    codes,
    commands,
    item_key,
    joined,
    passage,
    typed,
)
from compiler.emit.markdown_items import option_line, rule
from compiler.emit.markdown_leaves import Cell, Fence, Inline, MarkdownLeaf, Prose, Sentence, Text, Url
from compiler.emit.markdown_shared import phase_before
from compiler.emit.mermaid import flow
from compiler.emit.shell import word
from compiler.plan.model import ConfirmItem, Decision, HoldItem, ManualItem, Param, Service, StepItem
from compiler.plan.words import as_word

# A shell of its own: `exit` in a block ends no login, `!` means nothing, and the prompt shows how the last command ended.
BY_HAND = r"PS1='[$?] \w \$ ' bash --norc +H"


def glance(book: Book) -> Iterator[Block]:
    """One table: what, where, who, how long, what cannot be undone."""
    yield _facts(book, (*_what(book), *_run(book)))


def glance_of_all(book: Book) -> Iterator[Block]:
    """What all procedures share: what, where, who."""
    rows = tuple(_what(book))
    if rows:
        yield _facts(book, rows)


def glance_of_one(book: Book) -> Iterator[Block]:
    """What a procedure has for itself: how long, what cannot be undone."""
    yield _facts(book, tuple(_run(book)))


def _facts(book: Book, rows: Sequence[tuple[str, MarkdownLeaf]]) -> Block:
    head = (Cell(book.say("glance.title")), Cell(Sentence("", {})))
    return Table(head, tuple((Cell(book.say(key)), Cell(leaf)) for key, leaf in rows))


def _what(book: Book) -> list[tuple[str, MarkdownLeaf]]:
    plan, meta = book.plan, book.plan.meta
    host = plan.host
    rows: list[tuple[str, MarkdownLeaf]] = []
    if plan.services or host:
        rows.append(("glance.system", joined(_systems(book))))
    if host and host.access:
        rows.append(("glance.access", Text(host.access)))
    if host and host.user:
        rows.append(("glance.user", Inline(host.user)))
    if meta.owner:
        rows.append(("glance.owner", Text(meta.owner)))
    if meta.audience:
        rows.append(("glance.audience", Text(meta.audience)))
    document = [Text(t) for t in (meta.id, meta.doc_class) if t]
    if document:
        rows.append(("glance.document", joined(document, " · ")))
    if meta.status:
        rows.append(("glance.status", Text(meta.status)))
    if meta.updated:
        rows.append(("glance.updated", Text(meta.updated)))
    return rows


def _run(book: Book) -> Iterator[tuple[str, MarkdownLeaf]]:
    yield "glance.duration", time_needed(book)
    yield from markdown_time.glance(book)
    yield "glance.back", _back(book)
    yield "glance.irreversible", _irreversible(book)


def _systems(book: Book) -> Iterator[MarkdownLeaf]:
    host = book.plan.host
    for service in book.plan.services:
        if service.host:
            yield book.say("glance.system_on", service=Text(service.name), host=Text(service.host))
        else:
            yield Text(service.name)
    if host and not any(s.host == host.name for s in book.plan.services):
        yield Text(host.name)
    if host and host.address and host.address != host.name:
        yield Inline(host.address)


def time_needed(book: Book) -> MarkdownLeaf:
    """From how long to how long, as far as that is known."""
    least, most = Text(duration(book.plan.least)), book.plan.most
    if most is not None:
        return book.say("duration.range", least=least, most=Text(duration(most)))
    items = tuple(overview.everything(book.plan))
    waits = any(isinstance(i, ConfirmItem | ManualItem) or (isinstance(i, StepItem) and i.interactive) for i in items)
    chosen = any(isinstance(i, HoldItem) and i.duration.constant is None for i in items)
    return book.say("duration.waits" if waits else "duration.param" if chosen else "duration.open", least=least)


def _back(book: Book) -> MarkdownLeaf:
    plan = book.plan
    if not overview.changing(plan):
        return book.say("back.none_needed")
    whole = "partial" if overview.irreversible(plan) else "complete"
    if plan.rollback and plan.rollback.verify:
        back = book.say(f"back.{whole}", probes=joined(book.link(i.title, item_key(i)) for i in plan.rollback.verify))
    else:
        back = book.say(f"back.{whole}_unproven")
    return back if not plan.back_most else book.say("back.at_most", back=back, time=Text(duration(plan.back_most)))


def _irreversible(book: Book) -> MarkdownLeaf:
    stays = overview.irreversible(book.plan)
    if not stays:
        return book.say("back.no_irreversible")
    leaves: list[MarkdownLeaf] = []
    for item in stays:
        link = book.item(item)
        leaves.append(book.say("back.on_path", step=link, path=_path(book, item.path)) if item.path else link)
    return joined(leaves)


def _path(book: Book, path: tuple[Decision, ...]) -> MarkdownLeaf:
    titles = overview.option_titles(book.plan)
    return joined((book.say("quoted", text=Text(titles[d])) for d in path), " → ")


def how_to_run(book: Book) -> Iterator[Block]:
    """The script first; by hand equally."""
    yield book.title("run.title")
    yield from by_script(book)
    yield from by_hand(book)


def by_script(book: Book) -> Iterator[Block]:
    """How the script is copied, looked at, and started."""
    plan, host = book.plan, book.plan.host
    script = Inline(plan.script)
    yield from _copied(book, (plan.script,))
    where = {"host": Text(host.name)} if host else {}
    yield Paragraph(book.say("run.where" if host else "run.where_any", script=script, **where))
    yield typed(f"./{word(plan.script)} plan")
    changes = bool(overview.changing(plan))
    yield Paragraph(book.say("run.plan"))
    yield typed(f"./{word(plan.script)}")
    yield Paragraph(book.say("run.run" if changes else "run.run_readonly"))
    names = {name: f"./{plan.script} {name}" for name in ("rollback", "resume", "status", "receipt")}
    names["help"] = f"./{plan.script} --help"
    key = "run.more" if changes else "run.more_readonly"
    yield Paragraph(book.say(key, **{name: Inline(text) for name, text in names.items()}))
    yield from markdown_time.how_to_run(book)


def by_scripts(book: Book) -> Iterator[Block]:
    """What holds for the scripts of all procedures: how they are copied, and what each can be told."""
    host = book.plan.host
    yield from _copied(book, [chapter.plan.script for chapter in book.chapters])
    where = {"host": Text(host.name)} if host else {}
    yield Paragraph(book.say("procedures.run" if host else "procedures.run_any", plan=Inline("plan"), **where))
    words = {name: Inline(name) for name in ("rollback", "resume", "status", "receipt")}
    yield Paragraph(book.say("run.more", **words, help=Inline("--help")))


def by_its_script(book: Book) -> Iterator[Block]:
    """The lines that look at a procedure and run it."""
    script = f"./{word(book.plan.script)}"
    yield typed(f"{script} plan\n{script}")
    yield from markdown_time.how_to_run(book)


def _copied(book: Book, scripts: Sequence[str]) -> Iterator[Block]:
    host = book.plan.host
    if host and host.address:
        login = f"{host.user}@{host.address}" if host.user else host.address
        yield Paragraph(book.say("run.copy"))
        yield typed(f"scp {' '.join(map(word, scripts))} {word(login + ':')}")


def by_hand(book: Book) -> Iterator[Block]:
    """How the blocks are pasted into a shell."""
    yield Paragraph(book.say("run.hand"))
    yield typed(BY_HAND)
    yield Paragraph(book.say("run.hand_status", good=Inline("[0]")))
    if book.plan.params:
        yield Paragraph(book.say("run.hand_params", link=book.target("params.title")))


def about(book: Book) -> Iterator[Block]:
    """Purpose, principles, scope."""
    meta = book.plan.meta
    if meta.purpose:
        yield book.title("purpose.title")
        yield from (Paragraph(passage(t)) for t in meta.purpose)
    for key, texts in (("principles.title", meta.principles), ("scope.title", meta.scope), ("excludes.title", meta.excludes)):
        if texts:
            yield book.title(key)
            yield from one_or_many(texts)


def one_or_many(texts: tuple[str, ...]) -> Iterator[Block]:
    """One text is a paragraph, several are a list."""
    if len(texts) == 1:
        yield Paragraph(passage(texts[0]))
    else:
        yield Bullets(tuple(passage(t) for t in texts))


def prerequisites(book: Book) -> Iterator[Block]:
    """What must be there before anything runs."""
    plan, host = book.plan, book.plan.host
    said: list[MarkdownLeaf] = []
    blocks: list[Block] = []
    if host:
        name = Text(host.name)
        access = {"access": Text(host.access)} if host.access else {}
        said.append(book.say("needs.access" if host.access else "needs.access_only", host=name, **access))
        if host.user:
            said.append(book.say("needs.user", user=Inline(host.user)))
        for guard in host.guards:
            if guard.body is not None:
                blocks += [Paragraph(book.say("needs.guard_command")), commands((guard.body,), None)]
            elif guard.value is not None:
                said.append(book.say(f"needs.guard_{guard.kind}", value=Inline(guard.value.shown)))
    declared = [" ".join(filter(None, (n.tool, n.op, n.version))) for n in plan.needs if n.declared]
    found = [n.tool for n in plan.needs if not n.declared]
    if declared:
        said.append(book.say("needs.tools", tools=codes(declared)))
    if found:
        said.append(book.say("needs.more_tools" if declared else "needs.tools", tools=codes(found)))
    for service in plan.services:
        said += _service(book, service)
    if not said and not blocks and not plan.params and not plan.assumptions:
        return
    yield book.title("needs.title")
    if host and host.note:
        yield Paragraph(passage(host.note))
    if said:
        yield Bullets(tuple(said))
    yield from blocks
    for service in plan.services:
        if service.note:
            yield Paragraph(passage(service.note))
    if plan.assumptions:
        yield from _assumptions(book)
    if plan.params:
        yield from params(book)
    yield from markdown_jobs.servers(book)


def _assumptions(book: Book) -> Iterator[Block]:
    """What the spec takes for granted, so that somebody who knows better sees it."""
    yield book.title("assumptions.title", 3)
    yield Paragraph(book.say("assumptions.change", values=Inline("values")))
    keys = ("assumptions.name", "assumptions.value", "assumptions.note")
    rows = ((Cell(Inline(this.name)), Cell(Inline(this.value)), Cell(Prose(this.note))) for this in book.plan.assumptions)
    yield Table(tuple(Cell(book.say(key)) for key in keys), tuple(rows))


def _service(book: Book, this: Service) -> Iterator[MarkdownLeaf]:
    facts: list[MarkdownLeaf] = []
    if this.dir:
        facts.append(book.say("needs.service_dir", dir=Inline(this.dir.shown)))
    if this.project:
        facts.append(book.say("needs.service_project", project=Inline(this.project)))
    if this.unit:
        facts.append(book.say("needs.service_unit", unit=Inline(this.unit)))
    if this.url:
        web = this.url.startswith(("http://", "https://"))
        facts.append(book.say("needs.service_url", url=Sentence("<{url}>", {"url": Url(this.url)}) if web else Inline(this.url)))
    files = _files(book, this)
    if book.plan.environment is None:  # else in a line of their own: it is these in which environments differ
        facts, files = [*facts, *files], []
    if facts:
        yield book.say("needs.service", service=Text(this.name), facts=joined(facts))
    if files:
        yield book.say("needs.service_files", service=Text(this.name), facts=joined(files))
    yield from _required(book, this)
    for images in this.images:
        yield book.say("needs.service_images", pattern=Inline(images.matches), why=Prose(images.why))
    for file in this.env_files:
        for require in file.require:
            if require.note:
                yield book.say("needs.env_note", name=Inline(require.name), note=Prose(require.note))


def _files(book: Book, this: Service) -> list[MarkdownLeaf]:
    facts: list[MarkdownLeaf] = []
    if this.compose:
        key = "needs.service_compose" if len(this.compose) == 1 else "needs.service_compose_many"
        facts.append(book.say(key, files=codes(this.compose)))
    return facts + [book.say("needs.env_file", file=Inline(file.path.shown)) for file in this.env_files]


def _required(book: Book, this: Service) -> Iterator[MarkdownLeaf]:
    """What env files must hold."""
    for file in this.env_files:
        names: list[MarkdownLeaf] = []
        for require in file.require:
            name = Inline(require.name)
            if require.secret:
                names.append(book.say("needs.env_secret", name=name))
            elif require.matches:
                names.append(book.say("needs.env_matches", name=name, pattern=Inline(require.matches)))
            else:
                names.append(name)
        if names and len(this.env_files) == 1:
            yield book.say("needs.env_holds", service=Text(this.name), names=joined(names))
        elif names:
            yield book.say("needs.env_file_holds", file=Inline(file.path.shown), names=joined(names))


def params(book: Book) -> Iterator[Block]:
    """The parameters: options, where their values come from, and how they are set by hand."""
    yield book.title("params.title", 3)
    keys = ["params.option", "params.env", "params.default", "params.note", *(["procedures.procedure"] if book.chapters else [])]
    rows = []
    for this in book.plan.params:
        default = book.say("params.required") if this.default is None else Inline(this.default.shown)
        env: MarkdownLeaf = Inline(this.env) if this.env else Sentence("–", {})
        row = [Cell(Inline(this.option)), Cell(env), Cell(default), Cell(_meaning(book, this))]
        rows.append((*row, Cell(_procedures(book, this))) if book.chapters else tuple(row))
    yield Table(tuple(Cell(book.say(key)) for key in keys), tuple(rows))
    known = [p for p in book.plan.params if p.default is not None]
    asked = [p for p in book.plan.params if p.default is None]
    if known:
        yield Paragraph(book.say("params.hand"))
        yield typed("\n".join(_assignment(p) for p in known))
    if asked:  # one by one: in a pasted block the next line would be the answer
        lines = codes(f"IFS= read -r{'s' if this.secret else ''} {this.name}" for this in asked)
        yield Paragraph(book.say("params.hand_ask", lines=lines))


def _procedures(book: Book, this: Param) -> MarkdownLeaf:
    """The procedures that take a parameter, with what needs it there; "all" where all do, on every path."""
    names: list[MarkdownLeaf] = []
    everywhere = True
    for chapter in book.chapters:
        taken = next((p for p in chapter.plan.params if p.name == this.name), None)
        if taken is None or chapter.plan.procedure is None:
            everywhere = False
            continue
        name = chapter.link(chapter.plan.procedure.title, f"procedure/{chapter.plan.procedure.name}")
        when = _when(chapter, taken)
        everywhere = everywhere and when is None
        names.append(name if when is None else Sentence("{name}: {when}", {"name": name, "when": when}))
    return book.say("procedures.all") if everywhere else joined(names, "; ")


def _when(book: Book, this: Param) -> MarkdownLeaf | None:
    said = _limits(book, this, "params.block", "params.when")
    return joined(said) if said else None


def _limits(book: Book, this: Param, block: str, when: str) -> list[MarkdownLeaf]:
    """What alone needs a parameter, in the words of these two keys."""
    said: list[MarkdownLeaf] = [book.say(block)] if this.block else []
    if this.needed_when and () not in this.needed_when:
        said.append(book.say(when, paths=joined(_path(book, p) for p in this.needed_when)))
    return said


def _meaning(book: Book, this: Param) -> MarkdownLeaf:
    parts: list[MarkdownLeaf] = []
    if this.note:
        ended = this.note.rstrip().endswith((".", "!", "?", ":"))
        parts.append(Sentence("{note}" if ended else "{note}.", {"note": Prose(this.note)}))
    if this.choices:
        parts.append(book.say("params.choices", choices=codes(this.choices)))
    if this.matches:
        parts.append(book.say("params.matches", pattern=Inline(this.matches)))
    if this.secret:
        parts.append(book.say("params.secret"))
    if not book.chapters:
        parts += _limits(book, this, "params.block_sentence", "params.when_sentence")
    return joined(parts, " ") if parts else Inline(this.type)


def _assignment(this: Param) -> str:
    """What the script does with variable and default, as one line. Quotes inside of `${…:-…}` are read: it stands unquoted."""
    default = "" if this.default is None else as_word(this.default)
    return f"{this.name}={default}" if this.env is None else f"{this.name}=${{{this.env}:-{default}}}"


def paths(book: Book) -> Iterator[Block]:
    """Every decision with its options, before the way begins."""
    decisions = overview.choices(book.plan)
    if not decisions:
        return
    yield book.title("choices.title")
    for decision in decisions:
        yield Paragraph(book.say("choices.decision", link=book.item(decision)))
        yield Bullets(tuple(option_line(book, decision, option.name) for option in decision.options))


def picture(book: Book) -> Iterator[Block]:
    """The flow, drawn by Mermaid; one line for a procedure that goes straight through, without a decision or a date."""
    phases = book.plan.phases
    if book.plan.procedure is not None and not overview.choices(book.plan) and not any(phase.at for phase in phases):
        if len(phases) > 1:
            links = (book.link(f"{phase.number} {phase.title}", f"phase/{phase.name}") for phase in phases)
            yield Paragraph(book.say("flow.straight", phases=joined(links, " → ")))
        yield from rule(book)
        return
    yield book.title("flow.title")
    folded = {phase.name for phase in book.plan.phases if phase_before(book, phase) is not None}
    yield Code(Fence(flow(book.plan, {**book.words, **book.outcomes}, folded), "mermaid"))
    yield from rule(book)
