"""The Plan and the stage that makes it."""
