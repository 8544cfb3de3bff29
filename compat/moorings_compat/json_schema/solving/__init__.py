"""Is there a value that satisfies some schemas and violates others? The question behind every verdict."""

from moorings_compat.json_schema.solving.goals import Goal, GoalAnswer, Status
from moorings_compat.json_schema.solving.solver import Solver

__all__ = ["Goal", "GoalAnswer", "Solver", "Status"]
