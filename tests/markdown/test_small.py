"""Kinds of items, ways back and rules that the gateway does not use."""

import dataclasses
import subprocess

import pytest
from small_plans import (
    SPAN,
    body,
    capture,
    check,
    choose,
    command_check,
    confirm,
    manual,
    option,
    param,
    phase,
    plan,
    probe,
    step,
    trouble,
    use,
    value,
)
from structure import Read
from syrupy.assertion import SnapshotAssertion

from compiler.emit.markdown import emit
from compiler.plan.model import (
    Checklist,
    Decision,
    EnvFile,
    EnvRequirement,
    Guard,
    Host,
    ImageRule,
    Need,
    Patience,
    Plan,
    ProbeCheck,
    Rollback,
    Section,
    Service,
    Var,
    Way,
    WayBack,
)

WHY = "No other registry is trusted."
IMAGES = ImageRule("^registry[.]example/", WHY, "images_app", body("false"), body("docker compose config"), None, SPAN)


def everything_at_once() -> Plan:
    """One of each."""
    second = (Decision("mode", "slow"),)
    phases = (
        phase("1", "Look", check("1.1", "Port is open", "port", Patience(5, 120)), note="Nothing is touched here."),
        phase(
            "2",
            "Change",
            capture(
                "2.1", "The commit before", "before", "git rev-parse HEAD", matches="^[0-9a-f]{40}$", folder=value("/srv/app")
            ),
            confirm("2.2", "Is the team told?", "told", (use("port"), use("backup")), ("before",)),
            choose(
                "2.3",
                "Which way?",
                "mode",
                option(
                    "fast", "a", "Fast", step("2.3a.1", "Swap", "./swap", WayBack(Way.ROLLBACK)), default=True, note="Seconds."
                ),
                option(
                    "slow",
                    "b",
                    "Slow",
                    step(
                        "2.3b.1", "Migrate", "./migrate", WayBack(Way.IRREVERSIBLE, text="The old table is *gone*."), path=second
                    ),
                ),
            ),
            step(
                "2.4",
                "Restart",
                "systemctl restart app",
                WayBack(Way.UNDO, body=body("systemctl start app"), timeout=60),
                timeout=90,
                retry=2,
                verify=(use("port", Patience(2, 30)),),
                trouble=("no_port",),
                diagnose=(body("journalctl -n 20"),),
            ),
            step("2.5", "Warm the cache", "./warm", optional="It warms itself.", retry=1),
            step("2.6", "List", "ls", WayBack(Way.READONLY, text="a log line")),
            manual("2.7", "Switch the load balancer", "lb", WayBack(Way.UNDO, text="Switch it back.")),
            manual("2.8", "Look at the graphs", "graphs", WayBack(Way.READONLY)),
        ),
        phase("3", "End", check("3.1", "Port is open", "port"), on_failure="pause"),
    )
    return plan(
        *phases,
        title="Update of *app* <3",
        most=None,
        probes=(
            probe(
                "port",
                "Port is open",
                ProbeCheck("tcp", {"endpoint": "app:80"}, body("nc -z app 80"), SPAN),
                trouble=("no_port",),
            ),
            probe("backup", "There is a backup", command_check("test -e /backup"), optional="The provider has one."),
        ),
        rollback=Rollback(
            "Back",
            ("The port stays closed.", "Somebody says so."),
            3600,
            (step("R.1", "Swap back", "./swap --back", timeout=5),),
            (check("R.2", "Port is open", "port"),),
            "Keep calm.",
            SPAN,
        ),
        troubles=(
            trouble(
                "no_port", "No port", "Nothing answers.", "It is down.", "Look again:", body("ss -lnt"), body("uptime"), "Ask."
            ),
        ),
        params=(
            param("target", "choice", choices=("blue", "green"), note="Where to", needed_when=(second,)),
            param("root", "path", default=value(Var("HOME"), "/it's here"), env="APP_ROOT"),
            param("token", secret=True),
        ),
        host=Host(
            "web",
            "web.example",
            None,
            "deploy",
            (Guard("hostname", value("web"), None, SPAN), Guard("command", None, body("test -d /srv"), SPAN)),
            "Two of them.",
        ),
        services=(
            Service(
                "app",
                "web",
                value("/srv/app"),
                ("a.yml", "b.yml"),
                "app",
                "app.service",
                "https://app.example",
                (
                    EnvFile(
                        value("/srv/app/.env"),
                        (EnvRequirement("KEY", None, True, "From the vault."), EnvRequirement("TAG", "^v", False)),
                    ),
                ),
                (IMAGES,),
                "One pair.",
            ),
        ),
        needs=(Need("git", ">=", "2.30", True, SPAN), Need("systemctl", None, None, False, SPAN)),
        meta={
            "owner": "team app",
            "audience": "on call",
            "status": "active",
            "purpose": ("Bring `app` up to date.",),
            "principles": ("Calm.",),
            "scope": ("One host.",),
            "excludes": ("The database.", "DNS."),
            "drift": "Change it together.",
            "references": ("[Wiki](https://wiki.example)", "The book"),
        },
        extra=(
            Section("Background", "Some *text*.\n\n# not a heading\n\n- a\n- b"),
            Checklist("After", ("Ticket closed", "`tag` set")),
        ),
    )


