"""The commands of `compiler.plan.compose`, run word for word on a real engine."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass

import pytest

from compiler.plan import compose

from .world import images
from .world.host import REGISTRY, Host

pytestmark = pytest.mark.engine

ARGS = ("-f", "stack.yml")
DIR = "/opt/stack"
LOOP = """[sh, -c, "while :; do sleep 1; done"]"""


@dataclass
class Stack:
    """A compose project on a host, and the commands of an update of it."""

    host: Host

    def file(self, services: str) -> None:
        indented = "".join(f"  {line}\n" for line in services.strip().splitlines())
        self.host.write(f"{DIR}/stack.yml", f"name: stack\nservices:\n{indented}")

    def run(self, text: str, before: str = "") -> subprocess.CompletedProcess[str]:
        return self.host.shell(text, cwd=DIR, env={"stack_before": before})

    def done(self, text: str, before: str = "") -> str:
        done = self.run(text, before)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def record(self, *parts: str) -> str:
        return self.done(compose.record(ARGS, parts))

    def pull(self, *parts: str) -> None:
        self.done(compose.pull(ARGS, parts, build=False))

    def up(self, *parts: str) -> None:
        self.done(compose.up(ARGS, parts))

    def undo(self, before: str, *parts: str) -> None:
        self.done(compose.undo_up(ARGS, parts, "stack_before"), before)

    def wait(self, before: str, *parts: str, seconds: float = 15) -> str:
        """Look until all is well or the time is up: what the last look said, empty if all is well."""
        until = time.monotonic() + seconds
        while (looked := self.run(compose.wait(ARGS, parts, "stack_before"), before)).returncode:
            if time.monotonic() > until:
                return looked.stderr
            time.sleep(0.5)
        return ""

    def look(self, *parts: str, healthy: bool = False) -> str:
        """What a look at the parts says, empty if all is well."""
        looked = self.run(compose.look(ARGS, parts, healthy))
        assert (looked.returncode == 0) == (looked.stderr == "")
        return looked.stderr

    def images(self) -> dict[str, str]:
        """Part -> id of the image that its containers run with."""
        return {line.split()[0]: line.split()[2] for line in self.record().splitlines()}

    def containers(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for line in self.record().splitlines():
            found.setdefault(line.split()[0], set()).add(line.split()[3])
        return found

    def states(self) -> dict[str, str]:
        return {line.split()[0]: line.split()[4].split(":")[0] for line in self.record().splitlines()}


@pytest.fixture
def stack(host: Host) -> Stack:
    return Stack(host)


@dataclass(frozen=True)
class Releases:
    """Two images of one repository: their ids and their references by digest. `live` is a tag of the first."""

    one: str
    two: str
    digest_one: str
    digest_two: str


APP = f"{REGISTRY}/app"


@pytest.fixture
def app(host: Host) -> Releases:
    one, two = (images.web(host, f"{APP}:{n}", n) for n in ("one", "two"))
    digest_one, digest_two = (images.push(host, f"{APP}:{n}") for n in ("one", "two"))
    host.must(f"docker tag {APP}:one {APP}:live && docker push --quiet {APP}:live")
    return Releases(one, two, digest_one, digest_two)


def publish_two(host: Host) -> None:
    """`live` in the registry is the second image now; this host does not know yet."""
    host.must(f"docker tag {APP}:two {APP}:live && docker push --quiet {APP}:live && docker tag {APP}:one {APP}:live")


def service(name: str, image: str = f"{APP}:live", command: str = LOOP, more: str = "") -> str:
    return f"{name}:\n  image: {image}\n  network_mode: none\n  command: {command}\n{more}"


def test_update_of_a_moved_tag_and_back(stack: Stack, app: Releases) -> None:
    stack.file(service("web", more="  depends_on: [db]\n") + service("db", more="  scale: 2\n"))
    stack.up()
    before, containers = stack.record(), stack.containers()
    publish_two(stack.host)
    stack.pull()
    stack.up()
    assert stack.images() == {"web": app.two, "db": app.two}
    assert stack.wait(before) == ""

    stack.undo(before)
    assert stack.images() == {"web": app.one, "db": app.one}
    assert stack.look() == ""
    after = stack.containers()
    assert {part: len(ids) for part, ids in after.items()} == {"web": 1, "db": 2}
    assert not after["web"] & containers["web"]

    stack.undo(before)
    assert stack.containers() == after, "a second undo finds nothing to do"
    stack.up()
    assert stack.containers() == after, "a plain up -d later changes nothing"


def test_nothing_new_keeps_the_containers(stack: Stack, app: Releases) -> None:
    stack.file(service("web"))
    stack.up()
    before, containers = stack.record(), stack.containers()
    stack.pull()
    stack.up()
    stack.undo(before)
    assert stack.containers() == containers


def test_first_install_and_back(stack: Stack, app: Releases) -> None:
    stack.file(service("web") + service("once", command='[sh, -c, "exit 0"]'))
    before = stack.record()
    assert before == ""
    assert "web: 0 of 1 containers are there" in stack.look()
    stack.pull()
    stack.up()
    assert stack.wait(before) == ""
    stack.undo(before)
    assert stack.record() == ""
    stack.undo(before)


def test_a_reference_by_digest_that_the_compose_file_changed(stack: Stack, app: Releases) -> None:
    stack.file(service("web", app.digest_one))
    stack.up()
    before = stack.record()
    stack.file(service("web", app.digest_two))
    stack.pull()
    stack.up()
    assert stack.images() == {"web": app.two}
    stack.undo(before)
    assert stack.images() == {"web": app.one}

    containers = stack.containers()
    stack.file(service("web", app.digest_one))
    stack.up()
    assert stack.containers() == containers, "with the file of before, too, a plain up -d changes nothing"


def test_a_digest_that_the_engine_has_forgotten(stack: Stack, app: Releases) -> None:
    stack.file(service("web", app.digest_one))
    stack.up()
    before = stack.record()
    stack.file(service("web", app.digest_two))
    stack.up()
    stack.host.must(f"docker rmi {app.digest_one} {APP}:one")
    stack.undo(before)
    assert stack.images() == {"web": app.one}
    assert stack.look() == ""


def test_a_tag_that_the_compose_file_changed(stack: Stack, app: Releases) -> None:
    stack.file(service("web", f"{APP}:one"))
    stack.up()
    before = stack.record()
    stack.file(service("web", f"{APP}:two"))
    stack.up()
    stack.host.must(f"docker tag {APP}:two {APP}:one")
    stack.undo(before)
    assert stack.images() == {"web": app.one}
    assert stack.host.must(f"docker image inspect --format '{{{{.Id}}}}' {APP}:two") == app.two, "no tag of others is moved"


def test_two_parts_that_share_a_tag_with_different_images(stack: Stack, app: Releases) -> None:
    stack.file(service("web") + service("worker"))
    stack.up()
    publish_two(stack.host)
    stack.pull()
    stack.up("web")
    before = stack.record()
    assert stack.images() == {"web": app.two, "worker": app.one}
    stack.up()
    assert stack.images() == {"web": app.two, "worker": app.two}
    stack.undo(before)
    assert stack.images() == {"web": app.two, "worker": app.one}


def test_only_one_part_touches_no_other(stack: Stack, app: Releases) -> None:
    stack.file(service("web", more="  depends_on: [db]\n") + service("db"))
    stack.up()
    others = stack.containers()["db"]
    before = stack.record("web")
    assert {line.split()[0] for line in before.splitlines()} == {"web"}
    publish_two(stack.host)
    stack.pull("web")
    stack.up("web")
    assert stack.wait(before, "web") == ""
    assert stack.images() == {"web": app.two, "db": app.one}
    stack.undo(before, "web")
    assert stack.images() == {"web": app.one, "db": app.one}
    assert stack.containers()["db"] == others


def test_stopped_and_added_parts_are_as_before(stack: Stack, app: Releases) -> None:
    stack.file(service("web") + service("batch", more="  restart: unless-stopped\n") + service("extra"))
    stack.up("web", "batch")
    stack.host.must("docker compose -f stack.yml stop batch; docker compose -f stack.yml run --no-deps -d web", cwd=DIR)
    before = stack.record()
    assert sorted(line.split()[0] for line in before.splitlines()) == ["batch", "web"], "a container of `compose run` is no part"
    publish_two(stack.host)
    stack.pull()
    stack.up()
    assert stack.states() == {"web": "running", "batch": "running", "extra": "running"}
    for _ in range(2):
        stack.undo(before)
        assert stack.images() == {"web": app.one, "batch": app.one}
        assert stack.states()["web"] == "running"
        assert stack.states()["batch"] in ("exited", "created")


def test_an_unchanged_part_that_was_stopped_keeps_its_container(stack: Stack, app: Releases) -> None:
    stack.file(service("web") + service("batch", f"{APP}:one"))
    stack.up()
    stack.host.must("docker compose -f stack.yml stop batch", cwd=DIR)
    before, containers = stack.record(), stack.containers()
    stack.up()
    stack.undo(before)
    assert stack.containers() == containers
    assert stack.states() == {"web": "running", "batch": "exited"}


def test_images_that_are_built(stack: Stack, app: Releases) -> None:
    stack.host.write("/opt/source/Dockerfile", f"FROM {APP}:live\nCOPY answer /answer\n")
    stack.host.write("/opt/source/answer", "old", 0o755)
    stack.file(
        f"named:\n  build: /opt/source\n  image: {APP}-own:latest\n  network_mode: none\n  command: {LOOP}\n"
        f"unnamed:\n  build: /opt/source\n  network_mode: none\n  command: {LOOP}\n"
    )
    build = compose.pull(ARGS, (), build=True)
    stack.done(build)
    stack.up()
    before, old = stack.record(), stack.images()
    stack.host.write("/opt/source/answer", "new", 0o755)
    stack.done(build)
    stack.up()
    assert not set(stack.images().values()) & set(old.values())
    stack.undo(before)
    assert stack.images() == old
    after = stack.containers()
    stack.up()
    assert stack.images() == old, "a plain up -d later keeps the images"
    assert stack.containers()["named"] == after["named"], "and the container of a part that has a reference"


def test_a_part_that_crashes_is_named_and_goes_back(stack: Stack, app: Releases) -> None:
    stack.file(
        f"web:\n  image: {APP}:live\n  network_mode: none\n  environment: {{PORT: 8000}}\n  restart: always\n"
        + service("db", f"{APP}:one")
    )
    stack.up()
    before = stack.record()
    images.crashing(stack.host, f"{APP}:live")
    stack.up()
    said = stack.wait(before, seconds=6)
    assert {line.split()[0] for line in said.splitlines()} == {"web:"}, said
    assert "has restarted" in said
    assert "web" in stack.look(), "a crash loop does not run, not even between two crashes"
    stack.undo(before)
    assert stack.images()["web"] == app.one
    assert stack.look() == ""


def test_a_restart_since_the_record_is_found(stack: Stack, app: Releases) -> None:
    stack.file(service("web", more="  restart: always\n"))
    stack.up()
    before = stack.record()
    pid = stack.host.must("docker inspect --format '{{.State.Pid}}' stack-web-1")
    assert stack.wait(before) == ""
    stack.host.must(f"kill -9 {pid}")
    assert "has restarted (1)" in stack.wait(before, seconds=1)
    time.sleep(1)
    again = stack.record()
    assert again.split()[-1] == "1"
    assert stack.wait(again) == "", "a restart before the record does not count"
    stack.host.must("docker restart stack-web-1")
    assert stack.wait(again) == "", "nor does a start by hand, which sets the count to 0"


HEALTH = """\
  healthcheck: {test: [CMD, sh, -c, "test -e /tmp/well"], interval: 1s, retries: 1, start_period: 0s}
