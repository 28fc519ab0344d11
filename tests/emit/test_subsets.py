"""Every piece of the runtime alone and all together: ShellCheck and shfmt have nothing to say about the finished script."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest

from compiler.emit import bash
from compiler.plan.lower import lower
from compiler.report import text
from compiler.resolve import resolve
from compiler.source import Source, Span
from compiler.syntax.parser import parse

TOOLS = Path(sysconfig.get_path("scripts"))
HEAD = 'runbook t {\n  title "T"\n  lang en\n  budget 60m\n  window daily 00:00-24:00 Europe/Berlin\n}\n'
PARTS = {
    "check": ('probe p "P" {\n  file x\n}\n', "  check p\n"),
    "step": ("", '  step s "S" {\n    $ touch s\n    undo $ rm -f s\n  }\n'),
    "capture": ("", '  capture c "C" $ date\n'),
    "confirm": ("", '  confirm ok "Ok?" {}\n'),
    "manual": ("", '  manual m "M" {\n    undo "back"\n  }\n'),
    "choose": (
        "",
        '  choose w "W" {\n    option a "A" default {\n'
        '      step sa "SA" {\n        $ touch a\n        undo $ rm -f a\n      }\n    }\n  }\n',
    ),
    "param": ('param q string {\n  note "q"\n}\n', '  step sq "SQ" {\n    $ printf "%s" "$q"\n    undo "nothing"\n  }\n'),
    "envfile": (
        "service v {\n  dir /tmp\n  compose c.yml\n  env_file .env {\n    require TOKEN secret\n  }\n}\n",
        '  step sv "SV" {\n    on v\n    $ printf "%s" "$TOKEN" >/dev/null\n    undo "nothing"\n  }\n',
    ),
    "hold": ('probe h "H" {\n  file x\n}\n', '  hold watch "Watch" {\n    for 3s\n    watch h every 1s\n  }\n'),
    "background": ("", '  background server "Server" $ sleep 60\n'),
    "guarded": (
        "",
        '  guarded door "Door" {\n    for 60s\n    step g "G" {\n      $ touch g\n      undo $ rm -f g\n    }\n  }\n',
    ),
    "other": ("", '  confirm both "Both?" {\n    by other\n  }\n'),
    "interactive": ("", '  step i "I" {\n    $ touch i\n    interactive\n    undo $ rm -f i\n  }\n'),
    "condition": (
        'probe q "Q" {\n  file x\n}\n',
        '  step d "D" {\n    $ touch d\n    unless q\n    undo $ rm -f d\n  }\n',
    ),
    "job": (
        "automation ci semaphore {\n  url https://ci.example\n  project 4\n  token key\n}\nparam key string {\n  secret\n}\n",
        '  job "J" {\n    undo $ rm -f j\n  }\n',
    ),
    "sitting": ("", "  at T-24h\n"),
    "sudo": ("", '  step su "SU" {\n    $ sudo true\n    undo "nothing"\n  }\n'),
}


class NoFiles:
    def load(self, name: str, importer: Source, span: Span) -> Source:
        raise AssertionError(name)


def script(parts: tuple[str, ...]) -> str:
    top = "".join(PARTS[p][0] for p in parts)
    body = "".join(PARTS[p][1] for p in sorted(parts, key=lambda part: part != "sitting"))
    source = Source("specs/t.rb", HEAD + top + 'phase one "One" {\n' + body + "}\n")
    document, _ = parse(source)
    model, found = resolve(document, NoFiles())
    assert model is not None, text(found, color=False)
    plan, wrong = lower(model)
    assert plan is not None, text(wrong, color=False)
    return bash.emit(plan).text


SUBSETS = [*((p,) for p in PARTS if p != "sitting"), tuple(PARTS)]


@pytest.mark.parametrize("parts", SUBSETS, ids="-".join)
def test_a_subset_of_the_runtime_is_clean(parts: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "t.sh"
    path.write_text(script(parts))
    found = subprocess.run(
        [TOOLS / "shellcheck", "--norc", "-o", "all", "-f", "gcc", path], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""
    layout = subprocess.run([TOOLS / "shfmt", "-i", "2", "-ci", "-d", path], capture_output=True, text=True, check=False)
    assert layout.stdout == ""


def test_the_runtime_stays_as_shfmt_writes_it() -> None:
    folder = Path(__file__).parents[2] / "templates" / "runtime"
    layout = subprocess.run([TOOLS / "shfmt", "-i", "2", "-ci", "-d", folder], capture_output=True, text=True, check=False)
    assert layout.stdout == ""
