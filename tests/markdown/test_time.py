"""Windows, budgets, sittings, conditions, holds, background parts, guards and second persons, as an operator reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_plans import phase, plan
from structure import Read
from syrupy.assertion import SnapshotAssertion

from compiler import pipeline
from compiler.emit.markdown import emit
from compiler.plan.model import Window
from compiler.project import Project

SPEC = r"""
runbook ssh_update {
  title  "Neue ssh-Konfiguration"
  lang   LANG
  window Sat,Sun 22:00-02:00 Europe/Berlin
  window Mon-Thu 06:00-07:30 Europe/Berlin
  budget 2h
}
param soak duration {
  note    "Wie lange beobachtet wird"
  default 15m
}
param port int {
  default 8080
}
probe login "Anmeldung klappt" {
  tcp     127.0.0.1:22
  trouble ausgesperrt
}
probe alt "Alte Konfiguration ist aktiv" {
  file /etc/ssh/sshd_config.d/old.conf
}
probe seite "Testseite antwortet" {
  http http://127.0.0.1:8080/
}
trouble ausgesperrt "Ausgesperrt" {
  fix "Über die Konsole des Hosters anmelden."
}
phase ansage "Ansage" {
  at T-24h
  manual rundmail "Rundmail schicken" {
    readonly
  }
}
phase umstellen "Umstellen" {
  budget 30m
  when   alt
  confirm freigabe "Freigegeben?" by other {
    check login
  }
  background server "Testserver" {
    in   /srv/test
    $ python3 -m http.server "$port"
    until seite every 1s for 30s
    note "Liefert die Testseite."
  }
  step pruefen "Von Hand ansehen" {
    unless login
    interactive
    $ less /etc/ssh/sshd_config
    readonly
  }
  guarded sperre "Neue Konfiguration" {
    for  5m
    note "Vorher eine zweite Anmeldung öffnen."
    step datei "Datei tauschen" {
      $ cp /srv/new.conf /etc/ssh/sshd_config
      undo {
        $ cp /srv/old.conf /etc/ssh/sshd_config
        $ systemctl reload ssh
      }
    }
    step laden "Neu laden" {
      $ systemctl reload ssh
      undo $ systemctl reload ssh
    }
  }
  hold ruhe "Beobachten" {
    for   $soak
    watch login, seite every 30s tolerate 2
  }
  hold pause "Noch einmal" {
    for   5m
    watch login every 1m
  }
}
phase aufraeumen "Aufräumen" {
  at T+1h
  check login
}
rollback "Zurück" {
  verify login, seite
}
"""


def written(lang: str, folder: Path) -> str:
    (folder / "rbc.toml").touch()
    spec = folder / "ssh.rb"
    spec.write_text(SPEC.replace("LANG", lang), encoding="utf-8")
    project = Project(folder)
    made, found = pipeline.plan(project.read(spec), project)
    assert made is not None, found
    assert not found
    return emit(made)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_it_reads_so(lang: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    assert re.sub(r"[0-9a-f]{64}", "…", written(lang, tmp_path)) == snapshot


@pytest.mark.parametrize("lang", ["de", "en"])
def test_it_is_sound(lang: str, tmp_path: Path) -> None:
    read = Read(written(lang, tmp_path))
    assert read.html == []
    assert set(read.links) <= set(read.anchors)


def test_a_guard_holds_its_steps(tmp_path: Path) -> None:
    read = Read(written("de", tmp_path))
    levels = {h.text: h.level for h in read.headings}
    assert (levels["2.4 Neue Konfiguration"], levels["2.4.1 Datei tauschen"], levels["2.4.2 Neu laden"]) == (3, 4, 4)
    assert "./ssh.sh accept sperre" in read.code()


def test_a_probe_that_decides_shows_its_commands_where_nothing_else_asks_it(tmp_path: Path) -> None:
    text = written("de", tmp_path)
    head = text[text.index("## 2 Umstellen") : text.index("### 2.1")]
    assert "**Nur wenn das gilt:** Alte Konfiguration ist aktiv." in head
    assert "test -f /etc/ssh/sshd_config.d/old.conf" in head


def test_what_is_watched_is_named_at_its_trouble(tmp_path: Path) -> None:
    text = written("de", tmp_path)
    assert "[2.5 Beobachten](#25-beobachten)" in text[text.index("### Ausgesperrt") :]


@pytest.mark.parametrize(
    ("days", "line"),
    [
        ((1, 2, 3, 4, 5, 6, 7), "daily"),
        ((1, 2, 3, 4, 5), "Mon–Fri"),
        ((6, 7), "Sat, Sun"),
        ((1, 2, 3, 6), "Mon–Wed, Sat"),
        ((3,), "Wed"),
    ],
)
def test_days(days: tuple[int, ...], line: str) -> None:
    made = plan(phase("1", "Look"), meta={"windows": (Window(days, 120, 240, "UTC"),)})
    assert f"| Window | {line} 02:00–04:00 (UTC) |" in emit(made)


def test_a_plan_without_times_says_nothing_of_them() -> None:
    text = emit(plan(phase("1", "Look")))
    for word in ("Window", "Sittings", "Time frame", "outside-window", "Begins at"):
        assert word not in text


def test_a_condition_needs_no_item_of_its_own_in_the_picture(tmp_path: Path) -> None:
    text = written("de", tmp_path)
    picture = text[text.index("```mermaid") : text.index("## 1 Ansage")]
    assert 'subgraph n5 ["2 Umstellen (nur wenn#58; Alte Konfiguration ist aktiv)"]' in picture
    assert '-->|"T#43;1h"|' in picture
    assert '|"rechtzeitig bestätigt"|' in picture
