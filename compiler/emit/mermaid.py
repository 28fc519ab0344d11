"""The picture of a runbook's flow, as Mermaid: phases, choices, gates, and what happens on failure.

A label is the only place where a spec's words enter. Everything in it but letters, digits, spaces and a few characters between
two of them is written as a numeric entity (`#40;`), so that no title can end a label, start a list or style a node. The names of
nodes are the compiler's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from compiler.emit.leaves import visible
from compiler.emit.locale import fill
from compiler.emit.overview import harmless, irreversible
from compiler.plan.model import AnyItem, ChooseItem, ConfirmItem, GuardedItem, ManualItem, Option, Phase, Plan, is_change, walk
from compiler.plan.moments import shown

_PLAIN = " ,()?!%„“”‘’–—…·"
_BETWEEN = ".-/"  # harmless inside `2.1a` and `up-to-date`; "1. x" and "- x" would be lists
_BOX, _ROUND, _DIAMOND, _GATE, _PERSON = ("[", "]"), ("([", "])"), ("{", "}"), ("{{", "}}"), ("[/", "/]")

_Tail = tuple[str, str | None]  # a node that the next one follows, and what stands at the arrow
_Gate = ChooseItem | ConfirmItem | GuardedItem | ManualItem


def flow(plan: Plan, words: Mapping[str, str], folded: Collection[str] = ()) -> str:
    """The picture as Mermaid source, without a fence. `words` are the runbook's sentences (`flow.…`, `outcome.…`).

    The phases in `folded` are drawn as a node each, whatever they hold.
    """
    chart = _Chart(words)
    nothing_changed = harmless(plan)
    tails: list[_Tail] = [(chart.node(words["flow.start"], _ROUND), None)]
    changed = False
    time: int | None = None
    for phase in plan.phases:
        tails, time = _sitting(chart, phase, tails, time)
        drawn = replace(phase, items=()) if phase.name in folded else phase
        name, tails, declined = _phase(chart, drawn, _title(chart, phase, plan), tails, changed)
        chart.ends(declined, "8")
        changed = changed or any(is_change(i) for i in walk(phase.items))
        _failure(chart, phase, name, phase.name in nothing_changed)
    chart.ends(tails, "0")
    if chart.rollback_asked:
        _rollback(chart, plan)
    return "\n".join(("flowchart TD", *chart.lines, *(f"  {line}" for line in _lines(chart.edges)))) + "\n"


def _lines(edges: Mapping[tuple[str, str], Sequence[str]]) -> list[str]:
    """The arrows, with as few lines as they need: `a & b --> c --> d`."""
    chains: dict[str, str] = {}  # last node of a line -> the line
    done: list[str] = []
    for (arrow, target), sources in edges.items():
        before = chains.pop(sources[0], None) if len(sources) == 1 and arrow.startswith("--") else None
        line = f"{before or ' & '.join(sources)} {arrow} {target}"
        if target in chains:
            done.append(chains[target])
        chains[target] = line
    return [*done, *chains.values()]


def label(text: str) -> str:
    """Text as a quoted Mermaid label."""
    text = visible(text)
    return '"' + "".join(_character(text, at) for at in range(len(text))) + '"'


def _character(text: str, at: int) -> str:
    char = text[at]
    if char in _PLAIN or char.isalnum():
        return char
    inside = text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()
    return char if char in _BETWEEN and inside else f"#{ord(char)};"


@dataclass
class _Chart:
    words: Mapping[str, str]
    lines: list[str] = field(default_factory=list)  # nodes and subgraphs
    edges: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # arrow and target -> where it comes from
    outcomes: dict[str, str] = field(default_factory=dict)  # exit code -> its node
    indent: str = "  "
    rollback_asked: bool = False

    def node(self, text: str, shape: tuple[str, str] = _BOX, name: str | None = None) -> str:
        """Draws a node and returns its name."""
        name = name or f"n{len(self.lines)}"
        self.lines.append(f"{self.indent}{name}{shape[0]}{label(text)}{shape[1]}")
        return name

    def connect(self, tails: Sequence[_Tail], target: str, dotted: bool = False) -> None:
        for source, text in tails:
            arrow = "-.->" if dotted else "-->"
            labelled = arrow if text is None else f"{arrow}|{label(text)}|"
            self.edges.setdefault((labelled, target), []).append(source)

    def ends(self, tails: Sequence[_Tail], code: str, dotted: bool = False) -> None:
        """Leads to the node of an outcome; each outcome is drawn once."""
        if not tails:
            return
        if code not in self.outcomes:
            self.outcomes[code] = self.node(f"{self.words[f'outcome.{code}']} ({code})", _ROUND, f"exit{code}")
        self.connect(tails, self.outcomes[code], dotted)


def _sitting(chart: _Chart, phase: Phase, tails: list[_Tail], before: int | None) -> tuple[list[_Tail], int | None]:
    """Says at the arrows when the phase begins, where that is another time than the phase's before it."""
    if phase.at is None or phase.at == before:
        return tails, before
    time = chart.words["flow.sitting"].format(time=shown(phase.at))
    return [(node, time if text is None else f"{text}, {time}") for node, text in tails], phase.at


