"""The runbook's last part: the way back, how a run ends, what to do when something is wrong, where the text comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.emit import markdown_jobs as jobs
from compiler.emit import markdown_shared as shared
from compiler.emit import overview
from compiler.emit.locale import duration
from compiler.emit.markdown_about import one_or_many
from compiler.emit.markdown_blocks import Block, Book, Bullets, Paragraph, Table, commands, joined, passage, typed
from compiler.emit.markdown_checks import proofs
from compiler.emit.markdown_items import items
from compiler.emit.markdown_leaves import Cell, Inline, MarkdownLeaf, Number, Prose, Text
from compiler.emit.shell import word
from compiler.plan.model import (
    AnyItem,
    CheckItem,
    Fix,
    HoldItem,
    JobItem,
    ManualItem,
    Rollback,
    StepItem,
    Trouble,
    Way,
    walk,
)
from compiler.version import __version__

OUTCOMES = range(10)
_SEEN_AT_MOST = 6  # places that an entry of the troubleshooting names; each place names its entries, all of them


def rollback(book: Book) -> Iterator[Block]:
    """When, in which order, the block, and what proves it."""
    plan, block = book.plan, book.plan.rollback
    changed = overview.changing(plan)
    yield book.heading(2, block.title if block else book.words["rollback.title"], "rollback")
    if not changed and not block:
        yield Paragraph(book.say("rollback.nothing"))
        return
    there = None if block is None else shared.rollback_before(book, block)
    if block and not there:
        yield from _when(book, block)
    yield Paragraph(book.say("rollback.script"))
    yield typed(f"./{word(plan.script)} rollback")
    yield Paragraph(book.say("rollback.hand" if block and block.items else "rollback.hand_no_block"))
    if changed:
        yield from _undo(book, changed)
    if block and there:
        yield from _elsewhere(book, block, *there)
        return
    if block and block.items:
        yield from _block(book, block, changed)
    yield from _proof(book, block)


def _elsewhere(book: Book, block: Rollback, other: Book, its: Rollback) -> Iterator[Block]:
    """What stands for a block and its proof that stand in another chapter."""
    procedure = Text("" if other.plan.procedure is None else other.plan.procedure.title)
    where = {"rollback": book.link(its.title, "rollback", other), "procedure": procedure}
    yield Paragraph(book.say("shared.rollback", **where, command=Inline(f"./{book.plan.script} rollback --fresh")))
    shared.linked(book, (*walk(block.items), *block.verify), other, (*walk(its.items), *its.verify))
    if its.items:
        book.stands_at("block", book, "rollback")  # it says where, for each environment


def _when(book: Book, block: Rollback) -> Iterator[Block]:
    if len(block.triggers) == 1:
        yield Paragraph(book.say("rollback.trigger_one", text=Prose(block.triggers[0])))
    elif block.triggers:
        yield Paragraph(book.say("rollback.trigger"))
        yield Bullets(tuple(passage(t) for t in block.triggers))
    if block.budget is not None:
        yield Paragraph(book.say("rollback.budget", time=Text(duration(block.budget))))
    if block.note:
        yield Paragraph(passage(block.note))


def _undo(book: Book, changed: tuple[StepItem | ManualItem, ...]) -> Iterator[Block]:
    yield book.title("rollback.undo_title", 3)
    yield Paragraph(book.say("rollback.undo"))
    titles = overview.option_titles(book.plan)
    branches = any(i.path for i in changed)
    keys = ("rollback.step", "rollback.path", "rollback.way") if branches else ("rollback.step", "rollback.way")
    rows = []
    for item in reversed(changed):
        row: list[MarkdownLeaf] = [book.item(item)]
        if branches:
            row.append(joined((Text(titles[d]) for d in item.path), " → ") if item.path else book.say("rollback.every_path"))
        row.append(_way(book, item))
        rows.append(tuple(Cell(leaf) for leaf in row))
    yield Table(tuple(Cell(book.say(key)) for key in keys), tuple(rows))


def _way(book: Book, item: StepItem | ManualItem) -> MarkdownLeaf:
    way = item.back.way
    if way is Way.UNDO:
        return book.say("rollback.does_undo" if item.back.body else "rollback.does_task")
    if way is Way.NOTHING:
        return book.say("rollback.does_nothing")
    if way is Way.ROLLBACK:
        return book.say("rollback.does_block", link=book.target("block"))
    return book.say("rollback.does_irreversible")


def _block(book: Book, block: Rollback, changed: tuple[StepItem | ManualItem, ...]) -> Iterator[Block]:
    covered = [i for i in changed if i.back.way is Way.ROLLBACK]
    yield book.heading(3, book.words["rollback.block_title"], "block")
    command = Inline(f"./{book.plan.script} rollback --fresh")
    if covered:
        yield Paragraph(book.say("rollback.block_steps", steps=joined(book.item(i) for i in covered), command=command))
    else:
        yield Paragraph(book.say("rollback.block_asked", command=command))
    yield from items(book, block.items, 4, leads_back=True)


def _proof(book: Book, block: Rollback | None) -> Iterator[Block]:
    yield book.title("rollback.verify_title", 3)
    if not block or not block.verify:
        yield Paragraph(book.say("rollback.no_verify"))
        return
    yield Paragraph(book.say("rollback.verify"))
    yield from proofs(book, block.verify, 4)


def outcomes(book: Book) -> Iterator[Block]:
    """Every exit code in the words that the script uses."""
    yield book.title("outcome.title")
    yield Paragraph(book.say("outcome.intro"))
    head = tuple(Cell(book.say(key)) for key in ("outcome.code", "outcome.name", "outcome.meaning"))
    rows = []
    for code in OUTCOMES:
        words = (Text(book.outcomes[f"outcome.{code}"]), Text(book.outcomes[f"outcome.{code}.text"]))
        rows.append((Cell(Number(code)), *(Cell(w) for w in words)))
    yield Table(head, tuple(rows))


def troubles(book: Book) -> Iterator[Block]:
    """Symptom, cause, what to do; and where it shows."""
    if not book.plan.troubles:
        return
    yield book.title("trouble.title")
    for this in book.plan.troubles:
        yield book.heading(3, this.title, f"trouble/{this.name}")
        yield from _said(book, "trouble.symptom", this.symptoms)
        yield from _said(book, "trouble.cause", this.causes)
        for before, fix in zip((None, *this.fixes), this.fixes, strict=False):
            yield from _fix(book, fix, before)
        chapters = book.chapters or [book]
        common = _of_all_jobs(chapters, this)
        seen = [link for chapter in chapters for link in _seen(chapter, this, common)]
        seen += [jobs.link(book, name) for name in sorted(common)]
        if len(seen) > _SEEN_AT_MOST + 1:
            first, more = seen[:_SEEN_AT_MOST], Text(str(len(seen) - _SEEN_AT_MOST))
            yield Paragraph(book.say("trouble.seen_more", links=joined(first), more=more))
        elif seen:
            yield Paragraph(book.say("trouble.seen", links=joined(seen)))


def _said(book: Book, key: str, texts: tuple[str, ...]) -> Iterator[Block]:
    for text in texts:
        yield Paragraph(book.say(key, text=Prose(text)))


def _fix(book: Book, fix: Fix, before: Fix | None) -> Iterator[Block]:
    """One thing to do. Commands that follow commands, or a text that ends in a colon, need no word between."""
    key = "trouble.fix" if before is None else "trouble.then"
    if fix.body is not None:
        if before is None or (before.text is not None and not before.text.rstrip().endswith(":")):
            yield Paragraph(book.say(f"{key}_command"))
        yield commands((fix.body,), None)
    elif fix.text is not None:
        yield Paragraph(book.say(key, text=Prose(fix.text)))


def _of_all_jobs(chapters: Sequence[Book], this: Trouble) -> frozenset[str]:
    """The automations all of whose jobs name the trouble."""
    items = [item for chapter in chapters for item in overview.everything(chapter.plan) if isinstance(item, JobItem)]
    return frozenset(i.automation for i in items) - {i.automation for i in items if this.name not in i.trouble}


def _seen(book: Book, this: Trouble, common: frozenset[str]) -> Iterator[MarkdownLeaf]:
    """Where it shows, each place once: not where the same probe is asked again, nor where another chapter's phase stands."""
    plan = book.plan
    probes = {p.name for p in plan.probes if this.name in p.trouble}
    own = [phase for phase in plan.phases if shared.phase_before(book, phase) is None]
    everything: list[AnyItem] = [item for phase in own for item in walk(phase.items)]
    everything += walk(plan.rollback.items) if plan.rollback and shared.rollback_before(book, plan.rollback) is None else []
    for item in everything:
        named = isinstance(item, StepItem) and this.name in item.trouble
        named = named and not (isinstance(item, JobItem) and item.automation in common)
        watched = isinstance(item, HoldItem) and not probes.isdisjoint(item.watch)
        asked = isinstance(item, CheckItem) and item.use.probe in probes and book.asked_before(item) is None
        if named or watched or asked:
            yield book.item(item)


def origin(book: Book) -> Iterator[Block]:
    """Drift rule, references, and which files it was built from."""
    plan = book.plan
    if plan.meta.drift:
        yield book.title("drift.title")
        yield Paragraph(passage(plan.meta.drift))
    if plan.meta.references:
        yield book.title("references.title")
        yield from one_or_many(plan.meta.references)
    yield book.title("origin.title")
    version = Text(__version__)
    yield Paragraph(book.say("origin.text", version=version, path=Inline(plan.spec.path)))
    head = (Cell(book.say("origin.file")), Cell(book.say("origin.hash")))
    yield Table(head, tuple((Cell(Inline(f.path)), Cell(Inline(f.sha256))) for f in (plan.spec, *plan.uses)))
