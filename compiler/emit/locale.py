"""The sentences of runbook and script, and how times and numbers are written, in the runbook's language.

Every sentence stands in `templates/locale/KIND.LANG.yaml` under a flat key, with `{name}` where something of the spec comes in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from compiler.emit import resources
from compiler.plan.model import ProbeCheck
from compiler.plan.moments import duration as duration  # written alike in plan, script and runbook

KINDS = ("runbook", "script", "check", "outcome", "audit", "paste", "schedule", "rehearsal")
LANGUAGES = ("en", "de")

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@cache
def load(kind: str, lang: str) -> Mapping[str, str]:
    """All sentences of a kind (`KINDS`) in a language (`LANGUAGES`), by key, in the file's order.

    Raises FileNotFoundError for a kind or language that does not ship, ValueError for a file that is no flat mapping of texts:
    both are mistakes in the compiler.
    """
    import yaml  # a third of the start-up time of `rbc`, and only what is emitted needs it

    read = yaml.load(resources.read(f"locale/{kind}.{lang}.yaml").text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if not isinstance(read, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in read.items()):
        raise ValueError(f"locale/{kind}.{lang}.yaml is not a flat mapping of texts")
    return MappingProxyType(read)


def placeholders(sentence: str) -> frozenset[str]:
    """The names that a sentence asks for."""
    return frozenset(_PLACEHOLDER.findall(sentence))


def fill(sentence: str, values: Mapping[str, str]) -> str:
    """The sentence with its placeholders filled. Braces in a value mean nothing. Raises KeyError for a missing value."""
    return _PLACEHOLDER.sub(lambda m: values[m[1]], sentence)


def check_sentence(check: ProbeCheck, lang: str) -> tuple[str, Mapping[str, str]]:
    """What a check expects: a sentence without a full stop, and what fills its placeholders."""
    words = load("check", lang)
    facts = dict(check.facts)
    if "op" in facts:
        facts["op"] = words[f"op.{facts['op']}"]
    if "seconds" in facts:
        facts["seconds"] = duration(int(facts["seconds"]))
    return words[f"check.{check.kind}"], facts


def check_line(check: ProbeCheck, lang: str) -> str:
    """What a check expects, as plain text: the line that script and runbook share."""
    return fill(*check_sentence(check, lang))
