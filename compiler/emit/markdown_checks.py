"""Checks in the runbook: the command that a person types, what must be seen then, and where to look if it is not.

A probe's commands stand once on every way. Where it is asked again stand one line and a link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.emit.locale import check_sentence, duration
from compiler.emit.markdown_blocks import Block, Book, Bullets, Paragraph, commands, item_key, joined, passage
from compiler.emit.markdown_leaves import Inline, MarkdownLeaf, Prose, Sentence, Text
from compiler.plan.model import AnyItem, Body, CheckItem, Patience, Probe, ProbeCheck, ProbeUse, Value
from compiler.plan.words import as_word

_AGAIN = ("check.again", "check.again_within")  # with patience: the second
_PROOF = ("check.proof", "check.proof_within")


def check(book: Book, this: CheckItem) -> Iterator[Block]:
    """What a check item shows below its heading."""
    yield from note(this.note)
    before = book.asked_before(this)
    if before is None:
        yield from probe(book, this.use)
    else:
        yield Paragraph(_again(book, _AGAIN, this.use, book, before))


def proofs(book: Book, these: Sequence[CheckItem], level: int) -> Iterator[Block]:
    """Checks that close something: a line each for those that were asked on the way, then the others with their commands."""
    seen = {this.number: there for this in these if (there := _asked_before(book, this)) is not None}
    if seen:
        yield Bullets(
            tuple(_again(book, _PROOF, this.use, *seen[this.number], this.number) for this in these if this.number in seen)
        )
    for this in these:
        if this.number in seen:
            other, item = seen[this.number]
            book.stands_at(item_key(this), other, item_key(item))
        else:
            yield book.heading(level, f"{this.number} {this.title}" if this.number else this.title, item_key(this))
            yield from check(book, this)


def probe(book: Book, use: ProbeUse) -> Iterator[Block]:
    """A probe's commands, what they must show, and where to look if they do not."""
    this = book.probe(use.probe)
    yield from note(this.note)
    for number, single in enumerate(this.checks, 1):
        yield commands((single.shown,), this.dir)
        said = [_expected(book, _line(book, single), use.patience, this.timeout)]
        if number == len(this.checks):
            if this.optional is not None:
                said.append(book.say("check.optional", why=Prose(this.optional)))
            if this.trouble:
                said.append(book.say("check.trouble", links=book.troubles(this.trouble)))
        yield Paragraph(joined(said, " "))
    shown = {single.shown.text for single in this.checks}
    looks = tuple(body for body in this.diagnose if body.text not in shown)
    there = _in_earlier_chapter(book, this)
    if looks and there is not None:
        other, at = there
        procedure = Text("" if other.plan.procedure is None else other.plan.procedure.title)
        yield Paragraph(book.say("check.diagnose_there", item=other.item(at), procedure=procedure))
    else:
        yield from diagnose(book, looks, this.dir)


def _in_earlier_chapter(book: Book, this: Probe) -> tuple[Book, AnyItem] | None:
    """Where the same probe stands in full in a chapter in front of this one."""
    for other in book.earlier:
        if any(probe == this for probe in other.plan.probes) and (at := other.place(this.name)) is not None:
            return other, at
    return None


def _asked_before(book: Book, this: CheckItem) -> tuple[Book, CheckItem] | None:
    """The chapter and the item where a proof's commands stand already: on this way, else on that of an earlier chapter."""
    before = book.asked_before(this)
    if before is not None:
        return book, before
    probe = book.probe(this.use.probe)
    for other in book.earlier:
        at = other.checked(probe.name)
        if at is not None and any(known == probe for known in other.plan.probes):
            return other, at
    return None


def _again(book: Book, keys: tuple[str, str], use: ProbeUse, other: Book, before: CheckItem, number: str = "") -> MarkdownLeaf:
    """The same probe once more, in one line: where its commands stand, and the command itself where there is one short one."""
    this = book.probe(use.probe)
    times = _times(use.patience)
    lines = joined((_line(book, single) for single in this.checks), "; ")
    said = book.say(
        keys[bool(times)], number=Text(number), item=other.item(before), title=_titled(other, before), line=lines, **times
    )
    short = _short(this)
    return said if short is None else joined((said, Inline(short)), " ")


def _titled(book: Book, item: CheckItem) -> MarkdownLeaf:
    return book.link(item.title, item_key(item))


def _short(this: Probe) -> str | None:
    """The command of a probe that has a single line."""
    if len(this.checks) != 1 or "\n" in (text := this.checks[0].shown.text):
        return None
    return text if this.dir is None else f"cd {as_word(this.dir)} && {text}"


def _line(book: Book, single: ProbeCheck) -> MarkdownLeaf:
    text, facts = check_sentence(single, book.plan.meta.lang)
    return Sentence(text, {name: _fact(name, fact) for name, fact in facts.items() if f"{{{name}}}" in text})


def _fact(name: str, fact: str) -> MarkdownLeaf:
    if name in ("op", "seconds", "status", "days", "count", "percent", "size", "ports"):
        return Text(fact)
    return Prose(fact) if name == "why" else Inline(fact)


def _expected(book: Book, line: MarkdownLeaf, patience: Patience | None, timeout: int) -> MarkdownLeaf:
    limit = Text(duration(timeout))
    times = _times(patience)
    return book.say("check.expected_within" if times else "check.expected", line=line, limit=limit, **times)


def _times(patience: Patience | None) -> dict[str, MarkdownLeaf]:
    if patience is None:
        return {}
    return {"every": Text(duration(patience.every)), "within": Text(duration(patience.within))}


def asked(book: Book, key: str, uses: tuple[ProbeUse, ...], **fields: MarkdownLeaf) -> list[MarkdownLeaf]:
    """One line that names probes, with links to where their commands stand."""
    if not uses:
        return []
    names: list[MarkdownLeaf] = []
    for use in uses:
        at = book.place(use.probe)
        name = Text(book.probe(use.probe).title) if at is None else book.item(at)
        if use.patience is not None:
            name = book.say("step.patience", probe=name, **_times(use.patience))
        names.append(name)
    return [book.say(key, probes=joined(names), **fields)]


def not_asked_elsewhere(book: Book, uses: tuple[ProbeUse, ...], at: AnyItem | None) -> Iterator[Block]:
    """The commands of probes that are no item of their own anywhere; they stand at the first item that asks."""
    for use in uses:
        if book.place(use.probe) is None:
            yield from probe(book, use)
            if at is not None:
                book.printed[use.probe] = at


def diagnose(book: Book, bodies: tuple[Body, ...], folder: Value | None) -> Iterator[Block]:
    """Where to look after a failure."""
    if bodies:
        yield Paragraph(book.say("check.diagnose"))
        yield commands(bodies, folder)


def note(text: str | None) -> Iterator[Block]:
    """What an author has to say, as it stands."""
    if text:
        yield Paragraph(passage(text))