def _title(chart: _Chart, phase: Phase, plan: Plan) -> str:
    """Number and title, and by which probe the phase is left out."""
    title = f"{phase.number} {phase.title}"
    if phase.condition is None:
        return title
    sentence = chart.words["flow.when" if phase.condition.holds else "flow.unless"]
    return fill(sentence, {"title": title, "probe": plan.probe(phase.condition.probe).title})


def _phase(chart: _Chart, phase: Phase, title: str, tails: list[_Tail], changed: bool) -> tuple[str, list[_Tail], list[_Tail]]:
    """Draws a phase; gives its node, its open ends, and the gates whose "no" ends the run with nothing changed."""
    if not any(isinstance(i, _Gate) for i in phase.items):
        name = chart.node(title)
        chart.connect(tails, name)
        return name, [(name, None)], []
    name = f"n{len(chart.lines)}"
    chart.lines.append(f"  subgraph {name} [{label(title)}]")
    chart.indent = "    "
    declined: list[_Tail] = []
    tails = _items(chart, phase.items, tails, declined, changed)
    chart.indent = "  "
    chart.lines.append("  end")
    return name, tails, declined


def _items(chart: _Chart, items: Sequence[AnyItem], tails: list[_Tail], declined: list[_Tail], changed: bool) -> list[_Tail]:
    """Draws choices and gates; what stands between them becomes one node."""
    between: list[AnyItem] = []
    for item in items:
        if not isinstance(item, _Gate):
            between.append(item)
            changed = changed or is_change(item)
            continue
        tails = _between(chart, between, tails)
        between = []
        if isinstance(item, ChooseItem):
            tails = _choice(chart, item, tails, declined, changed)
        else:
            gate = chart.node(f"{item.number} {item.title}", _PERSON if isinstance(item, ManualItem) else _GATE)
            chart.connect(tails, gate)
            asked = isinstance(item, ConfirmItem)
            word = "flow.yes" if asked else "flow.confirmed" if isinstance(item, GuardedItem) else None
            tails = [(gate, None if word is None else chart.words[word])]
            if asked and not changed:
                declined.append((gate, chart.words["flow.no"]))
        changed = changed or any(is_change(i) for i in walk((item,)))
    return _between(chart, between, tails)


def _between(chart: _Chart, items: Sequence[AnyItem], tails: list[_Tail]) -> list[_Tail]:
    if not items:
        return tails
    first, last = items[0], items[-1]
    text = (
        f"{first.number} {first.title}"
        if first is last
        else chart.words["flow.several"].format(first=first.number, last=last.number)
    )
    node = chart.node(text)
    chart.connect(tails, node)
    return [(node, None)]


def _choice(chart: _Chart, item: ChooseItem, tails: list[_Tail], declined: list[_Tail], changed: bool) -> list[_Tail]:
    asked = chart.node(f"{item.number} {item.title}", _DIAMOND)
    chart.connect(tails, asked)
    ends: list[_Tail] = []
    for option in item.options:
        node = chart.node(f"{item.number}{option.letter} {option.title}")
        chart.connect([(asked, chart.words["flow.default"] if option.default else None)], node)
        ends += _items(chart, _after_first_gate(option), [(node, None)], declined, changed)
    return ends


def _after_first_gate(option: Option) -> Sequence[AnyItem]:
    """What an option's own node does not stand for: everything from its first gate on."""
    first = next((at for at, i in enumerate(option.items) if isinstance(i, _Gate)), len(option.items))
    return option.items[first:]


def _failure(chart: _Chart, phase: Phase, name: str, nothing_changed: bool) -> None:
    fails: list[_Tail] = [(name, chart.words["flow.fails"])]
    if nothing_changed:
        chart.ends(fails, "1", dotted=True)
    elif phase.on_failure == "stop":
        chart.ends(fails, "3", dotted=True)
    elif phase.on_failure == "pause":
        chart.ends(fails, "9", dotted=True)
    else:
        asked = phase.on_failure is None
        chart.connect([(name, chart.words["flow.fails_asked"])] if asked else fails, "back", dotted=True)
        chart.rollback_asked = True


def _rollback(chart: _Chart, plan: Plan) -> None:
    title = plan.rollback.title if plan.rollback else chart.words["flow.rollback"]
    chart.node(title, _BOX, "back")
    proven = plan.rollback is not None and bool(plan.rollback.verify)
    if proven:
        chart.ends([("back", chart.words["flow.proven"])], "4")
    if irreversible(plan) or not proven:
        chart.ends([("back", chart.words["flow.not_proven"])], "5")
    chart.ends([("back", chart.words["flow.fails"])], "6", dotted=True)
