from __future__ import annotations

import json
import re

import pytest

from compiler.plan import probes, view
from compiler.plan.model import Decision, Patience, Way, walk
from compiler.plan.titles import PROBE
from plan.compiling import HEAD, UP, asked, capture, codes, item, lowered, manual, plan, step

SERVICE = "service web {\n  dir     /srv/web\n  compose compose.web.yml\n}\n"
IMAGE, BUILD = Decision("way", "image"), Decision("way", "build")


def phase(body: str, name: str = "change", head: str = "") -> str:
    return f'phase {name} "{name}" {{\n{head}{body}}}\n'


def change(name: str, shell: str = "touch /srv/flag", settings: str = "") -> str:
    return f'  step {name} "{name}" {{\n    $ {shell}\n{settings}    undo "nothing"\n  }}\n'


def choose(image: str, build: str) -> str:
    options = f'    option image "I" default {{\n{image}    }}\n    option build "B" {{\n{build}    }}\n'
    return f'  choose way "Way" {{\n{options}  }}\n'


# ── numbers, ids, symbols ─────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_and_ids() -> None:
    text = HEAD + UP + phase("  check up\n", "first") + phase(choose(change("a"), "  check up\n" + change("b")) + change("c"))
    text += 'rollback "Back" {\n  step r "R" $ true\n  verify up\n}\n'
    built = plan(text)
    every = [i for p in built.phases for i in walk(p.items)]
    assert [(i.number, i.id) for i in every] == [
        ("1.1", "first.up"),
        ("2.1", "change.way"),
        ("2.1a.1", "change.way.image.a"),
        ("2.1b.1", "change.way.build.up"),
        ("2.1b.2", "change.way.build.b"),
        ("2.2", "change.c"),
    ]
    assert built.rollback is not None
    assert [(i.number, i.id) for i in (*built.rollback.items, *built.rollback.verify)] == [
        ("R.1", "rollback.r"),
        ("R.2", "rollback.verify.up"),
    ]


def test_a_probe_that_is_asked_twice_has_two_ids() -> None:
    built = plan(HEAD + UP + phase("  check up, up\n  check up\n"))
    assert [i.id for i in built.phases[0].items] == ["change.up", "change.up_2", "change.up_3"]


def test_a_step_keeps_its_id_where_a_probe_has_the_same_name() -> None:
    built = plan(HEAD + UP + phase("  check up\n" + change("up")))
    assert [i.id for i in built.phases[0].items] == ["change.up_2", "change.up"]


def test_symbols_are_short_and_distinct() -> None:
    built = plan(HEAD + SERVICE + phase(choose("      update web\n", "      update web build\n") + change("alone")))
    symbols = [i.symbol for p in built.phases for i in walk(p.items) if hasattr(i, "symbol")]
    assert len(set(symbols)) == len(symbols)
    assert step(built, "change.way.image.web_up").symbol == "step_image_web_up"
    assert step(built, "change.way.build.web_up").symbol == "step_build_web_up"
    assert step(built, "change.way.build.web_up").back.symbol == "undo_build_web_up"
    assert step(built, "change.way.image.web_pull").symbol == "step_web_pull"
    assert step(built, "change.alone").symbol == "step_alone"


# ── folders ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "own", "expected"),
    [
        ("", "", None),
        ("  on web\n", "", "/srv/web"),
        ("  in /tmp\n", "", "/tmp"),
        ("  on web\n  in conf\n", "", "/srv/web/conf"),
        ("  on web\n", "    in conf.d\n", "/srv/web/conf.d"),
        ("  on web\n", "    in /etc\n", "/etc"),
        ("  on web\n", "    in $HOME/x\n", "$HOME/x"),
        ("  in /tmp\n", "    on web\n", "/srv/web"),
        ("  on web\n", "    on box\n", None),
    ],
)
def test_where_a_step_runs(head: str, own: str, expected: str | None) -> None:
    text = HEAD + SERVICE + "host box {\n  address box.example\n}\n" + phase(change("a", settings=own), head=head)
    folder = step(plan(text), "change.a").dir
    assert (None if folder is None else folder.shown) == expected


