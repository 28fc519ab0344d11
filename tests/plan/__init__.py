"""Lowering: from the model to the Plan."""
