"""Rules about a Plan, each with a code."""