def test_a_probe_runs_where_its_compose_service_lives() -> None:
    text = HEAD + SERVICE + 'probe runs "Runs" {\n  compose web is running\n}\n' + phase("  check runs\n")
    folder = plan(text).probe("runs").dir
    assert folder is not None
    assert folder.constant == "/srv/web"


# ── update ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_update_may_say_how_long_its_way_back_takes() -> None:
    def back(text: str) -> tuple[int | None, int | None]:
        built = plan(HEAD + SERVICE + phase(text))
        return step(built, "change.web_pull").back.timeout, step(built, "change.web_up").back.timeout

    assert back("  update web\n") == (30, 300)
    assert back("  update web undo 50s\n") == (5, 45)
    assert back("  update web undo 1h\n") == (30, 3570)


def test_update_is_four_ordinary_items() -> None:
    built = plan(HEAD + SERVICE + phase("  update web\n"))
    assert [(type(i).__name__, i.name) for i in built.phases[0].items] == [
        ("CaptureItem", "web_images"),
        ("StepItem", "web_pull"),
        ("StepItem", "web_up"),
        ("CheckItem", "web_runs"),
    ]
    record = capture(built, "change.web_images")
    assert record.empty
    assert record.variable == "web_images"
    up = step(built, "change.web_up")
    assert up.body.text == "docker compose -f compose.web.yml up -d"
    assert up.back.way is Way.UNDO
    assert up.back.body is not None
    assert "${web_images}" in up.back.body.text
    assert up.reads == ("web_images",)
    assert step(built, "change.web_pull").back.way is Way.UNDO
    waits = asked(built, "change.web_runs")
    assert waits.use.patience == Patience(5, 180)
    assert built.probe(waits.use.probe).reads == ("web_images",)


def test_updates_that_exclude_each_other_share_their_record() -> None:
    built = plan(HEAD + SERVICE + phase(choose("      update web\n", "      update web build\n")))
    assert capture(built, "change.way.image.web_images").variable == "web_images"
    assert capture(built, "change.way.build.web_images").variable == "web_images"
    assert asked(built, "change.way.build.web_runs").use.probe == asked(built, "change.way.image.web_runs").use.probe


def test_updates_that_follow_each_other_do_not() -> None:
    built = plan(HEAD + SERVICE + phase("  update web\n") + phase("  update web\n", "again"))
    assert capture(built, "change.web_images").variable == "change_web_images"
    assert capture(built, "again.web_images").variable == "again_web_images"
    assert asked(built, "change.web_runs").use.probe != asked(built, "again.web_runs").use.probe


def test_update_of_some_parts_with_project_and_env_file() -> None:
    service = 'service web {\n  dir /srv/web\n  compose a.yml, b.yml\n  env_file "/etc/my env"\n  project blue\n}\n'
    built = plan(HEAD + service + phase("  update web only app, job-1\n"))
    text = step(built, "change.web_app_job_1_up").body.text
    assert text == "docker compose -f a.yml -f b.yml --env-file '/etc/my env' -p blue up -d --no-deps app job-1"


def test_titles_are_in_the_runbooks_language() -> None:
    german = 'runbook demo {\n  title "Demo"\n  lang de\n}\n'
    assert item(plan(german + SERVICE + phase("  update web\n")), "change.web_pull").title == "Neue Images von web holen"
    assert item(plan(HEAD + SERVICE + phase("  update web\n")), "change.web_pull").title == "Pull the new images of web"


# ── what is read, and when it is needed ───────────────────────────────────────────────────────────────────────────

PARAM = "param root path {\n  default $HOME/x\n}\n"


def needed(text: str, name: str = "root") -> object:
    return next(p.needed_when for p in plan(HEAD + PARAM + UP + text).params if p.name == name)


def test_a_parameter_is_needed_on_the_paths_that_read_it() -> None:
    assert needed(phase(choose("      check up\n", change("b", 'ls "$root"')))) == ((BUILD,),)
    assert needed(phase(choose("      check up\n", change("b", 'ls "$root"')) + change("c", 'ls "$root"'))) == ((),)
    assert needed(phase("  check up\n")) == ()


