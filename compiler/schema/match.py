"""Words against a signature: typed arguments, or what is wrong with them in the words of the signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from compiler.diagnostics import Diagnostic, nearest
from compiler.schema.signature import Element, Form, Maybe, Several, Signature, Slot
from compiler.schema.types import TYPES, Given, Type
from compiler.schema.wrong import Wrong, short
from compiler.source import Span
from compiler.syntax.tree import Literal, Quote


@dataclass(frozen=True)
class Matched:
    """What the words are. `args` and `places` as in `schema.model.Node`; `shell` says whether the form asks for shell."""

    args: dict[str, Any]
    places: dict[str, Any]
    shell: bool
    complete: bool  # False where a constant in a word is unknown: nothing further should be asked of it


class _Misfit(Exception):
    """The words do not follow the form any further."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


@dataclass
class _Attempt:
    """One form tried on the words."""

    keyword: str
    form: Form
    givens: Sequence[Given]
    head: Span  # of keyword and words
    usage: str
    args: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    at: int = 0
    complete: bool = True

    def run(self) -> None:
        try:
            self.sequence(self.form.elements)
            self.rest()
        except _Misfit as misfit:
            if self.found and self.word is None:
                return  # a word of the wrong type is often the one after it: the first message shows the whole form
            self.found.append(misfit.diagnostic)

    # ── the words, one after the other ────────────────────────────────────────────────────────────────────────────

    @property
    def word(self) -> Given | None:
        return self.givens[self.at] if self.at < len(self.givens) else None

    def sequence(self, elements: Sequence[Element]) -> None:
        index = 0
        while index < len(elements):
            element = elements[index]
            if isinstance(element, Maybe):
                groups = [element]
                while index + len(groups) < len(elements) and isinstance(following := elements[index + len(groups)], Maybe):
                    groups.append(following)
                self.groups(groups)
                index += len(groups)
                continue
            if isinstance(element, Several):
                self.several(element)
            else:
                self.slot(element, self.args, self.places)
            index += 1

    def groups(self, groups: list[Maybe]) -> None:
        """Groups beside each other, in any order, each at most once."""
        left = list(groups)
        while (word := self.word) is not None:
            chosen = next((g for g in left if _opens(g, word)), None)
            if chosen is None:
                return
            left.remove(chosen)
            self.sequence(chosen.content)

    def several(self, element: Several) -> None:
        """A list: one entry, and another after each comma."""
        values: list[Any] = []
        places: list[Any] = []
        single = len(element.item) == 1
        while True:
            start = self.at
            item: dict[str, Any] = {}
            where: dict[str, Any] = {}
            for part in element.item:
                if isinstance(part, Slot):
                    self.slot(part, item, where, listed=True)
                elif isinstance(part, Maybe) and (word := self.word) is not None and not self.comma() and _opens(part, word):
                    for inner in part.content:
                        if isinstance(inner, Slot):
                            self.slot(inner, item, where, listed=True)
            values.append(item.get(element.name) if single else item)
            places.append(self.givens[start].word.span.to(self.givens[self.at - 1].word.span))
            if not self.comma():
                word = self.word
                if word is None or not self.continues(element, word):
                    break
                self.found.append(
                    self.wrong(
                        "RB208",
                        f"a comma is missing before `{_shown(word)}`",
                        self.givens[self.at - 1].word.span.to(word.word.span),
                        "entries of a list have commas between them",
                    )
                )
        self.args[element.name] = tuple(values)
        self.places[element.name] = tuple(places)

    def comma(self) -> bool:
        return self.at > 0 and self.givens[self.at - 1].word.comma

    def continues(self, element: Several, word: Given) -> bool:
        """Whether the word after an entry is meant as the next entry, its comma forgotten."""
        first = element.item[0]
        known = _literals(self.form.elements)
        return (
            isinstance(first, Slot) and _fits(first, word) and _bare(word) not in known and nearest(_shown(word), known) is None
        )

    def slot(self, slot: Slot, args: dict[str, Any], places: dict[str, Any], *, listed: bool = False) -> None:
        """One word. A word of the wrong type is reported and taken, so that what follows can still be checked."""
        word = self.word
        if word is None:
            raise _Misfit(self.missing(slot))
        if not listed and self.comma():
            raise _Misfit(
                self.wrong("RB208", f"`{self.keyword}` takes no list here", self.givens[self.at - 1].word.span, self.usage)
            )
        bare = _bare(word)
        start = self.at
        value: Any
        if slot.types and TYPES[slot.types[0]].phrases:
            value = self.phrase(TYPES[slot.types[0]])
        elif bare is not None and bare in slot.literals:
            value = True if slot.flag or (slot.types and slot.name == slot.types[0].lower()) else bare
        elif not slot.types:
            raise _Misfit(self.misplaced(slot, word))
        else:
            value = self.typed(slot, word)
        if slot.name is not None:
            args[slot.name] = value
            places[slot.name] = self.givens[start].word.span.to(self.givens[self.at].word.span)
        self.at += 1

    def typed(self, slot: Slot, word: Given) -> Any:
        kind = TYPES[slot.types[0]]
        if len(slot.types) > 1:
            kind = next((t for t in map(TYPES.__getitem__, slot.types) if t.accepts(word)), kind)
        value = kind.read(word)
        if word.text is None:
            self.complete = False
        if not isinstance(value, Wrong):
            return value
        if _bare(word) in _literals(self.form.elements):
            raise _Misfit(self.missing(slot, word))
        fix = value.fix
        if slot.literals:
            near = nearest(_shown(word), slot.literals)
            fix = f"did you mean `{near}`?" if near else f"or one of {_listed(slot.literals)}"
        self.complete = False
        run = self.unquoted() if kind.quoted and word.word.quote is Quote.BARE else 1
        if run > 1:
            text = " ".join(_shown(given) for given in self.givens[self.at : self.at + run])
            span = word.word.span.to(self.givens[self.at + run - 1].word.span)
            self.found.append(self.wrong(value.code, f"`{text}` is not {kind.what}", span, f'put it in quotes: `"{text}"`'))
            self.at += run - 1
        else:
            self.found.append(self.wrong(value.code, value.message, word.word.span, fix or self.usage))
        return None

    def phrase(self, kind: Type) -> Any:
        """A value of several words: as many as one of its phrases takes, else all that are left. Ends at the last of them."""
        left = [_shown(given) for given in self.givens[self.at :]]
        known = {phrase for phrase in kind.phrases if left[: len(phrase.split())] == phrase.split()}
        text = max(known, key=len) if known else " ".join(left)
        words = self.givens[self.at : self.at + len(text.split())] if known else self.givens[self.at :]
        self.at += len(words) - 1
        value = kind.reader(text)
        if not isinstance(value, Wrong):
            return value
        self.complete = False
        self.found.append(self.wrong(value.code, value.message, words[0].word.span.to(words[-1].word.span), value.fix))
        return None

    def unquoted(self) -> int:
        """How many bare words from here on look like one text whose quotes are missing."""
        known = _literals(self.form.elements)
        end = self.at
        while end < len(self.givens) and self.givens[end].word.quote is Quote.BARE and _bare(self.givens[end]) not in known:
            end += 1
        return end - self.at

    def rest(self) -> None:
        """Words that nothing takes."""
        word = self.word
        if word is None:
            return
        if self.comma():
            raise _Misfit(
                self.wrong("RB208", f"`{self.keyword}` takes no list here", self.givens[self.at - 1].word.span, self.usage)
            )
        known = _literals(self.form.elements)
        bare = _bare(word)
        if bare is not None and bare in known:
            raise _Misfit(self.wrong("RB207", f"`{bare}` does not fit here, or stands twice", word.word.span, self.usage))
        near = nearest(bare, known) if bare is not None else None
        if near is not None:
            raise _Misfit(
                self.wrong(
                    "RB207", f"unknown word `{bare}` in `{self.keyword}`", word.word.span, f"did you mean `{near}`? {self.usage}"
                )
            )
        fix = self.usage
        if self.at > 0 and self.givens[self.at - 1].word.quote is Quote.BARE and word.word.quote is Quote.BARE:
            fix = f"words with blanks in them stand in quotes; {self.usage}"
        raise _Misfit(self.wrong("RB207", f"`{_shown(word)}` is too much in `{self.keyword}`", word.word.span, fix))

    # ── what to say ───────────────────────────────────────────────────────────────────────────────────────────────

    def wrong(self, code: str, message: str, span: Span, fix: str | None) -> Diagnostic:
        return Diagnostic(code, message, span, fix)

    def missing(self, slot: Slot, instead: Given | None = None) -> Diagnostic:
        what = _what(slot)
        span = instead.word.span if instead else self.head
        if instead is not None and self.at == 0:
            return self.wrong("RB207", f"`{self.keyword}` takes {what} first", span, self.usage)
        lead = _shown(self.givens[self.at - 1]) if self.at else self.keyword
        if instead is not None:
            return self.wrong("RB207", f"{what} is missing between `{lead}` and `{_shown(instead)}`", span, self.usage)
        if self.at == 0 or not slot.types:
            return self.wrong("RB207", f"`{self.keyword}` needs {what}", span, self.usage)
        if _bare(self.givens[self.at - 1]) in _literals(self.form.elements):
            return self.wrong("RB207", f"`{lead}` needs {what}", span, self.usage)
        return self.wrong("RB207", f"`{self.keyword}` needs {what} after `{lead}`", span, self.usage)

    def misplaced(self, slot: Slot, word: Given) -> Diagnostic:
        shown = _shown(word)
        known = (*slot.literals, *_literals(self.form.elements))
        near = nearest(shown, known)
        if near is not None and near != shown:
            return self.wrong(
                "RB207", f"unknown word `{shown}` in `{self.keyword}`", word.word.span, f"did you mean `{near}`? {self.usage}"
            )
        if slot.name is not None and not slot.flag:
            return self.wrong("RB207", f"`{shown}` is not {_what(slot)}", word.word.span, self.usage)
        return self.wrong("RB207", f"`{self.keyword}` needs {_what(slot)} before `{shown}`", word.word.span, self.usage)


