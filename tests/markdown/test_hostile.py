"""Whatever words a spec holds, they stay in their place."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_plans import SPAN, body, check, choose, confirm, manual, option, param, phase, plan, probe, step, trouble
from structure import Read

from compiler.emit.markdown import emit
from compiler.emit.markdown_blocks import passage
from compiler.plan.model import Checklist, Host, Patience, Plan, ProbeCheck, Rollback, Section, Way, WayBack

BITS = [
    "# x",
    "\n# x",
    "\n\n## y\n",
    "x\n---",
    "x\n===",
    "> # q",
    "- # l",
    "1. # n",
    "```",
    "~~~",
    "\n```bash\nrm -rf /\n",
    "`",
    "``",
    "|",
    "\n|a|b|\n|-|-|\n",
    "<script>alert(1)</script>",
    "<!--",
    "-->",
    "<details>",
    "</td>",
    "[x](javascript:alert(1))",
    "![i](http://e/x)",
    "[",
    "](#",
    "[^1]:",
    "[a]: b",
    "\\",
    "&lt;b&gt;",
    "&#60;",
    "*",
    "**",
    "_",
    "$x$",
    "{{ 7*7 }}",
    "{% x %}",
    "{text}",
    "\u202e",
    "\x1b[31m",
    "\t",
    "    code",
    "::",
    "@you",
    "\n\n\n",
    "  \n",
    '"]',
    "end",
    "#quot;",
    "ä",
    "日本",
    "😀",
    "word",
    " ",
]
WORDS = st.lists(st.one_of(st.sampled_from(BITS), st.text(max_size=6)), max_size=8).map("".join)
LINES = WORDS.map(lambda t: " ".join(t.split()) or "x")  # a title is one line
COMMANDS = WORDS.map(lambda t: t.replace("\0", "").replace("\r", "").strip("\n") or "true")

FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def a_plan(title: str, prose: str, command: str) -> Plan:
    """The same bones, whatever the words."""
    return plan(
        phase("1", title, check("1.1", title, "p", Patience(1, 5)), note=prose),
        phase(
            "2",
            title,
            step(
                "2.1",
                title,
                command,
                WayBack(Way.UNDO, body=body(command)),
                diagnose=(body(command),),
                note=prose,
                optional=prose,
            ),
            choose(
                "2.2",
                title,
                "c",
                option("a", "a", title, step("2.2a.1", title, command, WayBack(Way.NOTHING, text=prose)), note=prose),
            ),
            confirm("2.3", title, "g"),
            manual("2.4", title, "m", WayBack(Way.UNDO, text=prose), note=prose),
        ),
        title=title,
        probes=(
            probe(
                "p",
                title,
                ProbeCheck("http_insecure", {"url": command, "status": "200", "why": prose}, body(command), SPAN),
                note=prose,
                optional=prose,
                trouble=("t",),
            ),
        ),
        rollback=Rollback(title, (prose, prose), 60, (step("R.1", title, command),), (check("R.2", title, "p"),), prose, SPAN),
        troubles=(trouble("t", title, prose, prose, prose, body(command)),),
        params=(param("v", note=prose, matches=command),),
        host=Host("h", None, title, None, (), prose),
        meta={
            "owner": title,
            "purpose": (prose,),
            "principles": (prose, prose),
            "scope": (prose,),
            "drift": prose,
            "references": (prose,),
        },
        extra=(Section(title, prose), Checklist(title, (prose, prose))),
    )


BONES = Read(emit(a_plan("Title", "Some prose.", "true")))


@FAST
@given(title=LINES, command=COMMANDS)
def test_titles_and_commands_change_nothing_but_themselves(title: str, command: str) -> None:
    read = Read(emit(a_plan(title, "Some prose.", command)))
    assert read.html == []
    assert read.outline == BONES.outline
    assert len(read.fences) == len(BONES.fences)
    assert [t.type for t in read.tokens] == [t.type for t in BONES.tokens]


@FAST
@given(prose=WORDS)
def test_prose_stays_in_its_place(prose: str) -> None:
    prose = prose if prose.strip() else "x"
    read = Read(emit(a_plan("Title", prose, "true")))
    assert read.html == []
    assert [h.level for h in read.headings] == [h.level for h in BONES.headings]
    assert [h.text for h in read.headings] == [h.text for h in BONES.headings]
    assert read.code().count("true") >= BONES.code().count("true")
    heads = [table[0] for table in read.tables]
    assert all(table[0] in heads for table in BONES.tables)
    assert set(read.anchors) == set(BONES.anchors) >= set(BONES.links)


@FAST
@given(title=LINES)
def test_links_arrive_whatever_the_titles_are(title: str) -> None:
    read = Read(emit(a_plan(title, "Some prose.", "true")))
    assert set(read.links) <= set(read.anchors)
    assert len(set(read.anchors)) == len(read.anchors)


@FAST
@given(prose=WORDS)
def test_a_passage_holds_no_heading(prose: str) -> None:
    text = "".join(chunk for chunk, _, _ in passage(prose if prose.strip() else "x").chunks(""))
    read = Read(text)
    assert read.headings == []
    assert read.html == []


@FAST
@given(command=COMMANDS)
def test_a_block_holds_exactly_the_command(command: str) -> None:
    read = Read(emit(a_plan("Title", "Some prose.", command)))
    assert sum(block == command.rstrip("\n") for block in read.code()) >= 4


def test_a_command_may_hold_a_fence() -> None:
    command = "cat <<'E'\n```bash\nx\n```\nE"
    small = a_plan("Title", "Some prose.", command)
    assert command in Read(emit(small)).code()
    assert "````bash" in emit(small)
