"""An update waits for its parts as long as waiting can help, and no longer."""

from __future__ import annotations

import os
from collections.abc import Callable

from .specs import HEAD
from .worlds import Result, World

Make = Callable[[str], World]
SPEC = HEAD + 'service web {\n  compose /srv/c.yml\n}\nphase one "One" {\n  on failure stop\n  update web\n}\n'
# One container. What a look finds of it is the next line of `looks`, the last one for good.
DOCKER = r"""#!/bin/bash
case "$*" in
  *' up -d'*) : >up ;;
  *'config --services') echo web ;;
  *' config') printf 'services:\n  web:\n    image: web\n' ;;
  *'ps --all'*) [[ ! -e up ]] || echo c0ffee ;;
  inspect*oneoff*StartedAt*)
    echo look >>log
    { IFS= read -r line; IFS= read -r next; } <looks
    echo "False 2020-01-01T00:00:00Z ${line}"
    [[ -z "${next}" ]] || echo "${next}" >looks
    ;;
esac
"""


def updated(world: Make, *looks: str) -> tuple[World, Result]:
    w = world(SPEC)
    (w.folder / "bin").mkdir()
    (w.folder / "bin/docker").write_text(DOCKER)
    (w.folder / "bin/docker").chmod(0o755)
    (w.folder / "looks").write_text("".join(f"{look}\n" for look in looks))
    return w, w.run("--yes", env={"PATH": f"{w.folder}/bin:{os.environ['PATH']}"})


def test_a_container_that_has_restarted_is_not_waited_for(world: Make) -> None:
    """Its count never goes down again, so it could not be good at any later look."""
    w, done = updated(world, "1 running:0:always none", "0 running:0:always none")
    assert done.code == 3, done
    assert "has restarted (1)" in done.out
    assert w.log == ["look"]


def test_one_that_only_starts_slowly_is_waited_for(world: Make) -> None:
    w, done = updated(world, "0 running:0:always starting", "0 running:0:always healthy")
    assert done.code == 0, done
    assert w.log == ["look", "look"]
