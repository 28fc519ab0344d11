"""A rehearsal for people and programs: text, JSON, Markdown, JUnit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from compiler.emit.locale import fill, load
from compiler.emit.rehearsed import Row, rows
from compiler.plan.model import Expectation
from compiler.rehearse.expectations import unmet
from compiler.rehearse.invariants import broken
from compiler.rehearse.matrix import consequence
from compiler.rehearse.scene import SETUP
from compiler.rehearse.session import Rehearsed


def text(every: Sequence[Rehearsed]) -> str:
    """The failure matrices as lines of at most 80 columns where words allow it."""
    return "\n".join(_text(each) for each in every)


def _text(this: Rehearsed) -> str:
    lines = [f"{this.plan.spec.path}: {this.plan.title}", ""]
    say = load("rehearsal", this.plan.meta.lang)
    for row in rows(this.plan, this.result.consequences):
        told = ((say["label.ran"], row.ran), (say["label.back"], row.back), (say["label.proof"], row.proof))
        what = " · ".join(fill(label, {"text": text}) for label, text in told)
        lines += [*_wrapped(row.where, ""), *_wrapped(what, "    "), *_wrapped(row.outcome, "    "), ""]
    lines.append(f"{this.result.scenes} starts of the script rehearsed, {len(this.result.consequences)} different consequences")
    return "\n".join(lines) + "\n"


def _wrapped(line: str, lead: str) -> list[str]:
    lines, current = [], lead
    for word in line.split(" "):
        if len(current) + len(word) > 79 and current.strip():
            lines.append(current.rstrip())
            current = f"{lead}    "
        current += f"{word} "
    return [*lines, current.rstrip()]


def markdown(every: Sequence[Rehearsed]) -> str:
    """The failure matrices, each a table."""
    return "\n".join(_markdown(each) for each in every)


_HEAD = ("| fault | steps that ran | taken back | verify | outcome |", "| --- | --- | --- | --- | --- |")


def _markdown(this: Rehearsed) -> str:
    lines = [f"# {_plain(this.plan.title)}", "", *_HEAD]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows(this.plan, this.result.consequences)]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    return tuple(map(_plain, (row.where, row.ran, row.back, row.proof, row.outcome)))


def _plain(content: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|~!" else char for char in content)


def as_json(every: Sequence[Rehearsed]) -> str:
    """Every scene by itself: what failed, what ran, what was taken back, the proof, the outcome, the rules that were broken."""
    return json.dumps({"format": 1, "scripts": [_data(each) for each in every]}, indent=2, ensure_ascii=False) + "\n"


def _data(this: Rehearsed) -> dict[str, object]:
    scenes = []
    for trace in this.traces:
        came_to = consequence(trace)
        scenes.append(
            {
                "scene": trace.scene.key,
                "kind": trace.scene.kind.value,
                "path": trace.scene.path.chosen,
                "item": came_to.places[0].item,
                "function": trace.scene.function,
                "command": [trace.scene.command, *trace.scene.arguments],
                "after": trace.scene.after,
                "ran": list(dict.fromkeys(c.item for c in trace.calls if c.forward and c.function.startswith(("step_", "job_")))),
                "undone": list(trace.undone),
                "state": came_to.after,
                "stays": list(came_to.stays),
                "world": dict(trace.world),
                "verify": came_to.proof,
                "exit": trace.code,
                "broken": [f"{b.rule}: {b.what}" for b in broken(trace)],
            }
        )
    return {
        "spec": this.plan.spec.path,
        "script": this.plan.script,
        "driver": this.result.driver,
        "plan": this.result.plan,
        "held": this.result.held,
        "expectations": [{"text": each.text, "place": str(each.span), "unmet": why} for each, why in _expected(this)],
        "findings": [f"{each.code} {each.span}: {each.message}" for each in this.findings],
        "scenes": scenes,
    }


def _expected(this: Rehearsed) -> Iterator[tuple[Expectation, str | None]]:
    """Each expectation, with why it does not hold."""
    why = {finding.span: finding.message for finding in unmet(this.plan, this.traces)}
    return ((each, why.get(each.span)) for each in this.plan.expectations)


def junit(every: Sequence[Rehearsed]) -> str:
    """A suite for each script, with one test case a scene and one an expectation."""
    suites = [_suite(each) for each in every]
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *suites, "</testsuites>")) + "\n"


def _suite(this: Rehearsed) -> str:
    cases = []
    failures = 0
    for trace in this.traces:
        problems = [f"{b.rule}: {b.what}" for b in broken(trace)]
        if trace.scene.kind in SETUP and not problems:
            continue
        failures += bool(problems)
        cases.append(_case(f"{this.plan.name}.scenes", trace.scene.key, problems))
    for each, why in _expected(this):
        failures += why is not None
        cases.append(_case(f"{this.plan.name}.expectations", f"{each.span} {each.text}", [] if why is None else [why]))
    head = f'<testsuite name={quoteattr(this.plan.name)} tests="{len(cases)}" failures="{failures}">'
    return "\n".join((head, *cases, "</testsuite>"))


def _case(group: str, name: str, problems: Sequence[str]) -> str:
    head = f"  <testcase classname={quoteattr(group)} name={quoteattr(name)}"
    if not problems:
        return f"{head}/>"
    return f"{head}><failure message={quoteattr(problems[0])}>{escape(chr(10).join(problems))}</failure></testcase>"
