"""What the rules must not say: no noise. What they say is on the pages, whose examples are executed."""

from __future__ import annotations

import pytest
from plan.compiling import HEAD, UP, codes

SERVICE = "service web {\n  dir     /srv/web\n  compose compose.web.yml\n}\n"
BACK = 'rollback "Back" {\n  verify up\n}\n'


def phase(body: str, name: str = "change", failure: str = "") -> str:
    return f'phase {name} "{name}" {{\n{body}{failure}}}\n'


def step(shell: str, undo: str = '"nothing is left"', name: str = "a", head: str = "") -> str:
    return f'  step {name} "{name}" {{\n{head}    $ {shell}\n    undo {undo}\n  }}\n'


def test_a_good_spec_is_quiet() -> None:
    text = HEAD + SERVICE + UP + phase("  check up\n", "before") + phase("  update web\n")
    assert codes(text + phase("  check up\n", "after", "  on failure rollback\n") + BACK) == []


# ── RB511 ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PLAIN = "service web {\n  dir     /srv/web\n  compose compose.yml\n}\n"


@pytest.mark.parametrize(
    ("service", "command", "found"),
    [
        (SERVICE, "docker compose ps", True),
        (SERVICE, "sudo docker compose ps", True),
        (SERVICE, "docker compose -f other.yml ps", False),
        (SERVICE, "docker compose --project-name=x ps", False),
        (SERVICE, "docker compose ${web.args} ps", False),
        (SERVICE, "docker ps", False),
        (SERVICE, "cd /elsewhere; docker compose ps", False),
        (PLAIN, "docker compose ps", False),
        (PLAIN.replace("compose.yml", "compose.yml, override.yml"), "docker compose ps", True),
        (PLAIN.replace("}\n", "  project blue\n}\n"), "docker compose ps", True),
    ],
)
def test_bare_compose(service: str, command: str, found: bool) -> None:
    text = HEAD + service + UP + phase(step(command, head="    on web\n") + "  check up\n") + BACK
    assert codes(text) == (["RB511"] if found else [])


def test_bare_compose_in_the_folder_of_a_service() -> None:
    text = HEAD + SERVICE + UP + phase(step("docker compose ps", head="    in /srv/web\n") + "  check up\n") + BACK
    assert codes(text) == ["RB511"]
    assert codes(text.replace("in /srv/web", "in /srv/db")) == []


# ── RB512 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("undo", "found"),
    [
        ("rm -f /srv/x", False),
        ("rm -rf /srv/x", False),
        ("rm /srv/x", True),
        ("mv /srv/x.old /srv/x", True),
        ("if [[ -e /srv/x.old ]]; then mv /srv/x.old /srv/x; fi", False),
        ("mkdir /srv/x", True),
        ("mkdir -p /srv/x", False),
        ("ln -s /srv/y /srv/x", True),
        ("ln -sfn /srv/y /srv/x", False),
        ("git -C /srv/x revert --no-edit HEAD", False),
        ("git revert --no-edit HEAD", True),
        ("git reset --hard HEAD~1", True),
        ("echo line >>/srv/x", True),
        ("echo line >/srv/x", False),
        ("iptables -D INPUT -j DROP", True),
        ("systemctl restart web", False),
    ],
)
def test_undos_that_cannot_run_twice(undo: str, found: bool) -> None:
    assert codes(HEAD + UP + phase(step("touch /srv/x", f"$ {undo}") + "  check up\n") + BACK) == (["RB512"] if found else [])


# ── RB513 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("systemctl restart web", True),
        ("systemctl --no-pager status web", False),
        ("systemctl is-active web", False),
        ("sudo systemctl stop web", True),
        ("docker compose -f a.yml ps", False),
        ("docker compose -f a.yml up -d", True),
        ("docker inspect web", False),
        ("git -C /srv/x rev-parse HEAD", False),
        ("git -C /srv/x pull", True),
        ("git stash list", False),
        ("kubectl -n web delete pod x", True),
        ("kubectl get pods", False),
        ("apt-get install --dry-run web", False),
        ("apt-get -y install web", True),
        ("rm -f /tmp/probe.$$", False),
    ],
)
def test_probes_that_change_something(command: str, found: bool) -> None:
    text = HEAD + f'probe look "Look" {{\n  succeeds $ {command}\n}}\n' + phase("  check look\n")
    assert codes(text) == (["RB513"] if found else [])


def test_a_readonly_step_that_says_what_it_writes_may() -> None:
    loose = '  step a "a" {\n    $ git fetch && git checkout -q x\n    readonly "a scratch clone"\n  }\n'
    assert codes(HEAD + UP + phase(loose + "  check up\n")) == []


