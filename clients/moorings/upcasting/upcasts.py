"""The mappings that a service knows, and the chains of them from one major of an event to another."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Table
from pathlib import Path
from typing import Any, TypeAlias

from moorings.upcasting.mapping_file import (
    MappingInvalid,
    has_migration,
    read_mapping_file,
    read_migration,
    split_mapping_name,
)
from moorings.upcasting.stages import Target, Way
from moorings_compat import Schema
from moorings_compat.mappings.mapping import Mapping
from moorings_compat.mappings.reading import Problem


class Upcasts:
    """Mappings by event and major; immutable, and equal to another one with the same mappings."""

    def __init__(self, mappings: Iterable[Mapping] = ()) -> None:
        """Take *mappings*.

        Raises:
            MappingInvalid: two of them map the same major.
        """
        self._by_start: dict[tuple[str, int], Mapping] = {}
        for one in mappings:
            first = self._by_start.setdefault((one.subject, one.before), one)
            if first is not one:
                problem = Problem("", f"{one.label} is mapped by {first.source or 'another mapping'} already")
                raise MappingInvalid(one.source or one.label, (problem,))

    @classmethod
    def of(cls, given: "Upcastable") -> "Upcasts":
        """Take mappings as `registry.event(..., upcasts=...)` does: a folder of contracts, files, or mappings.

        Raises:
            MappingInvalid: a file is not a mapping.
            FileNotFoundError: there is no such folder or file.
        """
        if isinstance(given, Upcasts):
            return given
        several = [given] if isinstance(given, Mapping | Path | str) else list(given)
        return cls(mapping for one in several for mapping in _read_mappings(one))

    def way(self, subject: str, before: int, after: int) -> Sequence[Mapping] | None:
        """Return the mappings from one major to a later one, in order; None where one is missing."""
        name = subject.removesuffix("-value").removesuffix("-key")
        steps = [self._by_start.get((name, major)) for major in range(before, after)]
        return [one for one in steps if one is not None] if steps and None not in steps else None

    def completed(self, subject: str, *, migrations: Table[int, Sequence[Table[str, Any]]]) -> "Upcasts":
        """Return these mappings, and for majors that have none those of the registry: steps by the major after.

        Raises:
            MappingInvalid: a step that this version does not know.
        """
        name = subject.removesuffix("-value").removesuffix("-key")
        missing = [one for one in migrations if (name, one - 1) not in self._by_start]
        added = [
            read_migration({"step": list(migrations[one])}, name, one, source=f"the registry's mapping to v{one}")
            for one in missing
        ]
        return Upcasts([*self.mappings, *added]) if added else self

    def made(self, first: Schema, targets: Sequence[tuple[Mapping, str, Schema]]) -> Way:
        """Make a chain with its schemas: that of the first major, and of each major after it."""
        return Way(first, tuple(Target(*one) for one in targets))

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        return tuple(self._by_start[key] for key in sorted(self._by_start))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Upcasts) and self._sources() == other._sources()

    def __hash__(self) -> int:
        return hash(self._sources())

    def _sources(self) -> tuple[tuple[str, int, str, str], ...]:
        return tuple((one.subject, one.before, one.source, repr(one.steps)) for one in self.mappings)


Upcastable: TypeAlias = Upcasts | Mapping | Path | str | Iterable[Mapping | Path | str]
"""What `registry.event(..., upcasts=...)` takes."""


def find_mapping_files(root: Path) -> list[Path]:
    """Return the mapping files of a folder of contracts, in alphabetical order, or of the folder of one domain."""
    here = [root, *(one for one in sorted(root.iterdir()) if one.is_dir() and not one.name.startswith((".", "_")))]
    return [
        file
        for folder in here
        for file in sorted(folder.iterdir())
        if split_mapping_name(file.name) is not None or has_migration(file)
    ]


def _read_mappings(given: Mapping | Path | str) -> list[Mapping]:
    if isinstance(given, Mapping):
        return [given]
    path = Path(given)
    if path.is_dir():
        return [read_mapping_file(one) for one in find_mapping_files(path)]
    if not path.is_file():
        raise FileNotFoundError(f"mapping file not found: {path}")
    return [read_mapping_file(path)]
