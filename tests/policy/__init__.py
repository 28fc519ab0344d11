"""The rules on Plans."""
