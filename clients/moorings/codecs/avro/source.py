"""Writing Python functions at run time: lines, each with the location in the event that it works on.

The text is made of names and literals that this package chooses; whatever comes from a schema or an event enters as a
constant, by name, or as a literal written by `repr`.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class LoopIndex:
    """A step into a list or map whose value a local variable has when the line runs."""

    variable: str


Path = tuple[str | LoopIndex, ...]


class GeneratedSource:
    """The text of functions that share constants."""

    def __init__(self, constants: dict[str, Any]) -> None:
        self.filename = f"<moorings codec {next(_numbers)}>"
        self.constants = constants
        self.paths: list[Path] = []
        self.path: Path = ()
        self._lines: list[str] = []
        self._depth = 0
        self._variables = itertools.count(1)

    def line(self, text: str) -> None:
        self._lines.append(" " * self._depth + text)
        self.paths.append(self.path)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write *head* and, indented, what the with-block writes."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def at(self, *steps: str | LoopIndex) -> Iterator[None]:
        """Note that the lines of the with-block work on the location *steps* further in."""
        before, self.path = self.path, (*self.path, *steps)
        yield
        self.path = before

    def variable(self, prefix: str) -> str:
        return f"{prefix}{next(self._variables)}"

    def constant(self, value: Any, prefix: str = "K") -> str:
        """Give *value* a name that the functions know."""
        name = self.variable(prefix)
        self.constants[name] = value
        return name

    @property
    def depth(self) -> int:
        """How many blocks enclose the next line; Python allows 20 nested loops."""
        return self._depth

    def run(self) -> dict[str, Any]:
        """Compile the lines and return the functions by name."""
        code: CodeType = compile("\n".join(self._lines), self.filename, "exec")
        exec(code, self.constants)  # noqa: S102 - our own text, see the top of this file
        return self.constants

    def place_of(self, traceback: TracebackType | None) -> tuple[str | int, ...]:
        """Return where in the event the failure of *traceback* happened, as far as the lines say."""
        steps: list[str | int] = []
        while traceback is not None:
            frame = traceback.tb_frame
            if frame.f_code.co_filename == self.filename and traceback.tb_lineno <= len(self.paths):
                steps += [_value_of(step, frame.f_locals) for step in self.paths[traceback.tb_lineno - 1]]
            traceback = traceback.tb_next
        return tuple(steps)


def _value_of(step: str | LoopIndex, variables: dict[str, Any]) -> str | int:
    if isinstance(step, str):
        return step
    value = variables.get(step.variable)
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, str | int) else "*"