@pytest.fixture(scope="module")
def text() -> str:
    return emit(everything_at_once())


def test_it_reads_so_in_english(text: str, snapshot: SnapshotAssertion) -> None:
    assert text == snapshot


def test_it_is_sound(text: str) -> None:
    read = Read(text)
    assert read.html == []
    assert set(read.links) <= set(read.anchors)
    assert [h.text for h in read.headings if h.level == 1] == ["Update of *app* <3"]


def test_what_stays_is_named_at_once(text: str) -> None:
    glance = dict(row for row in Read(text).tables[0])
    assert glance["Irreversible"] == "2.3b.1 Migrate (only on the path “Slow”)"
    assert glance["Way back"] == "not complete (see below), proven by: Port is open"
    assert glance["Duration"] == "at least 30 s; no upper limit, because answers are waited for"


def test_a_probe_that_is_no_item_stands_where_it_is_asked(text: str) -> None:
    gate = text[text.index("### 2.2") : text.index("### 2.3")]
    assert "test -e /backup" in gate and "nc -z" not in gate
    assert "[1.1 Port is open](#11-port-is-open), There is a backup" in gate


@pytest.mark.parametrize(
    ("lang", "when", "block"),
    [
        ("en", "Only on the path “Slow”.", "Only for the block of the way back."),
        ("de", "Nur im Weg „Slow“.", "Nur für den Block des Rückwegs."),
    ],
)
@pytest.mark.parametrize(("note", "begins"), [("Where to", "Where to. "), ("Where to.", "Where to. "), (None, "")])
def test_what_alone_needs_a_parameter_is_a_sentence_of_its_own(
    lang: str, when: str, block: str, note: str | None, begins: str
) -> None:
    this = dataclasses.replace(param("target", note=note, needed_when=((Decision("mode", "slow"),),)), block=True)
    choice = choose("1.1", "Which way?", "mode", option("fast", "a", "Fast"), option("slow", "b", "Slow"))
    made = emit(plan(phase("1", "Go", choice), params=(this,), lang=lang))
    row = next(row for table in Read(made).tables for row in table if row[0] == "--target")
    assert row[-1] == f"{begins}{block} {when}"


def test_a_short_probe_is_one_line_where_it_is_asked_again(text: str) -> None:
    assert Read(text).code().count("nc -z app 80") == 1
    assert text.count("`nc -z app 80`") == 2  # 3.1, and the proof of the way back


def test_words_between_fixes_only_where_they_help(text: str) -> None:
    fixes = text[text.index("### No port") : text.index("Shows at")]
    assert fixes.count("Then") == 1 and "Then: Ask." in fixes


def test_parameters_can_be_set_by_hand(text: str) -> None:
    block = next(b for b in Read(text).code() if b.startswith("root="))
    for env, expected in (({}, "/h/it's here"), ({"APP_ROOT": "/o o"}, "/o o")):
        printed = subprocess.check_output(["bash", "-c", f'{block}\nprintf %s "$root"'], env={"HOME": "/h", **env}, text=True)
        assert printed == expected


def test_a_runbook_that_changes_nothing() -> None:
    text = emit(plan(phase("1", "Look", check("1.1", "Up", "up")), probes=(probe("up", "Up"),)))
    assert "| Way back | not needed: this runbook changes nothing |" in text
    assert "there is nothing to undo" in text
    assert "rollback" not in text.split("## Flow")[0].replace("rolled back", "")


def test_a_plan_without_a_block_has_its_way_back() -> None:
    text = emit(plan(phase("1", "Do", step("1.1", "It", "true"), on_failure="rollback"), lang="de"))
    assert "| Rückweg | vollständig, aber durch keine Prüfung bewiesen |" in text
    assert "Scheitert hier etwas, läuft der [Rückweg](#rückweg)." in text
    assert "## Rückweg\n" in text and "### Block" not in text


def test_the_same_decision_is_not_explained_twice() -> None:
    text = emit(
        plan(
            phase("1", "A", choose("1.1", "Way", "way", option("x", "a", "X"), option("y", "b", "Y"))),
            phase("2", "B", choose("2.1", "Way", "way", option("x", "a", "X"), option("y", "b", "Y"))),
        )
    )
    assert "The same decision as in [1.1 Way](#11-way)." in text
    assert text.count("Choose one: ") == 1


def test_sections_keep_the_files_order() -> None:
    first, last = Section("First", "a"), Section("Last", "b")
    made = plan(phase("1", "Do", step("1.1", "It", "true")), extra=(last,))
    read = Read(emit(dataclasses.replace(made, document=(first, *made.document))))
    titles = [h.text for h in read.headings if h.level == 2]
    assert titles == ["How to run", "First", "Flow", "1 Do", "Way back", "Outcomes", "Last", "Origin"]
