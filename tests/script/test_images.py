"""`images match`: a run is refused while the compose files name an image that may not run here; a way back is not."""

from __future__ import annotations

import os
from collections.abc import Callable

from .specs import HEAD, step
from .worlds import World

Make = Callable[[str], World]

SPEC = (
    HEAD
    + "service web {\n  compose /srv/c.yml\n  images match ':[0-9a-f]{8}$' \"what was tested, by its commit\"\n}\n"
    + f'phase one "One" {{\n  on web\n{step("a")}{step("b", "[[ ! -e broken ]]")}}}\n'
)
DOCKER = '#!/bin/bash\n[[ "$*" == "compose -f /srv/c.yml config --images" ]] && cat images\n'


def test_a_run_is_refused_by_name_and_reason_and_the_way_back_is_free(world: Make) -> None:
    w = world(SPEC)
    (w.folder / "bin").mkdir()
    (w.folder / "bin/docker").write_text(DOCKER)
    (w.folder / "bin/docker").chmod(0o755)
    env = {"PATH": f"{w.folder}/bin:{os.environ['PATH']}"}
    (w.folder / "images").write_text("registry/web:0a1b2c3d\nregistry/db:stage\n")
    refused = w.run("--yes", env=env)
    assert refused.code == 7
    assert "registry/db:stage" in refused.err
    assert "registry/web" not in refused.err
    assert "what was tested, by its commit" in refused.err
    assert w.log == []
    (w.folder / "images").write_text("registry/web:0a1b2c3d\nregistry/db:00000000\n")
    assert w.run("--yes", env=env).code == 0
    assert w.log == ["a", "b"]
    (w.folder / "images").write_text("registry/web:latest\n")
    assert w.run("plan", env=env).code == 0
    assert w.run("rollback", "--yes", env=env).code in (0, 5)
    assert w.log == ["a", "b", "undo-b", "undo-a"]


def test_compose_that_cannot_be_read_is_a_refusal_too(world: Make) -> None:
    w = world(SPEC)
    (w.folder / "bin").mkdir()
    (w.folder / "bin/docker").write_text("#!/bin/bash\necho 'no such file: c.yml' >&2\nexit 14\n")
    (w.folder / "bin/docker").chmod(0o755)
    refused = w.run("--yes", env={"PATH": f"{w.folder}/bin:{os.environ['PATH']}"})
    assert refused.code == 7
    assert "no such file: c.yml" in refused.err
