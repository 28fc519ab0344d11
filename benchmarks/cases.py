"""The cases, each with its bound. A bound is never loosened to make a run pass."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import median

from benchmarks import scripts
from benchmarks.setup import MANY, Place

Measure = Callable[[Place], tuple[float, float]]


@dataclass(frozen=True)
class Case:
    """`measure` gives seconds of ours and of the floor: medians of runs that alternate."""

    name: str
    bound: float
    measure: Measure


def timed(run: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def alternate(pairs: int, ours: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float]:
    """The medians of as many runs of each, in turns, so that a busy machine slows both."""
    measured = [(ours(), floor()) for _ in range(pairs)]
    return median(pair[0] for pair in measured), median(pair[1] for pair in measured)


def click_floor(place: Place) -> float:
    return timed(lambda: place.run(place.bin / "python", "-c", "import click"))


def version(place: Place) -> tuple[float, float]:
    return alternate(31, lambda: timed(lambda: place.run(place.bin / "rbc", "--version")), lambda: click_floor(place))


def nothing_to_do(place: Place) -> tuple[float, float]:
    build = (place.bin / "rbc", "build", "specs/gateway.rb")
    place.run(*build)
    return alternate(31, lambda: timed(lambda: place.run(*build)), lambda: click_floor(place))


def one_cold(place: Place) -> tuple[float, float]:
    def ours() -> float:
        place.cold("out")
        return timed(lambda: place.run(place.bin / "rbc", "build", "specs/gateway.rb", "--jobs", "1"))

    ours()
    lint = (place.bin / "shellcheck", "-o", "all", "out/gateway/gateway.sh")
    return alternate(7, ours, lambda: timed(lambda: place.run(*lint)))


def many_cold(jobs: int) -> Measure:
    def measure(place: Place) -> tuple[float, float]:
        def ours() -> float:
            place.cold("out-many")
            return timed(lambda: place.run(place.bin / "rbc", "build", "many", "-o", "out-many", "--jobs", str(jobs)))

        # ShellCheck needs minutes for a hundred whole scripts: its one run stands between ours, and serves both cases.
        before = ours()
        floor = shellcheck_floor(place)
        return median((before, ours())), floor

    return measure


@cache
def shellcheck_floor(place: Place) -> float:
    """ShellCheck alone on the finished scripts, in one process for all: the fastest way that it has."""
    scripts = sorted((place.project / "out-many").glob("**/*.sh"))
    assert len(scripts) == MANY
    return timed(lambda: place.run(place.bin / "shellcheck", "-o", "all", *scripts))


PARSE = """
import json, sys, time
from compiler.source import Source
from compiler.syntax.parser import parse
text = open("specs/gateway.rb", encoding="utf-8").read()
times = []
for lines in (10_000, 100_000):
    source = Source("big.rb", text * (lines // text.count("\\n")))
    start = time.perf_counter()
    _, found = parse(source)
    times.append(time.perf_counter() - start)
    assert not found, found[:3]
print(json.dumps(times))
"""


def parsing(place: Place) -> tuple[float, float]:
    def both() -> list[float]:
        done = subprocess.run(
            [place.bin / "python", "-c", PARSE],
            cwd=place.project,
            env=place.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        times: list[float] = json.loads(done.stdout)
        return times

    measured = [both() for _ in range(5)]
    return median(pair[1] for pair in measured), median(pair[0] for pair in measured)


CASES = (
    Case("version / import click", 1.2, version),
    Case("nothing to do / import click", 1.5, nothing_to_do),
    Case("one spec cold / shellcheck", 1.5, one_cold),
    Case("100 cold, --jobs 1 / shellcheck", 0.4, many_cold(1)),
    Case("100 cold, --jobs 2 / shellcheck", 0.25, many_cold(2)),
    Case("parse 100,000 / 10,000 lines", 11.5, parsing),
    Case("audited step / fork and exec", 15, scripts.step),
    Case("20 steps / ansible-playbook", 0.05, scripts.twenty_steps),
    Case("start to plan / bash and 50 ms", 1, scripts.start),
)
