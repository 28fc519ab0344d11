"""The way in the runbook: phases, and each item with its commands, what is expected, and its way back."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.emit import markdown_time as waiting
from compiler.emit import overview
from compiler.emit.locale import check_sentence, duration
from compiler.emit.markdown_blocks import Block, Book, Bullets, Paragraph, codes, commands, item_key, joined, passage
from compiler.emit.markdown_leaves import Flow, Inline, MarkdownLeaf, Number, Prose, Sentence, Text
from compiler.plan.checks import around
from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    Body,
    CaptureItem,
    CheckItem,
    ChooseItem,
    Condition,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    ManualItem,
    Patience,
    Phase,
    ProbeUse,
    StepItem,
    Value,
    Way,
)

LONG = 12  # lines; from here on a probe's commands are written once and linked to


def phase(book: Book, this: Phase) -> Iterator[Block]:
    """A phase with everything in it."""
    yield book.heading(2, f"{this.number} {this.title}", f"phase/{this.name}")
    if this.note:
        yield Paragraph(passage(this.note))
    yield from waiting.sitting(book, this)
    yield from _condition(book, this.condition)
    yield Paragraph(_on_failure(book, this))
    yield from items(book, this.items, 3)


def items(book: Book, these: tuple[AnyItem, ...], level: int, *, leads_back: bool = False) -> Iterator[Block]:
    """Items in order, each under a heading of this level. What itself `leads_back` says nothing about a way back."""
    for this in these:
        yield book.heading(level, f"{this.number} {this.title}", item_key(this))
        yield from _condition(book, this.condition)
        match this:
            case CheckItem():
                yield from check(book, this)
            case StepItem():
                yield from _step(book, this)
                yield from way_back(book, this) if not leads_back else ()
            case CaptureItem():
                yield from _capture(book, this)
            case ConfirmItem():
                yield from _confirm(book, this)
            case ManualItem():
                yield from _manual(book, this)
                yield from way_back(book, this) if not leads_back else ()
            case ChooseItem():
                yield from _choose(book, this, level, leads_back)
            case HoldItem():
                yield from _hold(book, this)
            case BackgroundItem():
                yield from _background(book, this)
            case GuardedItem():
                yield from _note(this.note)
                yield from waiting.guard(book, this)
                yield from items(book, this.items, level + 1)


def check(book: Book, this: CheckItem) -> Iterator[Block]:
    """What a check item shows below its heading."""
    yield from _note(this.note)
    yield from probe(book, this.use, book.asked_before(this))


def probe(book: Book, use: ProbeUse, before: CheckItem | None = None) -> Iterator[Block]:
    """A probe's commands, what they must show, and where to look if they do not.

    `before` is where the same probe has been asked on the same path: long commands are not written again.
    """
    this = book.plan.probe(use.probe)
    yield from _note(this.note if before is None else None)
    long = before is not None and sum(single.body.text.count("\n") + 1 for single in this.checks) > LONG
    if before is not None and long:
        yield Paragraph(book.say("check.again", item=book.item(before)))
    for single in this.checks:
        if not long:
            yield commands((single.body,), this.dir)
        text, facts = check_sentence(single, book.plan.meta.lang)
        line = Sentence(text, {name: _fact(name, fact) for name, fact in facts.items()})
        yield Paragraph(_expected(book, line, use.patience, this.timeout))
    said: list[MarkdownLeaf] = []
    if this.optional is not None:
        said.append(book.say("check.optional", why=Prose(this.optional)))
    if this.trouble:
        said.append(book.say("check.trouble", links=book.troubles(this.trouble)))
    if said:
        yield Bullets(tuple(said))
    yield from _diagnose(book, this.diagnose, this.dir)


def _fact(name: str, fact: str) -> MarkdownLeaf:
    if name in ("op", "seconds", "status", "days", "count", "percent", "size", "ports"):
        return Text(fact)
    return Prose(fact) if name == "why" else Inline(fact)


def _expected(book: Book, line: MarkdownLeaf, patience: Patience | None, timeout: int) -> MarkdownLeaf:
    limit = Text(duration(timeout))
    if patience is None:
        return book.say("check.expected", line=line, limit=limit)
    times = {"every": Text(duration(patience.every)), "within": Text(duration(patience.within))}
    return book.say("check.expected_within", line=line, limit=limit, **times)


def _diagnose(book: Book, bodies: tuple[Body, ...], folder: Value | None) -> Iterator[Block]:
    if bodies:
        yield Paragraph(book.say("check.diagnose"))
        yield commands(bodies, folder)


def _note(note: str | None) -> Iterator[Block]:
    if note:
        yield Paragraph(passage(note))


def _step(book: Book, this: StepItem) -> Iterator[Block]:
    yield from _note(this.note)
    yield commands((this.body,), this.dir)
    said: list[MarkdownLeaf] = []
    if this.interactive:
        said.append(book.say("step.interactive"))
    if this.timeout is not None:
        said.append(book.say("step.timeout", time=Text(duration(this.timeout))))
    if this.retry:
        key = "step.retry" if this.retry == 1 else "step.retries"
        said.append(book.say(key, count=Number(this.retry), every=Text(duration(this.retry_every))))
    if this.optional is not None:
        said.append(book.say("step.optional", why=Prose(this.optional)))
    said += _asked(book, "step.verify", this.verify)
    if this.trouble:
        said.append(book.say("step.trouble", links=book.troubles(this.trouble)))
    if said:
        yield Bullets(tuple(said))
    yield from _not_asked_elsewhere(book, this.verify)
    yield from _diagnose(book, this.diagnose, this.dir)


def _asked(book: Book, key: str, uses: tuple[ProbeUse, ...], **fields: MarkdownLeaf) -> list[MarkdownLeaf]:
    """One line that names probes, with links to where their commands stand."""
    if not uses:
        return []
    names: list[MarkdownLeaf] = []
    for use in uses:
        at = book.checked(use.probe)
        name = Text(book.plan.probe(use.probe).title) if at is None else book.item(at)
        if use.patience is not None:
            times = {"every": Text(duration(use.patience.every)), "within": Text(duration(use.patience.within))}
            name = book.say("step.patience", probe=name, **times)
        names.append(name)
    return [book.say(key, probes=joined(names), **fields)]


def _not_asked_elsewhere(book: Book, uses: tuple[ProbeUse, ...]) -> Iterator[Block]:
    """The commands of probes that are no item of their own anywhere."""
    for use in uses:
        if book.checked(use.probe) is None:
            yield from probe(book, use)


def way_back(book: Book, this: StepItem | ManualItem) -> Iterator[Block]:
    """How a change goes back, in words or as a block."""
    back = this.back
    text = Prose(back.text or "")
    if back.way is Way.UNDO and back.body is not None:
        timed = back.timeout is not None
        yield Paragraph(book.say("way.undo_timeout" if timed else "way.undo", time=Text(duration(back.timeout or 0))))
        yield commands((back.body,), this.dir if isinstance(this, StepItem) else None)
    elif back.way is Way.UNDO:
        yield Paragraph(book.say("way.task", text=text))
    elif back.way is Way.NOTHING:
        yield Paragraph(book.say("way.nothing", text=text))
    elif back.way is Way.ROLLBACK:
        yield Paragraph(book.say("way.rollback", link=book.target("block")))
    elif back.way is Way.IRREVERSIBLE:
        yield Paragraph(book.say("way.irreversible", text=text))
    else:
        yield Paragraph(book.say("way.readonly_but", text=text) if back.text else book.say("way.readonly"))


def _capture(book: Book, this: CaptureItem) -> Iterator[Block]:
    yield from _note(this.note)
    folder = "" if this.dir is None else "cd\n"
    opening, closing = around(folder + this.body.text)
    yield commands((this.body,), this.dir, before=f"{this.variable}={opening}", after=closing)
    said: list[MarkdownLeaf] = [
        book.say("capture.keeps_or_empty" if this.empty else "capture.keeps", name=Inline(f"${this.variable}"))
    ]
    if this.integer:
        said.append(book.say("capture.whole"))
    if this.matches is not None:
        said.append(book.say("capture.matches", pattern=Inline(this.matches)))
    said.append(book.say("capture.timeout", time=Text(duration(this.timeout))))
    yield Bullets(tuple(said))


def _confirm(book: Book, this: ConfirmItem) -> Iterator[Block]:
    yield Paragraph(book.say("confirm.ask"))
    yield from _note(this.note)
    said = _asked(book, "confirm.check", this.checks)
    said += _shown(book, this.show)
    if this.other:
        said.append(book.say("confirm.other", command=Inline(f"./{book.plan.script} accept {this.name}")))
    else:
        said.append(book.say("confirm.accept", option=Inline(f"--accept {this.name}")))
    yield Bullets(tuple(said))
    yield from _not_asked_elsewhere(book, this.checks)


def _manual(book: Book, this: ManualItem) -> Iterator[Block]:
    yield Paragraph(book.say("manual.ask"))
    yield from _note(this.note)
    said = _shown(book, this.show)
    if said:
        yield Bullets(tuple(said))


def _condition(book: Book, this: Condition | None) -> Iterator[Block]:
    """By which probe something is left out, with its commands where they stand nowhere else."""
    if this is None:
        return
    use = ProbeUse(this.probe, None, this.span)
    at = book.checked(this.probe)
    name = Text(book.plan.probe(this.probe).title) if at is None else book.item(at)
    yield Paragraph(book.say("condition.when" if this.holds else "condition.unless", probe=name))
    yield from _not_asked_elsewhere(book, (use,))


def _hold(book: Book, this: HoldItem) -> Iterator[Block]:
    seconds = this.duration.constant
    time = Inline(this.duration.shown) if seconds is None else Text(duration(int(seconds)))
    yield Paragraph(book.say("hold.ask" if this.watch else "hold.wait", time=time))
    yield from _note(this.note)
    uses = tuple(ProbeUse(name, None, this.span) for name in this.watch)
    if uses:
        (line,) = _asked(book, "hold.watch", uses, every=Text(duration(this.every)))
        fails = "hold.fails" if this.tolerate else "hold.fails_one"
        yield Bullets((line, book.say(fails, count=Number(this.tolerate + 1))))
    yield from _not_asked_elsewhere(book, uses)


def _background(book: Book, this: BackgroundItem) -> Iterator[Block]:
    yield Paragraph(book.say("background.ask"))
    yield from _note(this.note)
    if this.reads:
        yield Paragraph(book.say("background.values", names=codes(f"${n}" for n in this.reads)))
    yield commands((this.body,), this.dir)
    if this.until is not None:
        yield from (Paragraph(line) for line in _asked(book, "background.until", (this.until,)))
        yield from _not_asked_elsewhere(book, (this.until,))


def _shown(book: Book, names: tuple[str, ...]) -> list[MarkdownLeaf]:
    return [book.say("confirm.show", names=codes(f"${n}" for n in names))] if names else []


def _choose(book: Book, this: ChooseItem, level: int, leads_back: bool) -> Iterator[Block]:
    yield from _note(this.note)
    first = next((c for c in overview.choices(book.plan) if c.name == this.name), this)
    if first.number != this.number:
        yield Paragraph(book.say("choices.same", link=book.item(first)))
    else:
        yield Paragraph(book.say("choices.ask"))
    yield Bullets(tuple(option_line(book, this, option.name) for option in this.options))
    for option in this.options:
        yield book.heading(level + 1, f"{this.number}{option.letter} {option.title}", f"option/{this.number}{option.letter}")
        yield from _note(option.note)
        yield from items(book, option.items, level + 2, leads_back=leads_back)


def option_line(book: Book, this: ChooseItem, name: str) -> MarkdownLeaf:
    """An option by its title, and how the script is told to take it."""
    option = next(o for o in this.options if o.name == name)
    link = book.link(f"{this.number}{option.letter} {option.title}", f"option/{this.number}{option.letter}")
    key = "choices.option_default" if option.default else "choices.option"
    return book.say(key, link=link, option=Inline(f"{this.option} {option.name}"))


def _on_failure(book: Book, this: Phase) -> Flow | Sentence:
    if this.name in overview.harmless(book.plan):
        return book.say("fail.harmless")
    if this.on_failure is not None:
        return book.say(f"fail.{this.on_failure}", link=book.target("rollback"))
    key = "fail.ask_irreversible" if overview.irreversible(book.plan) else "fail.ask"
    return book.say(key, link=book.target("rollback"))
