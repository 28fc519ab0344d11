"""The way in the runbook: phases, and each item with its commands, what is expected, and its way back."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.emit import markdown_jobs as jobs
from compiler.emit import markdown_time as waiting
from compiler.emit import overview
from compiler.emit.locale import duration
from compiler.emit.markdown_blocks import Block, Book, Paragraph, codes, commands, item_key, joined
from compiler.emit.markdown_checks import asked, check, diagnose, not_asked_elsewhere, note
from compiler.emit.markdown_leaves import Inline, MarkdownLeaf, Number, Prose, Sentence, Text
from compiler.plan.checks import around
from compiler.plan.model import (
    AnyItem,
    BackgroundItem,
    CaptureItem,
    CheckItem,
    ChooseItem,
    Condition,
    ConfirmItem,
    GuardedItem,
    HoldItem,
    JobItem,
    ManualItem,
    Phase,
    ProbeUse,
    StepItem,
    Way,
)


def phase(book: Book, this: Phase) -> Iterator[Block]:
    """A phase with everything in it."""
    yield book.heading(2, f"{this.number} {this.title}", f"phase/{this.name}")
    yield from note(this.note)
    yield from waiting.sitting(book, this)
    yield from _condition(book, this.condition, None)
    yield from _on_failure(book, this)
    yield from items(book, this.items, 3)


def items(book: Book, these: tuple[AnyItem, ...], level: int, *, leads_back: bool = False) -> Iterator[Block]:
    """Items in order, each under a heading of this level. What itself `leads_back` says nothing about a way back."""
    for this in these:
        yield book.heading(level, f"{this.number} {this.title}", item_key(this))
        yield from _condition(book, this.condition, this)
        match this:
            case CheckItem():
                yield from check(book, this)
            case StepItem():
                yield from _step(book, this, leads_back)
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
                yield from note(this.note)
                yield from waiting.guard(book, this)
                yield from items(book, this.items, level + 1)


def _step(book: Book, this: StepItem, leads_back: bool) -> Iterator[Block]:
    yield from note(this.note)
    if isinstance(this, JobItem):
        yield from jobs.job(book, this)
    else:
        yield commands((this.body,), this.dir)
    said: list[MarkdownLeaf] = []
    if this.back.way is Way.READONLY and not leads_back:
        said.append(_readonly(book, this))
    if this.interactive:
        said.append(book.say("step.interactive"))
    if this.timeout is not None and not isinstance(this, JobItem):
        said.append(book.say("step.timeout", time=Text(duration(this.timeout))))
    if this.retry:
        key = "step.retry" if this.retry == 1 else "step.retries"
        said.append(book.say(key, count=Number(this.retry), every=Text(duration(this.retry_every))))
    if this.optional is not None:
        said.append(book.say("step.optional", why=_ended(this.optional)))
    said += asked(book, "step.verify", this.verify)
    if this.trouble:
        said.append(book.say("step.trouble", links=book.troubles(this.trouble)))
    if said:
        yield Paragraph(joined(said, " "))
    yield from not_asked_elsewhere(book, this.verify, this)
    yield from diagnose(book, this.diagnose, this.dir)


def _readonly(book: Book, this: StepItem | ManualItem) -> MarkdownLeaf:
    text = this.back.text
    return book.say("way.readonly_but", text=_ended(text)) if text else book.say("way.readonly")


def _ended(text: str) -> MarkdownLeaf:
    """An author's text as a sentence of a paragraph."""
    done = text.rstrip().endswith((".", "!", "?", ":"))
    return Prose(text) if done else Sentence("{text}.", {"text": Prose(text)})


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
    elif isinstance(this, ManualItem):  # a step says so in its own paragraph
        yield Paragraph(_readonly(book, this))


def _capture(book: Book, this: CaptureItem) -> Iterator[Block]:
    yield from note(this.note)
    opening, closing = around(this.body.text)
    yield commands((this.body,), this.dir, before=f"{this.variable}={opening}", after=closing)
    said: list[MarkdownLeaf] = [
        book.say("capture.keeps_or_empty" if this.empty else "capture.keeps", name=Inline(f"${this.variable}"))
    ]
    if this.integer:
        said.append(book.say("capture.whole"))
    if this.matches is not None:
        said.append(book.say("capture.matches", pattern=Inline(this.matches)))
    yield Paragraph(joined(said, " "))


