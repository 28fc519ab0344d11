"""Backends: they see a Plan and print it."""
