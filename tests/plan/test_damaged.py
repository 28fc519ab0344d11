"""The specs of this project, damaged in many ways and taken through every stage up to the backends: diagnostics, or outputs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from compiler import pipeline, report
from compiler.emit import bash, markdown, watch
from compiler.project import Project
from compiler.source import Source

ROOT = Path(__file__).resolve().parents[2]
SPECS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "specs").glob("*.rb"))}
LINES = [line for text in SPECS.values() for line in text.split("\n") if line.strip()]
WORDS = sorted({word for text in SPECS.values() for word in text.split()})
ODD = [
    *("²", "٣", "$", "${", "${a.b}", "$${a.b}", '""', "''", '"', "'", "`", "```", "{", "}", "{}", "#", "\\", ",", '"""', "$ "),
    *(
        "$ exit ²",
        "9" * 5000,
        "999999999d",
        "T-999999999d",
        "x" * 3000,
        "\u00a0",
        "\u200b",
        "İ",
        "ß",
        "rbc_x",
        "*",
        "~/x",
        "[[",
        "((",
    ),
    *(
        "$ cat <<'E'",
        "$ f() { :; }",
        "$ coproc x",
        "$ (( a ))",
        "$ )",
        "(a+)+$",
        "[a-",
        "(?=x)",
        "{1,999}",
        "[[:alpha:]]",
        "&&",
        ";;",
    ),
]
EACH = 12  # damaged texts of each spec


def damaged(text: str, seed: int) -> str:
    """The text with up to three changes: lines dropped, doubled, moved in from other specs; words dropped, put in, replaced."""
    chance = random.Random(seed)
    lines = text.split("\n")
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        words = lines[at].split(" ")
        word = chance.randrange(len(words))
        match chance.randrange(8):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                lines.insert(at, chance.choice(LINES))
            case 3:
                del words[word]
                lines[at] = " ".join(words)
            case 4:
                words.insert(word, words[word])
                lines[at] = " ".join(words)
            case 5:
                column = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:column] + chance.choice(ODD) + lines[at][column:]
            case _:
                words[word] = chance.choice([*WORDS, *ODD * 4])
                lines[at] = " ".join(words)
    return "\n".join(lines)


@pytest.mark.parametrize("name", SPECS)
def test_a_damaged_spec_gives_diagnostics_or_outputs(name: str) -> None:
    for seed in range(EACH):
        text = damaged(SPECS[name], seed)
        plans, found = pipeline.plans(Source(f"specs/{name}.rb", text), Project(ROOT))
        assert plans or pipeline.has_errors(found)
        assert all(each.message and "\n" not in each.message for each in found), seed
        report.text(found, color=True)
        if plans and not pipeline.has_errors(found):
            scripts = [bash.emit(plan) for plan in plans]
            assert all(script.text.startswith("#!/bin/bash -p\n") for script in scripts)
            assert markdown.emit_all(plans).startswith("# ")
            watch.emit(plans[0])