def _confirm(book: Book, this: ConfirmItem) -> Iterator[Block]:
    if this.other:
        answer = book.say("confirm.other", command=Inline(f"./{book.plan.script} accept {this.name}"))
    else:
        answer = book.say("confirm.accept", option=Inline(f"--accept {this.name}"))
    yield Paragraph(joined((book.say("confirm.ask"), answer), " "))
    yield from note(this.note)
    said = [*asked(book, "confirm.check", this.checks), *_shown(book, this.show)]
    if said:
        yield Paragraph(joined(said, " "))
    yield from not_asked_elsewhere(book, this.checks, this)


def _manual(book: Book, this: ManualItem) -> Iterator[Block]:
    yield Paragraph(book.say("manual.ask"))
    yield from note(this.note)
    yield from (Paragraph(line) for line in _shown(book, this.show))


def _condition(book: Book, this: Condition | None, at: AnyItem | None) -> Iterator[Block]:
    """By which probe something is left out, with its commands where they stand nowhere else; `at` is None for a phase."""
    if this is None:
        return
    use = ProbeUse(this.probe, None, this.span)
    place = book.place(this.probe)
    name = Text(book.plan.probe(this.probe).title) if place is None else book.item(place)
    yield Paragraph(book.say("condition.when" if this.holds else "condition.unless", probe=name))
    yield from not_asked_elsewhere(book, (use,), at)


def _hold(book: Book, this: HoldItem) -> Iterator[Block]:
    seconds = this.duration.constant
    time = Inline(this.duration.shown) if seconds is None else Text(duration(int(seconds)))
    yield Paragraph(book.say("hold.ask" if this.watch else "hold.wait", time=time))
    yield from note(this.note)
    uses = tuple(ProbeUse(name, None, this.span) for name in this.watch)
    if uses:
        (line,) = asked(book, "hold.watch", uses, every=Text(duration(this.every)))
        fails = "hold.fails" if this.tolerate else "hold.fails_one"
        yield Paragraph(joined((line, book.say(fails, count=Number(this.tolerate + 1))), " "))
    yield from not_asked_elsewhere(book, uses, this)


def _background(book: Book, this: BackgroundItem) -> Iterator[Block]:
    yield Paragraph(book.say("background.ask"))
    yield from note(this.note)
    if this.reads:
        yield Paragraph(book.say("background.values", names=codes(f"${n}" for n in this.reads)))
    yield commands((this.body,), this.dir)
    if this.until is not None:
        yield from (Paragraph(line) for line in asked(book, "background.until", (this.until,)))
        yield from not_asked_elsewhere(book, (this.until,), this)


def _shown(book: Book, names: tuple[str, ...]) -> list[MarkdownLeaf]:
    return [book.say("confirm.show", names=codes(f"${n}" for n in names))] if names else []


def _choose(book: Book, this: ChooseItem, level: int, leads_back: bool) -> Iterator[Block]:
    yield from note(this.note)
    first = next((c for c in overview.choices(book.plan) if c.name == this.name), this)
    if first.number != this.number:
        yield Paragraph(book.say("choices.same", link=book.item(first)))
    else:
        lines = joined((option_line(book, this, option.name) for option in this.options), "; ")
        yield Paragraph(book.say("choices.ask", options=lines))
    for option in this.options:
        yield book.heading(level + 1, f"{this.number}{option.letter} {option.title}", f"option/{this.number}{option.letter}")
        yield from note(option.note)
        yield from items(book, option.items, level + 2, leads_back=leads_back)


def option_line(book: Book, this: ChooseItem, name: str) -> MarkdownLeaf:
    """An option by its title, and how the script is told to take it."""
    option = next(o for o in this.options if o.name == name)
    link = book.link(f"{this.number}{option.letter} {option.title}", f"option/{this.number}{option.letter}")
    key = "choices.option_default" if option.default else "choices.option"
    return book.say(key, link=link, option=Inline(f"{this.option} {option.name}"))


def rule(book: Book) -> Iterator[Block]:
    """What happens on failure, wherever a phase says nothing else."""
    plan = book.plan
    if len(overview.harmless(plan)) == len(plan.phases):
        yield Paragraph(book.say("fail.harmless"))
        return
    if all(phase.on_failure for phase in plan.phases if phase.name not in overview.harmless(plan)):
        yield Paragraph(book.say("fail.before"))
        return
    key = "fail.ask_irreversible" if overview.irreversible(plan) else "fail.ask"
    yield Paragraph(book.say(key, link=book.target("rollback")))


def _on_failure(book: Book, this: Phase) -> Iterator[Block]:
    if this.on_failure is not None and this.name not in overview.harmless(book.plan):
        yield Paragraph(book.say(f"fail.{this.on_failure}", link=book.target("rollback")))
