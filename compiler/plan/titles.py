"""The titles of the steps that an `update` is lowered to, in the runbook's language."""

from __future__ import annotations

from collections.abc import Mapping

UPDATE: Mapping[str, Mapping[str, str]] = {
    "en": {
        "images": "Record the running images of {name}",
        "pull": "Pull the new images of {name}",
        "build": "Build the images of {name}",
        "up": "Start {name}",
        "runs": "{name} runs, healthy where it can say so, and has not restarted",
    },
    "de": {
        "images": "Laufende Images von {name} festhalten",
        "pull": "Neue Images von {name} holen",
        "build": "Images von {name} bauen",
        "up": "{name} starten",
        "runs": "{name} läuft, gesund, wo es das sagen kann, und ohne Neustart",
    },
}


def update_title(lang: str, key: str, name: str) -> str:
    """One of them, with what is updated."""
    return UPDATE[lang][key].format(name=name)