def test_undos_folders_and_probes_count_as_readers() -> None:
    undo = '  step a "a" {\n    $ touch /srv/a\n    undo $ rm -rf "$root/a"\n  }\n'
    assert needed(phase(undo)) == ((),)
    assert needed(phase(change("a", settings="    in $root\n"))) == ((),)
    probe = 'probe there "There" {\n  dir $root\n}\n'
    assert needed(probe + phase("  check up\n")) == ()
    assert needed(probe + phase(choose("      check there\n", "      check up\n"))) == ((IMAGE,),)
    assert needed(probe + phase("  check up\n") + 'rollback "Back" {\n  verify there\n}\n') == ((),)


def test_a_parameter_in_the_default_of_another() -> None:
    other = "param base path {\n  default $root/base\n}\n"
    assert needed(other + phase(change("a", 'ls "$base"'))) == ((),)


def test_reads_are_parameters_and_captures_only() -> None:
    body = '  capture head "Head" $ uname -r\n' + change("a", 'x=1; echo "$x $HOME $root $head"')
    assert step(plan(HEAD + PARAM + phase(body)), "change.a").reads == ("head", "root")


def tools(text: str) -> dict[str, object]:
    return {n.tool: n.needed_when for n in plan(HEAD + text).needs}


def test_tools_come_from_the_commands() -> None:
    found = tools(SERVICE + UP + phase(choose("      update web\n", change("b", "git -C /x pull")) + "  check up\n"))
    assert found == {"curl": ((),), "docker": ((IMAGE,),), "docker compose": ((IMAGE,),), "git": ((BUILD,),)}


def test_tools_that_are_not_needed() -> None:
    quiet = change("a", "sudo iptables -S | cat; command -v jq; ./run.sh; cp a b")
    probe = 'probe extra "Extra" {\n  succeeds $ nmap -p 80 localhost\n  optional "nice to have"\n}\n'
    unused = 'probe unused "Unused" {\n  cert demo.example days >= 3\n}\n'
    found = tools(probe + unused + phase("  check extra\n" + quiet))
    assert found == {"sudo": ((),)}


def test_an_optional_step_does_without_its_tool() -> None:
    """Where the tool is missing the step fails, and that does not count."""
    docs = '  step docs "Docs" {\n    $ mkdocs build\n    readonly\nOPTIONAL  }\n'
    assert tools(phase(docs.replace("OPTIONAL", '    optional "only documents"\n'))) == {}
    assert tools(phase(docs.replace("OPTIONAL", ""))) == {"mkdocs": ((),)}


def test_declared_tools_come_first_with_their_version() -> None:
    host = 'host box {\n  needs jq, docker >= 24, "docker compose" >= 2\n  guard hostname box\n}\n'
    built = plan(HEAD + host + SERVICE + UP + phase("  check up\n  update web\n"))
    assert [(n.tool, n.op, n.version, n.declared) for n in built.needs] == [
        ("jq", None, None, True),
        ("docker", ">=", "24", True),
        ("docker compose", ">=", "2", True),
        ("curl", None, None, False),
    ]


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_capture_reaches_what_comes_after_it_on_its_path() -> None:
    cap = '      capture head "Head" $ uname -r\n'
    inside = choose(cap + change("a", 'echo "$head"'), change("b"))
    assert "RB505" not in codes(HEAD + phase(inside))
    assert codes(HEAD + phase(inside + change("c", 'echo "$head"'))) == ["RB505"]
    again = choose(cap, change("b")) + choose(change("a", 'echo "$head"'), change("c"))
    assert "RB505" not in codes(HEAD + phase(again))


def test_an_unknown_name_is_found_where_it_stands() -> None:
    _, wrong = lowered(HEAD + PARAM + phase(change("a", 'ls "$rot"')))
    assert [d.code for d in wrong] == ["RB401"]
    assert wrong[0].fix == "did you mean `root`?"
    assert wrong[0].span is not None
    assert wrong[0].span.text.strip('"') in ("$rot", "rot")


def test_plain_names_are_written_with_braces() -> None:
    assert step(plan(HEAD + PARAM + phase(change("a", 'ls "$root"'))), "change.a").body.text == 'ls "${root}"'


