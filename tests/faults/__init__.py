"""Generated scripts under faults: what is promised holds wherever a fault strikes. `python -m tests.faults` runs all of it."""
