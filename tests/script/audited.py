"""Every record of every log that a test leaves behind is a record by the schema, and its chain is whole."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from compiler.audit import chain

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "audit-record.schema.json"


@cache
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def hold(logs: list[Path]) -> None:
    """Fail where a log has a record that is none, or a chain that is not whole."""
    for log in logs:
        text = log.read_bytes()
        with log.open("rb") as stream:
            verdict = chain.verify(chain.lines(stream))
        assert verdict.whole, f"{log}: {verdict.findings}"
        assert (verdict.records, verdict.head) == recomputed(text), log
        for line in text.split(b"\n")[:-1]:
            if line.startswith(b"{") and line.endswith(b'"}'):
                wrong = [
                    f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator().iter_errors(json.loads(line))
                ]
                assert not wrong, f"{log}: {line.decode(errors='replace')}: {wrong}"


def recomputed(log: bytes) -> tuple[int, str]:
    """How many records, and the last hash, by nothing but hashlib: what an auditor without rbc would write."""
    count, head = 0, ""
    for line in log.split(b"\n")[:-1]:
        body, mark, rest = line.rpartition(b',"hash":"')
        if not mark or not line.endswith(b'"}'):
            continue  # torn, and closed by a `recover` record
        record = json.loads(line)
        count += 1
        assert rest == record["hash"].encode() + b'"}'
        assert hashlib.sha256(body + b"}\n").hexdigest() == record["hash"], f"record {count} was changed"
        assert (record["seq"], record["prev"]) == (count, head), f"record {count} is in a wrong place"
        head = record["hash"]
    return count, head