def test_a_choice_is_a_name() -> None:
    built = plan(HEAD + phase(choose(change("a"), change("b")) + change("c", 'echo "$way"')))
    assert step(built, "change.c").reads == ("way",)


# ── patience, time, ways back ─────────────────────────────────────────────────────────────────────────────────────


def test_patience_said_at_the_check_replaces_the_probes_own() -> None:
    probe = 'probe slow "Slow" {\n  tcp db.example:5432\n  every 5s for 2m\n  timeout 3s\n}\n'
    built = plan(HEAD + probe + phase("  check slow\n  check slow every 1s for 10s\n"))
    assert asked(built, "change.slow").use.patience == Patience(5, 120)
    assert asked(built, "change.slow_2").use.patience == Patience(1, 10)
    assert built.probe("slow").timeout == 3
    assert "timeout 2 bash" in built.probe("slow").checks[0].body.text
    assert built.most == 120 + 3 + 10 + 3


def test_the_longest_way() -> None:
    slow = '  step a "a" {\n    $ true\n    timeout 1m\n    retry 2 every 5s\n    undo "x"\n    verify up\n  }\n'
    assert plan(HEAD + UP + phase(slow)).most == 3 * (60 + 10) + 2 * 5
    assert plan(HEAD + UP + phase(change("a"))).most is None
    assert plan(HEAD + UP + phase(choose("      check up\n", slow))).most == 220
    person = '  confirm go "Go?"\n'
    assert plan(HEAD + UP + phase(person)).most is None


def test_the_shortest_way() -> None:
    assert plan(HEAD + UP + phase(choose("      check up\n", change("a") + change("b")) + "  check up\n")).least == 2


def test_ways_back() -> None:
    body = (
        '  step a "a" {\n    $ true\n    undo {\n      timeout 20s\n      $ rm -f /x\n      $ rm -f /y\n    }\n  }\n'
        '  step b "b" {\n    $ true\n    undo rollback\n  }\n'
        '  step c "c" {\n    $ true\n    irreversible "gone"\n  }\n'
        '  step d "d" {\n    $ true\n    readonly "only a log"\n  }\n'
        '  manual e "e" {\n    undo "switch it back"\n  }\n'
    )
    built = plan(HEAD + UP + phase(body) + 'rollback "Back" {\n  step r "r" $ true\n}\n')
    backs = {name: step(built, f"change.{name}").back for name in "abcd"}
    assert [b.way for b in backs.values()] == [Way.UNDO, Way.ROLLBACK, Way.IRREVERSIBLE, Way.READONLY]
    undo = backs["a"]
    assert undo.body is not None
    assert (undo.body.text, undo.timeout, undo.symbol) == ("rm -f /x\nrm -f /y", 20, "undo_a")
    assert backs["d"].text == "only a log"
    assert (manual(built, "change.e").back.way, manual(built, "change.e").back.text) == (Way.UNDO, "switch it back")


# ── the document ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_document_keeps_the_files_order_and_its_phases_together() -> None:
    text = HEAD + 'section "One" "first"\n' + UP + phase("  check up\n", "a")
    text += 'section "Two" "second"\n' + phase("  check up\n", "b")
    text += 'checklist "Three" {\n  item "x"\n}\nrollback "Back" {\n  verify up\n}\n'
    assert [getattr(part, "title", None) for part in plan(text).document] == ["One", "a", "b", "Two", "Three", "Back"]


def test_what_stands_in_the_plan_has_a_place_in_the_spec() -> None:
    built = plan(HEAD + SERVICE + UP + phase("  update web\n  check up\n"))
    for entry in walk(built.phases[0].items):
        assert entry.span.source.name == "specs/demo.rb"
        assert entry.span.text.startswith(("update web", "up"))


def test_json_is_json_with_places() -> None:
    shown = json.loads(view.as_json(plan(HEAD + UP + phase("  check up\n"))))
    assert shown["phases"][0]["items"][0]["span"] == "specs/demo.rb:8:9"
    assert shown["phases"][0]["items"][0]["kind"] == "check"
    assert "1.1 check It answers" in view.text(plan(HEAD + UP + phase("  check up\n")))


