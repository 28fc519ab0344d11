"""Procedures with phases in common: each phase stands once, and whoever reads another chapter finds it."""

from __future__ import annotations

from pathlib import Path

import pytest
from structure import Read

from compiler import pipeline
from compiler.emit.markdown import emit_all
from compiler.project import Project

SPEC = r"""
runbook app_update {
  title "Update"
  lang  en
}
param owner string {}
param tag string {}
probe clean "Clean" {
  git     . is clean
  trouble dirty
}
probe up "Up" {
  http http://127.0.0.1:8080/health
  diagnose $ journalctl -n 20
}
trouble dirty "Dirty" {
  fix "Look."
}
phase look "Look" {
  check   clean
  confirm ready "Ready, $owner?" {
    show owner
  }
}
phase after "After" {
  check   up
  confirm seen "Seen?" by other
  choose  what "What?" {
    option one "One" default {
      step one "One" {
        $ echo one
        readonly
      }
    }
    option two "Two" {}
  }
}
rollback "Back" {
  trigger "It is down."
  step again "Start again" {
    $ systemctl restart app
  }
  verify up, clean
}
procedure release "Release" {
  phase look
  phase swap "Swap" {
    step swap "Swap" {
      $ ./swap "$tag"
      undo rollback
    }
  }
  phase after
  rollback
}
procedure repair "Repair" {
  phase look
  phase after
  phase last "Last" {
    step last "Last" {
      $ ./last
      undo rollback
    }
    check up
  }
  rollback
}
procedure other "Other" {
  phase look
  phase after "Something else" {
    step go "Go" {
      $ ./go
      undo "nothing"
    }
    check up
  }
}
"""


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "rbc.toml").touch()
    (folder / "app.rb").write_text(SPEC)
    project = Project(folder)
    made, found = pipeline.plans(project.read(folder / "app.rb"), project)
    assert not [f for f in found if not f.warning], found
    return emit_all(made)


def chapter(text: str, title: str) -> str:
    """From a chapter's heading to the next one of its level."""
    rest = text[text.index(f"\n## {title}\n") + 1 :]
    return rest[: rest.index("\n## ", 3)]


def test_a_phase_stands_once_and_the_others_name_it(text: str) -> None:
    assert text.count("**Question.** Go on only when the answer is yes. Without a terminal only with `--accept ready`.") == 1
    for title in ("Repair", "Other"):
        own = chapter(text, title)
        assert "The same steps as in [1 Look](#1-look) of the procedure Release." in own
        assert "begin with" not in own.split("### 2 ")[0]  # the same number here and there


def test_other_numbers_and_another_script_are_said(text: str) -> None:
    after = chapter(text, "Repair").split("### 2 After")[1]
    assert "[3 After](#3-after) of the procedure Release. Here the numbers begin with 2 in place of 3." in after
    assert "In place of `./release.sh` stands `./repair.sh` here." in after  # a gate that another person answers


def test_a_phase_of_the_same_name_that_differs_stands_by_itself(text: str) -> None:
    assert "./go" in Read(chapter(text, "Other")).code()
    assert "The same steps" not in chapter(text, "Other").split("### 2 ")[1]


def test_a_shared_rollback_stands_once_too(text: str) -> None:
    assert Read(text).code().count("systemctl restart app") == 1
    back = chapter(text, "Repair").split("### Back")[1]
    assert "as in [Back](#back) of the procedure Release, here with `./repair.sh rollback --fresh`" in back
    assert "./repair.sh rollback" in Read(back).code()
    assert "**When:**" not in back


def test_every_link_leads_somewhere_and_to_what_it_names(text: str) -> None:
    read = Read(text)
    assert len(set(read.anchors)) == len(read.anchors)
    assert set(read.links) <= set(read.anchors)
    assert "proven by: [Up](#31-up), [Clean](#11-clean)" in chapter(text, "Other")  # where Release has them


def test_a_trouble_names_each_place_once(text: str) -> None:
    assert text.count("Shows at: [1.1 Clean](#11-clean).") == 1


def test_the_picture_folds_what_stands_elsewhere(text: str) -> None:
    (first,) = Read(chapter(text, "Release")).code("mermaid")
    (second,) = Read(chapter(text, "Repair")).code("mermaid")
    assert "1.2 Ready" in first and "1.2 Ready" not in second
    assert '["1 Look"]' in second


def test_a_straight_way_is_a_line_and_no_picture(text: str) -> None:
    other = chapter(text, "Other")
    assert not Read(other).code("mermaid")
    assert "The way: [1 Look](#1-look-2) → [2 Something else](#2-something-else)." in other


def test_where_to_look_stands_once_in_full(text: str) -> None:
    assert Read(text).code().count("journalctl -n 20") == 1
    assert "If it fails, look there: [3.1 Up](#31-up) in the procedure Release." in chapter(text, "Other")


def test_a_step_over_a_block_that_stands_elsewhere_leads_to_where_its_chapter_says_so(text: str) -> None:
    assert "through the [block](#block-" in chapter(text, "Release")
    assert "through the [block](#back-1)" in chapter(text, "Repair").split("### 3 Last")[1]


def test_parameters_stand_once_with_their_procedures(text: str) -> None:
    (table,) = [t for t in Read(text).tables if t[0][-1] == "Procedure" and t[0][0] == "Option"]
    assert {row[0]: row[-1] for row in table[1:]} == {"--owner": "all", "--tag": "Release"}


def test_a_trouble_names_the_first_places_and_the_places_name_it(tmp_path: Path) -> None:
    (tmp_path / "rbc.toml").touch()
    steps = "".join(f'  step s{n} "S{n}" {{\n    $ echo {n}\n    readonly\n    trouble bad\n  }}\n' for n in range(9))
    trouble = 'trouble bad "Bad" {\n  fix "Look."\n}\n'
    (tmp_path / "a.rb").write_text(f'runbook a {{\n  title "A"\n  lang en\n}}\n{trouble}phase one "One" {{\n{steps}}}\n')
    project = Project(tmp_path)
    made, found = pipeline.plans(project.read(tmp_path / "a.rb"), project)
    assert not found
    (entry,) = [line for line in emit_all(made).split("\n") if line.startswith("Shows at")]
    assert entry.count("](#1") == 6
    assert entry.endswith("[1.6 S5](#16-s5), and at 3 more places, which link here.")
    assert emit_all(made).count("[Bad](#bad)") == 9