def match(
    signature: Signature, keyword: str, words: Sequence[Given], head: Span, *, shell: bool
) -> tuple[Matched, list[Diagnostic]]:
    """The arguments that the words give, by the form that fits them best, and what is wrong.

    `shell` says whether the statement has shell; forms that agree with it are preferred. `head` is underlined where a word is
    missing. Codes: RB206 to RB211.
    """
    usage = f"write it as {usage_of(keyword, signature)}"
    attempts = []
    for form in signature.forms:
        attempt = _Attempt(keyword, form, words, head, usage)
        attempt.run()
        attempts.append(attempt)
    best = min(
        attempts, key=lambda a: (bool(a.found), not (a.at or len(a.found) == 0), a.form.shell != shell, -a.at, len(a.found))
    )
    found = best.found
    if len(attempts) > 1 and found and best.at == 0:
        found = [_no_form(keyword, signature, words, head, usage)]
    elif not found and best.form.shell != shell:
        found = [_shell(keyword, signature, words, head, usage, shell)]
    return Matched(best.args, best.places, best.form.shell, best.complete and not found), found


def usage_of(keyword: str, signature: Signature) -> str:
    """How a statement is written, for a message: each form in backticks."""
    forms = [f"`{' '.join(filter(None, (keyword, form.text)))}`" for form in signature.forms]
    return forms[0] if len(forms) == 1 else f"{', '.join(forms[:-1])} or {forms[-1]}"