def test_several_mistakes_are_told_at_once_and_in_the_order_of_the_file() -> None:
    body = "  update bare\n" + change("a", 'echo "$nothing"') + "  update bare build\n"
    text = HEAD + "service bare {\n  dir /srv\n}\n" + phase(body)
    _, wrong = lowered(text)
    assert [d.code for d in wrong] == ["RB501", "RB401", "RB501"]


def test_a_trouble_may_say_itself_where_it_shows() -> None:
    probes = UP + 'probe disk "D" {\n  disk / used <= 85%\n  trouble full\n}\n'
    full = 'trouble full "Full" {\n  shows at disk\n  fix "Clear it."\n}\n'
    dead = 'trouble dead "Dead" {\n  shows at up, disk\n  fix "Start it."\n}\n'
    made = plan(HEAD + probes + full + dead + 'phase look "L" {\n  check up, disk\n}\n')
    assert {p.name: p.trouble for p in made.probes} == {"up": ("dead",), "disk": ("full", "dead")}


@pytest.mark.parametrize(
    ("undo", "way", "text"),
    [
        ('undo nothing "It may stay."', Way.NOTHING, "It may stay."),
        ('undo "Pull it."', Way.UNDO, "Pull it."),
        ("undo rollback", Way.ROLLBACK, None),
    ],
)
def test_a_task_says_how_it_goes_back(undo: str, way: Way, text: str | None) -> None:
    spec = HEAD + UP + f'phase p "P" {{\n  manual wire "Pull the wire" {{\n    {undo}\n  }}\n  check up\n}}\n'
    back = 'rollback "B" {\n  step s "S" $ true\n  verify up\n}\n'
    found = manual(plan(spec + back), "p.wire")
    assert (found.back.way, found.back.text) == (way, text)


def test_a_step_may_say_nothing_in_both_ways() -> None:
    for undo in ('undo "It stays."', 'undo nothing "It stays."'):
        text = HEAD + UP + f'phase p "P" {{\n  step s "S" {{\n    $ true\n    {undo}\n  }}\n  check up\n}}\n'
        found = step(plan(text), "p.s")
        assert (found.back.way, found.back.text) == (Way.NOTHING, "It stays.")


@pytest.mark.parametrize(
    ("check", "english", "german"),
    [
        ("http https://x.example/health", "https://x.example/health answers", "https://x.example/health antwortet"),
        ("disk / used <= 85%", "/: at most 85% used", "/: höchstens 85 % belegt"),
        ("disk / free >= 10GiB", "/: 10GiB free", "/: 10GiB frei"),
        ("listens 80, 443", "Something listens on port 80, 443", "Auf Port 80, 443 lauscht etwas"),
        ("file $HOME/x", "$HOME/x is there", "$HOME/x ist vorhanden"),
        ("compose web only a, b is running", "web runs: a, b", "web läuft: a, b"),
        ("cert x.example days >= 7", "Certificate of x.example: 7 days left", "Zertifikat von x.example: noch 7 Tage"),
        ("tool git >= 2.30", "git >= 2.30", "git >= 2.30"),
    ],
)
def test_a_probe_of_one_check_is_called_by_what_it_is_about(check: str, english: str, german: str) -> None:
    for lang, title in (("en", english), ("de", german)):
        text = HEAD.replace('"Demo"\n', f'"Demo"\n  lang {lang}\n') + SERVICE + f"probe p {{\n  {check}\n}}\n"
        made = plan(text + phase("  check p\n"))
        assert made.probe("p").title == item(made, "change.p").title == title


def test_every_kind_of_check_but_operators_own_has_a_title() -> None:
    listed = (probes.__doc__ or "").split("check.KIND")[1]
    kinds = set(re.findall(r"\b([a-z]+(?:_[a-z]+)*)(?:, [a-z_]+)? \(", listed)) | {"compose_running", "compose_parts_running"}
    assert kinds - set(PROBE["en"]) == {"http_header", "http_body", "succeeds", "output", "number"}
    assert list(PROBE["en"]) == list(PROBE["de"])