"""


def test_health_is_asked_where_there_is_a_healthcheck(stack: Stack, app: Releases) -> None:
    stack.file(service("web", more=HEALTH) + service("db"))
    stack.up()
    assert "web: container" in stack.wait("", seconds=3)
    assert "unhealthy" in stack.look(healthy=True)
    assert stack.look() == "", "is running asks for no health"
    assert stack.look("db", healthy=True) == ""
    stack.host.must("docker exec stack-web-1 sh -c 'echo >/tmp/well'")
    assert stack.wait("") == ""
    assert stack.look(healthy=True) == ""


def test_replicas_are_counted(stack: Stack, app: Releases) -> None:
    stack.file(
        service("none", more="  deploy: {replicas: 0}\n")
        + service("three", more="  deploy: {replicas: 3}\n")
        + service("two", more="  scale: 2\n  environment: {scale: 7}\n")
    )
    stack.up()
    assert stack.look() == ""
    stack.host.must("docker rm -f stack-three-2 stack-two-1")
    assert sorted(stack.look().splitlines()) == ["three: 2 of 3 containers are there", "two: 1 of 2 containers are there"]


def test_a_part_that_runs_once_has_to_end_well(stack: Stack, app: Releases) -> None:
    stack.file(service("once", command='[sh, -c, "exit $${CODE}"]', more="  environment: {CODE: 0}\n"))
    stack.up()
    assert stack.wait("") == ""
    assert stack.look(healthy=True) == ""
    stack.file(service("once", command='[sh, -c, "exit $${CODE}"]', more="  environment: {CODE: 5}\n"))
    stack.up()
    assert "is exited:5:no" in stack.wait("", seconds=1)
    stack.file(service("once", command='[sh, -c, "exit 0"]', more="  restart: always\n"))
    stack.up()
    assert stack.wait("", seconds=3) != "", "what is meant to stay has ended"


def test_an_engine_that_is_gone_is_a_failure(stack: Stack, app: Releases) -> None:
    stack.file(service("web"))
    stack.host.stop_engine()
    for body in (
        compose.record(ARGS, ()),
        compose.pull(ARGS, (), build=False),
        compose.up(ARGS, ()),
        compose.look(ARGS, (), healthy=False),
        compose.wait(ARGS, ("web",), "stack_before"),
        compose.undo_up(ARGS, ("web",), "stack_before"),
    ):
        assert stack.run(body, f"web {APP}:live {app.one} 0 running:0:no 0").returncode != 0
