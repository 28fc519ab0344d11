"""Nothing that the original documents say is lost: each entry's text stands in the generated runbook or scripts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml

from compiler.build.compiling import compile_spec
from compiler.build.inputs import collect

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DOCUMENTS = sorted(path.stem for path in HERE.glob("*.yaml"))


def folded(text: str) -> str:
    return " ".join(text.split())


@cache
def generated(spec: str) -> dict[str, str]:
    (found,) = collect([ROOT / spec]).specs
    outcome = compile_spec(found)
    assert not outcome.failed, outcome.diagnostics
    scripts = [content.decode() for name, content in outcome.files.items() if name.endswith(".sh")]
    return {"runbook": folded(outcome.files["README.md"].decode()), "script": folded("\n".join(scripts))}


def test_there_are_documents() -> None:
    assert {"gateway", "hauski", "inlock", "platform"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_everything_is_carried(document: str) -> None:
    listed = yaml.safe_load((HERE / f"{document}.yaml").read_text(encoding="utf-8"))
    texts = generated(listed["spec"])
    assert len({item["id"] for item in listed["items"]}) == len(listed["items"]) > 0
    lost = [
        item["id"]
        for item in listed["items"]
        if not (folded(item["text"]) in texts[item["carried_by"]] if "text" in item else item["reason"].strip())
    ]
    assert lost == []
