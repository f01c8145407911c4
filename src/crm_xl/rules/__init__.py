"""The rulebook: models, built-in defaults, rows <-> models with addresses for messages."""
