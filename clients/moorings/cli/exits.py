"""What the command's exit codes mean."""

CLEAN = 0
FINDINGS = 1
USAGE = 2
COULD_NOT_DECIDE = 3
"""Undecided, or the registry is unavailable."""
NOT_ALLOWED = 4
