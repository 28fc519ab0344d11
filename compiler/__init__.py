"""The compiler: text in at the top, script and runbook out at the bottom."""
