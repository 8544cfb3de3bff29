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

import re
import tomllib
from collections.abc import Mapping as Table
from pathlib import Path
from typing import Any

from moorings.errors import MooringsError
from moorings_compat.mappings.mapping import Mapping
from moorings_compat.mappings.reading import Problem, StepReader

_FILE_NAME = re.compile(
    r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.v(?P<before>[1-9][0-9]{0,5})-to-v(?P<after>[1-9][0-9]{0,5})\.toml"
)
_MAJOR_NAME = re.compile(r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.v(?P<major>[1-9][0-9]{0,5})\.toml")
_LARGEST_BYTES = 1024 * 1024
_LARGEST_MAJOR = 999_999


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


class _MappingParser(StepReader):
    """Reads a whole file: what it maps, and its steps."""

    def mapping(self, found: Table[str, Any], source: str, about: tuple[str, int, int] | None) -> Mapping:
        self.unknown_keys("", found, {"event", "from", "to", "step"})
        subject = self._said(found, "event", str, about[0] if about else None) or ""
        before = self._said(found, "from", int, about[1] if about else None) or 0
        after = self._said(found, "to", int, about[2] if about else None) or 0
        if not self.problems and not (1 <= before <= _LARGEST_MAJOR and after == before + 1):
            self.problem("", f"it maps {before} to {after}; a mapping must lead from one major to the next")
        return Mapping(subject, before, after, self.steps(found.get("step", [])), source)

    def _said(self, found: Table[str, Any], key: str, kind: type, named: Any) -> Any:
        """Take a key of the file, which has to agree with the file's name."""
        value = found.get(key, named)
        if value is None:
            self.problem("", f"{key!r} is missing, and the file name does not say it")
        elif not isinstance(value, kind) or isinstance(value, bool) or value == "":
            self.problem("", f"{key} is not {'a text' if kind is str else 'an integer'}")
            return named
        elif named is not None and value != named:
            self.problem("", f"{key} is {value!r}, but the names of file and folder say {named!r}")
        return value
