"""Reads the steps of a mapping from tables, as TOML and JSON have them, and says what is wrong with each."""

import difflib
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

from moorings_compat.mappings.conversions import CONVERSIONS
from moorings_compat.mappings.mapping import Convert, Default, Drop, Move, Rename, Step, Symbols
from moorings_compat.mappings.paths import EVERY, FieldPath, read_path

MOST_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a mapping; `place` is where: ``step 3``, or empty for the whole."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message

    @property
    def step(self) -> int:
        """Which step it is in, from 1; 0 for the whole mapping."""
        number = self.place.removeprefix("step ")
        return int(number) if number.isdecimal() else 0


def read_steps(tables: Any) -> tuple[tuple[Step, ...], tuple[Problem, ...]]:
    """Read a list of tables as steps; with a problem, the steps are of no use."""
    reading = StepReader()
    steps = reading.steps(tables)
    return steps, tuple(reading.problems)


class StepReader:
    """One pass over the tables of a mapping, which collects all problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def steps(self, tables: Any) -> tuple[Step, ...]:
        """Read a list of tables."""
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self.problem("", "'step' is not a list of tables: write each as [[step]]")
            return ()
        if len(tables) > MOST_STEPS:
            self.problem("", f"more than {MOST_STEPS} steps")
            return ()
        read = [self._step(f"step {number}", table) for number, table in enumerate(tables, start=1)]
        return tuple(one for one in read if one is not None)

    def _step(self, place: str, table: Table[str, Any]) -> Step | None:
        verbs = [verb for verb in _VERBS if verb in table]
        if len(verbs) != 1:
            self.problem(place, f"{len(verbs) or 'none'} of {', '.join(_VERBS)}: a step needs exactly one")
            return None
        verb = verbs[0]
        needed, allowed, build = _VERBS[verb]
        before = len(self.problems)
        self.unknown_keys(place, table, {verb, *needed, *allowed})
        for key in needed:
            if key not in table:
                self.problem(place, f"{verb} needs {key!r}")
        path = self._path(place, verb, table[verb])
        return build(self, place, path, table) if path is not None and len(self.problems) == before else None

    def rename(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        name = table["to"]
        if not isinstance(name, str) or not name or name.startswith("/"):
            self.problem(place, "'to' is not a field name: write it without a slash, or use move")
        elif path[-1] == EVERY:
            self.problem(place, "rename needs a field; * is every item")
        elif name == path[-1]:
            self.problem(place, "the new name equals the old one")
        else:
            return Rename(path, name)
        return None

    def move(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        to = self._path(place, "to", table["to"])
        if to is None:
            return None
        shared = max((number for number, step in enumerate(path, start=1) if step == EVERY), default=0)
        if EVERY in to[shared:] or to[:shared] != path[:shared]:
            self.problem(place, "the paths differ before the last *: a field moves within one item")
        elif path[-1] == EVERY or len(to) == shared:
            self.problem(place, "move needs a field; * is every item")
        elif to[: len(path)] == path or path[: len(to)] == to:
            self.problem(place, "a field cannot be moved into itself, or over the object that contains it")
        else:
            return Move(path, to, shared)
        return None

    def drop(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        if path[-1] == EVERY:
            self.problem(place, "drop needs a field; * is every item")
            return None
        return Drop(path)

    def default(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        or_null = table.get("or_null", False)
        if ("value" in table) == (table.get("null") is True) or table.get("null", True) is not True:
            self.problem(place, "default needs a value, or null = true")
        elif not isinstance(or_null, bool):
            self.problem(place, "or_null is neither true nor false")
        elif path[-1] == EVERY:
            self.problem(place, "default needs a field; * is every item")
        elif or_null and "value" not in table:
            self.problem(place, "or_null has no effect with null")
        else:
            return Default(path, table.get("value"), or_null)
        return None

    def convert(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        if "symbols" in table:
            return self._symbols(place, path, table)
        name = table.get("with")
        if name is None or "otherwise" in table:
            self.problem(place, "convert needs 'with', the name of a conversion, or a table of symbols")
            return None
        if not isinstance(name, str) or name not in CONVERSIONS:
            close = difflib.get_close_matches(str(name), CONVERSIONS, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else "docs/replay.md lists them"
            self.problem(place, f"unknown conversion {str(name)[:60]!r}; {hint}")
            return None
        return Convert(path, CONVERSIONS[name])

    def _symbols(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        symbols, otherwise = table["symbols"], table.get("otherwise")
        if "with" in table:
            self.problem(place, "convert takes 'with' or 'symbols', not both")
        elif not isinstance(symbols, dict) or not all(isinstance(one, str) for one in symbols.values()):
            self.problem(place, 'symbols is not a table of texts such as { OLD = "NEW" }')
        elif otherwise is not None and not isinstance(otherwise, str):
            self.problem(place, "otherwise is not a text")
        else:
            return Symbols(path, symbols, otherwise)
        return None

    def _path(self, place: str, key: str, text: Any) -> FieldPath | None:
        try:
            return read_path(text if isinstance(text, str) else "")
        except ValueError as error:
            self.problem(place, f"{key}: {error}")
            return None

    def unknown_keys(self, place: str, table: Table[str, Any], known: set[str]) -> None:
        for key in table.keys() - known:
            close = difflib.get_close_matches(key, known, n=1)
            self.problem(place, f"unknown key {key[:60]!r}" + (f"; did you mean {close[0]!r}?" if close else ""))

    def problem(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))


_Build = Callable[[StepReader, str, FieldPath, Table[str, Any]], Step | None]
_VERBS: dict[str, tuple[tuple[str, ...], tuple[str, ...], _Build]] = {  # the keys that it needs, and that it may have
    "rename": (("to",), (), StepReader.rename),
    "move": (("to",), (), StepReader.move),
    "drop": ((), (), StepReader.drop),
    "default": ((), ("value", "null", "or_null"), StepReader.default),
    "convert": ((), ("with", "symbols", "otherwise"), StepReader.convert),
}
