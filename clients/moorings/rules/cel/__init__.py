"""Rules written in CEL, run by Google's engine: checked when they are compiled, and bounded when they run."""

from moorings.rules.cel.executors import cel, cel_field

__all__ = ["cel", "cel_field"]
