"""What a generated script costs by itself: a step, a run of twenty steps beside the same in Ansible, its start.

Each figure is the least of several runs, ours and the floor's in turn: what else a machine does only ever adds to one (so the
documentation of Python's `timeit`), and a script's many short processes feel it more than a loop of one program.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

from benchmarks.setup import Place

START_BEYOND_BASH = 0.050  # seconds


class LeftOut(Exception):
    """A case cannot be measured here; the text says why."""


def step(place: Place) -> tuple[float, float]:
    """Seconds of one audited step with a durable intent and result, and of fork and exec of the smallest program.

    The process of a step reads the script up to the end of its functions: it costs more in a longer script. This is between
    scripts of 20 and 60 steps; none of `specs/` has more than 23.
    """
    few, many = _script(place, 20), _script(place, 60)
    loop = ("/bin/bash", "-c", "for ((i = 0; i < 500; i++)); do /bin/true; done")
    samples = [(_run(many, "--yes"), _run(few, "--yes"), _timed(loop), _timed(("/bin/bash", "-c", ":"))) for _ in range(21)]
    long, short, with_, without = (min(column) for column in zip(*samples, strict=True))
    return (long - short) / 40, (with_ - without) / 500


def twenty_steps(place: Place) -> tuple[float, float]:
    """Seconds of a run of 20 steps, and of the same 20 commands as tasks of ansible-playbook on the local connection."""
    script, playbook = _script(place, 20), _playbook(place)
    samples = [(_run(script, "--yes"), _timed(playbook)) for _ in range(3)]
    return min(s for s, _ in samples), min(a for _, a in samples)


def start(place: Place) -> tuple[float, float]:
    """Seconds from the script's start to its plan of 20 steps, and bash's own start and what may come to it."""
    script = _script(place, 20)
    samples = [(_run(script, "plan"), _timed(("/bin/bash", "-c", ":"))) for _ in range(21)]
    return min(s for s, _ in samples), min(b for _, b in samples) + START_BEYOND_BASH


def _script(place: Place, steps: int) -> Path:
    """A built script of this many steps that do nothing, each with its way back."""
    name = f"steps_{steps}"
    spec = place.project / "steps" / f"{name}.rb"
    built = place.project / "out-steps" / "steps" / name / f"{name}.sh"
    if not built.exists():
        spec.parent.mkdir(exist_ok=True)
        body = "".join(f'  step s{n} "Step {n}" {{\n    $ true\n    undo $ true\n  }}\n' for n in range(steps))
        spec.write_text(f'runbook {name} {{\n  title "{name}"\n  lang en\n}}\nphase one "One" {{\n{body}}}\n')
        place.run(place.bin / "rbc", "build", spec, "-o", "out-steps")
    return built


def _run(script: Path, *arguments: str) -> float:
    """Seconds of one start, with a state folder that no earlier run has written to."""
    state = script.parent / "state"
    shutil.rmtree(state, ignore_errors=True)
    return _timed((script, *arguments, "--state-dir", state))


def _timed(command: tuple[str | Path, ...]) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def _playbook(place: Place) -> tuple[str | Path, ...]:
    """The command of a playbook with 20 tasks that do nothing, in an environment of its own."""
    folder = place.project.parent / "ansible"
    program = folder / "bin" / "ansible-playbook"
    if not program.exists():
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [folder / "bin" / "pip", "install", "-q", "ansible-core"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise LeftOut(f"ansible-core cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    tasks = "".join(f"    - name: Step {n}\n      ansible.builtin.command: 'true'\n" for n in range(20))
    play = folder / "play.yml"
    play.write_text(f"- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n{tasks}")
    return (program, "--inventory", "localhost,", "--extra-vars", f"ansible_python_interpreter={folder / 'bin' / 'python'}", play)
