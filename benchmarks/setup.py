"""What the cases run on: the installed wheel in an environment of its own, and a project with a hundred specs.

Not the checkout: an editable install recompiles at each start where PYTHONDONTWRITEBYTECODE is set, and a `python3` on PATH
can be a slow wrapper. So everything is started by the environment's own interpreter and scripts.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MANY = 100


@dataclass(frozen=True)
class Place:
    """The environment's `bin`, the project folder that holds one/ and many/, and a cache folder that cases may empty."""

    bin: Path
    project: Path
    cache: Path

    @property
    def environment(self) -> dict[str, str]:
        """The process environment of every run: our own cache, bytecode as pip compiled it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return kept | {"XDG_CACHE_HOME": str(self.cache), "PYTHONDONTWRITEBYTECODE": "1"}

    def cold(self, out: str) -> None:
        """Forget every record and output."""
        shutil.rmtree(self.cache, ignore_errors=True)
        shutil.rmtree(self.project / out, ignore_errors=True)

    def run(self, *command: str | Path) -> None:
        """Run to the end in the project; a failure ends the benchmark with what was said."""
        done = subprocess.run(command, cwd=self.project, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} ended {done.returncode}:\n{done.stdout}{done.stderr}")


def prepare(folder: Path) -> Place:
    """Build the wheel, install it, write the specs and build them once."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, PROJECT], check=True)
    venv.create(folder / "venv", with_pip=True)
    binaries = folder / "venv" / "bin"
    (wheel,) = folder.glob("*.whl")
    subprocess.run([binaries / "python", *pip[1:], "install", wheel], check=True)
    project = folder / "project"
    (project / "many").mkdir(parents=True)
    (project / "rbc.toml").touch()
    shutil.copytree(PROJECT / "specs", project / "specs")
    for number in range(MANY):
        (project / "many" / f"gateway{number}.rb").write_text(variant(number), encoding="utf-8")
    return Place(binaries, project, folder / "cache")


def variant(number: int) -> str:
    """The gateway's spec with names, hosts and folders of its own, so that no two specs share a command that names them."""
    text = (PROJECT / "specs" / "gateway.rb").read_text(encoding="utf-8")
    return re.sub(r"(?<![A-Za-z])(leitstand|heimgewebe)", rf"\g<1>{number}", text)
