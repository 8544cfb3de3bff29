"""What the command's exit codes mean, for every command alike."""

CLEAN = 0
"""Clean, done, or yes."""
FINDINGS = 1
"""A fault in a file of the repository, a break, a difference, a refusal by the registry, or no."""
USAGE = 2
"""The call itself: an unknown option, a file or folder that is not there, a setting, an extra that is not installed."""
COULD_NOT_DECIDE = 3
"""Undecided, unknown, or the registry is unavailable."""
NOT_ALLOWED = 4
