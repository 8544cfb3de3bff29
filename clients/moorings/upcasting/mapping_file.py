"""Mappings in files: a major's own file, ``OrderPlaced.v2.toml``, has the one from the major before.

    [[migration.step]]
    rename = "/customer"
    to = "customer_id"

    [[migration.step]]
    convert = "/lines/*/price"
    with = "cents_to_decimal"

Steps are applied in order. A consumer that does not own the contract writes a file of its own, with ``event``,
``from`` and ``to`` and its steps as ``[[step]]``. The earlier form, ``OrderPlaced.v1-to-v2.toml`` with ``[[step]]``, is
still read.
"""

import difflib
import re
import tomllib
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorings.errors import MooringsError
from moorings.upcasting.conversions import CONVERSIONS
from moorings.upcasting.mapping import Convert, Default, Drop, Mapping, Move, Rename, Step, Symbols
from moorings.upcasting.paths import EVERY, FieldPath, read_path

_FILE_NAME = re.compile(
    r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.v(?P<before>[1-9][0-9]{0,5})-to-v(?P<after>[1-9][0-9]{0,5})\.toml"
)
_MAJOR_NAME = re.compile(r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.v(?P<major>[1-9][0-9]{0,5})\.toml")
_LARGEST_BYTES = 1024 * 1024
_MOST_STEPS = 1_000
_LARGEST_MAJOR = 999_999


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


class MappingInvalid(MooringsError):
    """A mapping cannot be used; `problems` has every reason."""

    code = "MAPPING_INVALID"

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{source}: " + "; ".join(str(one) for one in problems[:20]))
        self.source = source
        self.problems = problems


def split_mapping_name(name: str) -> tuple[str, int, int] | None:
    """Split a file's name into event and the two majors; None for any other name."""
    match = _FILE_NAME.fullmatch(name)
    return (match["event"], int(match["before"]), int(match["after"])) if match else None


def read_mapping_file(path: Path) -> Mapping:
    """Read a mapping; the names of file and folder say what it maps, or its own keys do.

    Raises:
        MappingInvalid: the file cannot be read, or is not a mapping, or is a major's own file without one.
    """
    text = _read_text(path)
    folder = path.resolve().parent.name
    major = _MAJOR_NAME.fullmatch(path.name)
    if major is not None:
        table = _toml(text, str(path)).get("migration")
        if not isinstance(table, dict) or "step" not in table:
            raise MappingInvalid(str(path), (Problem("", "it has no [[migration.step]]"),))
        return read_migration(table, f"{folder}.{major['event']}", int(major["major"]), source=str(path))
    named = split_mapping_name(path.name)
    about = (f"{folder}.{named[0]}", *named[1:]) if named is not None else None
    return read_mapping(text, source=str(path), about=about)


def has_migration(path: Path) -> bool:
    """Whether *path* is a major's own file with a mapping from the major before."""
    if _MAJOR_NAME.fullmatch(path.name) is None:
        return False
    try:
        migration = _toml(_read_text(path), str(path)).get("migration")
    except MappingInvalid:
        return False  # `moorings lint` reports it with its line
    return isinstance(migration, dict) and "step" in migration


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise MappingInvalid(str(path), (Problem("", f"larger than {_LARGEST_BYTES} bytes"),))
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise MappingInvalid(str(path), (Problem("", "not UTF-8"),)) from None
    except OSError as error:
        raise MappingInvalid(str(path), (Problem("", f"cannot be read: {error.strerror}"),)) from None


def read_mapping(text: str, *, source: str = "mapping", about: tuple[str, int, int] | None = None) -> Mapping:
    """Read a mapping's text; *about* is the subject and the two majors that its name says.

    Raises:
        MappingInvalid: with every problem.
    """
    return _mapping(_toml(text, source), source, about)


def read_migration(table: Table[str, Any], subject: str, major: int, *, source: str = "mapping") -> Mapping:
    """Read the table ``[migration]`` of a major's own file: the mapping of *subject* from the major before to *major*.

    Raises:
        MappingInvalid: with every problem.
    """
    about = (subject, major - 1, major)
    return _mapping(table, source, about)


def _mapping(found: Table[str, Any], source: str, about: tuple[str, int, int] | None) -> Mapping:
    reading = _MappingParser()
    mapping = reading.mapping(found, source, about)
    if reading.problems:
        raise MappingInvalid(source, tuple(reading.problems))
    return mapping


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingInvalid(source, (Problem("", f"not valid TOML: {error}"),)) from None


class _MappingParser:
    """One pass over the tables of a file, which collects all problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def mapping(self, found: Table[str, Any], source: str, about: tuple[str, int, int] | None) -> Mapping:
        self._unknown_keys("", found, {"event", "from", "to", "step"})
        subject = self._said(found, "event", str, about[0] if about else None) or ""
        before = self._said(found, "from", int, about[1] if about else None) or 0
        after = self._said(found, "to", int, about[2] if about else None) or 0
        if not self.problems and not (1 <= before <= _LARGEST_MAJOR and after == before + 1):
            self._problem("", f"it maps {before} to {after}; a mapping must lead from one major to the next")
        tables = found.get("step", [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self._problem("", "'step' is not a list of tables: write each as [[step]]")
            tables = []
        if len(tables) > _MOST_STEPS:
            self._problem("", f"more than {_MOST_STEPS} steps")
            tables = []
        steps = [self._step(f"step {number}", table) for number, table in enumerate(tables, start=1)]
        return Mapping(subject, before, after, tuple(one for one in steps if one is not None), source)

    def _said(self, found: Table[str, Any], key: str, kind: type, named: Any) -> Any:
        """Take a key of the file, which has to agree with the file's name."""
        value = found.get(key, named)
        if value is None:
            self._problem("", f"{key!r} is missing, and the file name does not say it")
        elif not isinstance(value, kind) or isinstance(value, bool) or value == "":
            self._problem("", f"{key} is not {'a text' if kind is str else 'an integer'}")
            return named
        elif named is not None and value != named:
            self._problem("", f"{key} is {value!r}, but the names of file and folder say {named!r}")
        return value

    def _step(self, place: str, table: Table[str, Any]) -> Step | None:
        verbs = [verb for verb in _VERBS if verb in table]
        if len(verbs) != 1:
            self._problem(place, f"{len(verbs) or 'none'} of {', '.join(_VERBS)}: a step needs exactly one")
            return None
        verb = verbs[0]
        needed, allowed, build = _VERBS[verb]
        before = len(self.problems)
        self._unknown_keys(place, table, {verb, *needed, *allowed})
        for key in needed:
            if key not in table:
                self._problem(place, f"{verb} needs {key!r}")
        path = self._path(place, verb, table[verb])
        return build(self, place, path, table) if path is not None and len(self.problems) == before else None

    def rename(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        name = table["to"]
        if not isinstance(name, str) or not name or name.startswith("/"):
            self._problem(place, "'to' is not a field name: write it without a slash, or use move")
        elif path[-1] == EVERY:
            self._problem(place, "rename needs a field; * is every item")
        elif name == path[-1]:
            self._problem(place, "the new name equals the old one")
        else:
            return Rename(path, name)
        return None

    def move(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        to = self._path(place, "to", table["to"])
        if to is None:
            return None
        shared = max((number for number, step in enumerate(path, start=1) if step == EVERY), default=0)
        if EVERY in to[shared:] or to[:shared] != path[:shared]:
            self._problem(place, "the paths differ before the last *: a field moves within one item")
        elif path[-1] == EVERY or len(to) == shared:
            self._problem(place, "move needs a field; * is every item")
        elif to[: len(path)] == path or path[: len(to)] == to:
            self._problem(place, "a field cannot be moved into itself, or over the object that contains it")
        else:
            return Move(path, to, shared)
        return None

    def drop(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        if path[-1] == EVERY:
            self._problem(place, "drop needs a field; * is every item")
            return None
        return Drop(path)

    def default(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        or_null = table.get("or_null", False)
        if ("value" in table) == (table.get("null") is True) or table.get("null", True) is not True:
            self._problem(place, "default needs a value, or null = true")
        elif not isinstance(or_null, bool):
            self._problem(place, "or_null is neither true nor false")
        elif path[-1] == EVERY:
            self._problem(place, "default needs a field; * is every item")
        elif or_null and "value" not in table:
            self._problem(place, "or_null has no effect with null")
        else:
            return Default(path, table.get("value"), or_null)
        return None

    def convert(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        if "symbols" in table:
            return self._symbols(place, path, table)
        name = table.get("with")
        if name is None or "otherwise" in table:
            self._problem(place, "convert needs 'with', the name of a conversion, or a table of symbols")
            return None
        if not isinstance(name, str) or name not in CONVERSIONS:
            close = difflib.get_close_matches(str(name), CONVERSIONS, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else "docs/replay.md lists them"
            self._problem(place, f"unknown conversion {str(name)[:60]!r}; {hint}")
            return None
        return Convert(path, CONVERSIONS[name])

    def _symbols(self, place: str, path: FieldPath, table: Table[str, Any]) -> Step | None:
        symbols, otherwise = table["symbols"], table.get("otherwise")
        if "with" in table:
            self._problem(place, "convert takes 'with' or 'symbols', not both")
        elif not isinstance(symbols, dict) or not all(isinstance(one, str) for one in symbols.values()):
            self._problem(place, 'symbols is not a table of texts such as { OLD = "NEW" }')
        elif otherwise is not None and not isinstance(otherwise, str):
            self._problem(place, "otherwise is not a text")
        else:
            return Symbols(path, symbols, otherwise)
        return None

    def _path(self, place: str, key: str, text: Any) -> FieldPath | None:
        try:
            return read_path(text if isinstance(text, str) else "")
        except ValueError as error:
            self._problem(place, f"{key}: {error}")
            return None

    def _unknown_keys(self, place: str, table: Table[str, Any], known: set[str]) -> None:
        for key in table.keys() - known:
            close = difflib.get_close_matches(key, known, n=1)
            self._problem(place, f"unknown key {key[:60]!r}" + (f"; did you mean {close[0]!r}?" if close else ""))

    def _problem(self, place: str, message: str) -> None:
        self.problems.append(Problem(place, message))


_Build = Callable[[_MappingParser, str, FieldPath, Table[str, Any]], Step | None]
_VERBS: dict[str, tuple[tuple[str, ...], tuple[str, ...], _Build]] = {  # the keys that it needs, and that it may have
    "rename": (("to",), (), _MappingParser.rename),
    "move": (("to",), (), _MappingParser.move),
    "drop": ((), (), _MappingParser.drop),
    "default": ((), ("value", "null", "or_null"), _MappingParser.default),
    "convert": ((), ("with", "symbols", "otherwise"), _MappingParser.convert),
}
