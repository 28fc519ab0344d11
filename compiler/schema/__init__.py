"""The keyword table, and the typed model it yields."""
