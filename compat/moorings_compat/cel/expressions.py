"""What a rule says in CEL: ``guard ; expression``. Where there is a guard, the expression runs where it is true."""

from collections.abc import Callable, Mapping
from typing import Any

from moorings_compat.cel.engine import Program
from moorings_compat.cel.values import Size

SKIPPED = object()
"""The result of a rule whose guard excludes this event."""


class Expression:
    """A rule's expression and its guard, compiled; safe from any thread.

    Raises:
        CannotRun: one of them does not compile.
    """

    def __init__(self, text: str, compile: Callable[[str], Program] = Program) -> None:
        guard, semicolon, expression = text.partition(";")
        self._program = compile(expression if semicolon else text)
        self._guard = compile(guard) if semicolon and guard.strip() else None
        self.words = self._program.words | (self._guard.words if self._guard is not None else frozenset())

    def run(self, variables: Mapping[str, Any], size: Size) -> Any:
        """Return the value of the expression, or `SKIPPED`.

        Raises:
            CannotRun: it has none.
        """
        if self._guard is not None and self._guard.run(variables, size) is not True:
            return SKIPPED
        return self._program.run(variables, size)
