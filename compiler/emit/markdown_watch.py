"""Alerts as a table, schedules with their units: what watches the system when nobody runs anything."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.emit import watch
from compiler.emit.locale import duration
from compiler.emit.markdown_blocks import Block, Book, Bullets, Paragraph, Table, codes, commands, joined, passage, typed
from compiler.emit.markdown_checks import asked, not_asked_elsewhere
from compiler.emit.markdown_leaves import Cell, Flow, Inline, MarkdownLeaf, Prose, Sentence, Text
from compiler.emit.shell import word
from compiler.plan.model import Alert, Alerts, Schedule

_NONE = Sentence("–", {})


def alerts(book: Book, part: Alerts) -> Iterator[Block]:
    """The table; which of its lines Prometheus knows, and by which expression; remarks."""
    yield book.title("alert.title")
    keys = ["alert.alert", "alert.limit", "alert.for", "alert.action"]
    severe = any(alert.rule and alert.rule.severity for alert in part.alerts)
    if severe:
        keys.insert(3, "alert.severity")
    yield Table(tuple(Cell(book.say(key)) for key in keys), tuple(_row(this, severe) for this in part.alerts))
    ruled = [alert for alert in part.alerts if alert.rule]
    bare = [alert for alert in part.alerts if not alert.rule]
    if ruled:
        yield Paragraph(book.say("alert.rules", file=Inline(watch.RULES)))
        yield typed(f"promtool check rules {watch.RULES}")
        yield Bullets(tuple(_query(alert) for alert in ruled))
    if bare:
        titles = joined(Text(alert.title) for alert in bare)
        yield Paragraph(book.say("alert.no_rule" if ruled else "alert.no_rules", titles=titles))
    notes = tuple(
        Sentence("{title}: {note}", {"title": Text(alert.title), "note": Prose(alert.note)})
        for alert in part.alerts
        if alert.note is not None
    )
    if notes:
        yield Paragraph(book.say("alert.notes"))
        yield Bullets(notes)


def _row(this: Alert, severe: bool) -> tuple[Cell, ...]:
    limit: MarkdownLeaf = _NONE
    if this.limit is not None:
        # Behind the name a `>` is only a character.
        limit = Flow((Inline(this.measured or ""), Sentence(f" {this.op} ", {}), Text(this.limit)))
    held: MarkdownLeaf = _NONE if this.rule is None else Text(duration(this.rule.held))
    severity: MarkdownLeaf = _NONE if this.rule is None or this.rule.severity is None else Text(this.rule.severity)
    cells: list[MarkdownLeaf] = [Text(this.title), limit, held, *((severity,) if severe else ()), Prose(this.action)]
    return tuple(Cell(leaf) for leaf in cells)


def _query(this: Alert) -> MarkdownLeaf:
    expression = "" if this.rule is None else this.rule.expression
    return Sentence("{title}: {query}", {"title": Text(this.title), "query": Inline(expression)})


def schedule(book: Book, this: Schedule) -> Iterator[Block]:
    """What is asked and done, how the timer comes to the host, how it is looked at, how it goes away again."""
    yield book.heading(2, this.title)
    if this.note:
        yield Paragraph(passage(this.note))
    (line,) = asked(book, "schedule.asks", this.checks, every=Text(duration(this.every)), user=Inline(this.user))
    yield Paragraph(line)
    yield from not_asked_elsewhere(book, this.checks, None)
    if this.otherwise is None:
        yield Paragraph(book.say("schedule.nothing"))
    else:
        yield Paragraph(book.say("schedule.otherwise", time=Text(duration(this.timeout))))
        yield commands((this.otherwise,), this.dir)
    name = word(this.name)
    program, service, timer = f"{name}.sh", f"{name}.service", f"{name}.timer"
    yield Paragraph(book.say("schedule.install", files=codes((program, service, timer))))
    yield typed(
        f"sudo install -m 0755 {program} {watch.PROGRAMS}/\n"
        f"sudo install -m 0644 {service} {timer} {watch.UNITS}/\n"
        "sudo systemctl daemon-reload\n"
        f"sudo systemctl enable --now {timer}"
    )
    yield Paragraph(book.say("schedule.look"))
    yield typed(
        f"systemctl list-timers {timer}\nsudo systemctl start {service}\nsudo journalctl --unit {service} --lines 20 --no-pager"
    )
    yield Paragraph(book.say("schedule.remove"))
    yield typed(
        f"sudo systemctl disable --now {timer}\n"
        f"sudo rm -f {watch.UNITS}/{service} {watch.UNITS}/{timer} {watch.PROGRAMS}/{program}\n"
        "sudo systemctl daemon-reload"
    )
    lines = watch.cron(this)
    if lines is None:
        yield Paragraph(book.say("schedule.no_cron", every=Text(duration(this.every))))
        return
    yield Paragraph(book.say("schedule.cron", program=Inline(this.name + ".sh")))
    yield typed(f"sudo install -m 0755 {program} {watch.PROGRAMS}/\nsudo tee {watch.CRON}/{name} <<'EOF'\n{lines}\nEOF")
    yield Paragraph(book.say("schedule.no_more_cron"))
    yield typed(f"sudo rm -f {watch.CRON}/{name} {watch.PROGRAMS}/{program}")
