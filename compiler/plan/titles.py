"""Titles that no author writes, in the runbook's language: of the steps of an `update`, and of probes without one."""

from __future__ import annotations

from collections.abc import Mapping

UPDATE: Mapping[str, Mapping[str, str]] = {
    "en": {
        "match": "The images of {name} are as they must be",
        "images": "Record the running images of {name}",
        "pull": "Pull the new images of {name}",
        "build": "Build the images of {name}",
        "up": "Start {name}",
        "runs": "{name} runs, healthy where it can say so, and has not restarted",
    },
    "de": {
        "match": "Images von {name} sind, wie sie sein müssen",
        "images": "Laufende Images von {name} festhalten",
        "pull": "Neue Images von {name} holen",
        "build": "Images von {name} bauen",
        "up": "{name} starten",
        "runs": "{name} läuft, gesund, wo es das sagen kann, und ohne Neustart",
    },
}


# By the kinds and facts of `plan.probes`. What only an operator's command says (`succeeds`, `output`, `number`) is not here.
PROBE: Mapping[str, Mapping[str, str]] = {
    "en": {
        "http": "{url} answers",
        "http_insecure": "{url} answers",
        "tcp": "{endpoint} takes connections",
        "listens": "Something listens on port {ports}",
        "dns": "{name} resolves",
        "dns_is": "{name} resolves to {address}",
        "compose_running": "{service} runs",
        "compose_healthy": "{service} is healthy",
        "compose_parts_running": "{service} runs: {parts}",
        "compose_parts_healthy": "{service} is healthy: {parts}",
        "unit": "{unit} is active",
        "file": "{path} is there",
        "dir": "{path} is there",
        "git": "{path} is unchanged",
        "disk_free": "{path}: {size} free",
        "disk_used": "{path}: at most {percent}% used",
        "metric": "{name} {op} {value}",
        "journal": "At most {count} errors in the journal",
        "journal_since_start": "At most {count} errors in the journal",
        "cert": "Certificate of {host}: {days} days left",
        "tool": "{tool} {op} {version}",
    },
    "de": {
        "http": "{url} antwortet",
        "http_insecure": "{url} antwortet",
        "tcp": "{endpoint} nimmt Verbindungen an",
        "listens": "Auf Port {ports} lauscht etwas",
        "dns": "{name} löst auf",
        "dns_is": "{name} löst auf {address} auf",
        "compose_running": "{service} läuft",
        "compose_healthy": "{service} ist gesund",
        "compose_parts_running": "{service} läuft: {parts}",
        "compose_parts_healthy": "{service} ist gesund: {parts}",
        "unit": "{unit} ist aktiv",
        "file": "{path} ist vorhanden",
        "dir": "{path} ist vorhanden",
        "git": "{path} ist unverändert",
        "disk_free": "{path}: {size} frei",
        "disk_used": "{path}: höchstens {percent} % belegt",
        "metric": "{name} {op} {value}",
        "journal": "Höchstens {count} Fehler im Journal",
        "journal_since_start": "Höchstens {count} Fehler im Journal",
        "cert": "Zertifikat von {host}: noch {days} Tage",
        "tool": "{tool} {op} {version}",
    },
}


def probe_title(lang: str, kind: str, facts: Mapping[str, str]) -> str | None:
    """What a single check is about; None where only its author knows."""
    title = PROBE[lang].get(kind)
    return None if title is None else title.format(**facts)


def update_title(lang: str, key: str, name: str) -> str:
    """One of them, with what is updated."""
    return UPDATE[lang][key].format(name=name)