def _no_form(keyword: str, signature: Signature, words: Sequence[Given], head: Span, usage: str) -> Diagnostic:
    """None of several forms takes even the first word."""
    options = _first_words(signature)
    if not words:
        return Diagnostic("RB207", f"`{keyword}` needs {' or '.join(options)}", head, usage)
    shown = _shown(words[0])
    near = nearest(shown, [literal for form in signature.forms for literal in _literals(form.elements[:1])])
    if near is not None and near != shown:
        return Diagnostic(
            "RB207", f"unknown word `{shown}` in `{keyword}`", words[0].word.span, f"did you mean `{near}`? {usage}"
        )
    return Diagnostic("RB207", f"`{keyword}` takes {' or '.join(options)}, not `{shown}`", words[0].word.span, usage)


def _shell(keyword: str, signature: Signature, words: Sequence[Given], head: Span, usage: str, shell: bool) -> Diagnostic:
    if shell:
        if signature.shell:
            return Diagnostic("RB206", f"`{keyword}` takes words or commands, not both", head, usage)
        return Diagnostic("RB206", f"no commands may stand in `{keyword}`", head, usage)
    if words or len(signature.forms) == 1:
        return Diagnostic("RB206", f"`{keyword}` needs commands: `$ …`, or a block of them", head, usage)
    return Diagnostic("RB206", f"`{keyword}` needs {' or '.join(_first_words(signature))}", head, usage)


def _first_words(signature: Signature) -> list[str]:
    options: list[str] = []
    for form in signature.forms:
        first = form.elements[0] if form.elements else None
        text = "commands (`$ …`)" if first is None else _what(first)
        if text not in options:
            options.append(text)
    return options


def _what(element: Element) -> str:
    """What stands here, for a message."""
    if isinstance(element, Maybe):
        return _what(element.content[0])
    if isinstance(element, Several):
        return _what(element.item[0])
    options = [f"`{literal}`" for literal in element.literals] + [_type(word).what for word in element.types]
    return " or ".join(options) if len(options) < 3 else f"one of {_listed(element.literals)}"


def _type(word: str) -> Type:
    return TYPES[word]


def _listed(literals: Sequence[str]) -> str:
    return ", ".join(f"`{literal}`" for literal in literals)


def _opens(group: Maybe, word: Given) -> bool:
    first = group.content[0]
    if isinstance(first, Several):
        first = first.item[0]
    return isinstance(first, Slot) and _fits(first, word)


def _fits(slot: Slot, word: Given) -> bool:
    return _bare(word) in slot.literals or any(_type(t).accepts(word) for t in slot.types)


def _literals(elements: Sequence[Element]) -> list[str]:
    """Every literal word of some elements."""
    found: list[str] = []
    for element in elements:
        if isinstance(element, Slot):
            found.extend(element.literals)
        else:
            found.extend(_literals(element.content if isinstance(element, Maybe) else element.item))
    return found


def _bare(given: Given) -> str | None:
    """The text of a bare word without constants: only such a word can be a literal of the signature."""
    word = given.word
    if word.quote is not Quote.BARE or len(word.parts) != 1:
        return None
    part = word.parts[0]
    return part.text if isinstance(part, Literal) else None


def _shown(given: Given) -> str:
    return short(given.word.text)
