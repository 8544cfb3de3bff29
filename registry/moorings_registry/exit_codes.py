"""Exit codes of the command and of the processes that it starts. 2 is wrong usage, from click."""

REFUSED = 1
"""It was looked at, and refused."""
AWAY = 3
"""It can be neither reached nor read."""
