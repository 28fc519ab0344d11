"""Audit logs that scripts wrote, read away from the host: is the chain whole, and what happened.

The format is `docs/audit-record.schema.json`; the writer is `templates/runtime/journal.sh`.
"""