# ── RB515 and RB518 ───────────────────────────────────────────────────────────────────────────────────────────────

OTHER = 'probe other "Other" {\n  file /srv/x\n}\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (phase("  check other\n" + step("touch /srv/x") + "  check up\n"), []),
        (phase(step("touch /srv/x") + "  check up, other\n"), ["RB515"]),
        (phase(step("touch /srv/x") + "  check up, other\n  check other\n"), ["RB515"]),
        (phase(step("touch /srv/x") + "  check up\n") + phase("  check other\n", "after", "  on failure stop\n"), []),
    ],
)
def test_probes_missing_in_verify(text: str, found: list[str]) -> None:
    assert codes(HEAD + UP + OTHER + text + BACK) == found


def test_a_check_on_a_path_without_changes_needs_no_verify() -> None:
    options = '    option a "A" default {\n' + step("touch /srv/x") + '    }\n    option b "B" {\n  check other\n    }\n'
    assert codes(HEAD + UP + OTHER + phase(f'  choose way "Way" {{\n{options}  }}\n  check up\n') + BACK) == []


def test_a_check_on_another_path_proves_nothing() -> None:
    options = '    option a "A" default {\n' + step("touch /srv/x") + '    }\n    option b "B" {\n  check up\n    }\n'
    assert codes(HEAD + UP + phase(f'  choose way "Way" {{\n{options}  }}\n') + BACK) == ["RB518"]


def test_a_step_with_a_verify_proves_itself() -> None:
    assert codes(HEAD + UP + phase('  step a "a" {\n    $ touch /srv/x\n    undo "x"\n    verify up\n  }\n') + BACK) == []


# ── RB517 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_on_failure_rollback_before_any_change_is_idle() -> None:
    assert codes(HEAD + UP + phase("  check up\n", failure="  on failure rollback\n")) == ["RB517"]


def test_one_step_with_a_way_back_is_enough_for_rollback() -> None:
    gone = '  step b "b" {\n    $ true\n    irreversible "gone"\n  }\n'
    assert codes(HEAD + UP + phase(gone + step("touch /srv/x") + "  check up\n", failure="  on failure rollback\n") + BACK) == []


# ── RB519 ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_only_shown_is_used() -> None:
    gate = '  capture head "Head" $ uname -r\n  confirm go "Go?" {\n    show head\n  }\n'
    assert codes(HEAD + UP + phase(gate)) == ["RB519"]  # the probe that nobody asks
    assert codes(HEAD + UP + phase(gate + "  check up\n")) == []


def test_probes_that_only_diagnose_or_verify_are_used() -> None:
    text = HEAD + UP + OTHER + phase(step("touch /srv/x") + "  check up\n") + BACK
    assert codes(text.replace("verify up", "verify up, other")) == []


# ── probes that hold, wait and decide ─────────────────────────────────────────────────────────────────────────────

HOLD = '  hold soak "Soak" {\n    for 5m\n    watch other every 30s\n  }\n'
SERVER = '  background server "Server" {\n    $ ./serve\n    until other every 1s for 9s\n  }\n'


@pytest.mark.parametrize("asks", [HOLD, SERVER])
def test_a_probe_that_is_watched_or_waited_for_is_asked(asks: str) -> None:
    assert codes(HEAD + OTHER + phase(asks)) == []  # used
    assert codes(HEAD + UP + OTHER + phase(step("touch /srv/x") + asks) + BACK.replace("up", "up, other")) == []  # and proves
    assert codes(HEAD + UP + OTHER + phase(step("touch /srv/x") + asks) + BACK) == ["RB515"]


def test_a_probe_that_only_decides_is_used_and_proves_nothing() -> None:
    decided = step("touch /srv/x", head="    unless other\n")
    assert codes(HEAD + UP + OTHER + phase(decided + "  check up\n") + BACK) == []
    assert codes(HEAD + UP + OTHER + phase("  when other\n" + decided + "  check up\n") + BACK) == []
    assert codes(HEAD + UP + OTHER + phase(decided) + BACK) == ["RB518"]


def test_guarded_steps_are_changes() -> None:
    guard = '  guarded g "G" {\n    for 5m\n' + step("touch /srv/x", "$ rm -f /srv/x") + "  }\n"
    assert codes(HEAD + UP + phase(guard) + BACK) == ["RB518"]
    assert codes(HEAD + UP + phase(guard + "  check up\n")) == ["RB516"]
    assert codes(HEAD + UP + phase(guard + "  check up\n", failure="  on failure rollback\n") + BACK) == []
